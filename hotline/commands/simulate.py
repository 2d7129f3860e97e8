"""`hotline acd`: without a word after it the process that `hotline up` starts, and `hotline acd simulate`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands import children
from hotline.commands.options import DAY, AsJson

app = typer.Typer(
    invoke_without_command=True,
    help="""Ask the ACD what would be, what was, and why.

\b
Examples:
  hotline acd why 13800138000
  hotline acd replay
  hotline acd simulate --traffic traffic.yaml
  hotline acd simulate --site my/site --traffic traffic.yaml --agents orders=10..20
  hotline acd simulate --forecast-from .state --agents orders=10..20
""",
)


@app.callback()
def acd(
    context: typer.Context,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="DIR", help="State folder that `hotline up` has made", hidden=True)
    ] = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if state is None:
        print(context.get_help())
        raise typer.Exit(2)
    children.acd(state)


_HELP = """Tell how callers would fare: the real ACD, a virtual clock, callers by chance.

\b
Examples:
  hotline acd simulate --traffic traffic.yaml
  hotline acd simulate --traffic traffic.yaml --agents orders=10..20
  hotline acd simulate --traffic traffic.yaml --agents orders=10 --agents support=4..8 --agents orders+support=3
  hotline acd simulate --site my/site --traffic traffic.yaml --hours 100 --seeds 8 --json
  hotline acd simulate --forecast-from .state --from 2026-11-16 --to 2026-11-20 --agents orders=10..20

Without --agents the site's agents take the calls, all ready from the start. With it only those named are there,
each with the skills that its queues ask for. The same seed sends the same callers to every staffing.

\b
A traffic file:
  hours: 8
  queues:
    orders:
      arrivals_per_hour: 200        # or, per part of the day: arrivals: {"09:00-09:30": 80, "09:30-10:00": 110}
      handling: {shape: lognormal, mean_seconds: 188, sd_seconds: 240}  # or exponential, constant
      patience: {mean_seconds: 120} # exponential; left out, nobody gives up
      ring_seconds: 4
      no_answer_share: 0.02
      service_level_seconds: 20
      callers: [{share: 0.2, requires: english >= 5, segment: vip}]
"""


@app.command(help=_HELP)
def simulate(
    traffic: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Traffic file: who calls, talks and waits how long")
    ] = None,
    forecast_from: Annotated[
        str | None,
        typer.Option(metavar="DB", help="Records instead of a file: a state folder, an SQLite file or a URL"),
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, metavar="DAY", help="First day of them; default yesterday")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, metavar="DAY", help="Last day of them; default the first")
    ] = None,
    save_traffic: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the records say as a traffic file, to be edited")
    ] = None,
    site: Annotated[Path | None, typer.Option(metavar="DIR", help="Site; default $HOTLINE_SITE, else the shop")] = None,
    hours: Annotated[
        float | None, typer.Option(min=0.01, metavar="N", help="Measured hours; default the file's")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Independent repetitions")] = 4,
    agents: Annotated[
        list[str] | None,
        typer.Option(metavar="QUEUE=N..M", help="Agents made for this queue instead of the site's; may be repeated"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, metavar="N", help="Processors to use; default all")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate every staffing that was asked for, and print it."""
    from hotline.settings import default_site
    from hotline.simulating import Records
    from hotline.simulating import simulate as run
    from hotline.simulation_printing import print_json, print_tables

    if (traffic is None) == (forecast_from is None):
        raise typer.BadParameter("give either --traffic or --forecast-from")
    if forecast_from is None and (first or last or save_traffic):
        raise typer.BadParameter("--from, --to and --save-traffic go with --forecast-from")
    days = (None if first is None else first.date(), None if last is None else last.date())
    source = traffic or Records(forecast_from or "", *days, save_traffic)
    staffings = run(site or default_site(), source, hours, seeds, agents or [], jobs)
    (print_json if as_json else print_tables)(staffings)
