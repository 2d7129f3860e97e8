"""A report as a table for people, as CSV for spreadsheets, as JSON for programs."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.reports import Cell, Report


def print_table(report: Report) -> None:
    """The report and what belongs beside it, each with its definitions below."""
    console = Console(soft_wrap=True)
    for one in tables_of(report):
        console.print(Text(one.title, style="bold"))
        console.print(_fitting(one, console.width) if one.rows else "nothing to report")
        console.print(Text("\n".join(f"  {definition}" for definition in one.definitions) + "\n", style="dim"))


def print_csv(report: Report) -> None:
    """The report itself: one table, one header. What belongs beside it is in the other forms."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(report.columns)
    writer.writerows([_plain(cell) for cell in row] for row in report.rows)


def print_json(report: Report) -> None:
    print(json.dumps(_mapping(report), ensure_ascii=False, indent=2))


def tables_of(report: Report) -> Iterator[Report]:
    """The report, then everything beside it."""
    yield report
    for beside in report.further:
        yield from tables_of(beside)


def _fitting(report: Report, width: int) -> Table:
    """A row for each row where that fits into the terminal, else a column for each row."""
    upright = _table(report.columns, report.rows)
    if Console(width=10_000).measure(upright).maximum <= width or len(report.rows) > len(report.columns):
        return upright
    return _table(("", *[""] * len(report.rows)), list(zip(report.columns, *report.rows, strict=True)))


def _table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    table = Table(show_edge=False, show_header=any(columns))
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    return table


def _shown(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else str(cell)


def _plain(cell: Cell) -> str | int | float | None:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _mapping(report: Report) -> dict[str, Any]:
    return {
        "title": report.title,
        "rows": [dict(zip(report.columns, map(_plain, row), strict=True)) for row in report.rows],
        "definitions": list(report.definitions),
        "further": [_mapping(beside) for beside in report.further],
    }
