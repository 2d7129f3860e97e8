"""Every invariant names its breach."""

from collections.abc import Callable
from typing import Any

import pytest

from acd.callback import Attempt, Callback
from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, SwitchLost
from acd.invariants import broken_invariants, broken_records, missed_offers
from acd.model import AgentState, Device, Offer, Visit, VisitOutcome, VisitState
from tests.unit.acd.floors import free_agent, ladders_for, talking_engine, waiting


def agent_without_visit(engine: Engine) -> None:
    engine.agents["1001"].visit_id = None


def agent_of_ended_visit(engine: Engine) -> None:
    engine.agents["1001"].visit_id = "li"


def wrap_up_without_end(engine: Engine) -> None:
    engine.handle(AgentAsked("1002", AgentState.NOT_READY), 2.0)
    engine.agents["1002"].state = AgentState.WRAP_UP


def debt_without_wrap_up(engine: Engine) -> None:
    engine.agents["1001"].owes_disposition = True


def ready_in_a_call_of_their_own(engine: Engine) -> None:
    engine.handle(AgentAsked("1002", AgentState.READY), 2.0)
    engine.agents["1002"].device = Device.BUSY


def not_where_they_are(engine: Engine) -> None:
    engine.agents["1001"].phones = ("2001",)


def waits_with_agent(engine: Engine) -> None:
    engine.visits["zhang"].state = VisitState.WAITING
    engine.line.add(engine.visits["zhang"])


def rings_twice_at_once(engine: Engine) -> None:
    visit = engine.visits["li"] = waiting("li", 1.0)
    visit.state = VisitState.OFFERED
    for agent_id, made in (("1002", 1.0), ("1003", 1.5)):
        engine.agents[agent_id] = free_agent(agent_id, {}, 0.0)
        engine.holders[agent_id] = agent_id
        engine.agents[agent_id].state, engine.agents[agent_id].visit_id = AgentState.OFFERED, "li"
        visit.offers[agent_id] = Offer(agent_id, agent_id, made, 9.0)


def offered_without_offer(engine: Engine) -> None:
    engine.visits["li"] = waiting("li", 1.0)
    engine.visits["li"].state = VisitState.OFFERED


def visit_without_agent(engine: Engine) -> None:
    engine.visits["zhang"].agent_id = None


def picked_up_without_offer(engine: Engine) -> None:
    engine.visits["zhang"].picked_up["offer-1"] = 1.0


def open_and_ended(engine: Engine) -> None:
    engine.ended["zhang"] = VisitOutcome.TIMED_OUT


def stranger_in_line(engine: Engine) -> None:
    engine.line.add(waiting("li", 1.0))


def line_out_of_order(engine: Engine) -> None:
    ladders = ladders_for({})
    for visit_id, arrived in (("a", 1.0), ("b", 2.0)):
        engine.visits[visit_id] = waiting(visit_id, arrived, ladders)
        engine.line.add(engine.visits[visit_id])
    engine.visits["a"].rank = waiting("a", 3.0).rank


def being_called(engine: Engine) -> Visit:
    """A callback of li's that waits while an attempt is under way."""
    visit = engine.visits["li"] = waiting("li", 1.0)
    visit.callback = Callback(0.0, attempt=Attempt("attempt", "", 1.0))
    return visit


def callback_of_nobody(engine: Engine) -> None:
    engine.callbacks["orders", "139"] = "gone"


def reached_and_still_called(engine: Engine) -> None:
    visit = being_called(engine)
    assert visit.callback is not None
    visit.callback.reached = True
    engine.line.add(visit)


def called_and_in_line(engine: Engine) -> None:
    visit = being_called(engine)
    assert visit.callback is not None
    visit.callback.in_line = True
    engine.line.add(visit)


