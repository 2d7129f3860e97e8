"""Actions of menus: done once, whatever is killed and tried again.

The key of an action is claimed in the transaction that does it, so both are there or neither; who comes with the same
key afterwards is given the first answer (as Stripe's API and draft-ietf-httpapi-idempotency-key-header do it). What
was refused has changed nothing, and is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import JSON, Connection, Engine, Index, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from db.schema import Base

KEPT_DAYS = 7
"""No call lasts as long, and a key is of one call."""


class DoneAction(Base):
    """An action that was done, and what its backend answered."""

    __tablename__ = "done_actions"
    __table_args__ = (Index(None, "done_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    backend: Mapped[str]
    answer: Mapped[dict[str, str]] = mapped_column(JSON)
    """The fields that the node takes, as text."""
    done_at: Mapped[datetime]


class Undone(Exception):
    """The action came to nothing: all of it is rolled back, its key as well."""


class _DoneBefore(Exception):
    """Its key is there already."""


def do_once(
    engine: Engine, key: str, backend: str, act: Callable[[Connection], Mapping[str, str]]
) -> tuple[Mapping[str, str], bool]:
    """Do it, unless this key has been; the answer, and whether it is of an earlier time.

    engine: takes the write lock of SQLite at once (`open_engine(writing=True)`).
    act: does it on this connection and gives the answer; `Undone`, or any other error, undoes it.

    Raises what `act` does, and sqlalchemy.exc.SQLAlchemyError; nothing is then changed.
    """
    try:
        with engine.begin() as connection:
            _claim(connection, key, backend)
            answer = dict(act(connection))
            connection.execute(update(DoneAction).where(DoneAction.key == key).values(answer=answer))
            return answer, False
    except _DoneBefore:
        with engine.connect() as connection:
            return connection.scalars(select(DoneAction.answer).where(DoneAction.key == key)).one(), True


def prepare(engine: Engine) -> None:
    """Make the table where it is missing: in a database that is not the hotline's own."""
    with engine.begin() as connection:
        Base.metadata.create_all(connection, tables=[Base.metadata.tables[DoneAction.__tablename__]])


def _claim(connection: Connection, key: str, backend: str) -> None:
    """On PostgreSQL this waits for a transaction that has claimed the key and is not at its end."""
    now = datetime.now(UTC)
    connection.execute(delete(DoneAction).where(DoneAction.done_at < now - timedelta(days=KEPT_DAYS)))
    try:
        connection.execute(insert(DoneAction).values(key=key, backend=backend, answer={}, done_at=now))
    except IntegrityError as there:
        raise _DoneBefore from there
