"""Whether a site is open: ranges on its own wall clock, holidays first."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.hours import Hours, Span, is_open

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
MORNING, AFTERNOON, ALL_DAY = Span(9 * 60, 12 * 60), Span(13 * 60, 21 * 60), Span(0, 24 * 60)
HOURS = Hours(
    SHANGHAI,
    week={0: (MORNING, AFTERNOON), 5: (ALL_DAY,)},
    closed="main.closed",
    holidays={date(2026, 10, 5): (), date(2026, 10, 4): (MORNING,)},
)
MONDAY = "2026-11-23"


def local(text: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("time", "is_now_open"),
    [
        ("00:00", False),
        ("08:59:59.999999", False),
        ("09:00", True),
        ("11:59:59.999999", True),
        ("12:00", False),
        ("13:00", True),
        ("20:59:59", True),
        ("21:00", False),
    ],
)
def test_a_range_has_its_beginning_and_not_its_end(time: str, is_now_open: bool) -> None:
    """Open from the first microsecond of a range to the last one before its end; closed between two ranges."""
    assert is_open(HOURS, local(f"{MONDAY}T{time}")) is is_now_open


def test_ranges_that_touch_leave_no_gap() -> None:
    """09:00-12:00 and 12:00-13:00 are open at noon, and at the last microsecond before it."""
    hours = Hours(SHANGHAI, {0: (MORNING, Span(12 * 60, 13 * 60))}, "main.closed")
    noon = local(f"{MONDAY}T12:00")
    assert is_open(hours, noon)
    assert is_open(hours, noon - timedelta(microseconds=1))


def test_a_day_without_ranges_is_closed() -> None:
    """A Tuesday that nobody wrote hours for is closed at any hour."""
    assert not any(is_open(HOURS, local(f"2026-11-24T{hour:02}:30")) for hour in range(24))


def test_a_whole_day_ends_at_midnight() -> None:
    """00:00-24:00 on a Saturday is open up to Sunday's midnight, and begins at its own."""
    saturday = local("2026-11-28T00:00")
    assert is_open(HOURS, saturday)
    assert not is_open(HOURS, saturday - timedelta(microseconds=1))
    assert is_open(HOURS, local("2026-11-28T23:59:59.999999"))
    assert not is_open(HOURS, local("2026-11-29T00:00"))


def test_a_night_is_open_over_midnight() -> None:
    """A night written as 22:00-24:00 and 00:00-06:00 of the next day has no gap at midnight."""
    hours = Hours(SHANGHAI, {4: (Span(22 * 60, 24 * 60),), 5: (Span(0, 6 * 60),)}, "main.closed")
    midnight = local("2026-11-28T00:00")
    assert is_open(hours, midnight - timedelta(microseconds=1))
    assert is_open(hours, midnight)
    assert not is_open(hours, local("2026-11-28T06:00"))


def test_a_holiday_wins_over_its_weekday() -> None:
    """An empty holiday closes a Monday; a holiday with ranges opens a Sunday that is closed otherwise."""
    assert not is_open(HOURS, local("2026-10-05T10:00"))
    assert is_open(HOURS, local("2026-10-04T10:00"))
    assert not is_open(HOURS, local("2026-10-04T12:00"))
    assert is_open(HOURS, local("2026-10-12T10:00"))


def test_the_day_is_the_sites_own() -> None:
    """Sunday evening in UTC is Monday morning in Shanghai, for weekdays and for holidays."""
    assert is_open(HOURS, datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    assert not is_open(HOURS, datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    week = Hours(SHANGHAI, dict.fromkeys(range(7), (ALL_DAY,)), "main.closed", {date(2026, 10, 1): ()})
    assert not is_open(week, datetime(2026, 9, 30, 16, 0, tzinfo=UTC))
    assert is_open(week, datetime(2026, 10, 1, 16, 0, tzinfo=UTC))


def test_the_hour_skipped_in_spring_is_open_for_nobody() -> None:
    """01:00-03:00 on the day on which New York goes from 02:00 to 03:00 lasts one hour, not two."""
    hours = Hours(NEW_YORK, {6: (Span(60, 180),)}, "main.closed")
    opening = datetime(2026, 3, 8, 6, 0, tzinfo=UTC)
    assert [is_open(hours, opening + timedelta(minutes=minutes)) for minutes in (-1, 0, 59, 60)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_hour_repeated_in_autumn_is_open_twice() -> None:
    """01:00-02:00 on the day on which New York has that hour twice lasts two hours."""
    hours = Hours(NEW_YORK, {6: (Span(60, 120),)}, "main.closed")
    opening = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert [is_open(hours, opening + timedelta(minutes=minutes)) for minutes in (-1, 0, 60, 119, 120)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert is_open(hours, local("2026-11-01T01:30", NEW_YORK, fold=1))


def test_opening_keeps_to_the_wall_clock_over_the_year() -> None:
    """Nine o'clock in New York is 14:00 UTC in winter and 13:00 UTC in summer."""
    hours = Hours(NEW_YORK, dict.fromkeys(range(7), (MORNING,)), "main.closed")
    for month, utc_hour in ((1, 14), (7, 13)):
        opening = datetime(2026, month, 15, utc_hour, tzinfo=UTC)
        assert is_open(hours, opening)
        assert not is_open(hours, opening - timedelta(minutes=1))


def test_a_moment_without_a_zone_is_refused() -> None:
    """A naive datetime would be read in whatever zone the machine has: it is our bug, told at once."""
    with pytest.raises(ValueError, match="has no time zone"):
        is_open(HOURS, datetime(2026, 11, 23, 10, 0))
