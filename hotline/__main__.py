"""`python -m hotline`: how the supervisor starts its children, whatever is on PATH."""

from hotline.cli import main

main()
