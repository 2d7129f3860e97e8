"""`hotline supervise` and `hotline recording` against the ACD's socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.oversight_api import OversightApi
from acd.status_api import StatusApi
from dialplan.loader import load_site
from hotline.floor_of_site import floor_of, recording_rules_of, supervisors_of
from hotline.live_status import AcdSilent, get_status
from hotline.oversight import Refused, ask_to_record, ask_to_supervise
from hotline.state import State
from tests.unit.acd.shell import Desk
from tests.unit.dialplan.site_text import write_site


class Asked:
    """Stands for the supervision and the recorder, each of which has tests of its own: what reached them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.refused = ""

    async def command(self, *asked: str) -> str:
        self.asked.append(asked)
        return self.refused

    act = command


@pytest.fixture
async def asked(state: State) -> AsyncIterator[Asked]:
    there: Any = Asked()
    desk = Desk()
    state.acd_socket.parent.mkdir(parents=True)
    desk.distributor.record("RECORDING", file="f", visit_id="v", agent_id="1", channel_id="c", started_at=1.0)
    desk.distributor.record("RECORDINGPAUSE", file="f")
    desk.join("v")
    desk.join("w")
    api = StatusApi(desk.distributor, state.acd_socket, OversightApi(there, there).add_to)
    await api.start()
    yield there
    await api.close()


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.at(tmp_path / "s")


async def test_a_wish_reaches_the_acd(asked: Asked, state: State) -> None:
    """Mode, agent and supervisor; act, agent and who asked."""
    await asyncio.to_thread(ask_to_supervise, state, "listen", "1001", "1006")
    await asyncio.to_thread(ask_to_record, state, "pause", "1001")
    assert asked.asked == [("listen", "1001", "1006"), ("pause", "1001", "command")]


async def test_a_refusal_is_told_in_words(asked: Asked, state: State) -> None:
    """Every reason that is foreseen has a sentence; any other is shown as it is."""
    asked.refused = "not_in_talk"
    with pytest.raises(Refused, match="not talking"):
        await asyncio.to_thread(ask_to_record, state, "start", "1001")
    asked.refused = "moon"
    with pytest.raises(Refused, match="moon"):
        await asyncio.to_thread(ask_to_supervise, state, "barge", "1001", "1006")


@pytest.mark.parametrize("sent", ["[]", "no json", '{"act": "burn", "agent_id": "1001", "by": "x"}', '{"act": "stop"}'])
async def test_what_makes_no_sense_changes_nothing(asked: Asked, state: State, sent: str) -> None:
    """400 and a word on what was expected; nothing reaches the recorder."""
    connector = aiohttp.UnixConnector(str(state.acd_socket))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post("http://acd/recording", data=sent) as answer,
    ):
        assert answer.status == 400
        assert "expected" in (await answer.json())["error"]
    assert asked.asked == []


def test_nobody_answers(state: State) -> None:
    """No ACD: told so, with what to look for."""
    with pytest.raises(AcdSilent, match="hotline up"):
        ask_to_record(state, "pause", "1001")


async def test_the_status_shows_what_is_recorded(asked: Asked, state: State) -> None:
    """On, paused, or not at all, by call."""
    floor = await get_status(state.acd_socket)
    assert {one["visit_id"]: one["recording"] for one in floor["calls"]} == {"v": "paused", "w": ""}
    assert floor["supervisors"] == []


def test_the_site_says_who_and_how(tmp_path: Path) -> None:
    """Rights by supervisor, and how each queue records; `true` is every right."""
    wang = '"1001": {name: W, skills: {orders: 8, mandarin: 5}, supervisor: [listen]}'
    agents = f'{wang}\n"1002": {{name: L, supervisor: true}}\n'
    queues = "orders: {name: {zh: 单, en: Orders}, record: always, record_notice: welcome, survey: main.choose}\n"
    site = load_site(write_site(tmp_path, agents_yaml=agents, queues_yaml=queues))
    rights = supervisors_of(site)
    assert rights["1001"] == {"listen"} and len(rights["1002"]) == 5
    rule, queue = recording_rules_of(site)["orders"], floor_of(site).queues["orders"]
    assert queue.lease_seconds(greeted=False) > queue.ring_seconds, "an offer has the time for the notice"
    assert (rule.mode, rule.notice, site.queues["orders"].survey) == ("always", "welcome", "main.choose")
