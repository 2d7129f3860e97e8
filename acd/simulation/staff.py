"""Who takes the calls: the site's own agents, or as many as the planner asks about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from acd.model import AgentProfile, Floor, Skills
from acd.simulation.traffic import Traffic


def group_names(floor: Floor) -> dict[str, str]:
    """The group of each agent: those of equal skills, named by them. `english:8 orders:5`"""
    return {agent_id: group_name(profile) for agent_id, profile in floor.agents.items()}


def group_name(profile: AgentProfile) -> str:
    skills = sorted(profile.skills.items())
    return " ".join(f"{skill}:{level}" for skill, level in skills if level > 0) or "no skills"


def staffed(floor: Floor, traffic: Traffic, numbers: Mapping[tuple[str, ...], int]) -> Floor:
    """The floor with made-up agents instead of its own.

    numbers: how many agents serve just these queues. Each has every skill that the queues or their callers ask for, at
    the level asked. Raises KeyError for a queue that the floor does not have.
    """
    agents: dict[str, AgentProfile] = {}
    for queues, number in numbers.items():
        skills = skills_for(floor, traffic, queues)
        for _ in range(number):
            agent_id = f"{len(agents) + 1:05d}"
            agents[agent_id] = AgentProfile(agent_id, "", skills)
    return replace(floor, agents=agents)


def skills_for(floor: Floor, traffic: Traffic, queues: tuple[str, ...]) -> dict[str, int]:
    """The least skills with which an agent serves every caller of these queues."""
    return merged(need for queue_id in queues for need in needs(floor, traffic, queue_id))


def needs(floor: Floor, traffic: Traffic, queue_id: str) -> list[dict[str, int]]:
    """What each kind of the queue's callers asks of an agent: the plain ones, then the askers."""
    queue = floor.queues[queue_id].requirement
    askers = traffic.queues[queue_id].askers if queue_id in traffic.queues else ()
    return [merged([queue]), *(merged([queue, one.skills]) for one in askers)]


def agents_with(floor: Floor, skills: Skills) -> list[str]:
    """The agents who have all of these at the level or above."""
    return [
        agent_id
        for agent_id, profile in floor.agents.items()
        if all(profile.skills.get(skill, 0) >= level for skill, level in skills.items())
    ]


def merged(needs: Iterable[Skills]) -> dict[str, int]:
    """The higher level of each skill."""
    highest: dict[str, int] = {}
    for skill, level in (item for need in needs for item in need.items()):
        highest[skill] = max(level, highest.get(skill, 0))
    return highest
