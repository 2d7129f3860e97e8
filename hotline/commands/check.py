"""`hotline check`"""

import io
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from hotline.checking import CheckedSite

T = TypeVar("T")


class Format(StrEnum):
    """How the faults are printed."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"


def check(
    sites: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SITE", help="Folders of YAML, or files in them; default the shop"),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print the faults")] = Format.text,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Say nothing of this warning; may be given again")
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="RULE", help="Say what a rule means, and check nothing")
    ] = None,
) -> None:
    """Say everything that is wrong with a site, in one run.

    \b
    Examples:
      hotline check
      hotline check my/site --strict
      hotline check my/site other/site --format sarif
      hotline check my/site/menus/main.yaml
      hotline check my/site --ignore many-choices
      hotline check --explain waiting-prefix

    A file stands for its site: what is changed in one file may break another. A comment `# hotline: ignore RULE` at the
    end of a line says that its warning is meant. All rules: docs/checks.md.

    \b
    Exit codes:
      0  the sites can be run
      1  there is an error (or, with --strict, a warning)
      2  wrong usage, or no such site
    """
    from hotline.checking import check_all, explained, verdict

    if explain is not None:
        print(_usage(lambda: explained(explain)))
        return
    checked = _usage(lambda: check_all(sites or [], frozenset(ignore or ())))
    _print(checked, format_)
    for site in checked:
        print(verdict(site), file=sys.stderr)
    raise typer.Exit(int(any(site.fails(strict=strict) for site in checked)))


def _print(checked: "list[CheckedSite]", format_: Format) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold what the terminal cannot show
    if format_ is Format.text:
        told = "\n".join(site.report() for site in checked if site.faults)
    else:
        from dialplan.fault_formats import FORMATS

        told = FORMATS[format_]([fault for site in checked for fault in site.faults])
    if told:
        print(told)


def _usage(what: Callable[[], T]) -> T:
    from hotline.checking import NotChecked

    try:
        return what()
    except NotChecked as refusal:
        raise typer.BadParameter(str(refusal)) from refusal
