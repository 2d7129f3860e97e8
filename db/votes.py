"""Votes of callers: one of each number in each ballot, the first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.schema import Base


class Vote(Base):
    """What one number has voted for."""

    __tablename__ = "votes"
    __table_args__ = (Index(None, "voted_at"),)

    ballot: Mapped[str] = mapped_column(primary_key=True)
    caller_number: Mapped[str] = mapped_column(primary_key=True)
    choice: Mapped[str]
    call_id: Mapped[str]
    step_id: Mapped[str]
    """The step in which it was cast: told twice it is the same vote."""
    voted_at: Mapped[datetime]


def step_of_vote(engine: Engine, ballot: str, caller_number: str) -> str | None:
    """The step in which this number has voted; None where it has not.

    Raises sqlalchemy.exc.SQLAlchemyError when the database is away.
    """
    with Session(engine) as session:
        query = select(Vote.step_id).where(Vote.ballot == ballot, Vote.caller_number == caller_number)
        return session.scalar(query)
