"""What callers left: voice mail, complaints, comments of surveys and faxes."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.messages import Message
from db.moments import seconds_between
from db.reports.report import Report, span_text, tenths

COLUMNS = (
    "begun_at",
    "kind",
    "caller_number",
    "language",
    "node",
    "state",
    "seconds",
    "pages",
    "hours_to_done",
    "file",
)
DEFINITIONS = (
    "state: new; done: somebody has seen to it; dropped: the caller took it back, or said nothing; "
    "unfinished: nobody told of its end, what was said until then may be in the file",
    "hours_to_done: from the end of the message until somebody had seen to it",
    "file: below the folder of messages",
)


def messages(
    engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None
) -> Report:
    """Messages begun in [start, end), the oldest first; `now` is not needed."""
    within = (Message.begun_at >= start, Message.begun_at < end)
    with Session(engine) as session:
        found = session.scalars(select(Message).where(*within).order_by(Message.begun_at, Message.file)).all()
        rows = tuple(
            (
                *(one.begun_at.astimezone(tz), one.kind, one.caller_number, one.language, one.node, state_of(one)),
                *(tenths(one.seconds), one.pages, _hours_to_done(one), one.file),
            )
            for one in found
        )
    return Report(f"Messages {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def state_of(message: Message) -> str:
    """What has become of it, in the report's words."""
    if message.dropped_at is not None:
        return "dropped"
    if message.done_at is not None:
        return "done"
    return "new" if message.left_at is not None else "unfinished"


def _hours_to_done(message: Message) -> float | None:
    if message.left_at is None or message.done_at is None:
        return None
    return round(seconds_between(message.left_at, message.done_at) / 3600, 1)
