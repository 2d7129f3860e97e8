"""Another system's configuration as a site: written, checked and told."""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from dialplan.importing.migrate import Migration, NothingToImport, migrate
from dialplan.importing.report import Fate, Report
from dialplan.loader import Checked, check_site
from hotline.faults import HotlineError

STYLES = {Fate.WRITTEN: "green", Fate.SAME: "dim", Fate.DECIDE: "yellow", Fate.FAULT: "red"}

PIPE_COLUMNS = 240
"""Where no terminal says how wide it is, a row is a line."""


class ImportRefused(HotlineError):
    """There is nothing to import, or no place to write it to."""


@dataclass(frozen=True)
class Imported:
    """What came of it."""

    report: Report
    checked: Checked
    out: Path | None

    @property
    def is_whole(self) -> bool:
        """Nothing is left to think about."""
        return self.report.is_clean and not self.checked.faults


def run(folder: Path, out: Path | None) -> Imported:
    """Read `folder`, write the site to `out` if that is given, and check it either way.

    Raises:
        ImportRefused: nothing was written.
    """
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ImportRefused(f"{out} is there already, and not empty: name a new folder")
    try:
        done = migrate(folder)
    except NothingToImport as nothing:
        raise ImportRefused(str(nothing)) from nothing
    with tempfile.TemporaryDirectory(prefix="hotline-import-") as scratch:
        site = out or Path(scratch)
        _write(done, site)
        return Imported(done.report, check_site(site), out)


def print_table(done: Imported, every: bool) -> None:
    """What needs a decision, or with `every` all lines, as a table; what was counted goes to stderr."""
    rows = [row for row in done.report.in_order() if every or row.fate in (Fate.DECIDE, Fate.FAULT)]
    if rows:
        table = Table(Column("where", no_wrap=True), "of", "what", "", "why", box=box.SIMPLE_HEAD)
        for row in rows:
            fate = f"[{STYLES[row.fate]}]{row.fate}[/]"
            table.add_row(str(row.place), escape(row.about), escape(row.text), fate, escape(row.why))
        Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS).print(table)
    if done.checked.faults:
        print(done.checked.report())
    print(_verdict(done), file=sys.stderr)


def print_json(done: Imported, every: bool) -> None:
    """Every line, whatever became of it: programs choose for themselves."""
    rows = [row.flat() for row in done.report.in_order()]
    print(json.dumps(rows, ensure_ascii=False, indent=2))
    print(_verdict(done), file=sys.stderr)


def _verdict(done: Imported) -> str:
    counts = [f"{done.report.count([fate])} {told}" for fate, told in _TOLD.items()]
    written = f"; the site is in {done.out}" if done.out else "; nothing was written: give --out SITE"
    return ", ".join(counts) + written


_TOLD = {Fate.WRITTEN: "written", Fate.SAME: "the same by itself", Fate.DECIDE: "to decide", Fate.FAULT: "malformed"}


def _write(done: Migration, site: Path) -> None:
    for name, text in done.files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
