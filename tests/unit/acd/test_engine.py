"""The door of the engine: what the scenarios do not show."""

from dataclasses import replace
from typing import cast, get_args

import pytest

from acd.commands import ReleaseCaller, StopRinging
from acd.engine import ACTS, UnknownName
from acd.events import AgentAsked, CallerJoined, Event, FloorChanged, OfferAnswered, TalkEnded, Tick
from acd.model import AgentState, VisitOutcome, VisitState
from tests.unit.acd.floors import ORDERS, engine_of, floor_of, seen, talking_engine


def test_unknown_queue_changes_nothing() -> None:
    """A caller for a queue that the site does not have is refused and not remembered."""
    engine = engine_of(floor_of({}))
    with pytest.raises(UnknownName, match="queue 'parcels'"):
        engine.handle(CallerJoined("zhang", "call-1", "parcels", "138"), 0.0)
    assert engine.visits == {}
    assert engine.next_deadline() is None


def test_a_removed_queue_is_known_until_it_is_back() -> None:
    """Callers may be on their way to a queue that the site has no more; one that it has again is a queue as any."""
    floor = floor_of({}, ORDERS)
    engine = engine_of(floor)
    engine.handle(FloorChanged(replace(floor, queues={})), 1.0)
    assert engine.closing_queues == {"orders": ORDERS}
    engine.handle(FloorChanged(floor), 2.0)
    assert engine.closing_queues == {}


def test_what_is_no_event_is_our_bug() -> None:
    """The engine has an act for every member of Event, and for nothing else."""
    assert ACTS.keys() == set(get_args(Event))
    with pytest.raises(KeyError):
        engine_of(floor_of({})).handle(cast(Event, "a string"), 0.0)


def test_ended_visit_is_released_again() -> None:
    """A caller who re-enters an ended visit is let go with its outcome, without a second record."""
    engine = talking_engine()
    engine.handle(TalkEnded("zhang", by_agent=True), 2.0)
    joined = CallerJoined("zhang", "call-1", "orders", "138", waited_seconds=3.0)
    assert engine.handle(joined, 3.0) == [ReleaseCaller("zhang", VisitOutcome.COMPLETED_BY_AGENT)]


def test_repeated_answer_is_ignored() -> None:
    """The agent who talks to the caller is not hung up when the answer is reported again; another one is."""
    engine = talking_engine()
    assert engine.handle(OfferAnswered("zhang", "1001"), 2.0) == []
    assert engine.handle(OfferAnswered("zhang", "1002"), 2.0) == [StopRinging("zhang", "call-1", "1002")]
    assert engine.visits["zhang"].state is VisitState.CONNECTED


def test_measured_talk_never_starts_before_its_offer() -> None:
    """Asterisk measures in whole seconds: a talk that seems longer than its offer gives no negative ring time."""
    engine = engine_of(floor_of({"1001": {"chinese": 3}}))
    engine.handle(seen({"1001": {}}), 0.0)
    engine.handle(AgentAsked("1001", AgentState.READY), 0.0)
    engine.handle(CallerJoined("zhang", "call-1", "orders", "138"), 10.0)
    told = engine.handle(TalkEnded("zhang", by_agent=True, answered_seconds=6.0), 15.0)
    fields = {name: value for one in told for name, value in getattr(one, "fields", {}).items()}
    assert (fields["ring_seconds"], fields["wait_seconds"], fields["talk_seconds"]) == (0.0, 0.0, 5.0)


def test_early_tick_does_nothing() -> None:
    """A Tick before the next deadline changes nothing and keeps the deadline."""
    engine = talking_engine()
    deadline = engine.next_deadline()
    assert engine.handle(Tick(), 2.0) == []
    assert engine.next_deadline() == deadline


def test_memories_are_bounded() -> None:
    """Ended visits and last agents are forgotten, the oldest first."""
    floor = floor_of({"1001": {"chinese": 3}})
    engine = engine_of(type(floor)(floor.queues, floor.agents, ended_memory=1, last_agent_memory=1))
    engine.handle(seen({"1001": {}}), 0.0)
    for number, visit_id in enumerate(("a", "b")):
        engine.handle(AgentAsked("1001", AgentState.READY), float(number))
        engine.handle(CallerJoined(visit_id, visit_id, "orders", visit_id), float(number))
        engine.handle(OfferAnswered(visit_id, "1001"), float(number))
        engine.handle(TalkEnded(visit_id, by_agent=True), float(number))
    assert list(engine.ended) == ["b"]
    assert engine.last_agents == {"b": "1001"}
