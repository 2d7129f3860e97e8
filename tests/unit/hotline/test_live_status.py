"""`hotline status` against an ACD that answers as agreed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from hotline.live_status import AcdSilent, ask, get_status, print_tables, seconds

FLOOR = {
    "queues": [{"queue": "orders", "waiting": 2, "longest_wait_seconds": 75.4}],
    "agents": [
        {
            "agent_id": "1001",
            "name": "王芳",
            "state": "not_ready",
            "reason": "lunch",
            "since_seconds": 5.0,
            "visit_id": None,
        }
    ],
    "calls": [],
}


@pytest.fixture
async def acd(tmp_path: Path) -> AsyncIterator[Path]:
    """A unix socket on which GET /status answers."""

    async def status(_: web.Request) -> web.Response:
        return web.json_response(FLOOR)

    app = web.Application()
    app.router.add_get("/status", status)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "acd.sock")).start()
    yield tmp_path / "acd.sock"
    await runner.cleanup()


async def test_floor_comes_over_the_unix_socket(acd: Path) -> None:
    """What the ACD answers to GET /status is what --json prints."""
    assert await get_status(acd) == FLOOR


def test_silence_is_one_sentence(tmp_path: Path) -> None:
    """Without an ACD the message asks whether `hotline up` runs."""
    with pytest.raises(AcdSilent, match="is `hotline up` running"):
        ask(tmp_path / "acd.sock")


def test_tables_show_every_fact_and_say_when_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Queues and agents are shown with waits as minutes; no calls are `no calls`."""
    print_tables(FLOOR)
    shown = capsys.readouterr().out
    assert all(words in shown for words in ("orders", "1:15", "王芳", "not_ready", "lunch", "0:05", "no calls"))


def test_seconds() -> None:
    """Whole minutes and seconds; a dash where nothing was measured."""
    assert [seconds(value) for value in (None, 0, 59.9, 60, 3_600)] == ["-", "0:00", "0:59", "1:00", "60:00"]
