"""`hotline queue`"""

from typing import Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of, tell

app = typer.Typer(
    no_args_is_help=True,
    help="""See the queues: who waits, how long yet, and who could serve them.

\b
Examples:
  hotline queue list
  hotline queue show orders
  hotline queue show orders --json | jq '.callers[0]'

Exit 1 when there is no such queue, or the ACD does not answer.
""",
)


@app.command("list")
def list_(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show every queue: how many wait and talk, the longest wait, and the agents logged in who serve it.

    \b
    Examples:
      hotline queue list
      hotline queue list --json | jq -r '.[] | select(.waiting > 5).queue'
    """
    from hotline.agent_desk import ask
    from hotline.waiting_line import print_queues

    tell(ask(state_of(state).acd_socket, "/queues"), as_json, print_queues)


@app.command()
def show(
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's id")],
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show one queue and its first 200 callers: what each asks for, the place, and the wait that 4 in 5 do not exceed.

    \b
    Examples:
      hotline queue show orders
    """
    from hotline.agent_desk import ask
    from hotline.waiting_line import print_queue, queue_path

    tell(ask(state_of(state).acd_socket, queue_path(queue)), as_json, print_queue)
