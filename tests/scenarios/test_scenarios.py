"""Every transcript in this folder is what the distributor really does."""

from pathlib import Path

import pytest

from tests.scenarios.transcript import Scenario, ScenarioFault

FOLDER = Path(__file__).parent
LINES_MAX = 60


def lines_of(text: str) -> list[str]:
    without_comments = (line.partition("#")[0].rstrip() for line in text.splitlines())
    return [line for line in without_comments if line]


def play(text: str) -> tuple[list[str], list[str]]:
    """What was said, and what was expected."""
    happens, _, expected = text.partition("\n----\n")
    scenario = Scenario()
    for line in lines_of(happens):
        scenario.play(line)
    scenario.check_records()
    return [line.strip() for line in scenario.said], [line.strip() for line in lines_of(expected)]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """The distributor does what the second part of the file says, no more and no less."""
    said, expected = play(path.read_text("utf-8"))
    assert said == expected


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_scenario_fits_on_a_screen(path: Path) -> None:
    """A scenario tells one story: at most 60 lines, and it says first which."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LINES_MAX
    assert text.startswith("# ")


@pytest.mark.parametrize(
    "line", ["queue orders rong 20", "agent zhang", "at 1 caller zhang sings", "at one caller zhang joins orders"]
)
def test_unknown_line_is_a_fault(line: str) -> None:
    """A line outside the grammar is reported with its text, not passed over."""
    with pytest.raises(ScenarioFault):
        play(f"# a fault\nqueue orders\n{line}\n----\n")
