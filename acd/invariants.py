"""What must hold after every event. Tests ask after each `handle`."""

from collections.abc import Iterator

from acd.engine import Engine
from acd.model import AgentState, Device, Strategy, Visit, VisitState


def broken_invariants(engine: Engine) -> Iterator[str]:
    """Name every invariant that does not hold now; nothing when all is well."""
    yield from _agents(engine)
    yield from _visits(engine)
    yield from _line(engine)


def _agents(engine: Engine) -> Iterator[str]:
    for agent_id, agent in engine.agents.items():
        busy = agent.state in (AgentState.OFFERED, AgentState.ON_CALL)
        if busy != (agent.visit_id is not None):
            yield f"agent {agent_id} is {agent.state} with visit {agent.visit_id}"
        if agent.visit_id is not None and agent.visit_id not in engine.visits:
            yield f"agent {agent_id} serves {agent.visit_id}, which has ended"
        if (agent.state is AgentState.WRAP_UP) != (agent.wrap_up_deadline is not None):
            yield f"agent {agent_id} is {agent.state} with wrap-up until {agent.wrap_up_deadline}"
        if agent.owes_disposition and agent.state is not AgentState.WRAP_UP:
            yield f"agent {agent_id} is {agent.state} and owes a disposition"
        if agent.state is AgentState.READY and agent.device is Device.BUSY:
            yield f"agent {agent_id} is ready in a call of their own"
        if agent.state is not AgentState.LOGGED_OFF and any(
            engine.holders.get(one) != agent_id for one in agent.phones
        ):
            yield f"agent {agent_id} is logged in at {agent.phones}, held by {engine.holders}"
    for phone, agent_id in engine.holders.items():
        if phone not in engine.agents[agent_id].phones or engine.agents[agent_id].state is AgentState.LOGGED_OFF:
            yield f"phone {phone} is held by agent {agent_id}, who is not there"


def _visits(engine: Engine) -> Iterator[str]:
    for visit in engine.visits.values():
        if bool(visit.offers) != (visit.state is VisitState.OFFERED):
            yield f"visit {visit.visit_id} is {visit.state} with {len(visit.offers)} offers"
        if (visit.agent_id is not None) != (visit.state is VisitState.CONNECTED):
            yield f"visit {visit.visit_id} is {visit.state} with agent {visit.agent_id}"
        for agent_id in [*visit.offers, *filter(None, [visit.agent_id])]:
            if engine.agents[agent_id].visit_id != visit.visit_id:
                yield f"visit {visit.visit_id} has agent {agent_id}, who does not have it"
        if len(visit.offers) > 1 and visit.queue.strategy is not Strategy.RING_ALL:
            yield f"visit {visit.visit_id} rings {len(visit.offers)} agents, its queue one at a time"
        if visit.visit_id in engine.ended:
            yield f"visit {visit.visit_id} is open and has ended"


def _line(engine: Engine) -> Iterator[str]:
    in_line = list(engine.line)
    if sorted(in_line, key=_rank) != in_line or len(in_line) != len(engine.line):
        yield "the line is out of order"
    waiting = {
        visit.visit_id for visit in engine.visits.values() if visit.state is VisitState.WAITING and visit.attached
    }
    if {visit.visit_id for visit in in_line} != waiting:
        yield "the line holds others than those who wait"


def _rank(visit: Visit) -> tuple[int, float, str]:
    return visit.rank
