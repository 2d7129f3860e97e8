"""Who is offered to whom, asked without an engine."""

import pytest

from acd.indexes import FreeAgents, Kinds, WaitingLine
from acd.ladder import Ladders
from acd.matching import everyone_for, kept_for, may_offer, next_pair
from acd.model import Agent, AgentState, Device, Floor, Visit
from tests.unit.acd.floors import ORDERS, free_agent, waiting

CHINESE = {"chinese": 3}


class Desk:
    """Callers and agents who have just come, all of them news to each other."""

    def __init__(self, *agents: Agent) -> None:
        self.agents = {agent.profile.agent_id: agent for agent in agents}
        self.ladders = Ladders(Floor({"orders": ORDERS}, {}), Kinds(self.agents))
        self.line, self.free = WaitingLine(), FreeAgents(self.agents)
        for agent in agents:
            self.free.see(agent, 10.0)

    def waits(self, visit_id: str, arrived: float, *, priority: int = 0, last: str | None = None) -> Visit:
        return waiting(visit_id, arrived, self.ladders, priority=priority, last_agent_id=last)

    def held(self, visit_id: str, arrived: float, agent_id: str, *, priority: int = 0) -> Visit:
        visit = self.waits(visit_id, arrived, priority=priority, last=agent_id)
        visit.hold_deadline = arrived + 20.0
        return visit

    def pair(self, *visits: Visit, now: float = 10.0) -> tuple[str, str] | None:
        for visit in visits:
            self.line.remove(visit)
            self.line.add(visit, kept_for(visit, self.agents, now))
        found = next_pair(self.line, self.free, self.agents, now)
        return None if found is None else (found[0].visit_id, found[1].profile.agent_id)


def busy(agent_id: str, state: AgentState = AgentState.ON_CALL) -> Agent:
    agent = free_agent(agent_id, CHINESE, 1.0)
    agent.state = state
    return agent


def test_nobody_to_pair() -> None:
    """Without callers, without agents, or without the skill there is no pair."""
    assert Desk(free_agent("1001", CHINESE, 1.0)).pair() is None
    for desk in (Desk(), Desk(free_agent("1001", {"chinese": 2}, 1.0))):
        assert desk.pair(desk.waits("a", 1.0)) is None


def test_refused_caller_blocks_nobody() -> None:
    """The caller whom the only free agent just refused is stepped over, until the refusal is forgotten."""
    desk = Desk(free_agent("1001", CHINESE, 1.0))
    refused = desk.waits("a", 1.0)
    refused.refused_until["1001"] = 20.0
    assert desk.pair(refused) is None
    assert desk.pair(desk.waits("b", 2.0)) == ("b", "1001")
    assert desk.pair(refused, now=20.0) == ("a", "1001")


def test_refused_caller_goes_to_the_next_agent() -> None:
    """Who refused is passed over for that caller alone."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), free_agent("1002", CHINESE, 9.0))
    refused = desk.waits("a", 1.0)
    refused.refused_until["1001"] = 20.0
    assert desk.pair(refused) == ("a", "1002")


def test_kept_caller_goes_before_who_came_earlier() -> None:
    """The agent whom a caller knows takes that caller first, within the band."""
    desk = Desk(free_agent("1001", CHINESE, 1.0))
    assert desk.pair(desk.waits("a", 1.0), desk.held("b", 5.0, "1001")) == ("b", "1001")


def test_higher_band_goes_before_a_kept_caller() -> None:
    """An agent kept for somebody still answers a caller of a higher band."""
    desk = Desk(free_agent("1001", CHINESE, 1.0))
    assert desk.pair(desk.waits("vip", 6.0, priority=1), desk.held("a", 5.0, "1001")) == ("vip", "1001")


def test_held_caller_of_a_higher_band_for_another_outranks_nobody() -> None:
    """A VIP who is kept for another agent does not keep this one from the caller who knows them."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), busy("1002"))
    assert desk.pair(desk.held("a", 5.0, "1001"), desk.held("vip", 6.0, "1002", priority=1)) == ("a", "1001")


