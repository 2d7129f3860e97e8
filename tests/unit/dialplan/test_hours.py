"""How days and times of day are written."""

from __future__ import annotations

import pytest

from dialplan.hours import DAYS_OF, minutes_of


def test_days_are_written_alone_or_from_one_to_another() -> None:
    """A day is itself; two joined ones are all from the first to the last, over the end of the week if need be."""
    assert DAYS_OF["sunday"] == (6,)
    assert DAYS_OF["monday-friday"] == (0, 1, 2, 3, 4)
    assert DAYS_OF["monday-sunday"] == (0, 1, 2, 3, 4, 5, 6)
    assert DAYS_OF["saturday-monday"] == (5, 6, 0)
    assert len(DAYS_OF) == 7 * 7
    assert all(len(set(days)) == len(days) for days in DAYS_OF.values())


def test_times_are_minutes_since_midnight() -> None:
    """Midnight begins a day as 00:00 and ends it as 24:00."""
    assert minutes_of("00:00-24:00") == (0, 1440)
    assert minutes_of("09:05-23:59") == (545, 1439)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "09:00",
        "9:00-12:00",
        "24:00-24:00",
        "09:00-24:01",
        "09:60-12:00",
        "09:00 - 12:00",
        "09:00-12:00\n",
        "０9:00-12:00",
    ],
)
def test_what_is_not_a_range(text: str) -> None:
    """One way to write a range: two digits each, no spaces, 24:00 at the end only."""
    with pytest.raises(ValueError):
        minutes_of(text)
