"""What a restart takes over, and what it corrects."""

from dataclasses import replace
from typing import Any

import pytest

from acd.commands import Command, Record, StopRinging
from acd.engine import Engine
from acd.events import (
    CallerJoined,
    OfferAnswered,
    Restored,
    RestoredAgent,
    RestoredTalk,
    RestoredVisit,
    SwitchSeen,
    TalkEnded,
    Tick,
)
from acd.invariants import broken_invariants
from acd.model import AgentState, Device, OfferOutcome, QueueRules, Strategy, VisitState, WrapUp
from tests.unit.acd.floors import ORDERS, engine_of, floor_of

FLOOR = floor_of({"1001": {"chinese": 5}, "1002": {"chinese": 5}}, ORDERS, QueueRules("slow", {}, wrap_up_seconds=60.0))


def agent(state: AgentState, since: float = -20.0) -> RestoredAgent:
    return RestoredAgent(state, "", since, -50.0)


def visit(visit_id: str = "zhang", **told: Any) -> RestoredVisit:
    given: dict[str, Any] = {"queue_id": "orders", "requirement": "", "priority": 0, "arrived": -30.0}
    return RestoredVisit(visit_id=visit_id, call_id=visit_id, caller_number="", **(given | told))


def restored(**told: Any) -> tuple[Engine, list[Command]]:
    engine = engine_of(FLOOR)
    commands = engine.handle(Restored(**told), 0.0)
    assert list(broken_invariants(engine)) == []
    return engine, commands


def states(commands: list[Command]) -> list[tuple[object, object, object]]:
    records = [one.fields for one in commands if isinstance(one, Record) and one.verb == "AGENTSTATE"]
    return [(told["agent_id"], told["previous"], told["state"]) for told in records]


def test_whole_journal_is_taken_over_without_records() -> None:
    """Where agents and visits agree there is nothing to record."""
    engine, commands = restored(
        agents={"1001": agent(AgentState.ON_CALL), "1002": agent(AgentState.OFFERED)},
        visits=(visit("a", agent_id="1001", connected=-5.0), visit("b", offers=(("offer-7", "1002", -3.0),))),
    )
    assert commands == []
    assert engine.visits["a"].state is VisitState.CONNECTED
    assert engine.visits["b"].state is VisitState.OFFERED
    assert engine.agents["1001"].visit_id == "a"


@pytest.mark.parametrize(
    ("was", "becomes"), [(AgentState.OFFERED, AgentState.READY), (AgentState.ON_CALL, AgentState.WRAP_UP)]
)
def test_agent_whose_visit_is_over_is_freed(was: AgentState, becomes: AgentState) -> None:
    """Killed after the visit's record and before the agent's: the agent goes on as after that visit."""
    engine, commands = restored(agents={"1001": agent(was)})
    assert engine.agents["1001"].state is becomes
    assert states(commands) == [("1001", was.value, becomes.value)]


@pytest.mark.parametrize(
    ("was", "told", "becomes"),
    [
        (AgentState.OFFERED, {"agent_id": "1001", "connected": -1.0}, AgentState.ON_CALL),
        (AgentState.READY, {"offers": (("offer-7", "1001", -1.0),)}, AgentState.OFFERED),
    ],
)
def test_agent_follows_the_visit(was: AgentState, told: dict[str, Any], becomes: AgentState) -> None:
    """Where the visit's record is newer than the agent's, the agent's is made up for."""
    _, commands = restored(agents={"1001": agent(was)}, visits=(visit(**told),))
    assert states(commands) == [("1001", was.value, becomes.value)]


def test_agent_without_any_record_follows_the_visit() -> None:
    """An agent of whom the journal has lost every line is taken to have been logged off."""
    _, commands = restored(visits=(visit(agent_id="1001", connected=-1.0),))
    assert states(commands) == [("1001", "logged_off", "on_call")]


