"""`hotline import`"""

from pathlib import Path
from typing import Annotated

import typer

from hotline.commands.options import AsJson

app = typer.Typer(
    no_args_is_help=True,
    help="""Take over what another system has.

\b
Examples:
  hotline import asterisk /etc/asterisk
  hotline import asterisk /etc/asterisk --out my/site
""",
)


@app.callback()
def import_() -> None:
    """Keep `asterisk` a word of its own: there will be others."""


@app.command()
def asterisk(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with queues.conf", exists=True, file_okay=False)
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="SITE", help="Write the site here; a new or an empty folder")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show also what was written and what is the same")] = False,
    as_json: AsJson = False,
) -> None:
    """Turn an Asterisk's queues into a site, and name every option that has no equivalent.

    \b
    Examples:
      hotline import asterisk /etc/asterisk
      hotline import asterisk /etc/asterisk --out my/site && hotline check my/site
      hotline import asterisk /etc/asterisk --json

    Reads queues.conf, queuerules.conf, agents.conf and what extensions.conf does around Queue(), with all that they
    include. A queue becomes a queue and a skill of its name; a member has that skill, penalty 0 as level 10, 1 as 9 and
    so on. Nothing is left out silently: what has no equivalent is named with file, line and reason.

    Exit 0 when all of it is in the site, 1 when somebody has to decide or mend something.
    """
    from hotline.importing import print_json, print_table, run

    done = run(folder, out)
    (print_json if as_json else print_table)(done, every)
    raise typer.Exit(0 if done.is_whole else 1)
