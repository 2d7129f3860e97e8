"""`hotline check`"""

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dialplan.loader import Checked


class Format(StrEnum):
    """How the faults are printed."""

    text = "text"
    json = "json"


def check(
    site: Annotated[Path | None, typer.Argument(metavar="[SITE]", help="Folder of YAML; default the shop")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print the faults")] = Format.text,
    strict: Annotated[bool, typer.Option(help="Warnings fail as well")] = False,
) -> None:
    """Say everything that is wrong with a site, in one run.

    \b
    Examples:
      hotline check
      hotline check my/site --strict
      hotline check my/site --format json

    Exit 1 when there is an error (or, with --strict, a warning).
    """
    from dialplan.loader import check_site
    from hotline.settings import default_site

    folder = site or default_site()
    checked = check_site(folder)
    if format_ is Format.json:
        print(json.dumps([asdict(fault) for fault in checked.faults], ensure_ascii=False, indent=2))
    elif checked.faults:
        print(checked.report())
    print(_verdict(folder, checked), file=sys.stderr)
    raise typer.Exit(1 if checked.site is None or (strict and checked.faults) else 0)


def _verdict(folder: Path, checked: "Checked") -> str:
    errors = sum(fault.severity == "error" for fault in checked.faults)
    warnings = len(checked.faults) - errors
    return f"{folder}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
