"""Lists: which talks were recorded, and what supervisors did."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from db.moments import seconds_between
from db.oversight import Recording, RecordingPause, SupervisorAct
from db.reports.report import Report, span_text, tenths
from db.schema import QueueVisit

RECORDING_COLUMNS = (
    *(
        "started_at",
        "queue",
        "agent_id",
        "caller_number",
        "seconds",
        "pauses",
        "fault",
        "deleted_at",
        "visit_id",
        "file",
    ),
)
RECORDING_DEFINITIONS = (
    "One row for each recording that began in the span; the agent is on the left channel, the caller on the right.",
    "seconds: of sound; empty while it is being made; pauses: stretches of silence for card data",
    "fault: not_written, short or unfinished where the disk would not take it; deleted_at: when its days were over",
    "file: below the folder `recordings` of the state folder",
)
ACT_COLUMNS = (*("started_at", "supervisor_id", "mode", "agent_id", "seconds", "refused", "route", "visit_id"),)
ACT_DEFINITIONS = (
    "One row for each act of a supervisor in the span, and for each that was refused, with the reason.",
    "seconds: how long it lasted; empty while it does. A change of mode by key ends one act and begins another.",
)


def recordings(
    engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None
) -> Report:
    """Recordings that began in [start, end), oldest first; `now` is not needed."""
    columns = (Recording, QueueVisit.queue, QueueVisit.caller_number)
    query = select(*columns).outerjoin(QueueVisit, QueueVisit.visit_id == Recording.visit_id)
    within = query.where(Recording.started_at >= start, Recording.started_at < end)
    with Session(engine) as session:
        paused = select(RecordingPause.file, func.count()).where(RecordingPause.started_at >= start)
        counted = paused.group_by(RecordingPause.file)
        pauses = {row[0]: int(row[1]) for row in session.execute(counted)}
        rows = tuple(
            (
                row.started_at.astimezone(tz), queue, row.agent_id or None, caller_number, tenths(row.seconds),
                pauses.get(row.file, 0), row.fault, row.deleted_at and row.deleted_at.astimezone(tz),
                row.visit_id, row.file,
            )
            for row, queue, caller_number in session.execute(within.order_by(Recording.started_at, Recording.file))
        )  # fmt: skip
    title = f"Recordings {span_text(start.astimezone(tz), end.astimezone(tz))}"
    return Report(title, RECORDING_COLUMNS, rows, RECORDING_DEFINITIONS)


def supervision(
    engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None
) -> Report:
    """Acts of supervisors that began in [start, end), oldest first; `now` is not needed."""
    query = select(SupervisorAct).where(SupervisorAct.started_at >= start, SupervisorAct.started_at < end)
    with Session(engine) as session:
        rows = tuple(
            (
                act.started_at.astimezone(tz), act.supervisor_id, act.mode, act.agent_id,
                None if act.ended_at is None else tenths(seconds_between(act.started_at, act.ended_at)),
                act.refused, act.route, act.visit_id,
            )
            for act in session.scalars(query.order_by(SupervisorAct.started_at, SupervisorAct.act_id))
        )  # fmt: skip
    title = f"Supervision {span_text(start.astimezone(tz), end.astimezone(tz))}"
    return Report(title, ACT_COLUMNS, rows, ACT_DEFINITIONS)
