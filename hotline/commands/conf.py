"""`hotline conf`"""

from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import StateFolder, state_of


def conf(
    site: Annotated[Path | None, typer.Argument(metavar="SITE", help="Folder of YAML; default the shop")] = None,
    state: StateFolder = None,
) -> None:
    """Print the Asterisk configuration of a site.

    \b
    Examples:
      hotline conf
      hotline conf my/site | less

    Nothing is written; words stand for the secrets.
    """
    from hotline.asterisk_conf import render_for_reading
    from hotline.settings import default_site

    for name, text in sorted(render_for_reading(state_of(state), site or default_site()).items()):
        print(f"; ---- {name}\n{text.rstrip()}\n")
