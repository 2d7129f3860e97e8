"""Floors and traffic of one shape, for tests of the simulation: one queue, equal agents, no ringing, no wrap-up."""

from dataclasses import replace

from acd.model import AgentProfile, Floor, QueueRules
from acd.simulation.traffic import Arrivals, QueueTraffic, Shape, Spread, Traffic

PER_HOUR = 200.0
"""100 calls in half an hour."""
HANDLING_SECONDS = 180.0
RULES = QueueRules("orders", {"orders": 1}, ring_seconds=20.0, wrap_up_seconds=0.0)
QUEUE = QueueTraffic(Arrivals.constant(PER_HOUR), Spread(Shape.EXPONENTIAL, HANDLING_SECONDS))


def floor_of(agents: int, *queues: QueueRules) -> Floor:
    """So many agents who serve every queue of these."""
    rules = queues or (RULES,)
    skills = {skill: level for queue in rules for skill, level in queue.skills.items()}
    profiles = {f"{number:03d}": AgentProfile(f"{number:03d}", "", skills) for number in range(agents)}
    return Floor({queue.queue_id: queue for queue in rules}, profiles)


def patient_traffic(hours: float, warm_up_hours: float = 0.0, *, patience_seconds: float | None = None) -> Traffic:
    """Two hundred calls an hour of three minutes; patience_seconds: mean, None for endless."""
    patience = None if patience_seconds is None else Spread(Shape.EXPONENTIAL, patience_seconds)
    return Traffic({"orders": replace(QUEUE, patience=patience)}, hours * 3600, warm_up_hours * 3600)
