"""Who hung up before anybody talked to them, and what has become of it since: the list to ring back from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Engine, Row, select
from sqlalchemy.orm import Session

from db.reports.report import Cell, Report, span_text, tenths
from db.schema import Call, Callback, QueueVisit

ABANDONED = ("abandoned_waiting", "abandoned_ringing")
WAIT_MAX = timedelta(days=1)
"""Who may stand ahead of a caller has come no longer before the report's span."""

COLUMNS = (
    *("left_at", "caller_number", "queue", "wait_seconds", "position", "outcome", "called_again_at"),
    *("served_at", "callback", "ring_back", "call_id"),
)
DEFINITIONS = (
    "One row for each visit that arrived in the span and whose caller hung up before connect; short abandons included.",
    "left_at: the caller hung up; wait_seconds: from entry to the queue until then",
    "position: one more than the callers of this queue, waiting to be called included, who were ahead at that moment",
    "outcome: abandoned_ringing: while an agent's phone rang for them",
    "called_again_at: the next call from the same number; served_at: when an agent next talked to that number",
    "callback: of the callback that the number has asked for since, or was waiting for: open, or how it ended",
    "ring_back: yes where the number is known and has not called again, was not served and waits for no callback",
    "Calls that agents make by themselves are not known here.",
)

Visit = Row[Any]
_READ = ("visit_id", "call_id", "queue", "caller_number", "arrived_at", "connected_at", "ended_at", "outcome")
_RANK = ("priority", "head_start_seconds", "wait_seconds")
Moments = Mapping[str, Sequence[datetime]]
"""By number, in order."""


def abandoned(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC) -> Report:
    """Every abandon of a visit that arrived in [start, end), oldest first, with times in `tz`; both are aware."""
    with Session(engine) as session:
        visits = _visits(session, start - WAIT_MAX, end)
        left = [visit for visit in visits if visit.outcome in ABANDONED and visit.arrived_at >= start]
        asked = _callbacks(session)
        calls = _by_number(session.execute(select(Call.caller_number, Call.started_at).where(Call.started_at >= start)))
        served = (QueueVisit.connected_at >= start, QueueVisit.entered_via != "consult")
        talks = _by_number(session.execute(select(QueueVisit.caller_number, QueueVisit.connected_at).where(*served)))
    positions = _positions(visits, {one.callback_id: one.asked_at for group in asked.values() for one in group})
    rows = tuple(
        _row(visit, positions[visit.visit_id], calls, talks, asked, tz)
        for visit in sorted(left, key=lambda one: (one.ended_at, one.visit_id))
    )
    return Report(f"Abandoned {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def _visits(session: Session, start: datetime, end: datetime) -> Sequence[Visit]:
    columns = [getattr(QueueVisit, name) for name in (*_READ, *_RANK)]
    arrived = (QueueVisit.arrived_at >= start, QueueVisit.arrived_at < end)
    return session.execute(select(*columns).where(*arrived, QueueVisit.entered_via != "consult")).all()


def _callbacks(session: Session) -> Mapping[str, Sequence[Any]]:
    columns = (Callback.callback_id, Callback.number, Callback.asked_at, Callback.ended_at, Callback.outcome)
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for one in session.execute(select(*columns).order_by(Callback.asked_at, Callback.callback_id)):
        found[one.number or ""].append(one)
    return found


def _by_number(rows: Iterable[Any]) -> Moments:
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for number, moment in rows:
        found[number or ""].append(moment)
    return {number: sorted(moments) for number, moments in found.items()}


def _positions(visits: Sequence[Visit], callbacks: Mapping[str, datetime]) -> dict[str, int]:
    """By abandoned visit, its place in its queue's line as it left: the line is played through, in order of time.

    callbacks: by callback_id, which is the visit's too, since when it stands in the line in place of the one before.
    """
    news: list[tuple[datetime, int, tuple[Any, ...], Visit]] = []
    for visit in visits:
        rank = (-visit.priority, visit.arrived_at - timedelta(seconds=visit.head_start_seconds), visit.visit_id)
        came, gone = callbacks.get(visit.visit_id, visit.arrived_at), visit.connected_at or visit.ended_at
        if gone is None or gone >= came:
            news.append((came, 1, rank, visit))
        if gone is not None:
            news.append((gone, 0 if gone > came else 2, rank, visit))
    lines: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    found: dict[str, int] = {}
    for _, kind, rank, visit in sorted(news, key=lambda one: (one[0], one[1], one[2])):
        line = lines[visit.queue or ""]
        if kind == 1:
            insort(line, rank)
        elif (place := bisect_left(line, rank)) < len(line) and line[place] == rank:
            del line[place]
            found[visit.visit_id] = place + 1
    return found


def _row(
    visit: Visit, position: int, calls: Moments, talks: Moments, asked: Mapping[str, Sequence[Any]], tz: tzinfo
) -> tuple[Cell, ...]:
    number = visit.caller_number or ""
    called_again, served, callback = None, None, None
    if number:
        called_again, served = _after(calls, number, visit.ended_at), _after(talks, number, visit.ended_at)
        since = (one for one in asked.get(number, ()) if one.ended_at is None or one.ended_at > visit.ended_at)
        callback = next((one.outcome or "open" for one in since), None)
    waits = called_again or served or callback == "open"
    return (
        visit.ended_at.astimezone(tz),
        visit.caller_number,
        visit.queue,
        tenths(visit.wait_seconds or 0.0),
        position,
        visit.outcome,
        called_again and called_again.astimezone(tz),
        served and served.astimezone(tz),
        callback,
        "yes" if number and not waits else "no",
        visit.call_id,
    )


def _after(moments: Moments, number: str, moment: datetime) -> datetime | None:
    found = moments.get(number, ())
    place = bisect_right(found, moment)
    return found[place] if place < len(found) else None
