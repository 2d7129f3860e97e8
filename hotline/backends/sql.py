"""A backend that is a database: one statement, whose inputs the database binds.

What only reads cannot write, whatever the statement says: PostgreSQL and SQLite see to it. Time is limited where it
passes: in the statement, for a thread that waits for one cannot be stopped.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from db.done_actions import Undone, do_once, prepare
from db.engine import open_engine
from dialplan.backends import SqlBackend
from ivr.actions import Reply
from ivr.backends import Request, fields_of

_STEPS_BETWEEN_LOOKS = 5_000
"""of SQLite's virtual machine: less than a millisecond"""


class Database:
    """One database, for reading and for actions."""

    def __init__(self, reading: str, writing: str, *, own: bool) -> None:
        self._reader = open_engine(reading)
        self._writer = open_engine(writing, writing=True)
        self._prepared = own
        if self._reader.dialect.name == "sqlite":
            event.listen(self._reader, "connect", _read_only)

    def read(self, backend: SqlBackend, request: Request) -> Reply:
        """Raises sqlalchemy.exc.SQLAlchemyError, AnswerUnusable."""
        with self._reader.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION READ ONLY"))
            row = _first_row(connection, backend, request.inputs)
            return Reply("not_found") if row is None else Reply("found", fields_of(row, request.fields))

    def act(self, backend: SqlBackend, request: Request) -> tuple[Reply, bool]:
        """The reply, and whether it is that of an earlier try. What a constraint of a table forbids is refused.

        Raises sqlalchemy.exc.SQLAlchemyError, AnswerUnusable; nothing is then written.
        """
        self._prepare()

        def act(connection: Connection) -> Mapping[str, str]:
            row = _first_row(connection, backend, request.inputs)
            if row is None:
                raise Undone
            return fields_of(row, request.fields)

        try:
            fields, before = do_once(self._writer, request.key, request.backend, act)
        except Undone:
            return Reply("not_found"), False
        except IntegrityError:
            return Reply("refused"), False
        return Reply("found", fields), before

    def dispose(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    def _prepare(self) -> None:
        if not self._prepared:
            prepare(self._writer)
            self._prepared = True


def database_of(file: Path) -> Database:
    """The SQLite database in this file, which must be there. Nothing is opened yet."""
    return Database(*(f"sqlite:///file:{file}?mode={mode}&uri=true" for mode in ("ro", "rw")), own=False)


def _read_only(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _first_row(connection: Connection, backend: SqlBackend, inputs: Mapping[str, str]) -> Mapping[str, object] | None:
    """The first row; of a statement that gives no rows an empty one, if it changed something."""
    with _limited(connection, backend.timeout_seconds):
        result = connection.execute(text(backend.sql), dict(inputs))
        if not result.returns_rows:
            return {} if result.rowcount > 0 else None
        row = result.mappings().first()
        return None if row is None else dict(row)


class _limited:  # noqa: N801 - reads as a word of the with statement
    """Within it a statement ends after so long: with sqlalchemy.exc.OperationalError."""

    def __init__(self, connection: Connection, seconds: int) -> None:
        self._connection, self._seconds = connection, seconds
        self._driver = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None

    def __enter__(self) -> None:
        if self._driver is None:
            for limit in ("statement_timeout", "lock_timeout"):
                self._connection.execute(text(f"SET LOCAL {limit} = {self._seconds * 1000}"))
            return
        end = time.monotonic() + self._seconds
        self._driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)

    def __exit__(self, *_: object) -> None:
        if self._driver is not None:
            self._driver.set_progress_handler(None, 0)