def test_agent_removed_from_the_site() -> None:
    """An agent whom the site has no more is recorded as logged off, once; in a call, at its end."""
    engine, commands = restored(
        agents={
            "1009": agent(AgentState.ON_CALL),
            "1008": agent(AgentState.LOGGED_OFF),
            "1007": agent(AgentState.READY),
            "1006": agent(AgentState.OFFERED),
        },
        visits=(visit("zhang", agent_id="1009", connected=-5.0), visit("li", offers=(("offer-7", "1009", -3.0),))),
    )
    assert states(commands) == [
        ("1007", "ready", "logged_off"),
        ("1006", "offered", "ready"),
        ("1006", "ready", "logged_off"),
    ]
    assert {name: one.state for name, one in engine.visits.items()} == {
        "zhang": VisitState.CONNECTED,
        "li": VisitState.WAITING,
    }
    commands = engine.handle(TalkEnded("zhang", by_agent=True), 1.0)
    assert states(commands) == [("1009", "on_call", "wrap_up"), ("1009", "wrap_up", "logged_off")]
    assert not {"1006", "1007", "1008", "1009"} & engine.agents.keys()


def test_agent_is_given_to_one_visit_only() -> None:
    """Two visits that claim one agent, after a damaged line: the first has them, the other waits."""
    engine, _ = restored(
        agents={"1001": agent(AgentState.ON_CALL)},
        visits=(visit("a", agent_id="1001", connected=-5.0), visit("b", offers=(("offer-7", "1001", -3.0),))),
    )
    assert (engine.visits["a"].state, engine.visits["b"].state) == (VisitState.CONNECTED, VisitState.WAITING)


def test_queue_removed_from_the_site() -> None:
    """A caller of a queue that the site has no more keeps waiting under default rules."""
    engine, _ = restored(visits=(visit(queue_id="parcels"),))
    assert engine.visits["zhang"].queue == QueueRules("parcels", {})


def test_wrap_up_goes_on() -> None:
    """A wrap-up of before ends were told ends when the site's longest would have, at once where that is over."""
    engine, _ = restored(agents={"1001": agent(AgentState.WRAP_UP), "1002": agent(AgentState.WRAP_UP, -90.0)})
    assert engine.agents["1001"].wrap_up_deadline == 40.0
    engine.handle(Tick(), 0.0)
    assert engine.agents["1002"].state is AgentState.READY


def test_wrap_up_ends_when_it_would_have() -> None:
    """A wrap-up whose end the journal tells goes on to it; one that owes a disposition still does."""
    strict = QueueRules("strict", {}, wrap_up=WrapUp.UNTIL_DISPOSITION)
    engine = engine_of(floor_of({"1001": {}}, strict))
    talk = RestoredTalk("zhang", "strict", -20.0)
    lunch = (AgentState.NOT_READY, "lunch")
    was = replace(agent(AgentState.WRAP_UP), talk=talk, wrap_up_deadline=7.0, owes_disposition=True, wish=lunch)
    engine.handle(Restored(agents={"1001": was}), 0.0)
    assert (engine.agents["1001"].wrap_up_deadline, engine.agents["1001"].owes_disposition) == (7.0, True)
    engine.handle(Tick(), 7.0)
    assert (engine.agents["1001"].state, engine.agents["1001"].reason) == (AgentState.NOT_READY, "lunch")


def test_wish_cut_off_from_its_grant_is_granted() -> None:
    """Killed after the record of the wrap-up and before that of the break that was asked for: the break begins."""
    was = replace(agent(AgentState.WRAP_UP), wrap_up_deadline=7.0, wish=(AgentState.NOT_READY, "lunch"))
    engine, commands = restored(agents={"1001": was})
    assert states(commands) == [("1001", "wrap_up", "not_ready")]
    assert engine.agents["1001"].reason == "lunch"


