"""`hotline caller`"""

import sys
from typing import Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of, tell

app = typer.Typer(
    no_args_is_help=True,
    help="""See the callers who wait, and give one another place.

\b
Examples:
  hotline caller list
  hotline caller rank 5f0c3a --head-start 300
  hotline caller rank 5f0c3a --priority 10

Exit 1 when it cannot be done, or the ACD does not answer.
""",
)


@app.command("list")
def list_(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show the first 200 callers who wait, over all queues, the next one first.

    \b
    Examples:
      hotline caller list
      hotline caller list --json | jq -r '.[] | select(.could_serve == []).visit_id'
    """
    from hotline.agent_desk import ask
    from hotline.waiting_line import print_callers

    tell(ask(state_of(state).acd_socket, "/callers"), as_json, print_callers)


@app.command()
def rank(
    visit: Annotated[str, typer.Argument(metavar="VISIT", help="The caller's visit or call, or how its id begins")],
    priority: Annotated[
        int | None, typer.Option(help="The band in all, -1000 to 1000; a higher one always goes first")
    ] = None,
    head_start: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="As if they had come so much earlier, in all; 0 to 86400")
    ] = None,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a waiting caller another place; what is left out stays. The wait that is told and reported stays too.

    \b
    Examples:
      hotline caller rank 5f0c3a --head-start 300
      hotline caller rank 5f0c3a --priority 0 --head-start 0
    """
    if priority is None and head_start is None:
        raise typer.BadParameter("give --priority, --head-start or both")
    from hotline.agent_desk import ask
    from hotline.waiting_line import rank_path, ranked

    wishes = {"priority": priority, "head_start_seconds": head_start}
    body = {name: value for name, value in wishes.items() if value is not None}
    one = ask(state_of(state).acd_socket, rank_path(visit), body)
    tell(one, as_json, lambda told: print(ranked(told), file=sys.stderr))
