"""The records of a soak."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.schema import Call, Callback, CallbackAttempt, Offer, QueueVisit


@dataclass(frozen=True)
class Rows:
    """All rows of the tables that the phones can bear witness to."""

    calls: Sequence[Call]
    visits: Sequence[QueueVisit]
    offers: Sequence[Offer]
    callbacks: Sequence[Callback] = field(default_factory=tuple)
    attempts: Sequence[CallbackAttempt] = field(default_factory=tuple)


def read_rows(engine: Engine) -> Rows:
    """Read everything; the database is a house's own, so all of it is this run's."""
    tables = (Call, QueueVisit, Offer, Callback, CallbackAttempt)
    with Session(engine, expire_on_commit=False) as session:
        return Rows(*(session.scalars(select(table)).all() for table in tables))


def epoch(moment: datetime) -> float:
    """In epoch seconds, as the phones' logs have it."""
    return moment.timestamp()
