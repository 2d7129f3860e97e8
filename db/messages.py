"""Messages that callers have left: what was recorded, and the faxes that came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.schema import Base, Call


class Message(Base):
    """One file that a caller has left, or may have left."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "begun_at"), Index(None, "call_id"))

    file: Mapped[str] = mapped_column(primary_key=True)
    """Below the folder of messages, `2026/11/22/<call>-<step>.wav` or `.tif`."""
    call_id: Mapped[str]
    kind: Mapped[str]
    """`voice_mail`, `complaint`, `comment` or `fax`."""
    node: Mapped[str]
    """Where it was left, `menu.node`."""
    caller_number: Mapped[str]
    language: Mapped[str]
    begun_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    """None: it was begun, and whoever could have told of its end died; the file may hold what was said until then."""
    dropped_at: Mapped[datetime | None]
    """It is none: too short, or the caller took it back; the file is deleted."""
    seconds: Mapped[float | None]
    """Of sound; None of a fax."""
    pages: Mapped[int | None]
    done_at: Mapped[datetime | None]
    """Somebody has seen to it."""
    done_by: Mapped[str | None]


def messages_left(engine: Engine, *, every: bool = False) -> Sequence[Message]:
    """What callers have left that nobody has seen to, the oldest first; `every`: what was seen to as well.

    A message whose end nobody told counts once the call is over.
    """
    over = select(Call.call_id).where(Call.ended_at.is_not(None))
    left = (Message.dropped_at.is_(None), Message.left_at.is_not(None) | Message.call_id.in_(over))
    undone = () if every else (Message.done_at.is_(None),)
    with Session(engine, expire_on_commit=False) as session:
        return session.scalars(select(Message).where(*left, *undone).order_by(Message.begun_at, Message.file)).all()


def mark_done(engine: Engine, file: str, by: str, now: datetime) -> bool:
    """Note that somebody has seen to a message; the first to do so stands. False: there is no such message."""
    with Session(engine) as session, session.begin():
        message = session.get(Message, file)
        if message is None or message.dropped_at is not None:
            return False
        if message.done_at is None:
            message.done_at, message.done_by = now, by
        return True
