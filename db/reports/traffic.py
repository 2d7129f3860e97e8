"""What the callers of past days did, queue by queue: what a planner's forecast is made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import sqrt
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, select
from sqlalchemy.orm import Session

from db.reports.daily import ON_LINE
from db.schema import Offer, QueueVisit

SLOT_MINUTES = 30
"""Of the table of arrivals: as fine as schedules are made, as coarse as a day's counts allow."""

_VISIT = ("queue", "arrived_at", "connected_at", "outcome", "wait_seconds", "talk_seconds")
_ASKED = ("requirement", "priority", "head_start_seconds", "segment", "resumed_visit_id")


class Asked(NamedTuple):
    """What a caller came with, the queue's own part included."""

    requirement: str
    priority: int
    head_start_seconds: int | None
    """Whole seconds; None where it tells of another wait: a place that was taken back."""
    segment: str


@dataclass(frozen=True)
class QueueHistory:
    """One queue in the time that was asked for."""

    arrivals: Mapping[tuple[int, int], float]
    """First and last minute of each part of the day in which somebody came; how many did, in the mean of the days."""
    talks: int
    talk_mean_seconds: float
    talk_sd_seconds: float
    patience_mean_seconds: float | None
    """Waits of all over the number of abandons: the estimate of an exponential patience of which only the waits of
    those who gave up were seen to their end. None: nobody gave up."""
    ring_mean_seconds: float
    """From the offer to the connect; 0 where nobody answered."""
    no_answer_share: float
    """Of the offers that were answered or rang out."""
    asked: Mapping[Asked, int]
    """How many came with it."""


def queue_histories(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC) -> dict[str, QueueHistory]:
    """Every queue that somebody entered in [start, end), whole days of `tz`; both are aware."""
    days = max(1, round((end - start) / timedelta(days=1)))
    with Session(engine) as session:
        visits = _visits(session, start, end)
        offers = _offers(session, start, end)
    return {
        queue_id: _history([visit for visit in visits if visit.queue == queue_id], offers[queue_id], days, tz)
        for queue_id in sorted({visit.queue for visit in visits})
    }


def _visits(session: Session, start: datetime, end: datetime) -> Sequence[Row[Any]]:
    columns = [getattr(QueueVisit, name) for name in (*_VISIT, *_ASKED)]
    arrived = (QueueVisit.arrived_at >= start, QueueVisit.arrived_at < end)
    of_callers = (QueueVisit.queue.is_not(None), QueueVisit.entered_via != "consult", ON_LINE)
    return session.execute(select(*columns).where(*arrived, *of_callers)).all()


def _offers(session: Session, start: datetime, end: datetime) -> defaultdict[str, list[tuple[str, float]]]:
    """Outcome and seconds of each offer that was answered or rang out, by queue."""
    query = (
        select(QueueVisit.queue, Offer.outcome, Offer.ring_seconds, Offer.connect_seconds)
        .join(QueueVisit, QueueVisit.visit_id == Offer.visit_id)
        .where(QueueVisit.arrived_at >= start, QueueVisit.arrived_at < end, Offer.outcome.in_(("answered", "rna")))
    )
    found: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for queue_id, outcome, ring_seconds, connect_seconds in session.execute(query):
        found[queue_id or ""].append((outcome or "", (ring_seconds or 0.0) + (connect_seconds or 0.0)))
    return found


def _history(visits: Sequence[Row[Any]], offers: Sequence[tuple[str, float]], days: int, tz: tzinfo) -> QueueHistory:
    talks = [visit.talk_seconds for visit in visits if visit.talk_seconds is not None]
    rings = [ring_seconds for outcome, ring_seconds in offers if outcome == "answered"]
    abandons = sum(str(visit.outcome).startswith("abandoned") for visit in visits)
    waited = sum(visit.wait_seconds or 0.0 for visit in visits)
    slots = Counter(_slot(visit.arrived_at, tz) for visit in visits)
    return QueueHistory(
        arrivals={(slot, slot + SLOT_MINUTES): number / days for slot, number in sorted(slots.items())},
        talks=len(talks),
        talk_mean_seconds=_mean(talks),
        talk_sd_seconds=_deviation(talks),
        patience_mean_seconds=waited / abandons if abandons and waited > 0 else None,
        ring_mean_seconds=_mean(rings),
        no_answer_share=(len(offers) - len(rings)) / len(offers) if offers else 0.0,
        asked=Counter(_asked(visit) for visit in visits),
    )


def _asked(visit: Row[Any]) -> Asked:
    head_start = None if visit.resumed_visit_id else round(visit.head_start_seconds)
    return Asked(visit.requirement, visit.priority, head_start, visit.segment or "")


def _slot(moment: datetime, tz: tzinfo) -> int:
    local = moment.astimezone(tz)
    minute = local.hour * 60 + local.minute
    return minute - minute % SLOT_MINUTES


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _deviation(values: Iterable[float]) -> float:
    known = list(values)
    if len(known) < 2:
        return 0.0
    middle = _mean(known)
    return sqrt(sum((value - middle) ** 2 for value in known) / (len(known) - 1))
