"""What must hold after every event. Tests ask after each `handle`."""

from collections.abc import Iterator

from acd.engine import Engine
from acd.model import AgentState, Visit, VisitState


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


def _visits(engine: Engine) -> Iterator[str]:
    for visit in engine.visits.values():
        serving = visit.offer.agent_id if visit.offer else visit.agent_id
        if (serving is not None) != (visit.state in (VisitState.OFFERED, VisitState.CONNECTED)):
            yield f"visit {visit.visit_id} is {visit.state} with agent {serving}"
        if serving is not None and engine.agents[serving].visit_id != visit.visit_id:
            yield f"visit {visit.visit_id} has agent {serving}, who does not have it"
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
