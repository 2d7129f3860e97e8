"""`hotline draw`"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import DAY, StateFolder, state_of

_DAY_HELP = "First day of the traffic; default today"


class Format(StrEnum):
    """What the picture is written in."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


def draw(
    site: Annotated[Path | None, typer.Argument(metavar="SITE", help="Folder of YAML; default the shop")] = None,
    menu: Annotated[str | None, typer.Option("--menu", metavar="NAME", help="One menu and where it leads")] = None,
    format_: Annotated[Format, typer.Option("--format", help="svg needs Graphviz")] = Format.mermaid,
    language: Annotated[str | None, typer.Option("--lang", help="Of the words shown; default the site's first")] = None,
    traffic: Annotated[bool, typer.Option("--traffic", help="With what the records tell of callers")] = False,
    from_: Annotated[datetime | None, typer.Option("--from", formats=DAY, metavar="DAY", help=_DAY_HELP)] = None,
    to: Annotated[datetime | None, typer.Option("--to", formats=DAY, metavar="DAY", help="Its last day")] = None,
    version: Annotated[str | None, typer.Option("--version", metavar="V", help="Traffic of this version alone")] = None,
    state: StateFolder = None,
) -> None:
    """Draw the menus of a site: every node, the keys that lead from one to the next, the queues at the end.

    \b
    Examples:
      hotline draw my/site > flow.mmd           GitHub shows it in a page, in a block named mermaid
      hotline draw my/site --menu chinese
      hotline draw my/site --format svg > flow.svg
      hotline draw my/site --traffic --from 2026-11-20 --to 2026-11-20
      hotline draw my/site --traffic --version 0a1b2c3d4e5f

    With --traffic each node tells how often callers came to it and hung up there, each arrow which share of them went
    on along it.
    """
    from hotline.drawing import draw_site, with_traffic
    from hotline.drawing_text import WRITERS
    from hotline.rehearsing import stage_of
    from hotline.settings import default_site

    drawing = draw_site(stage_of(site or default_site()).site, menu, language)
    if traffic:
        from hotline.drawing_traffic import traffic_of

        first, last = (day and day.date() for day in (from_, to))
        drawing = with_traffic(drawing, traffic_of(state_of(state), first, last, version))
    print(WRITERS[format_](drawing), end="")
