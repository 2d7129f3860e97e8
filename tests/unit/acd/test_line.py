"""The line of waiting callers: what is shown of it over HTTP, and another place in it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd import line
from acd.events import OfferAnswered
from acd.line import Line
from acd.line_api import LineApi
from acd.model import Segment, Step
from acd.requirement import parse
from acd.status_api import StatusApi
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import QUEUE, Desk

STEPS = (Step(60.0, parse("spanish")), Step(90.0, reserve=True))
RULES = replace(QUEUE, skills={"orders": 5}, steps=STEPS)


class Client:
    """An HTTP client on the socket of one room's line: agent 1001 has orders, 1002 spanish."""

    def __init__(self, room: Desk, session: aiohttp.ClientSession) -> None:
        self.room = room
        self.session = session

    async def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """GET the path, or POST the body, text as it is and anything else as JSON."""
        url = f"http://acd{path}"
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        async with self.session.get(url) if body is None else self.session.post(url, data=data) as answer:
            return answer.status, await answer.json()

    async def order(self) -> list[str]:
        return [one["visit_id"] for one in (await self.ask("/callers"))[1]]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    floor = floor_of({"1001": {"orders": 5}, "1002": {"spanish": 1}}, RULES, replace(QUEUE, queue_id="parcels"))
    room = Desk(replace(floor, segments={"vip": Segment("vip", head_start_seconds=30.0)}))
    room.see_phones()
    status = StatusApi(room.distributor, tmp_path / "acd.sock", LineApi(Line(room.distributor)).add_to)
    await status.start()
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(tmp_path / "acd.sock"))) as session:
        yield Client(room, session)
    await status.close()


async def test_a_queue_shows_its_callers_in_the_order_of_their_places(client: Client) -> None:
    """Of each: what is asked for, step, segment, head start, place, the wait to come, and who could serve."""
    client.room.ready("1001")
    client.room.join("zhang")
    client.room.join("li")
    client.room.join("wang", segment="vip", waited_seconds=10.0)
    status, queue = await client.ask("/queues/orders")
    assert (status, queue["waiting"], queue["could_serve"], queue["free"]) == (200, 3, ["1001"], [])
    assert queue["requirement"] == "orders >= 5"
    wang, zhang, li = queue["callers"]
    assert [one["visit_id"] for one in (wang, zhang, li)] == ["wang", "zhang", "li"]
    assert (wang["segment"], wang["head_start_seconds"], wang["position"]) == ("vip", 30.0, 1)
    assert (zhang["state"], zhang["position"], zhang["estimate_seconds"]) == ("offered", None, None)
    assert (li["position"], li["could_serve"], li["free"]) == (2, ["1001"], [])
    assert li["estimate_seconds"] > wang["estimate_seconds"] > 0
    assert (wang["requirement"], wang["step"], wang["steps"]) == ("orders >= 5", 0, 2)
    assert 49.0 < wang["next_step_seconds"] <= 50.0


async def test_a_caller_whom_nobody_logged_in_can_serve_shows_it(client: Client) -> None:
    """Nobody could serve, and so nobody can say how long it will take; all steps have opened at once."""
    client.room.join("zhang")
    (zhang,) = (await client.ask("/callers"))[1]
    assert (zhang["could_serve"], zhang["estimate_seconds"]) == ([], None)
    assert (zhang["step"], zhang["next_step_seconds"]) == (2, None)


async def test_queues_are_counted(client: Client) -> None:
    """Who talks is not among those who wait."""
    client.room.ready("1001")
    client.room.join("zhang")
    client.room.distributor.post(OfferAnswered("zhang", "1001"))
    client.room.join("li")
    orders, parcels = (await client.ask("/queues"))[1]
    assert (orders["queue"], orders["waiting"], orders["talking"]) == ("orders", 1, 1)
    assert (parcels["queue"], parcels["waiting"], parcels["closed"]) == ("parcels", 0, False)
    assert await client.order() == ["li"]


async def test_no_more_are_shown_than_a_person_reads(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of the order; the count is of all."""
    monkeypatch.setattr(line, "SHOWN_MAX", 2)
    for name in ("zhang", "li", "wang"):
        client.room.join(name)
    told = (await client.ask("/queues/orders"))[1]
    assert (told["waiting"], [one["visit_id"] for one in told["callers"]]) == (3, ["zhang", "li"])


async def test_a_caller_is_given_another_place(client: Client) -> None:
    """By head start within the band, by priority before everybody; what is left out stays, and so does the wait."""
    for name in ("zhang", "li", "wang"):
        client.room.join(name)
    status, told = await client.ask("/callers/wa/rank", {"head_start_seconds": 60})
    assert (status, told["position"], told["head_start_seconds"], told["priority"]) == (200, 1, 60, 0)
    assert told["wait_seconds"] < 10
    assert (await client.ask("/callers/call-li/rank", {"priority": 3}))[1]["position"] == 1
    assert await client.order() == ["li", "wang", "zhang"]
    assert (await client.ask("/callers/wang/rank", {"priority": 3}))[1]["head_start_seconds"] == 60
    assert await client.order() == ["wang", "li", "zhang"]
    line_of_record = next(one for one in client.room.journal.lines if one["verb"] == "RERANK")
    assert (line_of_record["visit_id"], line_of_record["head_start_seconds"]) == ("wang", 60)


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("/queues/nowhere", None, 404, "unknown_queue"),
        ("/callers/nobody/rank", {"priority": 1}, 404, "unknown_caller"),
        ("/callers/call/rank", {"priority": 1}, 409, "several_callers"),
        ("/callers/zhang/rank", {"priority": 1}, 409, "caller_talks"),
        ("/callers/li/rank", {}, 422, "not_understood"),
        ("/callers/li/rank", "{", 422, "not_understood"),
        ("/callers/li/rank", "[]", 422, "not_understood"),
        ("/callers/li/rank", {"priority": 1001}, 422, "not_understood"),
        ("/callers/li/rank", {"priority": 1.5}, 422, "not_understood"),
        ("/callers/li/rank", {"priority": True}, 422, "not_understood"),
        ("/callers/li/rank", {"priority": "high"}, 422, "not_understood"),
        ("/callers/li/rank", {"head_start_seconds": -1}, 422, "not_understood"),
        ("/callers/li/rank", '{"head_start_seconds": NaN}', 422, "not_understood"),
    ],
)
async def test_faults_are_told_and_change_nothing(client: Client, path: str, body: Any, status: int, word: str) -> None:
    """Who asks for what is not there, cannot be, or says nothing sensible is told which of these it is."""
    client.room.ready("1001")
    client.room.join("zhang")
    client.room.distributor.post(OfferAnswered("zhang", "1001"))
    client.room.join("li")
    answered, told = await client.ask(path, body)
    assert (answered, told["error"]) == (status, word)
    assert told["message"]
    assert "RERANK" not in client.room.journal.verbs
