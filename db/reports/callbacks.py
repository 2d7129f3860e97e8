"""What became of those who hung up to be called: asked, reached, given up; beside it, every attempt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

from sqlalchemy import Engine, Row, select
from sqlalchemy.orm import Session

from db.moments import seconds_between
from db.reports.report import Cell, Report, mean, percent, percentile, span_text
from db.schema import Callback, CallbackAttempt

SERVICE_SECONDS = 1800.0
"""A promise to call is kept within half an hour: nobody stands by the phone as somebody on the line does."""
UNKNOWN = "(unknown)"
ATTEMPT_OUTCOMES = ("answered", "no_answer", "busy", "unreachable", "agent_left", "forbidden", "cancelled", "error")

Asked = Row[Any]
Attempts = Counter[str]
"""Number of attempts by callback_id."""
Measure = Callable[[Sequence[Asked], Attempts], Cell]


def callbacks(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC) -> Report:
    """Per day of `tz` and per queue: every callback that was asked for in [start, end); beside it their attempts."""
    columns = (Callback.callback_id, Callback.queue, Callback.asked_at, Callback.ended_at, Callback.outcome)
    asked = (Callback.asked_at >= start, Callback.asked_at < end)
    with Session(engine) as session:
        found = cast(Sequence[Asked], session.execute(select(*columns).where(*asked)).all())
        made = _attempts(session, select(Callback.callback_id).where(*asked))
    counts = Counter(callback_id for callback_id, _ in made)
    queue_of = {one.callback_id: _place(one, tz) for one in found}
    groups: defaultdict[tuple[str, str], list[Asked]] = defaultdict(list)
    for one in found:
        groups[queue_of[one.callback_id]].append(one)
    in_order = sorted(groups.items())
    rows = tuple((*key, *(measure(group, counts) for measure in COLUMNS.values())) for key, group in in_order)
    span = span_text(start.astimezone(tz), end.astimezone(tz))
    attempts = _attempt_report(((queue_of[callback_id], outcome) for callback_id, outcome in made), span)
    return Report(f"Callbacks {span}", ("day", "queue", *COLUMNS), rows, DEFINITIONS, (attempts,))


def _place(one: Asked, tz: tzinfo) -> tuple[str, str]:
    return f"{one.asked_at.astimezone(tz):%Y-%m-%d}", one.queue or UNKNOWN


def _attempts(session: Session, chosen: Any) -> Sequence[tuple[str, str]]:
    query = select(CallbackAttempt.callback_id, CallbackAttempt.outcome).where(CallbackAttempt.callback_id.in_(chosen))
    return [(callback_id, outcome or "open") for callback_id, outcome in session.execute(query)]


def _count(outcome: str | None) -> Measure:
    return lambda asked, _made: sum(one.outcome == outcome for one in asked)


def _waits(asked: Sequence[Asked]) -> list[float]:
    return [seconds_between(one.asked_at, one.ended_at) for one in asked if one.outcome == "answered"]


def _service_level(asked: Sequence[Asked], made: Attempts) -> Cell:
    waits = _waits(asked)
    given_up = sum(one.outcome == "callback_failed" for one in asked)
    return percent(sum(wait <= SERVICE_SECONDS for wait in waits), len(waits) + given_up)


COLUMNS: dict[str, Measure] = {
    "asked": lambda asked, _made: len(asked),
    "answered": _count("answered"),
    "failed": _count("callback_failed"),
    "cancelled": _count("callback_cancelled"),
    "open": _count(None),
    "attempts": lambda asked, made: sum(made[one.callback_id] for one in asked),
    "service_level_percent": _service_level,
    "wait_mean_seconds": lambda asked, _made: mean(_waits(asked)),
    "wait_p95_seconds": lambda asked, _made: percentile(_waits(asked), 0.95),
}
DEFINITIONS = (
    "day: on which the caller asked; a number that asks again while it waits to be called counts once",
    "answered: the caller was reached; failed: not in as many attempts as the queue grants; cancelled: taken back, or "
    "the caller rang in again",
    "open: waiting to be called when the report was made",
    "attempts: times that a caller's phone was called",
    f"service_level_percent: answered within {SERVICE_SECONDS:g} s of asking / (answered + failed); apart from that of "
    "callers on the line",
    "wait_mean_seconds, wait_p95_seconds: of those answered, from asking until they were reached",
)


def _attempt_report(made: Iterable[tuple[tuple[str, str], str]], span: str) -> Report:
    kinds: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for key, outcome in made:
        kinds[key][outcome] += 1
    counted = (*ATTEMPT_OUTCOMES, "open")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*key, *(found[outcome] for outcome in counted)) for key, found in sorted(kinds.items())
    )
    definitions = (
        "agent_left: the agent hung up before the caller answered; it counts as none of the queue's attempts",
        "error: nobody saw how it ended",
    )
    return Report(f"Attempts {span}", ("day", "queue", *counted), rows, definitions)
