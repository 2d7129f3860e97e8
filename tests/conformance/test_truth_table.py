"""The truth table of keys: prompt x keys ahead x key now."""

from itertools import groupby
from pathlib import Path

import pytest

from hotline.rehearsing import Stage
from tests.conformance.book import CHECKOUT
from tests.conformance.truth_table import Row, moments, page, row_of, rows, stage_for

ROWS = rows()
GROUPS = [(key, list(group)) for key, group in groupby(ROWS, lambda row: (row.node, row.prompt))]


@pytest.mark.parametrize(("of", "group"), GROUPS, ids=lambda value: "-".join(value) if isinstance(value, tuple) else "")
def test_the_row_is_true(of: tuple[str, str], group: list[Row], tmp_path: Path) -> None:
    """What is heard, what fires and what is counted is what the table says, at each of these moments."""
    stage: Stage = stage_for(*of, tmp_path)
    assert [row_of(*row[:4], stage) for row in group] == group


def test_the_table_has_every_moment_once() -> None:
    """No combination is left out."""
    assert [row[:4] for row in ROWS] == list(moments())


def test_a_key_ahead_skips_the_prompt() -> None:
    """Where something was pressed ahead, the node's own prompt is heard at most after a failed attempt."""
    skipped = [row for row in ROWS if row.ahead]
    assert [row for row in skipped if row.heard.replace("~", "").startswith(("ask", "short"))] == []


def test_nothing_counts_that_fires() -> None:
    """Each key that fits nothing, and each silence, is one count; what fires is none, whatever failed before."""
    for row in ROWS:
        pressed = bool(row.ahead) + bool(row.key)
        assert len(row.counts.split()) + bool(row.fires) <= max(pressed, 1) + (row.prompt == "ended"), row


def test_a_global_key_always_fires() -> None:
    """Whatever was pressed before it, and whatever is being said: it leads where it leads everywhere, unless the key is
    for the next node."""
    pressed = [row for row in ROWS if row.key == {"menu": "0", "collect": "*"}[row.node]]
    own = {"menu": "person to person", "collect": "repeat to ask"}
    assert [row for row in pressed if not row.fires.endswith((own[row.node], "for the next node"))] == []


def test_the_moment_makes_no_other_choice() -> None:
    """The same keys fire the same in silence, in the first prompt, in the second and after them."""
    fires: dict[tuple[str, ...], set[str]] = {}
    for row in ROWS:
        fires.setdefault((row.node, row.ahead, row.key), set()).add(row.fires)
    assert {keys: ways for keys, ways in fires.items() if len(ways) > 1} == {}


def test_the_page_is_the_table() -> None:
    """docs/truth-table.md is what `make docs` writes."""
    assert (CHECKOUT / "docs" / "truth-table.md").read_text("utf-8") == page()
