"""`hotline records`: the process that owns the database: its schema, the shop's demo orders, and every record."""

import logging
import signal
import threading
from datetime import UTC, datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from db.engine import open_engine
from db.migrate import upgrade
from db.retire_recordings import retire_recordings
from db.writer import RecordsWriter
from hotline.readiness import announce_ready
from hotline.serving import collect_seldom
from hotline.settings import Settings, load
from hotline.state import State
from shop.seed import seed

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
FIRST_RETIRE_SECONDS = 60.0
RETIRE_SECONDS = 3600.0


def main(state: State) -> None:
    """Run until SIGTERM. A database that is away delays the records, never the calls: they stay in the journals."""
    settings = load(state)
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    away = _prepare(settings)
    if away:
        log.warning("the database is away, the journals keep the records cause=%s", away)
    announce_ready()
    while away and not stop.wait(RETRY_SECONDS):
        away = _prepare(settings)
    janitor = threading.Thread(target=_retire_until, args=(settings, state, stop), name="recordings", daemon=True)
    janitor.start()
    collect_seldom()
    RecordsWriter(settings.database_url, state.journal, state.legs).run(stop)


def _retire_until(settings: Settings, state: State, stop: threading.Event) -> None:
    """Delete the recordings whose days are over, where the site says how many, until `stop` is set."""
    delay = FIRST_RETIRE_SECONDS
    while not stop.wait(delay):
        delay = RETIRE_SECONDS
        days = _recordings_days(state)
        if days is not None:
            _retire(settings, state, days)


def _recordings_days(state: State) -> int | None:
    """What the running site says; a folder that is no site deletes nothing."""
    from dialplan.loader import SiteInvalid  # its libraries are not to be waited for at the start
    from hotline import compiled

    try:
        return compiled.read(state.current).recordings_days
    except SiteInvalid as fault:
        log.error("recordings are kept: %s", str(fault).splitlines()[0])
        return None


def _retire(settings: Settings, state: State, days: int) -> None:
    engine = open_engine(settings.database_url, writing=True)
    try:
        if retired := retire_recordings(engine, state.recordings, days, datetime.now(UTC)):
            log.info("recordings deleted number=%d older_than_days=%d", retired, days)
    except (OSError, OperationalError) as fault:
        log.error("recordings cannot be deleted, tried again in an hour cause=%s", fault)
    finally:
        engine.dispose()


def _prepare(settings: Settings) -> str | None:
    """Bring the schema and the demo orders up to date; returns why not, when the database cannot be reached."""
    try:
        upgrade(settings.database_url)
        if settings.demo_orders:
            _seed_orders(settings.database_url)
    except OperationalError as refusal:
        return str(refusal.orig).splitlines()[0]
    return None


def _seed_orders(database_url: str) -> None:
    engine = open_engine(database_url, writing=True)
    try:
        seed(sessionmaker(engine))
    finally:
        engine.dispose()
