"""What phones show of agents: each state its light, all of them again after every picture of the switch."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from acd.events import AgentAsked
from acd.lamps import LAMPS, Lamps
from acd.model import AgentState
from hotline.phones.patience import eventually
from pbx.ami import LinkDown
from tests.unit.acd.shell import Desk


class Ami:
    """A link that keeps what was set; refuses as long as it is told to."""

    def __init__(self) -> None:
        self.lit: list[tuple[str, str]] = []
        self.down = False

    async def send(self, action: str, fields: Mapping[str, str]) -> None:
        assert action == "Setvar"
        if self.down:
            raise LinkDown("gone")
        self.lit.append((fields["Variable"], fields["Value"]))


def light(agent_id: str, value: str) -> tuple[str, str]:
    return f"DEVICE_STATE(Custom:agent-{agent_id})", value


async def watched(desk: Desk, ami: Ami, lamps: Lamps) -> list[tuple[str, str]]:
    """What is lit until nothing is left to do."""
    task = asyncio.create_task(lamps.run())
    await asyncio.wait([task], timeout=0.05)
    assert lamps._stale == {}
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    lit, ami.lit = ami.lit, []
    return lit


def test_every_state_has_its_light() -> None:
    """No state of an agent is dark."""
    assert set(LAMPS) == set(AgentState)


async def test_lamps_follow_states_and_pictures() -> None:
    """A change lights one lamp, the newest state only; a new picture of the switch lights all."""
    desk, ami = Desk(), Ami()
    link: Any = ami
    lamps = Lamps(link, desk.distributor, gather_seconds=0)
    desk.ready("1001")
    desk.distributor.record("SWITCHLOST")
    assert await watched(desk, ami, lamps) == [light("1001", "NOT_INUSE")]
    desk.distributor.record("SWITCHSTART", started_at=1.0)
    assert await watched(desk, ami, lamps) == [light("1001", "NOT_INUSE"), light("1002", "UNAVAILABLE")]


async def test_a_lost_link_is_waited_out() -> None:
    """What cannot be set is left: the next picture sets it."""
    desk, ami = Desk(), Ami()
    link: Any = ami
    lamps = Lamps(link, desk.distributor, gather_seconds=0)
    ami.down = True
    desk.ready("1001")
    assert await watched(desk, ami, lamps) == []


async def test_a_quick_chain_of_states_is_one_light() -> None:
    """What an agent was for a moment only is not shown, and a light that is lit already is not lit again."""
    desk, ami = Desk(), Ami()
    link: Any = ami
    lamps = Lamps(link, desk.distributor, gather_seconds=0.2)
    task = asyncio.create_task(lamps.run())
    desk.ready("1001")
    await asyncio.sleep(0)
    desk.distributor.post(AgentAsked("1001", AgentState.NOT_READY, "meal"))
    await eventually(lambda: bool(ami.lit), 5.0, "a light")
    assert ami.lit == [light("1001", "BUSY")]
    desk.ready("1001")
    await asyncio.sleep(0)
    desk.distributor.post(AgentAsked("1001", AgentState.NOT_READY, "meal"))
    await eventually(lambda: lamps._stale == {}, 5.0, "nothing left to light")
    task.cancel()
    assert ami.lit == [light("1001", "BUSY")]
