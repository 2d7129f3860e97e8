"""One row per call: who rang, which way they went, who answered and how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from db.reports.report import Cell, Report, span_text, tenths
from db.schema import Call, IvrStep, QueueVisit

COLUMNS = (
    *("started_at", "caller_number", "called_number", "language", "ivr_path", "queue"),
    *("wait_seconds", "agent_id", "talk_seconds", "hold_seconds", "transferred_to", "outcome", "ended_at", "call_id"),
)
DEFINITIONS = (
    "started_at, ended_at: first sight of the call, hang-up of the caller's own channel; empty while it lasts",
    "language: the caller's last choice",
    "ivr_path: the nodes of the menus in the order in which the caller went through them",
    "queue, agent_id: of every visit of the call, in order",
    "wait_seconds: sum over the visits, entry to the queue until connect, or until the end without one",
    "talk_seconds: sum over the visits, connect until hang-up, hold and consults included",
    "hold_seconds: of them, those in which the caller was on hold or the agent consulted somebody",
    "transferred_to: where agents sent the caller, in order: queue, agent, menu.node or number outside; an agent's own "
    "consult is no visit of the call",
    "outcome: of the last visit; without a visit self_served, left_in_menu, switch_lost, or "
    "abandoned_waiting (sent to a queue while the ACD was away); open while the call lasts",
)


def calls(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC) -> Report:
    """Every call that began in [start, end), oldest first, with times in `tz`; `start` and `end` are aware."""
    began = (Call.started_at >= start, Call.started_at < end)
    with Session(engine) as session:
        found = session.scalars(select(Call).where(*began).order_by(Call.started_at, Call.call_id)).all()
        chosen = select(Call.call_id).where(*began)
        paths = _paths(session, chosen)
        visits = _visits(session, chosen)
    rows = tuple(_row(call, paths[call.call_id], visits[call.call_id], tz) for call in found)
    return Report(f"Calls {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def _row(call: Call, path: Sequence[str], visits: Sequence[QueueVisit], tz: tzinfo) -> tuple[Cell, ...]:
    waits = [visit.wait_seconds for visit in visits if visit.wait_seconds is not None]
    talks = [visit.talk_seconds for visit in visits if visit.talk_seconds is not None]
    return (
        call.started_at.astimezone(tz),
        call.caller_number,
        call.called_number,
        call.language,
        " > ".join(path),
        " > ".join(visit.queue or "" for visit in visits),
        tenths(sum(waits)) if waits else None,
        " > ".join(visit.agent_id for visit in visits if visit.agent_id),
        tenths(sum(talks)) if talks else None,
        tenths(sum(visit.hold_seconds + visit.consult_seconds for visit in visits)) if talks else None,
        " > ".join(visit.destination for visit in visits if visit.destination),
        call.outcome or "open",
        call.ended_at.astimezone(tz) if call.ended_at else None,
        call.call_id,
    )


def _paths(session: Session, chosen: Select[str]) -> defaultdict[str, list[str]]:
    query = select(IvrStep.call_id, IvrStep.menu, IvrStep.node).where(IvrStep.call_id.in_(chosen))
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for step in session.execute(query.order_by(IvrStep.started_at, IvrStep.ended_at, IvrStep.step_id)):
        paths[step.call_id].append(f"{step.menu}.{step.node}")
    return paths


def _visits(session: Session, chosen: Select[str]) -> defaultdict[str, list[QueueVisit]]:
    query = select(QueueVisit).where(QueueVisit.call_id.in_(chosen), QueueVisit.entered_via != "consult")
    visits: defaultdict[str, list[QueueVisit]] = defaultdict(list)
    for visit in session.scalars(query.order_by(QueueVisit.arrived_at, QueueVisit.visit_id)):
        visits[visit.call_id or ""].append(visit)
    return visits
