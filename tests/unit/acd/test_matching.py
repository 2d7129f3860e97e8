"""Who is offered to whom, asked without an engine."""

import pytest

from acd.indexes import FreeAgents, Kinds, WaitingLine
from acd.matching import everyone_for, may_offer, merge, next_pair, waits_for_last_agent
from acd.model import Agent, AgentState, Device, Visit
from tests.unit.acd.floors import free_agent, waiting

CHINESE = {"chinese": 3}


def pair(visits: list[Visit], agents: list[Agent], now: float = 10.0) -> tuple[str, str] | None:
    by_id = {agent.profile.agent_id: agent for agent in agents}
    kinds = Kinds(by_id)
    line, free = WaitingLine(kinds), FreeAgents(by_id, kinds)
    for visit in visits:
        line.add(visit)
    for agent in agents:
        free.see(agent, now)
    found = next_pair(line, free, by_id, now)
    return None if found is None else (found[0].visit_id, found[1].profile.agent_id)


def held(visit_id: str, arrived: float, agent_id: str, *, priority: int = 0) -> Visit:
    visit = waiting(visit_id, arrived, priority=priority, last_agent_id=agent_id)
    visit.hold_deadline = arrived + 20.0
    return visit


def test_merge_takes_the_higher_level() -> None:
    """The queue's and the caller's needs both count; equal needs give equal classes whatever their order."""
    need = merge({"chinese": 3, "vip": 1}, {"vip": 2, "orders": 1})
    assert need == (("chinese", 3), ("orders", 1), ("vip", 2))
    assert need == merge({"vip": 2, "chinese": 3}, {"orders": 1})


def test_nobody_to_pair() -> None:
    """Without callers, without agents, or without the skill there is no pair."""
    assert pair([], [free_agent("1001", CHINESE, 1.0)]) is None
    assert pair([waiting("a", 1.0)], []) is None
    assert pair([waiting("a", 1.0)], [free_agent("1001", {"chinese": 2}, 1.0)]) is None


def test_refused_caller_blocks_nobody() -> None:
    """The caller whom the only free agent just refused is stepped over, until the refusal is forgotten."""
    refused = waiting("a", 1.0)
    refused.refused_until["1001"] = 20.0
    agents = [free_agent("1001", CHINESE, 1.0)]
    assert pair([refused, waiting("b", 2.0)], agents) == ("b", "1001")
    assert pair([refused], agents) is None
    assert pair([refused], agents, now=20.0) == ("a", "1001")


def test_held_caller_of_a_higher_band_for_another_outranks_nobody() -> None:
    """A VIP who is kept for another agent does not keep this one from the caller who knows them."""
    busy = free_agent("1002", CHINESE, 1.0)
    busy.state = AgentState.ON_CALL
    agents = [free_agent("1001", CHINESE, 1.0), busy]
    assert pair([held("a", 5.0, "1001"), held("vip", 6.0, "1002", priority=1)], agents) == ("a", "1001")


def test_hold_for_an_absent_agent_does_not_lower_the_band() -> None:
    """A VIP whose last agent has gone home is as free to be served as any VIP, and goes first."""
    gone = free_agent("1002", CHINESE, 1.0)
    gone.state = AgentState.LOGGED_OFF
    agents = [free_agent("1001", CHINESE, 1.0), gone]
    assert pair([held("a", 5.0, "1001"), held("vip", 6.0, "1002", priority=1)], agents) == ("vip", "1001")


@pytest.mark.parametrize(
    ("change", "waits"),
    [
        ({}, True),
        ({"state": AgentState.WRAP_UP}, True),
        ({"device": Device.BUSY}, True),
        ({"rest_deadline": 30.0}, True),
        ({"state": AgentState.NOT_READY}, False),
        ({"state": AgentState.LOGGED_OFF}, False),
        ({"wish": (AgentState.NOT_READY, "lunch")}, False),
        ({"device": Device.UNREACHABLE}, False),
    ],
)
def test_who_is_waited_for(change: dict[str, object], waits: bool) -> None:
    """The last agent is waited for while they can be expected back, and only then."""
    agent = free_agent("1001", CHINESE, 1.0)
    for name, value in change.items():
        setattr(agent, name, value)
    assert waits_for_last_agent(held("a", 5.0, "1001"), {"1001": agent}, 10.0) is waits


def test_who_is_not_waited_for() -> None:
    """Nobody waits after the hold, without one, for an agent of another site, or for one without the skill."""
    agents = {"1001": free_agent("1001", CHINESE, 1.0), "1002": free_agent("1002", {}, 1.0)}
    assert not waits_for_last_agent(held("a", 5.0, "1001"), agents, 25.0)
    assert not waits_for_last_agent(waiting("a", 5.0), agents, 10.0)
    assert not waits_for_last_agent(held("a", 5.0, "1009"), agents, 10.0)
    assert not waits_for_last_agent(held("a", 5.0, "1002"), agents, 10.0)


def test_last_agent_is_preferred_after_the_hold() -> None:
    """A caller whom nobody is kept for any more still goes to the last agent where that agent is free."""
    agents = [free_agent("1001", CHINESE, 1.0), free_agent("1002", CHINESE, 9.0)]
    assert pair([held("a", 5.0, "1002")], agents, now=60.0) == ("a", "1002")


def test_last_agent_who_refused_is_not_offered() -> None:
    """Being the last agent does not overrule a fresh refusal."""
    visit = held("a", 5.0, "1001")
    visit.refused_until["1001"] = 30.0
    agent = free_agent("1001", CHINESE, 1.0)
    assert not may_offer(visit, agent, 10.0)
    assert pair([visit], [agent, free_agent("1002", CHINESE, 9.0)]) == ("a", "1002")


def test_everyone_is_all_who_may_be_rung_up_to_the_limit() -> None:
    """The skill is asked for, who has just refused this caller is left out, and of too many the longest idle ring."""
    agents = {str(number): free_agent(str(number), CHINESE, float(number)) for number in range(5)}
    agents["9"] = free_agent("9", {}, 0.0)
    free = FreeAgents(agents, Kinds(agents))
    for agent in agents.values():
        free.see(agent, 10.0)
    caller = waiting("a", 1.0)
    caller.refused_until["1"] = 20.0
    assert [one.profile.agent_id for one in everyone_for(caller, free, 10.0, 3)] == ["0", "2", "3"]
    assert [one.profile.agent_id for one in everyone_for(caller, free, 20.0, 9)] == ["0", "1", "2", "3", "4"]
