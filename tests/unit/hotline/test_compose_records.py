"""`hotline records` as a process."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hotline.ports import HOST
from hotline.readiness import VARIABLE, ReadinessSocket
from hotline.settings import SHOP_SITE, settle
from hotline.state import State

CHECKOUT = Path(__file__).parents[3]


@contextmanager
def records(state: State) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once it has announced that it is ready."""
    listener = ReadinessSocket(state.folder / "notify")
    listener.socket.settimeout(30)
    command = [sys.executable, "-m", "hotline", "records", "--state", str(state.folder)]
    environment = {**os.environ, VARIABLE: str(listener.path)}
    with (state.folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stderr=log)
    try:
        assert listener.socket.recv(100) == b"READY=1"
        yield process
    finally:
        process.kill()
        process.wait()
        listener.close()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.delenv("HOTLINE_DATABASE", raising=False)
    made = State.at(tmp_path)
    made.make()
    return made


def test_schema_and_demo_orders_are_there_when_it_is_ready(state: State) -> None:
    """Once `hotline records` is ready the shop's database has its tables and orders; SIGTERM ends it with 0."""
    settle(state, SHOP_SITE, [])
    with records(state) as process:
        with closing(sqlite3.connect(state.database)) as database:
            assert database.execute("SELECT count(*) FROM orders").fetchone()[0] > 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_database_that_is_away_stops_nobody(state: State) -> None:
    """Without a database it is ready all the same, says once that the journals keep the records, and ends in order."""
    with socket.create_server((HOST, 0)) as nobody:
        port = nobody.getsockname()[1]
    settle(state, SHOP_SITE, [], database_url=f"postgresql://x@{HOST}:{port}/x")
    with records(state) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert (state.folder / "log.txt").read_text().count("the journals keep the records") >= 1
