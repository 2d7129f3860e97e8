"""Who takes the calls: the site's own agents, or as many as the planner asks about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from acd.model import AgentProfile, Floor
from acd.requirement import ANYBODY, All, Expr, Level, all_of, any_of, levels_of, skills_in
from acd.simulation.traffic import Traffic

_WAYS_MAX = 4_096
"""How many ways of meeting a requirement are looked at for the least skills."""


class NobodyCould(ValueError):
    """No single agent could ever serve all callers of these queues; the message is what they ask for."""


def group_names(floor: Floor) -> dict[str, str]:
    """The group of each agent: those of equal skills, named by them. `english:8 orders:5`"""
    return {agent_id: group_name(profile) for agent_id, profile in floor.agents.items()}


def group_name(profile: AgentProfile) -> str:
    skills = sorted(profile.skills.items())
    return " ".join(f"{skill}:{level}" for skill, level in skills if level > 0) or "no skills"


def staffed(floor: Floor, traffic: Traffic, numbers: Mapping[tuple[str, ...], int]) -> Floor:
    """The floor with made-up agents instead of its own.

    numbers: how many agents serve just these queues. Each has the least skills with which every caller of them can be
    served from the first moment on. Raises KeyError for a queue that the floor does not have, and NobodyCould.
    """
    agents: dict[str, AgentProfile] = {}
    for queues, number in numbers.items():
        skills = skills_for(floor, traffic, queues)
        for _ in range(number):
            agent_id = f"{len(agents) + 1:05d}"
            agents[agent_id] = AgentProfile(agent_id, "", skills)
    return replace(floor, agents=agents)


def skills_for(floor: Floor, traffic: Traffic, queues: tuple[str, ...]) -> dict[str, int]:
    """The least skills with which an agent serves every caller of these queues. Raises NobodyCould."""
    asked = need_for_all(floor, traffic, queues)
    skills = least_skills(asked)
    if skills is None:
        raise NobodyCould(str(asked))
    return skills


def need_for_all(floor: Floor, traffic: Traffic, queues: tuple[str, ...]) -> Expr:
    """What an agent must meet who is to serve every caller of these queues."""
    return all_of(*(need for queue_id in queues for need in needs(floor, traffic, queue_id)))


def needs(floor: Floor, traffic: Traffic, queue_id: str) -> list[Expr]:
    """What each kind of the queue's callers asks of an agent on arrival: the plain ones, then the askers."""
    return [all_of(floor.queues[queue_id].requirement, own) for own in _own_needs(traffic, queue_id)]


def _own_needs(traffic: Traffic, queue_id: str) -> list[Expr]:
    askers = traffic.queues[queue_id].askers if queue_id in traffic.queues else ()
    return [ANYBODY, *(one.need for one in askers)]


def agents_with(floor: Floor, need: Expr) -> list[str]:
    """The agents who meet this and are not in reserve."""
    return [agent_id for agent_id, one in floor.agents.items() if not one.reserve and need.met_by(one.skills)]


def ever_served_by(floor: Floor, traffic: Traffic, queue_id: str) -> Iterator[tuple[Expr, list[str]]]:
    """Of each kind of the queue's callers: what they ask for, and the agents who may serve them at the last step."""
    queue = floor.queues[queue_id]
    opened = [step.requires for step in queue.steps if step.requires is not None]
    reserve = any(step.reserve for step in queue.steps)
    for own in _own_needs(traffic, queue_id):
        widest = all_of(any_of(queue.requirement, *opened), own)
        able = [
            name for name, one in floor.agents.items() if (reserve or not one.reserve) and widest.met_by(one.skills)
        ]
        yield all_of(queue.requirement, own), able


def least_skills(need: Expr) -> dict[str, int] | None:
    """The skills of an agent who just meets this: the lowest levels, of several ways the one with the lowest sum.

    None where no levels from 0 to 10 would do, or none of the first few thousand ways.
    """
    nothing = dict.fromkeys(skills_in(need), 0)
    meeting = [way for way in islice(_ways(need), _WAYS_MAX) if need.met_by(nothing | way)]
    best = min(meeting, key=lambda way: (sum(way.values()), sorted(way.items())), default=None)
    return None if best is None else {skill: level for skill, level in best.items() if level > 0}


def _ways(need: Expr) -> Iterator[dict[str, int]]:
    """Levels that might meet this, each part at the lowest that it would be content with."""
    if isinstance(need, Level):
        fitting = sorted(levels_of(need))
        yield from ({need.skill: level} for level in fitting[:1])
    elif isinstance(need, All):
        parts = (tuple(islice(_ways(part), _WAYS_MAX)) for part in need.parts)
        yield from (_highest(chosen) for chosen in product(*parts))
    else:
        for part in need.parts:
            yield from _ways(part)


def _highest(ways: Sequence[Mapping[str, int]]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for skill, level in (item for way in ways for item in way.items()):
        highest[skill] = max(level, highest.get(skill, 0))
    return highest