@pytest.mark.parametrize(
    ("breach", "names"),
    [
        (callback_of_nobody, {"139 waits for callback gone of orders, which is another or none"}),
        (reached_and_still_called, {"callback li is being made, and is waiting"}),
        (called_and_in_line, {"callback li may be offered while its caller is being called"}),
        (agent_without_visit, {"agent 1001 is on_call with visit None", "visit zhang has agent 1001, who does not"}),
        (agent_of_ended_visit, {"agent 1001 serves li, which has ended", "visit zhang has agent 1001, who does not"}),
        (wrap_up_without_end, {"agent 1002 is wrap_up with wrap-up until None"}),
        (debt_without_wrap_up, {"agent 1001 is on_call and owes a disposition"}),
        (ready_in_a_call_of_their_own, {"agent 1002 is ready in a call of their own"}),
        (not_where_they_are, {"agent 1001 is logged in at", "phone 1001 is held by agent 1001"}),
        (visit_without_agent, {"visit zhang is connected with agent None"}),
        (waits_with_agent, {"visit zhang is waiting with agent 1001"}),
        (rings_twice_at_once, {"visit li has 2 offers of several rings"}),
        (offered_without_offer, {"visit li is offered with 0 offers"}),
        (picked_up_without_offer, {"visit zhang has a phone picked up that rings no more"}),
        (open_and_ended, {"visit zhang is open and has ended"}),
        (stranger_in_line, {"the line holds others than those who wait"}),
        (line_out_of_order, {"the line is out of order"}),
    ],
)
def test_breach_is_named(breach: Callable[[Engine], None], names: set[str]) -> None:
    """A sound engine breaks nothing; each kind of damage is named, and nothing else."""
    engine = talking_engine()
    assert list(broken_invariants(engine)) == []
    breach(engine)
    told = list(broken_invariants(engine))
    assert len(told) == len(names)
    assert all(any(line.startswith(name) for line in told) for name in names)


def test_a_free_agent_beside_a_caller_is_named() -> None:
    """Whoever was not offered though they could have been is named; with the switch out of sight nobody is offered."""
    engine = talking_engine()
    engine.handle(CallerJoined("li", "call-2", "orders", "139"), 3.0)
    assert list(missed_offers(engine, 3.0)) == []
    agent = engine.agents["1002"]
    agent.state, agent.device = AgentState.READY, Device.IDLE
    assert list(missed_offers(engine, 3.0)) == ["agent 1002 is free and could serve li"]
    engine.visits["li"].refused_until["1002"] = 9.0
    assert list(missed_offers(engine, 3.0)) == []
    assert list(missed_offers(engine, 9.0)) == ["agent 1002 is free and could serve li"]
    engine.handle(SwitchLost(), 9.0)
    agent.state, agent.device = AgentState.READY, Device.IDLE
    assert list(missed_offers(engine, 9.0)) == []


def test_who_is_kept_for_another_is_not_missed() -> None:
    """A caller who is kept for one agent is missed by that one alone."""
    engine = talking_engine()
    engine.handle(CallerJoined("li", "call-2", "orders", "138"), 3.0)  # the number that 1001 talks to
    for agent_id in ("1001", "1002"):
        engine.agents[agent_id].state, engine.agents[agent_id].device = AgentState.READY, Device.IDLE
    assert list(missed_offers(engine, 3.0)) == ["agent 1001 is free and could serve li"]


ENTER = {"verb": "ENTERQUEUE", "at": 10.0, "visit_id": "zhang", "arrived_at": 8.0}
OFFER = {"verb": "OFFER", "at": 11.0, "visit_id": "zhang", "offer_id": "o1", "agent_id": "1001"}
OFFER_END = {"verb": "OFFEREND", "at": 12.0, "visit_id": "zhang", "offer_id": "o1", "ring_seconds": 1.0}
CONNECT = {"verb": "CONNECT", "at": 12.0, "visit_id": "zhang", "agent_id": "1001", "wait_seconds": 4.0}
COMPLETE = {"verb": "COMPLETEAGENT", "at": 20.0, "visit_id": "zhang", "wait_seconds": 4.0, "talk_seconds": 8.0}
ABANDON = {"verb": "ABANDON", "at": 12.0, "visit_id": "zhang", "wait_seconds": 4.0}
READY = {"verb": "AGENTSTATE", "at": 5.0, "agent_id": "1001", "previous": "logged_off", "state": "ready"}
SERVED = [READY, ENTER, OFFER, OFFER_END, CONNECT, COMPLETE]


