"""Small floors and short ways to the states that unit tests start from."""

from itertools import count

from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, OfferAnswered, SwitchSeen
from acd.model import Agent, AgentProfile, AgentState, Device, Floor, QueueRules, Skills, Visit

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


def waiting(visit_id: str, arrived: float, *, priority: int = 0, last_agent_id: str | None = None) -> Visit:
    visit = Visit(visit_id, visit_id, ORDERS, "", (("chinese", 3),), priority, arrived)
    visit.last_agent_id = last_agent_id
    return visit
