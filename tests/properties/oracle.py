"""The rules of matching once more, as slow and as plain as can be: every waiting caller with every agent, every time.

Nothing here uses the classes, kinds, tiers and indexes of the engine, so that an error in them cannot hide. What it
takes on trust is the state of visits and agents, which step a visit has reached, and the keys of the strategies.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from acd.engine import Engine
from acd.indexes import is_free
from acd.model import Agent, AgentState, Device, Strategy, Visit, VisitState
from acd.orders import KEYS
from acd.requirement import parse

Pair = tuple[Visit, list[Agent]]


def next_offer(engine: Engine, now: float) -> Pair | None:
    """The caller who is to be offered next, and the agents to be rung."""
    best = min(_pairs(engine, now), key=lambda pair: _key(engine, *pair, now), default=None)
    if best is None:
        return None
    visit, agent = best
    if visit.queue.strategy is not Strategy.RING_ALL or not visit.is_on_line or is_kept(engine, visit, now):
        return visit, [agent]  # a callback rings for one agent at a time
    able = [one for caller, one in _pairs(engine, now) if caller is visit]
    tier = min(_tier(engine, visit, one) for one in able)
    rung = [one for one in able if _tier(engine, visit, one) == tier]
    return visit, sorted(rung, key=lambda one: _order(visit, one))[: engine.floor.ring_all_max]


def _pairs(engine: Engine, now: float) -> Iterator[tuple[Visit, Agent]]:
    for visit in waiting(engine, now):
        for agent in engine.agents.values():
            known = visit.named_agent_id or visit.last_agent_id
            ours = not is_kept(engine, visit, now) or agent.profile.agent_id == known
            if ours and is_free(agent, now) and may_serve(engine, visit, agent, now):
                yield visit, agent


def waiting(engine: Engine, now: float) -> list[Visit]:
    """Who may be offered: callers whom a session holds, and callbacks that are due, whose caller nobody calls yet."""
    return [
        visit for visit in engine.visits.values() if visit.state is VisitState.WAITING and _is_here(engine, visit, now)
    ]


def _is_here(engine: Engine, visit: Visit, now: float) -> bool:
    callback = visit.callback
    if callback is None or callback.reached:
        return visit.attached
    return callback.attempt is None and callback.due <= now and visit.queue.queue_id not in engine._moves.quiet


def _key(engine: Engine, visit: Visit, agent: Agent, now: float) -> tuple[Any, ...]:
    agent_id = agent.profile.agent_id
    return (
        -visit.priority,
        not is_kept(engine, visit, now),
        visit.arrived - visit.head_start_seconds,
        visit.visit_id,
        agent_id != visit.named_agent_id,
        agent_id != visit.last_agent_id,
        _tier(engine, visit, agent),
        _order(visit, agent),
    )


def _order(visit: Visit, agent: Agent) -> tuple[float, str]:
    return KEYS[visit.queue.strategy](agent), agent.profile.agent_id


def _tier(engine: Engine, visit: Visit, agent: Agent) -> tuple[bool, int, int]:
    skills, queue = agent.profile.skills, visit.queue
    preferred = [number for number, wish in enumerate(queue.prefer) if wish.met_by(skills)]
    serves = [one for one in engine.floor.queues.values() if one.requirement.met_by(skills)]
    flexibility = len(serves) if queue.least_flexible_first else 0
    return agent.profile.reserve, min(preferred, default=len(queue.prefer)), flexibility


def may_serve(engine: Engine, visit: Visit, agent: Agent, now: float) -> bool:
    return can_serve(engine, visit, agent) and visit.refused_until.get(agent.profile.agent_id, now) <= now


def can_serve(engine: Engine, visit: Visit, agent: Agent) -> bool:
    """By the queue's rules as they stand at the step that the visit has reached."""
    skills, reached = agent.profile.skills, visit.ladder[visit.step].after_seconds
    opened = [step for step in visit.queue.steps if step.after_seconds <= reached]
    by_step = any(step.requires is not None and step.requires.met_by(skills) for step in opened)
    segment = engine.floor.segments.get(visit.segment)
    wished = segment is None or reached >= segment.requires_seconds or segment.requires.met_by(skills)
    in_reserve = agent.profile.reserve and not any(step.reserve for step in opened)
    by_queue = visit.queue.requirement.met_by(skills) or by_step or _helps(engine, visit, agent, reached)
    return by_queue and parse(visit.requires).met_by(skills) and wished and not in_reserve


def _helps(engine: Engine, visit: Visit, agent: Agent, reached: float) -> bool:
    """The agent is of the queue that this one overflows to, and that has come to help."""
    overflow = visit.queue.overflow
    other = engine.floor.queues.get(overflow.to) if overflow is not None else None
    if overflow is None or other is None or overflow.moves:
        return False
    is_time = overflow.after_seconds is not None and overflow.after_seconds <= reached
    return (visit.overflowed or is_time) and other.requirement.met_by(agent.profile.skills)


def is_kept(engine: Engine, visit: Visit, now: float) -> bool:
    """For the agent asked for by name, else for the last one, during the hold."""
    agent = engine.agents.get(visit.named_agent_id or visit.last_agent_id or "")
    return (
        visit.hold_deadline is not None
        and visit.hold_deadline > now
        and agent is not None
        and agent.state not in (AgentState.NOT_READY, AgentState.LOGGED_OFF, AgentState.EXTERNAL)
        and agent.wish is None
        and agent.device is not Device.UNREACHABLE
        and may_serve(engine, visit, agent, now)
    )


def overtaken(engine: Engine, visit: Visit, rung: Sequence[Agent], now: float) -> Iterator[str]:
    """The callers of the same needs and band who came before this one and could have been offered to one of these
    agents: first come, first served, but for who has just been refused, or is kept for the agent."""
    if is_kept(engine, visit, now):
        return
    for other in waiting(engine, now):
        alike = other.caller_class is visit.caller_class and other.priority == visit.priority
        before = other.arrived - other.head_start_seconds < visit.arrived - visit.head_start_seconds
        able = any(may_serve(engine, other, agent, now) for agent in rung)
        if alike and before and able and not is_kept(engine, other, now):
            yield other.visit_id


def late_steps(engine: Engine, now: float) -> list[str]:
    """Callers who are short of a step that is due, or whom nobody logged in could serve although there are more."""
    late = []
    for visit in waiting(engine, now):
        if visit.step + 1 < len(visit.ladder):
            due = visit.arrived + visit.ladder[visit.step + 1].after_seconds <= now
            logged_in = [agent for agent in engine.agents.values() if agent.state is not AgentState.LOGGED_OFF]
            if due or not any(can_serve(engine, visit, agent) for agent in logged_in):
                late.append(visit.visit_id)
    return late