def test_a_sound_journal_contradicts_nothing() -> None:
    """An answer that was learned late has waited less than until its line; some verbs of other parts tell nothing."""
    late = {**CONNECT, "at": 15.0}
    assert list(broken_records(SERVED)) == []
    assert list(broken_records([ENTER, OFFER, OFFER_END, late, COMPLETE, {"verb": "SWITCHLOST", "at": 30.0}])) == []
    assert list(broken_records([ENTER, {"verb": "EXITEMPTY", "at": 10.0, "visit_id": "zhang"}])) == []
    assert list(broken_records([*SERVED[:4], OFFER_END], cut_short={"o1"})) == []


TAKEN = {"verb": "CALLBACKTAKEN", "at": 12.0, "visit_id": "zhang", "callback_id": "back", "wait_seconds": 4.0}
ATTEMPT = {"verb": "CALLBACKATTEMPT", "at": 13.0, "callback_id": "back", "attempt_id": "a1"}
ATTEMPT_END = {"verb": "CALLBACKATTEMPTEND", "at": 14.0, "callback_id": "back", "attempt_id": "a1"}
CALLBACK_END = {"verb": "CALLBACKEND", "at": 15.0, "callback_id": "back", "wait_seconds": 7.0}


def test_a_callback_of_two_attempts_is_in_order() -> None:
    """One after the other, and no more after the last."""
    lines = [ENTER, TAKEN, ATTEMPT, ATTEMPT_END, ATTEMPT, ATTEMPT_END, CALLBACK_END]
    assert list(broken_records(lines)) == []


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([ENTER, TAKEN, ATTEMPT, ATTEMPT], "callback back calls its caller twice at once"),
        ([ENTER, TAKEN, ATTEMPT_END], "attempt a1 ends and was not being made"),
        ([ENTER, TAKEN, ATTEMPT, CALLBACK_END], "callback back ends while its caller is being called"),
        ([ENTER, ENTER], "visit zhang enters twice"),
        ([ABANDON], "visit zhang has ABANDON and did not enter"),
        ([ENTER, ABANDON, ABANDON], "visit zhang has a second exit, ABANDON"),
        (
            [ENTER, {**ABANDON, "wait_seconds": 3.0}],
            "visit zhang has ABANDON after 3.0 s, not since its entry",
        ),
        (
            [ENTER, {**ABANDON, "wait_seconds": 5.0}],
            "visit zhang has ABANDON after 5.0 s, not since its entry",
        ),
        (
            [ENTER, {**CONNECT, "wait_seconds": 9.0}],
            "visit zhang has CONNECT after 9.0 s, not since its entry",
        ),
        ([ENTER, CONNECT, CONNECT], "visit zhang has a second agent, 1001"),
        ([ENTER, OFFER, OFFER_END, OFFER], "offer o1 is made twice"),
        ([ENTER, OFFER, {**OFFER, "offer_id": "o2"}], "agent 1001 is rung for two offers"),
        ([ENTER, ABANDON, OFFER], "visit zhang is offered after it was served or had left"),
        ([ENTER, OFFER_END], "offer o1 ends and was not open"),
        ([ENTER, OFFER, OFFER_END, OFFER_END], "offer o1 ends and was not open"),
        ([READY, READY], "agent 1001 was ready, and ready follows logged_off"),
        ([READY, {**READY, "previous": "ready", "at": 4.0}], "agent 1001 is ready before being ready"),
        ([ENTER, OFFER, {**OFFER_END, "ring_seconds": -1.0}], "OFFEREND: ring_seconds is -1.0"),
    ],
)
def test_records_that_contradict_each_other_are_named(lines: list[dict[str, Any]], fault: str) -> None:
    """Two ends, an end without a beginning, a wait that does not begin at the entry, an interval that is missing."""
    assert list(broken_records(lines)) == [fault]
