"""What a report is, and the arithmetic that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Cell = str | int | float | datetime | None
"""None: nothing to measure, for example an average over no calls. Times are aware, in the zone that was asked for."""


@dataclass(frozen=True)
class Report:
    """A table with the meaning of its columns; `further` are tables that belong beside it."""

    title: str
    columns: tuple[str, ...]
    """Names with their units, fit for a CSV header."""
    rows: tuple[tuple[Cell, ...], ...]
    definitions: tuple[str, ...]
    """`column: definition`, with numerator, denominator and clock."""
    further: tuple[Report, ...] = ()


def percent(part: float, whole: float) -> float | None:
    """`part` of `whole` in percent with one decimal; None when there is no whole."""
    return round(100 * part / whole, 1) if whole else None


def mean(values: Sequence[float]) -> float | None:
    """The mean with one decimal; None of nothing."""
    return round(sum(values) / len(values), 1) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed; None of nothing."""
    if not values:
        return None
    rank = max(1, -int(-share * len(values) // 1))  # ceiling, counted from 1
    return round(sorted(values)[rank - 1], 1)


def tenths(value: float | None) -> float | None:
    """A duration as reports show it: seconds with one decimal."""
    return None if value is None else round(value, 1)


def span_text(start: datetime, end: datetime) -> str:
    """The interval as a title shows it."""
    return f"from {start:%Y-%m-%d %H:%M} to before {end:%Y-%m-%d %H:%M} {start:%Z}"
