"""Whether a site is open at a moment: ranges of its own local time, by weekday and by date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo


@dataclass(frozen=True)
class Span:
    """A part of one day, in minutes since its midnight on the wall clock; the end is outside of it, 1440 at most."""

    start_minute: int
    end_minute: int


@dataclass(frozen=True)
class Hours:
    """When people are there."""

    timezone: tzinfo
    week: Mapping[int, tuple[Span, ...]]
    """By `date.weekday()`, Monday is 0; a day that is not in it is closed."""
    closed: str
    """The node at which calls start outside of all this."""
    holidays: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    """A date's own spans win over its weekday's."""


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether the wall clock of the site shows an open time at this moment.

    So an hour that the clocks skip in spring is open for nobody, and one that they repeat in autumn is open twice.

    Raises:
        ValueError: the moment has no time zone, so it could be any of two dozen.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    local = at.astimezone(hours.timezone)
    spans = hours.holidays.get(local.date(), hours.week.get(local.weekday(), ()))
    minute = local.hour * 60 + local.minute
    return any(span.start_minute <= minute < span.end_minute for span in spans)
