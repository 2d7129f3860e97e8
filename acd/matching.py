"""Who is offered to whom: pure questions about the callers who wait and the agents who are free.

One total order of callers (band, arrival) is used everywhere; a caller whom nobody free can serve is stepped over and
blocks no one behind. Eligibility is asked before precedence, never after (asterisk#1561).
"""

from collections.abc import Mapping
from itertools import islice, takewhile

from acd.indexes import FreeAgents, Requirement, WaitingLine, is_free, serves
from acd.model import Agent, AgentState, Device, Skills, Visit

_COMES_BACK = frozenset({AgentState.READY, AgentState.OFFERED, AgentState.ON_CALL, AgentState.WRAP_UP})


def merge(queue: Skills, caller: Skills) -> Requirement:
    """Both must be met: the higher level of each skill, in one canonical order so that equal needs share a class."""
    return tuple(sorted({skill: max(queue.get(skill, 0), caller.get(skill, 0)) for skill in {*queue, *caller}}.items()))


def next_pair(
    line: WaitingLine, free: FreeAgents, agents: Mapping[str, Agent], now: float
) -> tuple[Visit, Agent] | None:
    """The next offer to make, or None: first a caller held for a free agent, then everyone in rank order."""
    return _held_pair(line, free, agents, now) or _public_pair(line, free, agents, now)


def _held_pair(
    line: WaitingLine, free: FreeAgents, agents: Mapping[str, Agent], now: float
) -> tuple[Visit, Agent] | None:
    for agent in free.among(line.known_agents()):
        for visit in line.who_know(agent.profile.agent_id):
            if waits_for_last_agent(visit, agents, now) and not _outranked(line, visit, agent, agents, now):
                return visit, agent
    return None


def _outranked(line: WaitingLine, held: Visit, agent: Agent, agents: Mapping[str, Agent], now: float) -> bool:
    """A caller of a strictly higher band goes first even where the agent is being kept for another."""
    higher = takewhile(
        lambda visit: visit.priority > held.priority, line.in_order(line.kinds.of(agent.profile.agent_id))
    )
    return any(may_offer(visit, agent, now) and not waits_for_last_agent(visit, agents, now) for visit in higher)


def _public_pair(
    line: WaitingLine, free: FreeAgents, agents: Mapping[str, Agent], now: float
) -> tuple[Visit, Agent] | None:
    for visit in line.in_order(free.kinds):
        if not waits_for_last_agent(visit, agents, now) and (agent := _choose(visit, free, agents, now)) is not None:
            return visit, agent
    return None


def _choose(visit: Visit, free: FreeAgents, agents: Mapping[str, Agent], now: float) -> Agent | None:
    """Last agent, then longest idle, then lowest id."""
    last = agents.get(visit.last_agent_id or "")
    if last is not None and is_free(last, now) and may_offer(visit, last, now):
        return last
    return free.longest_idle(visit.requirement, lambda agent: not _refused(visit, agent, now))


def everyone_for(visit: Visit, free: FreeAgents, now: float, most: int) -> tuple[Agent, ...]:
    """All whom RING_ALL rings for this caller now: the longest idle first, at most so many."""
    able = (agent for agent in free.in_order(visit.requirement) if not _refused(visit, agent, now))
    return tuple(islice(able, most))


def may_offer(visit: Visit, agent: Agent, now: float) -> bool:
    """Answer whether this agent can serve this caller and has not just refused them."""
    return serves(agent.profile.skills, visit.requirement) and not _refused(visit, agent, now)


def _refused(visit: Visit, agent: Agent, now: float) -> bool:
    return visit.refused_until.get(agent.profile.agent_id, now) > now


def waits_for_last_agent(visit: Visit, agents: Mapping[str, Agent], now: float) -> bool:
    """Answer whether the caller is kept for the agent who served them last.

    Only while that agent can be expected back: one who is not ready, logged off, about to leave, unreachable, or who
    has just refused this caller is not waited for.
    """
    if visit.hold_deadline is None or visit.hold_deadline <= now:
        return False
    agent = agents.get(visit.last_agent_id or "")
    return (
        agent is not None
        and agent.state in _COMES_BACK
        and agent.wish is None
        and agent.device is not Device.UNREACHABLE
        and may_offer(visit, agent, now)
    )
