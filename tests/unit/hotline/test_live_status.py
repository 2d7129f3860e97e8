"""`hotline status` against an ACD that answers as agreed."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from acd.events import OfferAnswered
from acd.status_api import StatusApi
from hotline.live_status import TABLES, AcdSilent, ask, get_status, print_tables, seconds
from tests.unit.acd.shell import Desk

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
async def acd(tmp_path: Path) -> AsyncIterator[StatusApi]:
    """An ACD in which agent 1001 talks to zhang and li waits, asked on `acd.sock`."""
    desk = Desk()
    desk.see_phones()
    desk.ready("1001")
    desk.join("zhang")
    desk.distributor.post(OfferAnswered("zhang", "1001"))
    desk.join("li")
    desk.distributor.faults.tell("recording not_written", "2026/11/22/zhang: is the disk full?")
    act = {"act_id": "a", "supervisor_id": "1002", "agent_id": "1001", "visit_id": "zhang", "mode": "listen"}
    desk.distributor.record("SUPERVISE", **act, channel_id="leg", refused="")
    desk.distributor.record("PINLOCK", kind="phone", name="2001", until=time.time() + 60)
    api = StatusApi(desk.distributor, tmp_path / "acd.sock")
    await api.start()
    yield api
    await api.close()


async def test_floor_comes_over_the_unix_socket(acd: StatusApi, tmp_path: Path) -> None:
    """The ACD itself tells of its queues, agents and calls, to its own user alone."""
    floor = await get_status(tmp_path / "acd.sock")
    queue, _ = floor["queues"]
    assert (queue["queue"], queue["waiting"], queue["talking"]) == ("orders", 1, 1)
    assert [(one["agent_id"], one["state"], one["visit_id"]) for one in floor["agents"]] == [
        ("1001", "on_call", "zhang"),
        ("1002", "logged_off", None),
    ]
    assert [(one["visit_id"], one["state"], one["agent_ids"]) for one in floor["calls"]] == [
        ("zhang", "connected", ["1001"]),
        ("li", "waiting", []),
    ]
    assert (tmp_path / "acd.sock").stat().st_mode & 0o777 == 0o600


async def test_every_column_that_is_shown_is_told(acd: StatusApi, tmp_path: Path) -> None:
    """No column asks for a field that the ACD does not have."""
    floor = await get_status(tmp_path / "acd.sock")
    for name, columns in TABLES.items():
        assert {field for _, field, _ in columns} <= floor[name][0].keys()


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


async def test_the_running_engine_is_asked_why(acd: StatusApi, tmp_path: Path) -> None:
    """GET /why/VISIT_ID says what keeps a caller waiting now; who is in no queue is not found."""
    connector = aiohttp.UnixConnector(str(tmp_path / "acd.sock"))
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get("http://acd/why/li") as answer:
            told = await answer.json()
        async with session.get("http://acd/why/nobody") as answer:
            assert answer.status == 404
    assert told["caller"]["visit_id"] == "li"
    assert {one["agent_id"]: one["against"][0]["word"] for one in told["candidates"]} == {
        "1001": "not_ready",
        "1002": "not_ready",
    }
