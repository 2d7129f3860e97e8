"""Why this agent for this caller, or why nobody yet: the engine's own questions asked again, the answers kept as data.

Read an engine at the moment of the decision: after the event, before the offer is made (`acd.ids.Ids.watch`).
A reason is a word and what it is about; `hotline.why_words` has the sentence for each. To explain one more rule of
matching add one function to the table that it belongs to.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final

from acd.engine import Engine
from acd.indexes import is_free
from acd.matching import kept_for, may_offer
from acd.model import Agent, AgentState, Device, Strategy, Visit, VisitState
from acd.orders import occupancy_after
from acd.requirement import All, all_of, skills_in


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact that speaks against an offer, or for a choice."""

    word: str
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    visit_id: str
    call_id: str
    caller_number: str
    queue: str
    needs: str
    """The requirement at the step that has been reached."""
    step: int
    """0 is the one at the arrival."""
    steps: tuple[Mapping[str, object], ...]
    """`after_seconds`, `needs` and `reserve` of each, that of the arrival first."""
    priority: int
    head_start_seconds: float
    waited_seconds: float
    place: int
    """1 + those ahead in the one order of all who wait, whatever they need."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agent, and all that speaks against offering them this caller now."""

    agent_id: str
    name: str
    able: bool
    """Has what the caller needs."""
    idle_seconds: float | None
    """None where the agent is not ready."""
    against: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A caller of better rank, and why the chosen agent (or any free one) is not offered them."""

    visit_id: str
    caller_number: str
    queue: str
    priority: int
    waited_seconds: float
    why: Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    caller: Caller
    against: tuple[Reason, ...]
    """What keeps this caller from being offered to anybody at all, or to anybody but one."""
    candidates: tuple[Candidate, ...]
    """All agents: who could be taken first, in the order of choice; then those who are able; then the others."""
    ahead: tuple[Ahead, ...]
    chosen: str | None = None
    by: Reason | None = None
    """What decided between those who could be taken."""


def explain(engine: Engine, visit: Visit, now: float, chosen: str | None = None) -> Explanation:
    """Explain the offer of this visit that is being made to `chosen`; None: why none is made.

    Asked about the future of an offer or a talk it has nothing to say: the visit must wait, or be about to be offered.
    """
    candidates = tuple(sorted((_candidate(engine, visit, one, now) for one in engine.agents.values()), key=_order))
    takers = [engine.agents[one.agent_id] for one in candidates if not one.against]
    agents = [engine.agents[chosen]] if chosen is not None else list(engine.free)
    return Explanation(
        caller=_caller(engine, visit, now),
        against=tuple(reason for ask in HINDRANCES for reason in ask(engine, visit, now)),
        candidates=candidates,
        ahead=tuple(_ahead(engine, visit, other, agents, now) for other in _before(engine, visit)),
        chosen=chosen,
        by=None if chosen is None else _choice(engine, visit, engine.agents[chosen], takers, now),
    )


def _caller(engine: Engine, visit: Visit, now: float) -> Caller:
    return Caller(
        visit_id=visit.visit_id,
        call_id=visit.call_id,
        caller_number=visit.caller_number,
        queue=visit.queue.queue_id,
        needs=str(visit.caller_class.requirement),
        step=visit.step,
        steps=tuple(
            {"after_seconds": rung.after_seconds, "needs": str(one.requirement), "reserve": one.reserve}
            for rung in visit.ladder
            for one in (rung.caller_class,)
        ),
        priority=visit.priority,
        head_start_seconds=visit.head_start_seconds,
        waited_seconds=now - visit.arrived,
        place=1 + sum(1 for _ in _before(engine, visit)),
    )


def _before(engine: Engine, visit: Visit) -> Iterator[Visit]:
    return (other for other in engine.line if other.rank < visit.rank)


# Against any offer to this caller


def _switch_away(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    if not engine.switch_seen:
        yield Reason("switch_lost")


def _caller_away(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    if not visit.attached:
        yield Reason("caller_not_back")


def _not_waiting(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    for offer in visit.offers.values():
        yield Reason("rings", {"agent_id": offer.agent_id, "seconds": now - offer.made})
    if visit.state is VisitState.CONNECTED:
        yield Reason("talks", {"agent_id": visit.agent_id, "seconds": now - (visit.connected or now)})


def _settling(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    if engine.settles_until is not None and engine.settles_until > now:
        yield Reason("settling", {"seconds": engine.settles_until - now})


def _kept(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    if (agent_id := kept_for(visit, engine.agents, now)) is not None:
        seconds = (visit.hold_deadline or now) - now
        word = "kept_for_last_agent" if visit.named_agent_id is None else "kept_for_named_agent"
        yield Reason(word, {"agent_id": agent_id, "seconds": seconds})


def _next_step(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    """Not a hindrance for ever: others may serve from then on."""
    if visit.state is VisitState.WAITING and visit.has_steps:
        rung = visit.ladder[visit.step + 1]
        needs = str(rung.caller_class.requirement)
        yield Reason("next_step", {"seconds": visit.arrived + rung.after_seconds - now, "needs": needs})


def _nobody_able(engine: Engine, visit: Visit, now: float) -> Iterator[Reason]:
    able = [one for one in engine.agents.values() if _is_able(engine, visit, one, now)]
    if not able:
        yield Reason("nobody_able")
    elif all(one.state is AgentState.LOGGED_OFF for one in able):
        yield Reason("nobody_able_logged_on", {"agent_ids": [one.profile.agent_id for one in able]})


HINDRANCES: Final = (_switch_away, _settling, _caller_away, _not_waiting, _kept, _nobody_able, _next_step)


# Against this agent


def _lacks(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    """What of the requirement is not met: of several that are all asked for just those."""
    requirement, skills = visit.caller_class.requirement, agent.profile.skills
    if not requirement.met_by(skills):
        parts = requirement.parts if isinstance(requirement, All) else (requirement,)
        unmet = all_of(*(part for part in parts if not part.met_by(skills)))
        has = {skill: skills.get(skill, 0) for skill in sorted(skills_in(unmet))}
        yield Reason("lacks", {"needs": str(unmet), "has": has})


def _reserve(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    if agent.profile.reserve and not visit.caller_class.reserve:
        yield Reason("reserve_not_open")


def _is_able(engine: Engine, visit: Visit, agent: Agent, now: float) -> bool:
    return not any(reason for ask in ABILITIES for reason in ask(engine, visit, agent, now))


def _refused(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    until = visit.refused_until.get(agent.profile.agent_id, now)
    if until > now:
        yield Reason("refused_this_caller", {"seconds": until - now})


def _state(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    if agent.state is AgentState.READY:
        return
    about: dict[str, object] = {"state": agent.state.value, "seconds": now - agent.since}
    if agent.reason:
        about["reason"] = agent.reason
    if agent.visit_id is not None:
        about["visit_id"] = agent.visit_id
    yield Reason("not_ready", about)


def _phone(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    if agent.device is not Device.IDLE and agent.state is not AgentState.LOGGED_OFF:
        yield Reason("phone", {"device": agent.device.value})


def _rests(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    if agent.rest_deadline is not None and agent.rest_deadline > now and agent.state is AgentState.READY:
        yield Reason("rests", {"seconds": agent.rest_deadline - now})


def _leaves(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    if agent.wish is not None:
        yield Reason("about_to_leave", {"state": agent.wish[0].value, "reason": agent.wish[1]})


def _kept_for_another(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    """A caller who knows this agent is kept for them, and no caller of a higher band comes first."""
    for other in engine.line.kept_for(agent.profile.agent_id):
        if other is not visit and other.priority >= visit.priority:
            yield Reason("kept_for_another", {"visit_id": other.visit_id, "caller_number": other.caller_number})
            return


def _caller_kept(engine: Engine, visit: Visit, agent: Agent, now: float) -> Iterator[Reason]:
    if (agent_id := kept_for(visit, engine.agents, now)) not in (None, agent.profile.agent_id):
        yield Reason("caller_is_kept", {"agent_id": agent_id})


Against = Callable[[Engine, Visit, Agent, float], Iterator[Reason]]
ABILITIES: Final[tuple[Against, ...]] = (_lacks, _reserve)
OBSTACLES: Final[tuple[Against, ...]] = (
    *ABILITIES,
    *(_state, _phone, _rests, _leaves),
    *(_refused, _kept_for_another, _caller_kept),
)


def _candidate(engine: Engine, visit: Visit, agent: Agent, now: float) -> Candidate:
    return Candidate(
        agent_id=agent.profile.agent_id,
        name=agent.profile.name,
        able=_is_able(engine, visit, agent, now),
        idle_seconds=now - agent.idle_since if agent.state is AgentState.READY else None,
        against=tuple(reason for ask in OBSTACLES for reason in ask(engine, visit, agent, now)),
    )


def _order(one: Candidate) -> tuple[bool, bool, float, str]:
    return bool(one.against), not one.able, -(one.idle_seconds or 0.0), one.agent_id


# Between callers, and between agents


def _ahead(engine: Engine, visit: Visit, other: Visit, agents: list[Agent], now: float) -> Ahead:
    return Ahead(
        visit_id=other.visit_id,
        caller_number=other.caller_number,
        queue=other.queue.queue_id,
        priority=other.priority,
        waited_seconds=now - other.arrived,
        why=_passed_over(engine, visit, other, agents, now),
    )


def _passed_over(engine: Engine, visit: Visit, other: Visit, agents: list[Agent], now: float) -> Reason:
    """Why these agents, who are free, are not offered this caller of better rank."""
    for reason in _kept(engine, other, now):
        return reason
    for ask_agent in (*ABILITIES, _refused):
        reasons = [reason for agent in agents for reason in ask_agent(engine, other, agent, now)]
        if agents and len(reasons) == len(agents):
            return reasons[0] if len(agents) == 1 else Reason("nobody_free_for_them")
    if not any(may_offer(other, agent, now) and is_free(agent, now) for agent in agents):
        return Reason("nobody_free_for_them")
    return Reason("agent_kept_for_this_caller", {"agent_id": visit.known_agent_id})


def _choice(engine: Engine, visit: Visit, agent: Agent, takers: list[Agent], now: float) -> Reason:
    agent_id = agent.profile.agent_id
    if agent_id == visit.named_agent_id:
        return Reason("named_agent", {"agent_id": agent_id})
    if agent_id == visit.last_agent_id:
        return Reason("last_agent", {"agent_id": agent_id})
    if len(takers) == 1:
        return Reason("only_one_free", {"agent_id": agent_id})
    if visit.queue.strategy is Strategy.RING_ALL:
        return Reason("rung_together", {"of": len(takers)})
    tier = visit.caller_class.tier_of(agent)
    others = [one for one in takers if visit.caller_class.tier_of(one) == tier]
    if len(others) == 1:
        return Reason("only_one_of_tier", {"agent_id": agent_id, "tier": tier + 1, "of": len(takers)})
    strategy = visit.queue.strategy
    return Reason(strategy.value, {"agent_id": agent_id, "of": len(others), **_MEASURES[strategy](agent, now)})


_MEASURES: Final[Mapping[Strategy, Callable[[Agent, float], dict[str, object]]]] = {
    Strategy.LONGEST_IDLE: lambda agent, now: {"seconds": now - agent.idle_since},
    Strategy.LEAST_OCCUPIED: lambda agent, now: {
        "percent": round(100 * occupancy_after(agent.occupancy, agent.state, now - agent.since))
    },
    Strategy.FEWEST_CALLS: lambda agent, now: {"calls": agent.calls_answered},
    Strategy.ROUND_ROBIN: lambda agent, now: {"seconds": None if agent.offered == -inf else now - agent.offered},
    Strategy.FIXED_ORDER: lambda agent, now: {"position": agent.position + 1},
}
"""What the order of each strategy goes by, of the agent who was taken."""
