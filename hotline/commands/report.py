"""`hotline report`"""

from datetime import datetime
from typing import Annotated

import typer

from hotline.commands.options import DAY, Format, StateFolder, state_of

app = typer.Typer(
    no_args_is_help=True,
    help="""Report from the records: days, calls or agents.

\b
Examples:
  hotline report daily
  hotline report calls --from 2026-11-01 --to 2026-11-30 --format csv > november.csv
  hotline report agents --format json
""",
)

From = Annotated[datetime | None, typer.Option("--from", formats=DAY, metavar="DAY", help="First day; default today")]
To = Annotated[datetime | None, typer.Option("--to", formats=DAY, metavar="DAY", help="Last day; default today")]
As = Annotated[Format, typer.Option("--format", help="csv prints the first table only")]


@app.command()
def daily(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show each day's queues and menus: how many, how long, how they ended.

    \b
    Examples:
      hotline report daily
      hotline report daily --from 2026-11-01 --format csv
    """
    _print("daily", from_, to, format_, state)


@app.command()
def calls(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show every call: who rang, what was dialled, which way it went, how it ended.

    \b
    Examples:
      hotline report calls
      hotline report calls --from 2026-11-20 --to 2026-11-20 --format json
    """
    _print("calls", from_, to, format_, state)


@app.command()
def agents(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show every agent's time by state, offers and talks.

    \b
    Examples:
      hotline report agents
      hotline report agents --from 2026-11-01 --format csv
    """
    _print("agents", from_, to, format_, state)


def _print(name: str, first: datetime | None, last: datetime | None, format_: Format, state: StateFolder) -> None:
    if first and last and last < first:
        raise typer.BadParameter("--to is before --from")
    from hotline.report_printing import print_csv, print_json, print_table
    from hotline.reporting import make_report

    report = make_report(name, state_of(state), first and first.date(), last and last.date())
    {Format.table: print_table, Format.csv: print_csv, Format.json: print_json}[format_](report)
