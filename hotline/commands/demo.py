"""`hotline demo`"""

import typer


def demo() -> None:
    """Play the whole story with real phones and check it.

    \b
    Examples:
      hotline demo

    Brings everything up on free ports and an empty state folder, and stops what it started. Exit 0 only when every
    check holds.
    """
    from hotline.demo import run_demo

    raise typer.Exit(run_demo())
