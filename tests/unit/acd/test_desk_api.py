"""The desk over HTTP: what is answered, and what is streamed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd import desk_api
from acd.desk import Desk
from acd.desk_api import DeskApi
from acd.status_api import StatusApi
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import QUEUE
from tests.unit.acd.shell import Desk as Room


class Client:
    """An HTTP client on the socket of one room's desk."""

    def __init__(self, room: Room, session: aiohttp.ClientSession) -> None:
        self.room = room
        self.session = session

    async def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """GET the path, or POST the body, text as it is and anything else as JSON."""
        url = f"http://acd{path}"
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        async with self.session.get(url) if body is None else self.session.post(url, data=data) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    room = Room(replace(floor_of({"1001": {}, "1002": {}}, QUEUE), phones=frozenset({"2001"})))
    room.see_phones()
    api = DeskApi(Desk(room.distributor, ["lunch"]), room.distributor)
    status = StatusApi(room.distributor, tmp_path / "acd.sock", api.add_to)
    await status.start()
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(tmp_path / "acd.sock"))) as session:
        yield Client(room, session)
    await status.close()


async def test_agents_are_shown_and_moved(client: Client) -> None:
    """A list, one agent, and what an action has come to."""
    status, everyone = await client.ask("/agents")
    assert (status, [one["agent_id"] for one in everyone]) == (200, ["1001", "1002"])
    status, granted = await client.ask("/agents/1001/log_in", {"phones": ["2001"]})
    assert (status, granted["when"], granted["agent"]["phones"]) == (200, "now", ["2001"])
    for action, body, state in (
        ("ready", {}, "ready"),
        ("not_ready", {"reason": "lunch"}, "not_ready"),
        ("log_off", "", "logged_off"),
    ):
        status, granted = await client.ask(f"/agents/1001/{action}", body)
        assert (status, granted["agent"]["state"]) == (200, state)
    assert (await client.ask("/agents/1001"))[1]["state"] == "logged_off"


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("/agents/1009", None, 404, "unknown_agent"),
        ("/agents/1009/ready", {}, 404, "unknown_agent"),
        ("/agents/1001/dance", {}, 404, "unknown_action"),
        ("/agents/1001/wrap_up", {}, 409, "logged_off"),
        ("/agents/1001/disposition", {"code": "1"}, 409, "unknown_disposition"),
        ("/agents/1001/log_in", {"phones": ["2009"]}, 409, "unknown_phone"),
        ("/agents/1001/not_ready", {"reason": "nap"}, 422, "unknown_reason"),
        ("/agents/1001/not_ready", {"reason": 7}, 422, "not_understood"),
        ("/agents/1001/disposition", {}, 422, "not_understood"),
        ("/agents/1001/log_in", {"phones": "2001"}, 422, "not_understood"),
        ("/agents/1001/log_in", {"phones": [""]}, 422, "not_understood"),
        ("/agents/1001/ready", "{", 422, "not_understood"),
        ("/agents/1001/ready", "[]", 422, "not_understood"),
    ],
)
async def test_faults_are_told_and_change_nothing(client: Client, path: str, body: Any, status: int, word: str) -> None:
    """Who asks for what is not there, cannot be, or says nothing sensible is told which of these it is."""
    answered, told = await client.ask(path, body)
    assert (answered, told["error"]) == (status, word)
    assert told["message"]
    assert client.room.journal.lines == []


async def next_line(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(5):
        line: dict[str, Any] = json.loads(await answer.content.readline())
        return line


async def test_events_begin_with_a_picture_and_go_on(client: Client) -> None:
    """A listener knows all agents first, then each change; records about nothing of agents are not told."""
    async with client.session.get("http://acd/events") as answer:
        picture = await next_line(answer)
        assert [one["agent_id"] for one in picture["agents"]] == ["1001", "1002"]
        client.room.join("zhang")
        client.room.ready("1001")
        told = [await next_line(answer) for _ in range(3)]
        assert [line["verb"] for line in told] == ["AGENTSTATE", "AGENTSTATE", "OFFER"]
        assert told[1]["state"] == "offered"


async def test_who_does_not_keep_up_is_let_go(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backlog of a listener is bounded, and so is their number; neither costs a call anything."""
    monkeypatch.setattr(desk_api, "BACKLOG_MAX", 2)
    monkeypatch.setattr(desk_api, "LISTENERS_MAX", 1)
    async with client.session.get("http://acd/events") as answer:
        await next_line(answer)
        async with client.session.get("http://acd/events") as second:
            assert second.status == 503
        for _ in range(3):
            client.room.ready("1001")
            client.room.distributor.record("AGENTWISH", agent_id="1001", state="ready", reason="")
        rest = await answer.content.read()
    assert len(rest.splitlines()) == 2
