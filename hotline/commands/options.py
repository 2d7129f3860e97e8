"""The options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hotline.state import State, default_folder

StateFolder = Annotated[
    Path | None, typer.Option("--state", metavar="DIR", help="State folder; default $HOTLINE_STATE, else .state")
]
DAY = ["%Y-%m-%d"]
"""How a day is typed."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]


class Format(StrEnum):
    """How a report is printed."""

    table = "table"
    json = "json"
    csv = "csv"


def state_of(folder: Path | None) -> State:
    return State.at(folder or default_folder())
