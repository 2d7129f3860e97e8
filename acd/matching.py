"""Who is offered to whom: pure questions about the callers who wait and the agents who are free.

One total order of callers is used everywhere: the higher band, then those who are kept for an agent who is free, then
the earlier place. The first of those who can be served is the next to be offered, and the caller's class says to whom.
Eligibility is asked before precedence, never after (asterisk#1561): a caller whom nobody free can serve is stepped over
and blocks no one behind.

Nothing is asked twice. Whoever has waited, and been free, since the last dispatch found no more pairs, are no pair now;
so only what is news to one of the two indexes is looked at. A refusal, a hold, a step or a rest that ends is news too.
"""

from collections.abc import Collection, Mapping
from operator import attrgetter

from acd.indexes import FreeAgents, WaitingLine
from acd.model import Agent, AgentState, Device, Visit

_COMES_BACK = frozenset({AgentState.READY, AgentState.OFFERED, AgentState.ON_CALL, AgentState.WRAP_UP})
_RANK = attrgetter("rank")


def next_pair(
    line: WaitingLine, free: FreeAgents, agents: Mapping[str, Agent], now: float
) -> tuple[Visit, Agent] | None:
    """The next offer to make; None when there is none, and then all news has been looked at."""
    if not free.kinds:
        return None
    kept = _first_kept(line, free) if line.keepers else None
    public = _first_public(line, free, now)
    if kept is not None and (public is None or kept.priority >= public.priority):
        return kept, agents[kept.known_agent_id or ""]
    return None if public is None else (public, _choose(public, free, agents, now))


def _first_kept(line: WaitingLine, free: FreeAgents) -> Visit | None:
    """The first of those who are kept for an agent, free by now."""
    news = free.news | line.private_news if line.private_news else free.news
    heads = [visits[0] for agent_id in news if (visits := line.kept_for(agent_id)) and agent_id in free]
    return min(heads, key=_RANK, default=None)


def _first_public(line: WaitingLine, free: FreeAgents, now: float) -> Visit | None:
    """The first of those who may be offered to somebody free, where one of the two is news."""
    lines = line.news_served_by(free.kinds) if line.news else []
    if newly_free := free.kinds & free.kinds_news:
        lines += line.served_by(newly_free)
    first = None
    for visits in lines:
        head = visits[0] if not visits[0].refused_until else _first_served(visits, free, now)
        if head is not None and (first is None or head.rank < first.rank):
            first = head
    return first


def _first_served(visits: list[Visit], free: FreeAgents, now: float) -> Visit | None:
    """The first caller of a class who has not just been refused by everybody free."""
    for visit in visits:
        if not visit.refused_until or free.first(visit.caller_class, _refusing(visit, now)) is not None:
            return visit
    return None


def _choose(visit: Visit, free: FreeAgents, agents: Mapping[str, Agent], now: float) -> Agent:
    """The agent whom the caller knows, else the first by the rules of the class; there is one."""
    for agent_id in (visit.named_agent_id, visit.last_agent_id):
        if agent_id is not None and agent_id in free and may_offer(visit, agents[agent_id], now):
            return agents[agent_id]
    agent = free.first(visit.caller_class, _refusing(visit, now))
    assert agent is not None, "who is chosen for has somebody to be chosen from"
    return agent


def everyone_for(visit: Visit, free: FreeAgents, now: float, most: int) -> list[Agent]:
    """All whom RING_ALL rings for this caller now: everybody of the first tier that has somebody, at most so many."""
    return free.first_tier(visit.caller_class, _refusing(visit, now))[:most]


def _refusing(visit: Visit, now: float) -> Collection[str]:
    """The agents who have just refused this caller."""
    if not visit.refused_until:
        return ()
    return [agent_id for agent_id, until in visit.refused_until.items() if until > now]


def may_offer(visit: Visit, agent: Agent, now: float) -> bool:
    """Answer whether this agent can serve this caller at the step reached, and has not just refused them."""
    return bool(visit.caller_class.able & agent.kind) and not _refused(visit, agent, now)


def _refused(visit: Visit, agent: Agent, now: float) -> bool:
    return visit.refused_until.get(agent.profile.agent_id, now) > now


def kept_for(visit: Visit, agents: Mapping[str, Agent], now: float) -> str | None:
    """The agent whom the caller is kept for: asked for by name, or who served them last.

    Only while that agent can be expected back: one who is not ready, logged off, about to leave, unreachable, unable to
    serve at this step, or who has just refused this caller is not waited for.
    """
    if visit.hold_deadline is None or visit.hold_deadline <= now:
        return None
    agent = agents.get(visit.known_agent_id or "")
    can_be_expected = (
        agent is not None
        and agent.state in _COMES_BACK
        and agent.wish is None
        and agent.device is not Device.UNREACHABLE
        and may_offer(visit, agent, now)
    )
    return visit.known_agent_id if can_be_expected else None
