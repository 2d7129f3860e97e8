"""What a move leaves behind: deadlines, and records before the acts that they explain."""

import pytest

from acd.commands import Command, Record, ReleaseCaller, RingAgents
from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, DeviceChanged, OfferFailed, TalkEnded
from acd.model import REFUSED_SECONDS, REST_SECONDS, AgentState, Device, Offer, OfferOutcome
from tests.unit.acd.floors import engine_of, floor_of, seen, talking_engine

FAILURES = [OfferOutcome.RNA, OfferOutcome.REJECT, OfferOutcome.BUSY, OfferOutcome.UNREACHABLE, OfferOutcome.ERROR]


def ringing_engine() -> Engine:
    """At 0.0: agent 1001 rings for caller zhang."""
    engine = engine_of(floor_of({"1001": {"chinese": 3}}))
    engine.handle(seen({"1001": {}}), 0.0)
    engine.handle(AgentAsked("1001", AgentState.READY), 0.0)
    engine.handle(CallerJoined("zhang", "call-1", "orders", "138"), 0.0)
    return engine


def verbs(commands: list[Command]) -> list[str]:
    return [one.verb if isinstance(one, Record) else type(one).__name__ for one in commands]


@pytest.mark.parametrize("outcome", FAILURES)
def test_failure_rests_the_agent(outcome: OfferOutcome) -> None:
    """Each way to fail has its own rest, and only no-answer and rejection are held against the pair."""
    engine = ringing_engine()
    engine.handle(DeviceChanged("1001", Device.BUSY), 1.0)  # so that busy is not taken for a rejection
    engine.handle(OfferFailed("offer-1", "zhang", outcome), 2.0)
    assert engine.agents["1001"].rest_deadline == 2.0 + REST_SECONDS[outcome]
    refused = engine.visits["zhang"].refused_until
    assert refused == ({"1001": 2.0 + REFUSED_SECONDS[outcome]} if outcome in REFUSED_SECONDS else {})


def test_busy_from_an_idle_phone_is_a_rejection() -> None:
    """Phones answer 486 for the reject key."""
    commands = ringing_engine().handle(OfferFailed("offer-1", "zhang", OfferOutcome.BUSY), 2.0)
    assert [one.fields["outcome"] for one in commands if isinstance(one, Record) and one.verb == "OFFEREND"] == [
        "reject"
    ]


def test_ready_ends_a_rest_and_forgets_misses() -> None:
    """An agent who asks for ready anew is rung at once, and their misses count from nought."""
    engine = ringing_engine()
    engine.handle(OfferFailed("offer-1", "zhang", OfferOutcome.RNA), 2.0)
    assert engine.agents["1001"].rna_in_row == 1
    engine.handle(AgentAsked("1001", AgentState.NOT_READY, "lunch"), 2.1)
    engine.handle(AgentAsked("1001", AgentState.READY), 2.2)
    agent = engine.agents["1001"]
    assert (agent.rna_in_row, agent.rest_deadline) == (0, None)


def test_offer_is_recorded_before_the_phone_rings() -> None:
    """OFFER is in the journal before anybody dials; the agent's state too."""
    engine = engine_of(floor_of({"1001": {"chinese": 3}}))
    engine.handle(seen({"1001": {}}), 0.0)
    engine.handle(AgentAsked("1001", AgentState.READY), 0.0)
    commands = engine.handle(CallerJoined("zhang", "call-1", "orders", "138"), 0.0)
    assert verbs(commands) == ["ENTERQUEUE", "AGENTSTATE", "OFFER", "RingAgents"]
    assert commands[-1] == RingAgents("zhang", (Offer("offer-1", "1001", 0.0, 25.0, ("1001",)),), 20.0)


def test_end_is_recorded_before_the_caller_is_released() -> None:
    """The terminal record precedes the release; the agent's wrap-up follows."""
    commands = talking_engine().handle(TalkEnded("zhang", by_agent=True), 5.0)
    assert verbs(commands) == ["COMPLETEAGENT", "ReleaseCaller", "AGENTSTATE"]
    assert isinstance(commands[1], ReleaseCaller)


def test_withheld_number_has_no_last_agent() -> None:
    """Callers without a number are not taken for one another."""
    engine = talking_engine()
    assert engine.last_agents == {"138": "1001"}
    engine.handle(CallerJoined("li", "call-2", "orders", ""), 5.0)
    assert engine.visits["li"].last_agent_id is None
