"""`hotline up`"""

from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import StateFolder, state_of


def up(
    site: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Site to run; default what was published last, else $HOTLINE_SITE, else the shop"
        ),
    ] = None,
    state: StateFolder = None,
    sip_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, metavar="N", help="UDP port for phones; default the last one used")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Database; default $HOTLINE_DATABASE, else SQLite in the state")
    ] = None,
    trace_days: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="N", help="Days to keep the ACD's trace; default the last one, at first 7; 0: none"
        ),
    ] = None,
) -> None:
    """Bring a site up and keep it up, in the foreground.

    \b
    Examples:
      hotline up
      hotline up --site my/site --state /srv/hotline --sip-port 5060
      hotline up --database postgresql://hotline@/hotline

    Starts Asterisk, the IVR, the ACD and the records, and brings back whichever dies. When all are ready it prints
    one line and writes STATE/ready.json. Ctrl-C or SIGTERM stops everything in order.
    """
    from hotline.up import run_up

    run_up(state_of(state), site, sip_port=sip_port, database_url=database, trace_days=trace_days)
