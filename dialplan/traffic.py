"""A traffic file: how many call each queue, how long they talk, how long they wait. The simulator reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dialplan.faults import Fault, Severity, did_you_mean, one_of, quoted, render_all
from dialplan.findings import describe, fault_at, validate
from dialplan.hours import minutes_of
from dialplan.node import Strict
from dialplan.words import HeadStart, Name, Priority, RequiredLevel, Requires, refusal
from dialplan.yaml_tree import Document, read


def _number(low: float, high: float, *, low_included: bool = True) -> BeforeValidator:
    expected = f"a number from {low:g} to {high:g}" if low_included else f"a number above {low:g}, at most {high:g}"

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refusal("wrong-type", expected)
        if not (low <= value <= high) or (value == low and not low_included):
            raise refusal("out-of-range", expected)
        return float(value)

    return BeforeValidator(check)


def _is_range(value: str) -> str:
    try:
        start, end = minutes_of(value)
    except ValueError:
        start = end = 0
    if end <= start:
        raise refusal("bad-range", 'a time of day to a later one, such as "09:00-09:30" or "23:00-24:00"')
    return value


def _apart(table: dict[str, float]) -> dict[str, float]:
    for one, other in combinations(sorted(table, key=minutes_of), 2):
        if minutes_of(other)[0] < minutes_of(one)[1]:
            found = f"found {quoted(one)} and {quoted(other)}"
            raise refusal("overlapping-ranges", "ranges that do not overlap", found)
    return table


def _shares_of_one(callers: list[Askers]) -> list[Askers]:
    total = sum(askers.share for askers in callers)
    if total > 1 + 1e-9:
        raise refusal("out-of-range", "shares that are 1 together, or less", f"found shares of {total:g} together")
    return callers


Seconds = Annotated[float, _number(0, 86_400, low_included=False)]
Pause = Annotated[float, _number(0, 86_400)]
Share = Annotated[float, _number(0, 1)]
NoAnswerShare = Annotated[float, _number(0, 0.9)]
Callers = Annotated[float, _number(0, 100_000)]
HoursLong = Annotated[float, _number(0, 8_784, low_included=False)]
WarmUp = Annotated[float, _number(0, 8_784)]
DayRange = Annotated[str, AfterValidator(_is_range)]


class Spread(Strict):
    """Durations that vary."""

    shape: Literal["constant", "exponential", "lognormal"] = "exponential"
    mean_seconds: Seconds
    sd_seconds: Seconds | None = None
    """the standard deviation; only lognormal has a free one"""

    @model_validator(mode="after")
    def _sd_where_it_is_free(self) -> Self:
        if (self.sd_seconds is not None) != (self.shape == "lognormal"):
            found = 'found no "sd_seconds"' if self.sd_seconds is None else f"found sd_seconds with {self.shape}"
            raise refusal("sd-seconds", "sd_seconds with lognormal, and only there", found)
        return self


class Askers(Strict):
    """A part of a queue's callers who ask for more than the queue does."""

    share: Share
    skills: dict[Name, RequiredLevel] = Field(default={})
    requires: Requires | None = None
    """an expression, on top of skills"""
    priority: Priority = 0
    """on top of the queue's and the segment's; head_start_seconds likewise"""
    head_start_seconds: HeadStart = 0
    segment: Name | None = None
    """one of the site's; without it, none"""


class QueueTraffic(Strict):
    """What happens to one queue."""

    arrivals_per_hour: Callers | None = None
    """all day the same"""
    arrivals: Annotated[dict[DayRange, Callers], AfterValidator(_apart)] | None = None
    """how many call in each part of the day; outside of these nobody does"""
    handling: Spread
    """the talk; wrap-up follows as the site says"""
    patience: Spread | None = None
    """without it nobody gives up"""
    ring_seconds: Pause = 0.0
    """from the offer to the answer"""
    no_answer_share: NoAnswerShare = 0.0
    """of the offers that ring out instead"""
    service_level_seconds: Seconds = 20.0
    callers: Annotated[list[Askers], AfterValidator(_shares_of_one)] = Field(default=[])
    """the rest ask for nothing beyond the queue"""

    @model_validator(mode="after")
    def _one_kind_of_arrivals(self) -> Self:
        if (self.arrivals_per_hour is None) == (self.arrivals is None):
            found = "found neither" if self.arrivals is None else "found both"
            raise refusal("arrivals", "either arrivals_per_hour or arrivals", found)
        return self


