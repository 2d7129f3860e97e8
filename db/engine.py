"""Open the database of a URL the way every part of Hotline needs it."""

from __future__ import annotations

from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_BUSY_SECONDS = 10
POSTGRESQL_CONNECT_SECONDS = 5


def normalise(url: str | URL) -> URL:
    """`postgresql://` and `postgres://` mean psycopg 3; every other URL stays as it is.

    Raises sqlalchemy.exc.ArgumentError when `url` is none: the operator's mistake.
    """
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in ("postgresql", "postgres") else parsed


def open_engine(url: str | URL, *, writing: bool = False) -> Engine:
    """An engine for `url`; `writing` makes each of its SQLite transactions take the write lock at once.

    Without that lock two SQLite transactions that read before they write can fail in the middle, and no busy timeout
    helps. Nothing is connected yet: a database that is down shows at the first use.
    """
    parsed = normalise(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, "BEGIN IMMEDIATE" if writing else "BEGIN")
    # Pre-ping: a server that was restarted costs a reconnect, not a failed report.
    return create_engine(
        parsed, pool_pre_ping=True, pool_size=2, connect_args={"connect_timeout": POSTGRESQL_CONNECT_SECONDS}
    )


def _sqlite(url: URL, begin: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _set_pragmas(connection)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set_pragmas(connection: DBAPIConnection) -> None:
    """Settings of one SQLite connection.

    synchronous=NORMAL: with WAL a power cut can lose the last transactions but never corrupt the file; the journal
    position is in the same transaction, so the lost lines are applied again. foreign_keys: SQLite leaves them off.
    """
    assert isinstance(connection, SqliteConnection)
    # The driver must not begin transactions by itself: it would do so after the first read, and never before DDL.
    connection.isolation_level = None
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
