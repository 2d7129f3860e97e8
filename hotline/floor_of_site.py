"""From the site that admins wrote to the floor that the engine distributes callers on."""

from acd.model import AgentProfile, Floor, QueueRules, Strategy
from dialplan.site import Queue, Site


def floor_of(site: Site) -> Floor:
    """The site's queues and agents in the engine's words."""
    return Floor(
        queues={queue_id: _rules(queue) for queue_id, queue in site.queues.items()},
        agents={
            extension: AgentProfile(extension, agent.name, agent.skills) for extension, agent in site.agents.items()
        },
    )


def _rules(queue: Queue) -> QueueRules:
    return QueueRules(
        queue_id=queue.id,
        requirement=queue.skills,
        ring_seconds=queue.ring_seconds,
        wrap_up_seconds=queue.wrap_up_seconds,
        wait_seconds_max=queue.wait_seconds_max,
        last_agent_hold_seconds=queue.last_agent_hold_seconds,
        priority=queue.priority,
        strategy=Strategy(queue.strategy),
    )
