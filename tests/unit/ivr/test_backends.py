"""What of a backend's answer comes into a call: what was asked for, as text of bounded length, or nothing."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.backends import VALUE_LENGTH_MAX, AnswerUnusable, fields_of

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("paid", "paid"),
        ("", ""),
        (None, ""),
        (12, "12"),
        (98.5, "98.5"),
        (Decimal("98.50"), "98.50"),
        (True, "yes"),
        (False, "no"),
        (date(2026, 10, 1), "2026-10-01"),
        ("two\nlines\x00\x7f\ud800", "twolines"),
        ("x" * VALUE_LENGTH_MAX, "x" * VALUE_LENGTH_MAX),
    ],
)
def test_a_field_is_text(value: object, text: str) -> None:
    """Numbers, truths and days are kept as the language keeps them; control characters and half characters are gone."""
    assert fields_of({"field": value}, ["field"]) == {"field": text}


def test_a_path_leads_into_objects() -> None:
    """Dots lead inwards, and a name that has them itself is meant first."""
    answer = {"order": {"stage": {"name": "paid"}}, "a.b": "whole", "a": {"b": "inner"}}
    assert fields_of(answer, ["order.stage.name", "a.b"]) == {"order.stage.name": "paid", "a.b": "whole"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        "text",
        {"a": {}},
        {"a": []},
        {"a": {"b": {}}},
        {"a": {"b": [1]}},
        {"a": {"b": "x" * 201}},
        {"a": 1},
    ],
)
def test_what_cannot_be_held_is_no_answer(answer: object) -> None:
    """A field that is missing, too long, or no single value is not guessed at, and its value is in no message."""
    with pytest.raises(AnswerUnusable) as refusal:
        fields_of(answer, ["a.b"])
    assert "x" * 20 not in str(refusal.value)


@given(JSON, st.text(max_size=6))
def test_any_answer_is_taken_or_refused(value: Any, name: str) -> None:
    """Whatever a backend says: text that can be written and is not long, or AnswerUnusable."""
    try:
        taken: Mapping[str, str] = fields_of({name: value, "inner": {"x": value}}, [name, "inner.x"])
    except AnswerUnusable:
        return
    for text in taken.values():
        assert len(text) <= VALUE_LENGTH_MAX
        assert text.isprintable() or not text.encode("utf-8").isascii()
        json.dumps(text)
