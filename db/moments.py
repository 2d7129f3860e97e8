"""Moments: aware, in UTC, to the microsecond, on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A column of aware UTC datetimes.

    SQLite keeps no zone: there the column holds naive UTC text, which also sorts as time. A naive datetime is refused
    with ValueError, because nobody can know which zone it meant.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring `value` to UTC; drop the zone only where the database cannot hold it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: say which zone it is in")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was put in, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def from_epoch(epoch_seconds: float) -> datetime:
    """The moment of `epoch_seconds`, rounded to the microsecond that the databases keep."""
    return datetime.fromtimestamp(epoch_seconds, UTC)


def seconds_between(start: datetime, end: datetime) -> float:
    """Seconds from `start` to `end`; 0 when a clock that was set back makes `end` the earlier one."""
    return max(0.0, (end - start).total_seconds())
