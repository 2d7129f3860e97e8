"""Keys as values: what fits a kind, what does not, and how a variable holds it."""

from datetime import date

import pytest

from ivr.nodes import Collect
from ivr.typed import passes_luhn, value_of

TODAY = date(2026, 11, 22)


def entry(kind: str, **words: object) -> Collect:
    return Collect(("p",), "x", "next", "person", as_=kind, **words)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("kind", "words", "keyed", "value"),
    [
        ("digits", {}, "007", "007"),
        ("phone", {}, "13800138000", "13800138000"),
        ("number", {}, "007", "7"),
        ("number", {"min": 5}, "4", None),
        ("number", {"min": 5, "max": 5}, "5", "5"),
        ("number", {"max": 5}, "6", None),
        ("amount", {}, "98", "98.00"),
        ("amount", {}, "98*5", "98.50"),
        ("amount", {}, "0*05", "0.05"),
        ("amount", {}, "98*555", None),
        ("amount", {}, "*5", None),
        ("amount", {}, "9*8*5", None),
        ("amount", {}, "98*", None),
        ("amount", {"min": 1, "max": 99.5}, "99*50", "99.50"),
        ("amount", {"min": 1, "max": 99.5}, "99*51", None),
        ("amount", {"min": 1}, "0*99", None),
        ("time", {}, "930", "09:30"),
        ("time", {}, "0000", "00:00"),
        ("time", {}, "2359", "23:59"),
        ("time", {}, "2400", None),
        ("time", {}, "960", None),
        ("yes_no", {}, "1", "yes"),
        ("yes_no", {}, "2", "no"),
        ("yes_no", {}, "3", None),
        ("pattern", {"pattern": "20[0-9]{2}"}, "2026", "2026"),
        ("pattern", {"pattern": "20[0-9]{2}"}, "20261", None),
        ("card", {"checksum": "luhn"}, "4111111111111111", "4111111111111111"),
        ("card", {"checksum": "luhn"}, "4111111111111112", None),
        ("digits", {"checksum": "luhn"}, "59", "59"),
    ],
)
def test_an_entry_is_read_by_its_kind(kind: str, words: dict[str, object], keyed: str, value: str | None) -> None:
    """Each kind takes what is one and nothing else, within its bounds, and is kept in one way of writing."""
    assert value_of(entry(kind, **words), keyed, TODAY) == value


@pytest.mark.parametrize(
    ("words", "keyed", "value"),
    [
        ({}, "20261001", "2026-10-01"),
        ({}, "20260231", None),
        ({}, "261001", None),
        ({}, "1001", "2026-10-01"),
        ({}, "0101", "2027-01-01"),
        ({}, "1122", "2026-11-22"),
        ({"past": True}, "0101", "2026-01-01"),
        ({"past": True}, "1123", "2025-11-23"),
        ({"past": True}, "20261122", "2026-11-22"),
        ({"past": True}, "20261123", None),
        ({"future": True}, "1001", "2027-10-01"),
        ({"future": True}, "20261122", "2026-11-22"),
        ({"future": True}, "20261121", None),
        ({"future": True}, "0229", "2028-02-29"),
        ({}, "0230", None),
        ({}, "1301", None),
    ],
)
def test_a_date_is_whole_or_a_month_and_a_day(words: dict[str, bool], keyed: str, value: str | None) -> None:
    """Eight digits are one day; four are the nearest such day, the last one or the next one; today is both."""
    assert value_of(entry("date", **words), keyed, TODAY) == value


@pytest.mark.parametrize("number", ["79927398713", "378282246310005", "0"])
def test_the_checksum_finds_any_wrong_digit(number: str) -> None:
    """A number that passes does not with any one of its digits changed."""
    assert passes_luhn(number)
    changed = [
        f"{number[:place]}{digit}{number[place + 1 :]}"
        for place in range(len(number))
        for digit in "0123456789"
        if digit != number[place]
    ]
    assert not any(map(passes_luhn, changed))
