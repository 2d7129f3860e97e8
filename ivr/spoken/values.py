"""From the text of a value to the value: what a variable, a database or a caller's keys have given.

Each reader takes ASCII text and raises Unspeakable with what was expected. None of them takes time that grows faster
than the text: the text may come from anybody.
"""

import re
from datetime import date
from typing import NamedTuple

from ivr.spoken.kinds import Unspeakable

NUMBER_DIGITS_MAX = 12
NUMBER_LIMIT = 10**NUMBER_DIGITS_MAX
"""Numbers from here on have no words here: they are read digit by digit."""

_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_BEHIND_MINUTES = r"(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = re.compile(rf"({_DAY})(?:[T ][0-9]{{2}}:[0-9]{{2}}{_BEHIND_MINUTES})?")
_CLOCK = re.compile(rf"(?:{_DAY}[T ])?([0-9]{{1,2}}):([0-9]{{2}}){_BEHIND_MINUTES}")


class Number(NamedTuple):
    """A decimal number, exactly as it was written but for zeros that say nothing."""

    negative: bool
    whole: int
    """0 <= whole < NUMBER_LIMIT"""
    fraction: str = ""
    """digits behind the point, the last one is not 0"""


class Money(NamedTuple):
    """An amount of any currency with a hundredth."""

    negative: bool
    units: int
    hundredths: int


class Clock(NamedTuple):
    """A time of day; 24:00 is the end of a day, 00:00 its beginning."""

    hour: int
    minute: int


def number(text: str) -> Number:
    """`12`, `-3.50`, `0012`."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Unspeakable("expected a number such as 12 or -3.5")
    whole, fraction = match[2].lstrip("0"), (match[3] or "").rstrip("0")
    if max(len(whole), len(fraction)) > NUMBER_DIGITS_MAX:
        raise Unspeakable(f"expected at most {NUMBER_DIGITS_MAX} digits before the point, and behind it")
    return Number(match[1] == "-" and bool(whole or fraction), int(whole or "0"), fraction)


def whole(text: str) -> int:
    """`12`: no sign, no fraction."""
    read = number(text)
    if read.negative or read.fraction:
        raise Unspeakable("expected a whole number such as 12")
    return read.whole


def percent(text: str) -> Number:
    """`20`, `12.5`, `20%`."""
    return number(text.removesuffix("%"))


def money(text: str) -> Money:
    """`98.50`, `-3`; zeros behind the hundredths do no harm, any other digit there does."""
    read = number(text)
    if len(read.fraction) > 2:
        raise Unspeakable("expected an amount of at most two decimals such as 98.50")
    return Money(read.negative, read.whole, int(read.fraction.ljust(2, "0")))


def day(text: str) -> date:
    """`2026-10-01`, or the day of `2026-10-01T09:30:00+08:00` as it is written."""
    match = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise Unspeakable("expected a date such as 2026-10-01") from None


def clock(text: str) -> Clock:
    """`9:30`, `09:30`, `09:30:15`, or the time of `2026-10-01T09:30:00`; seconds are passed over."""
    match = _CLOCK.fullmatch(text)
    read = Clock(int(match[1]), int(match[2])) if match else None
    if read is None or read.minute > 59 or read > Clock(24, 0):
        raise Unspeakable("expected a time such as 09:30")
    return read


def seconds(text: str) -> int:
    """A number of seconds, a fraction rounded: `90`, `12.5`."""
    read = number(text)
    if read.negative:
        raise Unspeakable("expected seconds such as 90")
    return read.whole + (read.fraction[:1] >= "5")


def as_written(text: str) -> str:
    """Anything at all."""
    return text
