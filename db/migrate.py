"""Bring a database to the newest schema; safe when several processes do it at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, make_url, text

from db.engine import open_engine

SCRIPTS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x686F746D  # any number that no other program takes an advisory lock on


def upgrade(url: str | URL) -> None:
    """Create or migrate the schema at `url`, in one transaction; nothing happens when it is the newest.

    Whoever comes second waits for the first and then finds the work done. Raises sqlalchemy.exc.OperationalError when
    the database cannot be reached and alembic.util.CommandError when it is newer than this program; the schema is then
    as it was.
    """
    with _sqlite_file_prepared(url):
        engine = open_engine(url, writing=True)
        try:
            with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                command.upgrade(configuration(connection), "head")
        finally:
            engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for that connection; there is no alembic.ini, so it works from any folder."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _sqlite_file_prepared(url: str | URL) -> Iterator[None]:
    """Hold a lock beside the SQLite file and put the file into WAL mode, which it then keeps.

    WAL lets reports read while the writer writes. The change of mode fails at once when another process has the file
    open in the middle of the same change, whatever the busy timeout says: hence a lock of our own.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        yield
        return
    path = Path(str(parsed.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _set_wal(parsed)
        yield


def _set_wal(url: URL) -> None:
    engine = open_engine(url)
    # Below SQLAlchemy's transactions: inside one the mode cannot be changed.
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()
    finally:
        raw.close()
        engine.dispose()