def test_an_agent_is_where_they_were_as_far_as_the_site_still_has_it() -> None:
    """Phones that were taken out of the site are forgotten; with the last one the agent is at their own."""
    here, gone = replace(agent(AgentState.READY), phones=("1002",)), replace(agent(AgentState.READY), phones=("2001",))
    engine, _ = restored(agents={"1001": here, "1002": agent(AgentState.LOGGED_OFF)})
    assert engine.holders == {"1002": "1001"}
    engine, _ = restored(agents={"1001": gone})
    assert engine.holders == {"1001": "1001"}


def test_a_rest_goes_on_and_one_that_is_over_does_not() -> None:
    """The rest after the last offer counts from its end, by the site's setting of now."""
    rests = replace(agent(AgentState.READY), offer_ended=(OfferOutcome.REJECT, -1.0))
    over = replace(agent(AgentState.READY), offer_ended=(OfferOutcome.REJECT, -90.0))
    engine, _ = restored(agents={"1001": rests, "1002": over})
    assert (engine.agents["1001"].rest_deadline, engine.agents["1002"].rest_deadline) == (4.0, None)


def test_last_agent_survives() -> None:
    """Who served a caller last is known after the restart."""
    engine, _ = restored(last_agents={"138": "1002"})
    engine.handle(CallerJoined("zhang", "zhang", "orders", "138"), 1.0)
    assert engine.visits["zhang"].last_agent_id == "1002"


def test_unknown_phones_in_a_picture_are_passed_over() -> None:
    """A snapshot may show phones of nobody on this floor."""
    engine, _ = restored()
    engine.handle(SwitchSeen({}, {}, frozenset(), {"1009": Device.IDLE, "1001": Device.BUSY}), 1.0)
    assert engine.agents["1001"].device is Device.BUSY


RING_ALL = QueueRules("orders", {"chinese": 3}, strategy=Strategy.RING_ALL)


def test_phones_that_ring_on_are_kept_and_the_others_freed() -> None:
    """Of a ring of two the one whose leg is gone ends, as an error; the other rings on for the caller who is not back
    yet, and may answer."""
    engine = engine_of(floor_of({"1001": {"chinese": 5}, "1002": {"chinese": 5}}, RING_ALL))
    rung = (("offer-7", "1001", -3.0), ("offer-8", "1002", -3.0))
    agents = {agent_id: agent(AgentState.OFFERED) for agent_id in ("1001", "1002")}
    engine.handle(Restored(agents=agents, visits=(visit(offers=rung),)), 0.0)
    devices = dict.fromkeys(agents, Device.IDLE)
    commands = engine.handle(SwitchSeen({}, {"zhang": frozenset({"1002"})}, frozenset({"zhang"}), devices), 1.0)
    assert states(commands) == [("1001", "offered", "ready")]
    engine.handle(OfferAnswered("zhang", "1002"), 2.0)
    assert engine.visits["zhang"].agent_id == "1002"
    assert list(broken_invariants(engine)) == []


def test_legs_of_offers_that_were_taken_back_are_all_hung_up() -> None:
    """A caller who waits and for whom two phones ring is let go by both."""
    engine, _ = restored(visits=(visit(),))
    ringing = {"zhang": frozenset({"1002", "1001"})}
    commands = engine.handle(SwitchSeen({}, ringing, frozenset({"zhang"}), {}), 1.0)
    assert commands == [StopRinging("zhang", "zhang", "1001"), StopRinging("zhang", "zhang", "1002")]


def test_wish_of_a_call_that_is_over_is_granted() -> None:
    """Killed between the end of the ring and the wish for it: the next process grants it."""
    wishing = RestoredAgent(AgentState.READY, "", -20.0, -50.0, (AgentState.NOT_READY, "lunch"))
    engine, commands = restored(agents={"1001": wishing})
    assert states(commands) == [("1001", "ready", "not_ready")]
    assert engine.agents["1001"].reason == "lunch"
