"""The line of waiting callers, for whoever watches over it: how each of them stands, and another place for one.

Looking costs a look at every caller and, of those who are shown, at the classes that wait: so no more are shown of a
queue than a person would read.
"""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from acd.distributor import Distributor
from acd.engine import Engine
from acd.events import CallerRanked
from acd.matching import kept_for
from acd.model import Agent, AgentState, CallerClass, QueueRules, Visit, VisitState

Ids = tuple[str, ...]
SHOWN_MAX: Final = 200
"""Callers of one answer; the counts are always of all."""


class UnknownCaller(LookupError):
    """Nobody is here whose visit's or call's id begins so."""


class SeveralCallers(LookupError):
    """The ids of several begin so."""


class CallerTalks(Exception):
    """The caller has been connected: there is no place to change any more."""


class UnknownQueue(LookupError):
    """The site has no such queue."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One caller at this moment; times in seconds."""

    visit_id: str
    call_id: str
    queue: str
    caller_number: str
    state: VisitState
    """`waiting`, or `offered` while a phone rings for them."""
    wait_seconds: float
    requirement: str
    """What is asked for at the step reached; empty: nothing."""
    step: int
    """How many relaxations have opened."""
    steps: int
    """How many there are."""
    next_step_seconds: float | None
    """Until the next one opens."""
    segment: str
    priority: int
    head_start_seconds: float
    position: int | None
    """1 and one more for each caller ahead who competes for the same agents; None while a phone rings for them."""
    estimate_seconds: float | None
    """To come, and not exceeded by four callers in five; None: nobody works who could serve them, or a phone rings."""
    kept_for: str
    """The agent whom they know and are kept for; empty: for nobody."""
    could_serve: Ids
    """Agents logged in who meet the requirement of this step."""
    free: Ids
    """Those of them who are ready."""


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """One queue at this moment; times in seconds."""

    queue: str
    closed: bool
    waiting: int
    talking: int
    longest_wait_seconds: float
    requirement: str
    """What every caller asks for on arrival, before any step."""
    could_serve: Ids
    """Agents logged in who meet it and are not in reserve."""
    free: tuple[str, ...]


class Line:
    """Callers who wait at one distributor, in the order of their places."""

    def __init__(self, distributor: Distributor) -> None:
        self._distributor = distributor

    def queues(self) -> list[QueueStanding]:
        """Every queue of the site, and those it has no more in which callers wait still."""
        engine, now = self._distributor.engine, time.monotonic()
        return [_queue(engine, queue, now) for queue in _queues(engine).values()]

    def queue(self, queue_id: str) -> tuple[QueueStanding, list[Waiting]]:
        """One queue and who waits in it. Raises UnknownQueue."""
        engine, now = self._distributor.engine, time.monotonic()
        queue = _queues(engine).get(queue_id)
        if queue is None:
            raise UnknownQueue(queue_id)
        here = (visit for visit in _waiting(engine) if visit.queue.queue_id == queue_id)
        return _queue(engine, queue, now), _first(engine, here, now)

    def callers(self) -> list[Waiting]:
        """Who waits, over all queues."""
        engine = self._distributor.engine
        return _first(engine, _waiting(engine), time.monotonic())

    def rank(self, begins: str, priority: int | None, head_start_seconds: float | None) -> Waiting:
        """Give a caller another place; None: as it is. The arrival, and so the wait that is told, stays.

        Args:
            begins: the visit's or the call's id, or a beginning that only one of them has.
            priority: in all, the queue's and the segment's included; head_start_seconds likewise.
        Raises UnknownCaller, SeveralCallers and CallerTalks; nothing was changed then.
        """
        engine = self._distributor.engine
        visit = _named(engine, begins)
        if visit.state is VisitState.CONNECTED:
            raise CallerTalks(visit.visit_id)
        self._distributor.ask(
            CallerRanked(
                visit.visit_id,
                visit.priority if priority is None else priority,
                visit.head_start_seconds if head_start_seconds is None else head_start_seconds,
            )
        )
        return _standing(engine, visit, time.monotonic(), _Serving(engine))


def _named(engine: Engine, begins: str) -> Visit:
    if (exact := engine.visits.get(begins)) is not None:
        return exact
    found = [one for one in engine.visits.values() if one.visit_id.startswith(begins) or one.call_id.startswith(begins)]
    if len(found) > 1:
        raise SeveralCallers(begins)
    if not found:
        raise UnknownCaller(begins)
    return found[0]


def _queues(engine: Engine) -> Mapping[str, QueueRules]:
    return {**engine.floor.queues, **engine.closing_queues}


def _waiting(engine: Engine) -> Iterator[Visit]:
    return (visit for visit in engine.visits.values() if visit.state is not VisitState.CONNECTED)


def _first(engine: Engine, visits: Iterable[Visit], now: float) -> list[Waiting]:
    serving = _Serving(engine)
    first = heapq.nsmallest(SHOWN_MAX, visits, key=attrgetter("rank"))
    return [_standing(engine, visit, now, serving) for visit in first]


def _standing(engine: Engine, visit: Visit, now: float, serving: "_Serving") -> Waiting:
    outlook = engine.outlook(visit.visit_id)
    could_serve, free = serving.of(visit.caller_class)
    until = visit.arrived + visit.ladder[visit.step + 1].after_seconds - now if visit.has_steps else None
    return Waiting(
        visit_id=visit.visit_id,
        call_id=visit.call_id,
        queue=visit.queue.queue_id,
        caller_number=visit.caller_number,
        state=visit.state,
        wait_seconds=round(now - visit.arrived, 1),
        requirement=visit.caller_class.text,
        step=visit.step,
        steps=len(visit.ladder) - 1,
        next_step_seconds=None if until is None else round(max(0.0, until), 1),
        segment=visit.segment,
        priority=visit.priority,
        head_start_seconds=round(visit.head_start_seconds, 1),
        position=None if outlook is None else outlook.position,
        estimate_seconds=None if outlook is None or outlook.seconds is None else round(outlook.seconds, 1),
        kept_for=kept_for(visit, engine.agents, now) or "",
        could_serve=could_serve,
        free=free,
    )


class _Serving:
    """Who could serve the callers of a class; callers of one class are asked about once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[CallerClass, tuple[Ids, Ids]] = {}

    def of(self, caller_class: CallerClass) -> tuple[Ids, Ids]:
        """Of the agents logged in who may serve: all, and those who can be rung now."""
        if caller_class not in self._known:
            self._known[caller_class] = _here(self._engine, lambda agent: bool(agent.kind & caller_class.able))
        return self._known[caller_class]


def _queue(engine: Engine, queue: QueueRules, now: float) -> QueueStanding:
    here = [one for one in engine.visits.values() if one.queue.queue_id == queue.queue_id]
    waits = [now - one.arrived for one in here if one.state is not VisitState.CONNECTED]
    needed = queue.requirement
    could_serve, free = _here(engine, lambda agent: not agent.profile.reserve and needed.met_by(agent.profile.skills))
    return QueueStanding(
        queue=queue.queue_id,
        closed=queue.queue_id in engine.closed,
        waiting=len(waits),
        talking=len(here) - len(waits),
        longest_wait_seconds=round(max(waits, default=0.0), 1),
        requirement=str(needed),
        could_serve=could_serve,
        free=free,
    )


def _here(engine: Engine, able: Callable[[Agent], bool]) -> tuple[Ids, Ids]:
    here = tuple(
        agent_id
        for agent_id, agent in engine.agents.items()
        if agent.state is not AgentState.LOGGED_OFF and able(agent)
    )
    return here, tuple(agent_id for agent_id in here if agent_id in engine.free)
