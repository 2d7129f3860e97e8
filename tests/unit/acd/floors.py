"""Small floors and short ways to the states that unit tests start from."""

from collections.abc import Mapping
from itertools import count

from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, OfferAnswered, SwitchSeen
from acd.indexes import Kinds
from acd.ladder import Ladders
from acd.model import Agent, AgentProfile, AgentState, Device, Floor, QueueRules, Skills, Visit
from acd.requirement import parse

ORDERS = QueueRules("orders", {"chinese": 3}, ring_seconds=20.0, wrap_up_seconds=10.0)


def floor_of(agents: dict[str, Skills], *queues: QueueRules) -> Floor:
    profiles = {agent_id: AgentProfile(agent_id, "", skills) for agent_id, skills in agents.items()}
    return Floor({queue.queue_id: queue for queue in queues or (ORDERS,)}, profiles)


def engine_of(floor: Floor) -> Engine:
    numbers = count(1)
    return Engine(floor, lambda: f"offer-{next(numbers)}")


def seen(agents: dict[str, Skills]) -> SwitchSeen:
    return SwitchSeen({}, {}, frozenset(), dict.fromkeys(agents, Device.IDLE))


def talking_engine() -> Engine:
    """At 2.0: caller zhang talks to agent 1001 since 1.0."""
    agents: dict[str, Skills] = {"1001": {"chinese": 5}, "1002": {"chinese": 5}}
    engine = engine_of(floor_of(agents))
    engine.handle(seen(agents), 0.0)
    engine.handle(AgentAsked("1001", AgentState.READY), 0.0)
    engine.handle(CallerJoined("zhang", "call-1", "orders", "138"), 0.0)
    engine.handle(OfferAnswered("zhang", "1001"), 1.0)
    return engine


def free_agent(agent_id: str, skills: Skills, idle_since: float) -> Agent:
    return Agent(AgentProfile(agent_id, "", skills), AgentState.READY, idle_since=idle_since, device=Device.IDLE)


def ladders_for(agents: Mapping[str, Agent], *queues: QueueRules) -> Ladders:
    """Of a floor with these agents, who get their kinds by it."""
    floor = Floor({queue.queue_id: queue for queue in queues or (ORDERS,)}, {})
    return Ladders(floor, Kinds(agents))


def waiting(
    visit_id: str,
    arrived: float,
    ladders: Ladders | None = None,
    *,
    queue: QueueRules = ORDERS,
    requires: str = "",
    priority: int = 0,
    last_agent_id: str | None = None,
) -> Visit:
    ladder = (ladders or ladders_for({})).of(queue, parse(requires), None)
    return Visit(visit_id, visit_id, queue, "", ladder, priority, arrived, last_agent_id=last_agent_id)
