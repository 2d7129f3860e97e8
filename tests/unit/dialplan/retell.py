"""Write anew what broken sites are told, after a message was changed: `python -m tests.unit.dialplan.retell [NAME...]`

Then read the difference: it is what admins will read.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.unit.dialplan.site_text import BROKEN_SITES, SITES, TOLD, check_text, sections, told_of


def retell(name: str) -> None:
    """Write the last part of this text anew."""
    path = BROKEN_SITES / f"{name}.txt"
    (part,) = sections(name).keys() & set(TOLD)
    with tempfile.TemporaryDirectory() as folder:
        checked = check_text(Path(folder), name)
    before = path.read_text("utf-8").partition(f"--- {part}\n")[0]
    path.write_text(f"{before}--- {part}\n{told_of(checked, part)}", "utf-8")


if __name__ == "__main__":
    for site in sys.argv[1:] or SITES:
        retell(site)
