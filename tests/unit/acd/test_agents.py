"""Feature codes: what an agent dials, and what comes of it."""

from typing import Any

import pytest

from acd.agents import CODES, AgentDesk
from acd.model import AgentState
from pbx.fastagi import CallerGone
from tests.unit.acd.shell import Desk


class Phone:
    """The AGI request of an agent who has dialled a code; hangs up at the first word where that is asked for."""

    language = "zh"

    def __init__(self, agent_id: str, code: str, *, leaves: bool = False) -> None:
        self.path_rest = code
        self.heard: list[str] = []
        self._agent_id = agent_id
        self._leaves = leaves

    async def get_variable(self, name: str) -> str | None:
        return {"AGENT_ID": self._agent_id or None}[name]

    async def command(self, verb: str) -> None:
        assert verb == "ANSWER"
        if self._leaves:
            raise CallerGone

    async def stream_file(self, clip: str) -> None:
        self.heard.append(clip)


async def dial(desk: Desk, agent_id: str, code: str, **how: Any) -> list[str]:
    phone: Any = Phone(agent_id, code, **how)
    await AgentDesk(desk.distributor, lambda prompt, language: [f"{language}/{prompt}"]).handle(phone)
    heard: list[str] = phone.heard
    return heard


@pytest.mark.parametrize("name", CODES)
async def test_each_code_gives_its_state_and_says_so(name: str) -> None:
    """An agent who dials a code is in its state, with its reason, and hears its prompt in the phone's language."""
    desk = Desk()
    if name == "log_off":
        desk.ready("1001")
    assert await dial(desk, "1001", name) == [f"zh/{CODES[name].prompt}"]
    agent = desk.engine.agents["1001"]
    assert (agent.state, agent.reason) == (CODES[name].state, CODES[name].reason)


@pytest.mark.parametrize(("agent_id", "code"), [("", "ready"), ("9999", "ready"), ("1001", "promote")])
async def test_strangers_and_unknown_codes_are_refused(agent_id: str, code: str) -> None:
    """A phone that is no agent's, and a code that means nothing, change nothing and are told so."""
    desk = Desk()
    assert await dial(desk, agent_id, code) == ["zh/agent.refused"]
    assert desk.journal.lines == []


async def test_logging_in_twice_keeps_the_state_chosen_since() -> None:
    """An agent who is ready and logs in again stays ready."""
    desk = Desk()
    desk.ready("1001")
    assert await dial(desk, "1001", "log_in") == ["zh/agent.logged_in"]
    assert desk.engine.agents["1001"].state is AgentState.READY


async def test_an_agent_who_hangs_up_early_has_been_heard() -> None:
    """The state changes before the phone is answered, so that no phone can hang up too early."""
    desk = Desk()
    assert await dial(desk, "1001", "ready", leaves=True) == []
    assert desk.engine.agents["1001"].state is AgentState.READY
