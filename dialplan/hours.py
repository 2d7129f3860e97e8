"""When a site answers: weekdays, holidays, and the node at which calls start outside of these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise, product
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from dialplan.faults import did_you_mean, quoted
from dialplan.node import Strict
from dialplan.public_holidays import DAYS_OFF, MAKE_UP_AS, MAKE_UP_WORKDAYS
from dialplan.words import NodeRef, refusal

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""by their number in `date.weekday()`"""

DAYS_OF: Mapping[str, tuple[int, ...]] = {
    **{day: (number,) for number, day in enumerate(DAYS)},
    **{
        f"{first}-{last}": tuple((start + step) % 7 for step in range((end - start) % 7 + 1))
        for (start, first), (end, last) in product(enumerate(DAYS), repeat=2)
        if start != end
    },
}
"""every way to write days, to the days meant; `saturday-monday` goes round the end of the week"""

_RANGE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def minutes_of(text: str) -> tuple[int, int]:
    """Return the minutes since midnight at which a range begins and ends; 24:00 is 1440.

    Its end may come before its beginning: the types below refuse that.

    Raises:
        ValueError: it is not written as a range.
    """
    match = _RANGE.fullmatch(text)
    if not match:
        raise ValueError(text)
    start_hour, start_minute, end_hour, end_minute = match.groups()
    end = 24 * 60 if end_hour is None else int(end_hour) * 60 + int(end_minute)
    return int(start_hour) * 60 + int(start_minute), end


def _is_days(value: str) -> str:
    if value not in DAYS_OF:
        raise refusal("unknown-day", "a day, or days such as monday-friday", hint=did_you_mean(value, DAYS_OF))
    return value


def _is_range(value: str) -> str:
    try:
        start, end = minutes_of(value)
    except ValueError:
        raise refusal("bad-range", 'a time of day to a later one, such as "09:00-12:30" or "18:00-24:00"') from None
    if end <= start:
        found = f"found {quoted(value)}, which does not end after it begins"
        hint = 'a night is two ranges: one to "24:00", and one from "00:00" on the day after'
        raise refusal("reversed-range", "the earlier time first", found, hint)
    return value


def _is_date(value: str) -> str:
    try:
        date.fromisoformat(value if _DATE.fullmatch(value) else "")
    except ValueError:
        raise refusal("bad-date", 'a day of the calendar, such as "2026-10-01"') from None
    return value


def _is_timezone(value: str) -> str:
    try:
        ZoneInfo(value if _ZONE.fullmatch(value) else "")
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        hint = did_you_mean(value, available_timezones())
        raise refusal("unknown-timezone", "a time zone, such as Asia/Shanghai", hint=hint) from None
    return value


def _apart(ranges: list[str]) -> list[str]:
    for one, other in pairwise(sorted(ranges, key=minutes_of)):
        if minutes_of(other)[0] < minutes_of(one)[1]:
            found = f"found {quoted(one)} and {quoted(other)}"
            raise refusal("overlapping-ranges", "ranges that do not overlap", found)
    return ranges


def _once_each(written: dict[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    for one, other in combinations(written, 2):
        both = set(DAYS_OF[one]) & set(DAYS_OF[other])
        if both:
            found = f"found {DAYS[min(both)]} in {quoted(one)} and in {quoted(other)}"
            raise refusal("duplicate-day", "each day once", found)
    return written


Days = Annotated[str, AfterValidator(_is_days)]


def _is_day(value: str) -> str:
    if value not in DAYS:
        raise refusal("unknown-day", "a day, such as monday", hint=did_you_mean(value, DAYS))
    return value


Day = Annotated[str, AfterValidator(_is_day)]
Date = Annotated[str, AfterValidator(_is_date)]
Timezone = Annotated[str, AfterValidator(_is_timezone)]
Ranges = Annotated[list[Annotated[str, AfterValidator(_is_range)]], AfterValidator(_apart)]
"""times of one day, begin included and end not; none: closed all day"""


class OpeningTimes(Strict):
    """When somebody is there, in the local time of `timezone`."""

    timezone: Timezone
    open: Annotated[dict[Days, Ranges], AfterValidator(_once_each)]
    """a day that is not named is closed"""
    holidays: dict[Date, Ranges] = Field(default={})
    """a date's own ranges win over everything else"""
    workdays: dict[Date, Day] = Field(default={})
    """dates that have the times of another weekday, such as a Saturday that is worked in place of a Thursday"""
    public_holidays: Literal["china"] | None = None
    """whose days off are closed, and whose make-up workdays have the times of Monday, unless written otherwise here"""

    def ranges_of(self, day: str) -> list[str]:
        """Return the times of a weekday."""
        return next((ranges for days, ranges in self.open.items() if DAYS.index(day) in DAYS_OF[days]), [])

    def special_days(self) -> dict[date, list[str]]:
        """Return every date that has other times than its weekday, with its times."""
        found: dict[date, list[str]] = {}
        if self.public_holidays:
            found |= {day: [] for day in DAYS_OFF}
            found |= {day: self.ranges_of(MAKE_UP_AS) for day in MAKE_UP_WORKDAYS}
        found |= {date.fromisoformat(text): self.ranges_of(day) for text, day in self.workdays.items()}
        return found | {date.fromisoformat(text): ranges for text, ranges in self.holidays.items()}


class Calendar(OpeningTimes):
    """One of the `calendars` of `site.yaml`, which `hours` nodes ask."""


class Hours(OpeningTimes):
    """The `hours` of `site.yaml`."""

    closed: NodeRef
    """the node at which calls start outside the hours"""
