"""`hotline records`: the process that owns the database: its schema, the shop's demo orders, and every record."""

import logging
import signal
import threading

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from db.engine import open_engine
from db.migrate import upgrade
from db.writer import RecordsWriter
from hotline.readiness import announce_ready
from hotline.settings import Settings, load
from hotline.state import State
from shop.seed import seed

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


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
    RecordsWriter(settings.database_url, state.journal, state.legs).run(stop)


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
