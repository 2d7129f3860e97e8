"""Every invariant names its breach."""

from collections.abc import Callable

import pytest

from acd.engine import Engine
from acd.events import AgentAsked
from acd.invariants import broken_invariants
from acd.model import AgentState, Device, Offer, VisitOutcome, VisitState
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


def rings_several_one_at_a_time(engine: Engine) -> None:
    visit = engine.visits["li"] = waiting("li", 1.0)
    visit.state = VisitState.OFFERED
    for agent_id in ("1002", "1003"):
        engine.agents[agent_id] = free_agent(agent_id, {}, 0.0)
        engine.holders[agent_id] = agent_id
        engine.agents[agent_id].state, engine.agents[agent_id].visit_id = AgentState.OFFERED, "li"
        visit.offers[agent_id] = Offer(agent_id, agent_id, 1.0, 9.0)


def offered_without_offer(engine: Engine) -> None:
    engine.visits["li"] = waiting("li", 1.0)
    engine.visits["li"].state = VisitState.OFFERED


def visit_without_agent(engine: Engine) -> None:
    engine.visits["zhang"].agent_id = None


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


@pytest.mark.parametrize(
    ("breach", "names"),
    [
        (agent_without_visit, {"agent 1001 is on_call with visit None", "visit zhang has agent 1001, who does not"}),
        (agent_of_ended_visit, {"agent 1001 serves li, which has ended", "visit zhang has agent 1001, who does not"}),
        (wrap_up_without_end, {"agent 1002 is wrap_up with wrap-up until None"}),
        (debt_without_wrap_up, {"agent 1001 is on_call and owes a disposition"}),
        (ready_in_a_call_of_their_own, {"agent 1002 is ready in a call of their own"}),
        (not_where_they_are, {"agent 1001 is logged in at", "phone 1001 is held by agent 1001"}),
        (visit_without_agent, {"visit zhang is connected with agent None"}),
        (waits_with_agent, {"visit zhang is waiting with agent 1001"}),
        (rings_several_one_at_a_time, {"visit li rings 2 agents, its queue one at a time"}),
        (offered_without_offer, {"visit li is offered with 0 offers"}),
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
