"""`hotline reload`"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import StateFolder, state_of


def reload(
    site: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Site to run from now on; default the one that was brought up")
    ] = None,
    state: StateFolder = None,
) -> None:
    """Try a changed site while calls go on: no version is stored, and the next start is without it.

    \b
    Examples:
      hotline reload
      hotline reload --site my/site --state /srv/hotline

    Nobody is cut off, no place in a queue is lost, nobody is logged off but agents whom the site has no more, after
    their call. A caller in a menu keeps it; the next one hears the new. Exit 1 and no change at all when the site has
    faults or a part of the hotline cannot take it; what is different is printed.
    """
    from hotline.commands.publish import telling_of_faults
    from hotline.reloading import reload_site

    with telling_of_faults():
        done = reload_site(state_of(state), site)
    if done.warnings:
        print(done.warnings, file=sys.stderr)
    print("\n".join(done.changes) or "nothing is different")
    for file in done.next_start:
        print(f"hotline: {file} has changed, which Asterisk reads at its next start", file=sys.stderr)
