"""The page of state diagrams."""

import runpy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from acd import diagrams
from acd.transitions import AGENT, DEFER, VISIT, Ignore

COMMITTED = Path(__file__).parents[3] / "docs" / "states.md"


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class Hand(StrEnum):
    PUSH = "push"
    SLAM = "slam"
    BURN = "burn"


@dataclass(frozen=True)
class Refuse:
    why: object


class Lock(StrEnum):
    LOCKED = "locked"

    @property
    def words(self) -> str:
        return "the door is locked"


DOORS: diagrams.Table = {
    (Door.OPEN, Hand.PUSH): Door.SHUT,
    (Door.OPEN, Hand.SLAM): Door.SHUT,
    (Door.SHUT, Hand.PUSH): DEFER,
    (Door.SHUT, Hand.SLAM): Ignore("slammed twice"),
    (Door.SHUT, Hand.BURN): Door.GONE,
    (Door.OPEN, Hand.BURN): Door.GONE,
}


def test_the_committed_page_is_that_of_the_tables() -> None:
    """docs/states.md is what `make docs` writes now; if this fails, run it and commit the page."""
    assert COMMITTED.read_text("utf-8") == diagrams.page()


@pytest.mark.parametrize("table", [AGENT, VISIT], ids=["agent", "visit"])
def test_every_cell_of_a_table_is_on_the_page(table: diagrams.Table) -> None:
    """Each state and step is named, and each reason for letting a step pass is told, however the tables grow."""
    page = diagrams.page()
    assert all(f"**{state}**" in page and f" {step} |" in page for state, step in table)
    assert all(cell.race in page for cell in table.values() if isinstance(cell, Ignore))


def test_diagram_merges_arrows_and_finds_both_ends() -> None:
    """Two steps with one effect share an arrow; the first state is the beginning, one without a way out the end."""
    assert diagrams.diagram(DOORS).splitlines() == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> shut: push, slam",
        "    shut --> gone: burn",
        "    open --> gone: burn",
        "    gone --> [*]",
        "```",
    ]


def test_grid_tells_moves_wishes_races_and_what_cannot_be() -> None:
    """A cell is the next state, a wish for later, the number of a race, or empty."""
    assert diagrams.grid(DOORS).splitlines() == [
        "|  | push | slam | burn |",
        "| --- | --- | --- | --- |",
        "| **open** | shut | shut | gone |",
        "| **shut** | *later* | (1) | gone |",
        "| **gone** |  |  |  |",
    ]
    assert diagrams.reasons(DOORS) == "1. slammed twice\n"


def test_other_reasons_are_told_with_their_kind() -> None:
    """A cell of a kind that is not known here is told by its name and its one field, in words where it has them."""
    table = DOORS | {(Door.OPEN, Hand.SLAM): Refuse(Lock.LOCKED), (Door.GONE, Hand.PUSH): Refuse("no door")}
    assert diagrams.races(table) == ["refuse: the door is locked", "slammed twice", "refuse: no door"]
    assert "| **open** | shut | (1) | gone |" in diagrams.grid(table)


def test_a_table_without_races_has_no_list_of_them() -> None:
    """Nothing is let pass: the page ends with the grid, which has every state and step there is."""
    page = diagrams.page({"Light": {(Door.OPEN, Hand.PUSH): Door.SHUT}})
    assert page.endswith("| **open** | shut |  |  |\n| **shut** |  |  |  |\n| **gone** |  |  |  |\n")


def test_the_module_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """`make docs` is nothing but the module's own output."""
    runpy.run_path(diagrams.__file__, run_name="__main__")
    assert capsys.readouterr().out == COMMITTED.read_text("utf-8")
