"""The options that several commands share."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

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


def tell(told: Any, as_json: bool, show: Callable[[Any], None]) -> None:
    """Print what the ACD has told, as it came or for people."""
    print(json.dumps(told, ensure_ascii=False, indent=2)) if as_json else show(told)


def state_of(folder: Path | None) -> State:
    return State.at(folder or default_folder())
