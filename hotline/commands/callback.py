"""`hotline callback`"""

import json
import sys
from typing import Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of

app = typer.Typer(
    no_args_is_help=True,
    help="""See who waits to be called, and take callbacks back.

\b
Examples:
  hotline callback list
  hotline callback cancel e24a4ce537204e8c92d1642842b6aec8

A callback that has come to a talk goes on. Exit 1 when nobody waits for it, or the ACD does not answer.
""",
)


@app.command("list")
def list_(state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show who waits to be called, in the order of the line: callers who wait on it stand between them.

    \b
    Examples:
      hotline callback list
      hotline callback list --json | jq -r '.[].number'
    """
    from hotline.callbacks import ask, print_callbacks

    callbacks = ask(state_of(state).acd_socket)
    if as_json:
        json.dump(callbacks, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        print_callbacks(callbacks)


@app.command()
def cancel(
    callback: Annotated[str, typer.Argument(metavar="CALLBACK", help="Its id, as `list` shows it")],
    state: StateFolder = None,
) -> None:
    """Take a callback back: whatever rings for it stops.

    \b
    Examples:
      hotline callback cancel e24a4ce537204e8c92d1642842b6aec8
    """
    from hotline.callbacks import ask

    ask(state_of(state).acd_socket, callback)
    print(f"callback {callback} is cancelled", file=sys.stderr)
