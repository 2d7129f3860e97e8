"""Run every bench_*.py and print one table.

    python -m tests.bench            all of them
    python -m tests.bench queue      those with `queue` in their name

Each bench is a program of its own that prints lines `name value unit target`; a target is `>=n`, `<=n`, a bare number
(which means <=) or `-`. Exit 1 if one fails or misses a target.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
BENCH_SECONDS = 600


@dataclass(frozen=True)
class Figure:
    """One line of a bench."""

    name: str
    value: float
    unit: str
    target: str

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target == "-":
            return None
        if self.target.startswith(">="):
            return self.value >= float(self.target[2:])
        return self.value <= float(self.target.removeprefix("<="))


def read_figure(line: str) -> Figure | None:
    """Read one line of output; None for a line that is none."""
    words = line.split()
    try:
        return Figure(words[0], float(words[1]), words[2], words[3]) if len(words) == 4 else None
    except ValueError:
        return None


def run(bench: Path) -> Iterator[Figure]:
    """Run one bench, show its output as it comes, and yield its figures; a bench that fails is one figure more."""
    command = [sys.executable, "-m", f"tests.bench.{bench.stem}"]
    with subprocess.Popen(command, cwd=FOLDER.parents[1], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            if figure := read_figure(line):
                yield figure
        code = running.wait(BENCH_SECONDS)
    if code not in (0, 1):
        yield Figure(f"{bench.stem}_failed", code, "code", "0")


def main(words: list[str]) -> int:
    """Run the benches whose names hold one of the words, all without words."""
    benches = [
        path for path in sorted(FOLDER.glob("bench_*.py")) if not words or any(word in path.stem for word in words)
    ]
    figures = [figure for bench in benches for figure in run(bench)]
    table = Table("", "name", "value", "unit", "target", show_edge=False)
    for figure in figures:
        sign = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: ""}[figure.holds]
        table.add_row(sign, figure.name, f"{figure.value:g}", figure.unit, figure.target)
    Console().print(table)
    return 1 if not figures or any(figure.holds is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