class Traffic(Strict):
    """A traffic file."""

    queues: Annotated[dict[Name, QueueTraffic], Field(min_length=1)]
    hours: HoursLong | None = None
    """measured time; without it, from the first to the last of the tables' times, or 8 hours where there is none"""
    warm_up_hours: WarmUp | None = None
    """before it; without it, 1 where all arrivals are constant, else none"""
    back_seconds: Seconds = 60.0
    """how long an agent stays away whom the ACD made not ready for not answering"""

    def table_minutes(self) -> tuple[int, int] | None:
        """Return the first and the last minute of the day that a table names; None without tables."""
        ranges = [minutes_of(text) for queue in self.queues.values() for text in queue.arrivals or ()]
        return (min(start for start, _ in ranges), max(end for _, end in ranges)) if ranges else None


class TrafficInvalid(Exception):
    """The planner's mistakes.

    Attributes:
        faults: every one, in the order of line and column.
    """

    def __init__(self, faults: Iterable[Fault], sources: Mapping[str, tuple[str, ...]]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__(render_all(self.faults, sources))


def load_traffic(path: Path, queues: Iterable[str], segments: Iterable[str] = ()) -> Traffic:
    """Return the traffic in this file.

    Args:
        queues: the ids of the site's queues; segments: of its segments.
    Raises:
        TrafficInvalid: with every fault of the file.
    """
    try:
        document = read(path.name, path.read_bytes())
    except OSError as error:
        found = f"the file cannot be read: {error.strerror}"
        raise TrafficInvalid([Fault(str(path), 1, 1, "missing-file", found, "a traffic file")], {}) from error
    traffic = _traffic(document)
    document.faults += _unknown_queues(document, frozenset(queues))
    if traffic is not None:
        document.faults += _unknown_segments(document, traffic, frozenset(segments))
    if traffic is None or any(fault.severity is Severity.ERROR for fault in document.faults):
        raise TrafficInvalid(document.faults, {document.file: document.lines})
    return traffic


def _traffic(document: Document) -> Traffic | None:
    if isinstance(document.values, dict):
        return validate(document, (), Traffic, {**document.values, **_queues(document)})
    if not document.faults:
        found = f"found {describe(document.values)}"
        document.faults.append(fault_at(document, (), "not-a-mapping", found, "a mapping of keys"))
    return None


def _queues(document: Document) -> dict[str, Any]:
    """Return the key `queues` with its entries read one by one: so a fault in one knows which keys it might have."""
    written = document.values.get("queues")
    if not isinstance(written, dict):
        return {}
    placeholder = QueueTraffic(arrivals_per_hour=0.0, handling=Spread(mean_seconds=1.0))
    entries = {name: validate(document, ("queues", name), QueueTraffic, value) for name, value in written.items()}
    return {"queues": {name: entry or placeholder for name, entry in entries.items()}}


def _unknown_queues(document: Document, known: frozenset[str]) -> Iterator[Fault]:
    written: Any = document.values.get("queues") if isinstance(document.values, dict) else None
    for name in written if isinstance(written, dict) else ():
        if name not in known:
            found, hint = f"found {quoted(name)}, which is not a queue of the site", did_you_mean(name, known)
            yield fault_at(document, ("queues", name), "unknown-queue", found, one_of(known), hint, of_key=True)


def _unknown_segments(document: Document, traffic: Traffic, known: frozenset[str]) -> Iterator[Fault]:
    for name, queue in traffic.queues.items():
        for number, askers in enumerate(queue.callers):
            if askers.segment is not None and askers.segment not in known:
                found = f"found {quoted(askers.segment)}, which is not a segment of the site"
                hint = did_you_mean(askers.segment, known)
                path = ("queues", name, "callers", number, "segment")
                expected = one_of(known) if known else "no segment, since the site has none"
                yield fault_at(document, path, "unknown-segment", found, expected, hint)
