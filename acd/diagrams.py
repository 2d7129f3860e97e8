"""Draws the tables of `transitions` for people: `python -m acd.diagrams > docs/states.md`.

It knows no state and no step: whatever the tables hold is drawn, in the order in which they hold it. A test compares
the committed page with the tables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar

from acd.transitions import AGENT, DEFER, VISIT, Ignore

T = TypeVar("T")
Table = Mapping[Any, object]
"""By (state, step), both of a StrEnum; Any because a mapping is invariant in its keys."""

TABLES: Mapping[str, Table] = {"Agent": AGENT, "Visit": VISIT}

HEAD = """\
# States

Generated from the tables of `acd/transitions.py`, the only place where they can be changed: `make docs`.

In a table a row is what is so, a column what happens, and a cell what is so afterwards. *Later*: it is kept as a wish
and granted when the call is over. A number in brackets: nothing changes, for the reason below. An empty cell cannot be:
the event is counted as a fault of ours, and nothing changes.
"""

NEVER = ""
LATER = "*later*"


def page(tables: Mapping[str, Table] = TABLES) -> str:
    """The whole page, in Markdown with Mermaid."""
    parts = [HEAD]
    for name, table in tables.items():
        parts += [f"## {name}\n", diagram(table), grid(table)]
        parts += [reasons(table)] if races(table) else []
    return "\n".join(parts)


def diagram(table: Table) -> str:
    """The moves of a table as a Mermaid state diagram; several steps between the same two states share an arrow.

    It begins in the first state; a state that nothing leads out of is an end.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, step), cell in table.items():
        if isinstance(cell, StrEnum):
            arrows.setdefault((state.value, cell.value), []).append(step.value)
    lines = [f"    {here} --> {there}: {', '.join(steps)}" for (here, there), steps in arrows.items()]
    begun = {here for here, _ in arrows}
    ends = [f"    {end} --> [*]" for end in _once(there for _, there in arrows if there not in begun)]
    first = f"    [*] --> {next(iter(arrows))[0]}"
    return "\n".join(["```mermaid", "stateDiagram-v2", first, *lines, *ends, "```\n"])


def grid(table: Table) -> str:
    """States by steps, as a Markdown table."""
    states, steps = map(_words, next(iter(table)))
    numbers = {race: number for number, race in enumerate(races(table), start=1)}
    rows = [[f"**{state.value}**", *(_cell(table.get((state, step)), numbers) for step in steps)] for state in states]
    head = [["", *(step.value for step in steps)], ["---"] * (len(steps) + 1)]
    return "\n".join(map(_row, [*head, *rows])) + "\n"


def races(table: Table) -> list[str]:
    """The reasons for which a step changes nothing, each once."""
    return _once(_reason(cell) for cell in table.values() if is_dataclass(cell))


def reasons(table: Table) -> str:
    """The reasons with the numbers that the grid gives them."""
    return "\n".join(f"{number}. {race}" for number, race in enumerate(races(table), start=1)) + "\n"


def _cell(cell: object, numbers: Mapping[str, int]) -> str:
    if cell is None:
        return NEVER
    if cell is DEFER:
        return LATER
    return f"({numbers[_reason(cell)]})" if is_dataclass(cell) else str(cell)


def _reason(cell: Any) -> str:
    """The one field of a cell that is no state: why. Of others than Ignore the kind is told as well."""
    why = getattr(cell, fields(cell)[0].name)
    told = str(getattr(why, "words", why))
    return told if isinstance(cell, Ignore) else f"{type(cell).__name__.lower()}: {told}"


def _words(word: StrEnum) -> list[StrEnum]:
    """Every word of the kind that this one is of."""
    return list(type(word))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _once(items: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(items))


if __name__ == "__main__":
    print(page(), end="")