def test_hold_for_an_absent_agent_does_not_lower_the_band() -> None:
    """A VIP whose last agent has gone home is as free to be served as any VIP, and goes first."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), busy("1002", AgentState.LOGGED_OFF))
    assert desk.pair(desk.held("a", 5.0, "1001"), desk.held("vip", 6.0, "1002", priority=1)) == ("vip", "1001")


def test_only_news_is_looked_at() -> None:
    """After a dispatch that found no pair, the same callers and agents are not compared again; whoever comes, is."""
    desk = Desk(free_agent("1001", CHINESE, 1.0))
    first = desk.waits("a", 1.0)
    assert desk.pair(first) == ("a", "1001")
    desk.line.looked()
    desk.free.looked()
    assert desk.pair() is None
    desk.free.see(desk.agents["1001"], 11.0)
    assert desk.pair() == ("a", "1001")


def test_news_of_one_class_asks_nobody_of_another() -> None:
    """A caller who joins is matched with whoever is free; those of other classes were looked at before."""
    desk = Desk(free_agent("1001", CHINESE, 1.0))
    old = desk.waits("a", 1.0)
    desk.line.add(old)
    desk.line.looked()
    desk.free.looked()
    other = waiting("b", 2.0, desk.ladders, requires="chinese >= 3 and not tea")
    assert desk.pair(other) == ("b", "1001")


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
    """The agent whom a caller knows is waited for while they can be expected back, and only then."""
    desk = Desk(free_agent("1001", CHINESE, 1.0))
    for name, value in change.items():
        setattr(desk.agents["1001"], name, value)
    assert (kept_for(desk.held("a", 5.0, "1001"), desk.agents, 10.0) == "1001") is waits


def test_who_is_not_waited_for() -> None:
    """Nobody waits after the hold, without one, for an agent of another site, or for one without the skill."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), free_agent("1002", {}, 1.0))
    assert kept_for(desk.held("a", 5.0, "1001"), desk.agents, 25.0) is None
    assert kept_for(desk.waits("a", 5.0), desk.agents, 10.0) is None
    assert kept_for(desk.held("a", 5.0, "1009"), desk.agents, 10.0) is None
    assert kept_for(desk.held("a", 5.0, "1002"), desk.agents, 10.0) is None


def test_named_agent_is_kept_for_and_taken_before_the_last() -> None:
    """Whom the caller asks for counts more than who happened to answer last time; the last one is the next best."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), free_agent("1002", CHINESE, 2.0), free_agent("1003", CHINESE, 3.0))
    visit = desk.held("a", 5.0, "1002")
    visit.named_agent_id = "1003"
    assert kept_for(visit, desk.agents, 10.0) == "1003"
    assert desk.pair(visit) == ("a", "1003")
    desk.agents["1003"].state = AgentState.NOT_READY
    desk.free.see(desk.agents["1003"], 10.0)
    assert desk.pair(visit) == ("a", "1002")


def test_last_agent_is_preferred_after_the_hold() -> None:
    """A caller whom nobody is kept for any more still goes to the last agent where that agent is free."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), free_agent("1002", CHINESE, 9.0))
    assert desk.pair(desk.held("a", 5.0, "1002"), now=60.0) == ("a", "1002")


def test_last_agent_who_refused_is_not_offered() -> None:
    """Being the last agent does not overrule a fresh refusal."""
    desk = Desk(free_agent("1001", CHINESE, 1.0), free_agent("1002", CHINESE, 9.0))
    visit = desk.held("a", 5.0, "1001")
    visit.refused_until["1001"] = 30.0
    assert not may_offer(visit, desk.agents["1001"], 10.0)
    assert desk.pair(visit) == ("a", "1002")


def test_everyone_is_all_who_may_be_rung_up_to_the_limit() -> None:
    """The skill is asked for, who has just refused this caller is left out, and of too many the longest idle ring."""
    desk = Desk(*(free_agent(str(number), CHINESE, float(number)) for number in range(5)), free_agent("9", {}, 0.0))
    caller = desk.waits("a", 1.0)
    caller.refused_until["1"] = 20.0
    assert [one.profile.agent_id for one in everyone_for(caller, desk.free, 10.0, 3)] == ["0", "2", "3"]
    assert [one.profile.agent_id for one in everyone_for(caller, desk.free, 20.0, 9)] == ["0", "1", "2", "3", "4"]
