"""`hotline messages`"""

import json
from typing import Annotated

import typer

from hotline.commands.options import AsJson, StateFolder, state_of, tell

app = typer.Typer(
    no_args_is_help=True,
    help="""See what callers have left: voice mail, complaints, comments and faxes; and say that it is done.

\b
Examples:
  hotline messages list
  aplay "$(hotline messages play-path 1767225600.1-4)"
  hotline messages done 1767225600.1-4 --by 1006

Exit 1 where there is no such message.
""",
)

Name = Annotated[str, typer.Argument(metavar="MESSAGE", help="As `list` shows it, or its file")]


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="With those that somebody has seen to")] = False,
    state: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show the messages that nobody has seen to, the oldest first.

    \b
    Examples:
      hotline messages list
      hotline messages list --all --json | jq -r '.[].path'
    """
    from hotline.messages import list_messages, print_messages, told

    folder = state_of(state)
    tell([told(folder, one) for one in list_messages(folder, every=every)], as_json, print_messages)


@app.command()
def show(message: Name, state: StateFolder = None, as_json: AsJson = False) -> None:
    """Show all that is known of a message, and where its file is.

    \b
    Example:
      hotline messages show 1767225600.1-4
    """
    from hotline.messages import find_message, told

    found = told(state_of(state), find_message(state_of(state), message))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:14} {'' if value is None else value}".rstrip())


@app.command("play-path")
def play_path(message: Name, state: StateFolder = None) -> None:
    """Print where the file of a message is, and nothing else.

    \b
    Example:
      aplay "$(hotline messages play-path 1767225600.1-4)"
    """
    from hotline.messages import find_message, path_of

    print(path_of(state_of(state), find_message(state_of(state), message)))


@app.command()
def done(
    message: Name,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who has seen to it; default you")] = "",
    state: StateFolder = None,
) -> None:
    """Note that somebody has seen to a message; whoever did so first stands.

    \b
    Example:
      hotline messages done 1767225600.1-4 --by 1006
    """
    import sys

    from hotline.messages import finish

    finished = finish(state_of(state), message, by)
    print(f"{message} is done, by {finished.done_by}", file=sys.stderr)
