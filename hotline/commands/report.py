"""`hotline report`"""

from datetime import datetime
from typing import Annotated

import typer

from hotline.commands.options import DAY, Format, StateFolder, state_of

app = typer.Typer(
    no_args_is_help=True,
    help="""Report from the records: days, calls, menus, agents, surveys, votes, messages, recordings, supervisors.

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
def abandoned(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """List who hung up before an agent talked to them, and whether they still wait to be rung back.

    \b
    Examples:
      hotline report abandoned
      hotline report abandoned --from 2026-11-20 --format csv | grep ,yes,
    """
    _print("abandoned", from_, to, format_, state)


@app.command()
def agents(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show every agent's time by state, offers and talks.

    \b
    Examples:
      hotline report agents
      hotline report agents --from 2026-11-01 --format csv
    """
    _print("agents", from_, to, format_, state)


@app.command()
def callbacks(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show what became of those who hung up to be called: asked, reached, given up, and every attempt.

    \b
    Examples:
      hotline report callbacks
      hotline report callbacks --from 2026-11-01 --format csv
    """
    _print("callbacks", from_, to, format_, state)


@app.command()
def survey(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show what callers answered after their talks, by queue and by agent.

    \b
    Examples:
      hotline report survey
      hotline report survey --from 2026-11-01 --to 2026-11-30 --format json
    """
    _print("survey", from_, to, format_, state)


@app.command()
def votes(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show what callers voted for, by ballot.

    \b
    Examples:
      hotline report votes
      hotline report votes --from 2026-11-01 --format csv
    """
    _print("votes", from_, to, format_, state)


@app.command()
def messages(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show what callers have left, and when somebody had seen to it.

    \b
    Examples:
      hotline report messages
      hotline report messages --from 2026-11-01 --format csv
    """
    _print("messages", from_, to, format_, state)


@app.command()
def recordings(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show which talks were recorded, to which file.

    \b
    Examples:
      hotline report recordings
      hotline report recordings --from 2026-11-20 --format csv
    """
    _print("recordings", from_, to, format_, state)


@app.command()
def supervision(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show who listened to whom, whispered, barged in, took over or logged off, and what was refused.

    \b
    Examples:
      hotline report supervision
      hotline report supervision --from 2026-11-20 --format json
    """
    _print("supervision", from_, to, format_, state)


@app.command()
def steps(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show by queue at which step of relaxation callers were served, by agents of which tier, and after what wait.

    \b
    Examples:
      hotline report steps
      hotline report steps --from 2026-11-01 --to 2026-11-30 --format csv
    """
    _print("steps", from_, to, format_, state)


@app.command()
def paths(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show which ways callers took through the menus, how long they were there, and how they left.

    \b
    Examples:
      hotline report paths
      hotline report paths --from 2026-11-01 --format csv | head -20
    """
    _print("paths", from_, to, format_, state)


@app.command()
def nodes(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show how well each node of the menus works: who comes, answers, fails, hangs up, cuts the prompt off.

    \b
    Examples:
      hotline report nodes
      hotline report nodes --from 2026-11-01 --to 2026-11-30 --format csv
    """
    _print("nodes", from_, to, format_, state)


@app.command()
def goals(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show what callers did in the menus, by the word `report` of nodes: tasks started, completed, left to an agent.

    \b
    Examples:
      hotline report goals
      hotline report goals --from 2026-11-01 --format json
    """
    _print("goals", from_, to, format_, state)


@app.command()
def faults(from_: From = None, to: To = None, format_: As = Format.table, state: StateFolder = None) -> None:
    """Show where calls in the menus did not go as they should, each with a call to look at.

    \b
    Examples:
      hotline report faults
      hotline report faults --from 2026-11-20 --format json
    """
    _print("faults", from_, to, format_, state)


def _print(name: str, first: datetime | None, last: datetime | None, format_: Format, state: StateFolder) -> None:
    if first and last and last < first:
        raise typer.BadParameter("--to is before --from")
    from hotline.report_printing import print_csv, print_json, print_table
    from hotline.reporting import make_report

    report = make_report(name, state_of(state), first and first.date(), last and last.date())
    {Format.table: print_table, Format.csv: print_csv, Format.json: print_json}[format_](report)
