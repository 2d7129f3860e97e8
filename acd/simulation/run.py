"""One simulated day: callers from `chance`, the real engine, and a clock that jumps to whatever comes next.

The run is to the engine what the distributor and Asterisk are on a real day. It reports only what a switch would, and
counts only what the engine itself records (CONNECT, OFFEREND, AGENTSTATE) and releases.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from acd.commands import Command, Record, ReleaseCaller, RingAgents, StopRinging
from acd.engine import Engine
from acd.events import (
    AgentAsked,
    CallerJoined,
    CallerLeft,
    Event,
    OfferAnswered,
    OfferFailed,
    SwitchSeen,
    TalkEnded,
    Tick,
)
from acd.model import AgentState, Device, Floor, OfferOutcome, QueueRules, VisitOutcome, WrapUp
from acd.requirement import all_of, skills_in
from acd.simulation.chance import Chance, Coming
from acd.simulation.staff import group_names
from acd.simulation.tally import Fate, Span, Tally, Waited
from acd.simulation.traffic import Traffic

LINGER_SECONDS_MAX = 86_400.0
"""How long after the last arrival the simulation waits for callers whom perhaps nobody can serve."""


class _Call:
    """A caller on the line."""

    __slots__ = ("coming", "delayed", "skills", "talks")

    def __init__(self, coming: Coming, skills: tuple[str, ...]) -> None:
        self.coming = coming
        self.skills = skills
        self.delayed = True
        self.talks = False


class Run:
    """One replication. `advance` it as far as you like, then `finish` it."""

    def __init__(self, floor: Floor, traffic: Traffic, seed: int, batches: int = 1) -> None:
        self.now = 0.0
        self.calls_ended = 0
        self.end = traffic.warm_up_seconds + traffic.seconds
        """When the last caller may arrive."""
        span = Span(traffic.warm_up_seconds, self.end, batches)
        levels = {queue_id: queue.service_level_seconds for queue_id, queue in traffic.queues.items()}
        self.tally = Tally(span, group_names(floor), levels)
        self._floor, self._traffic = floor, traffic
        self._numbers = count(1)
        self.engine = Engine(_disposed_in_time(floor), self._new_id)
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        """Heap of what is to come: when, a number that breaks ties, what to do, with what."""
        self._calls: dict[str, _Call] = {}
        self._rings: dict[str, RingAgents] = {}
        """What rings for each caller, or rang last, unless it was taken back."""
        self._skills: dict[tuple[str, int], tuple[str, ...]] = {}
        self._chances = {queue_id: Chance(seed, queue_id, queue) for queue_id, queue in traffic.queues.items()}
        self._read: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "CONNECT": self._connected,
            "OFFEREND": self._offer_ended,
            "AGENTSTATE": self._agent_moved,
        }
        self._open()

    def advance(self, until: float) -> None:
        """Let everything happen up to this time."""
        while self._step(until):
            pass

    def finish(self) -> Tally:
        """Let everything happen, callers served who still wait, and return the counts."""
        self.advance(self.end)
        while self._calls and self._step(self.end + LINGER_SECONDS_MAX):
            pass
        for call in self._calls.values():
            if not call.talks:
                self._waited(call, Fate.UNSERVED, self.now - call.coming.arrives)
        self.tally.close()
        return self.tally

    def _open(self) -> None:
        agents = self._floor.agents
        self._tell(SwitchSeen({}, {}, frozenset(), dict.fromkeys(agents, Device.IDLE)))
        for agent_id in agents:
            self._tell(AgentAsked(agent_id, AgentState.READY))
        begin = self._traffic.start_clock - self._traffic.warm_up_seconds
        for chance in self._chances.values():
            self._await_next(chance.callers(begin, self.end))

    # The clock

    def _step(self, until: float) -> bool:
        """Let the next thing happen, if it is due by then; answer whether it was."""
        deadline = self.engine.next_deadline()
        if self._agenda and (deadline is None or self._agenda[0][0] <= deadline):
            if self._agenda[0][0] > until:
                return False
            self.now, _, act, about = heapq.heappop(self._agenda)
            act(*about)
        elif deadline is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self._tell(Tick())
        else:
            return False
        return True

    def _at(self, moment: float, act: Callable[..., None], *about: Any) -> None:
        heapq.heappush(self._agenda, (moment, next(self._numbers), act, about))

    def _new_id(self) -> str:
        return f"{next(self._numbers):09d}"

    # What the engine wants done

    def _tell(self, event: Event) -> None:
        """Give the engine an event, and at once whatever answers to its commands take no time."""
        events = [event]
        for one in events:
            for command in self.engine.handle(one, self.now):
                if isinstance(command, Record):  # most are, and most of them are of no interest here
                    if command.verb in self._read:
                        self._read[command.verb](command.fields)
                elif (answer := self._perform(command)) is not None:
                    events.append(answer)

    def _perform(self, command: Command) -> Event | None:
        """Nobody here asks for a callback, so that there are no commands about any."""
        if isinstance(command, RingAgents):
            return self._ring(command)
        if isinstance(command, ReleaseCaller):
            return self._released(command)
        if isinstance(command, StopRinging):
            self._rings.pop(command.visit_id, None)
        return None

    def _ring(self, command: RingAgents) -> Event | None:
        """Whoever hears the phone picks up after the same time: of several the one who was offered first."""
        call = self._calls[command.visit_id]
        self._rings[command.visit_id] = command
        call.delayed = call.delayed and self.now > call.coming.arrives
        rings = self._traffic.queues[call.coming.queue_id].ring_seconds
        winner = self._first_to_pick_up(command) if rings < command.ring_seconds else None
        if winner is None:
            self._at(self.now + command.ring_seconds, self._rang_out, command)
        elif rings > 0:
            self._at(self.now + rings, self._picked_up, command, winner)
        else:
            return OfferAnswered(command.visit_id, winner)
        return None

    def _first_to_pick_up(self, ring: RingAgents) -> str | None:
        chance = self._chances[self._calls[ring.visit_id].coming.queue_id]
        return next((offer.agent_id for offer in ring.offers if not chance.rings_out()), None)

    def _released(self, command: ReleaseCaller) -> Event | None:
        call = self._calls.pop(command.visit_id)
        self._rings.pop(command.visit_id, None)
        if command.outcome is VisitOutcome.OVERFLOWED:  # a site has no circle of such moves
            return self._come(call, command.to.removeprefix("queue:"))
        self.calls_ended += 1
        if not call.talks:
            fate = Fate.ABANDONED if command.outcome.is_abandon else Fate.LET_GO
            self._waited(call, fate, self.now - call.coming.arrives)
        return None

    def _come(self, call: _Call, queue_id: str) -> Event:
        """The caller enters a queue: their own, or one that it overflows to, with the place that they had. Whatever
        happens there happened to a caller of their own queue."""
        visit_id, coming, asks = self._new_id(), call.coming, call.coming.asks
        self._calls[visit_id] = call
        if coming.patience_seconds is not None:
            self._at(coming.arrives + coming.patience_seconds, self._gave_up, visit_id)
        return CallerJoined(
            visit_id,
            visit_id,
            queue_id,
            "",
            skills=asks.skills,
            requires=str(asks.requires),
            priority=asks.priority,
            waited_elsewhere_seconds=self.now - coming.arrives,
            head_start_seconds=asks.head_start_seconds,
            segment=asks.segment,
        )

    # What the engine records

    def _connected(self, fields: Mapping[str, Any]) -> None:
        visit_id = fields["visit_id"]
        call = self._calls[visit_id]
        call.talks = True
        self._waited(call, Fate.ANSWERED, self.now - call.coming.arrives, fields["agent_id"])
        self._at(self.now + call.coming.handling_seconds, self._hung_up, visit_id)

    def _offer_ended(self, fields: Mapping[str, Any]) -> None:
        self.tally.offer_ended(fields["agent_id"], fields["outcome"], self.now)

    def _agent_moved(self, fields: Mapping[str, Any]) -> None:
        agent_id, state = fields["agent_id"], fields["state"]
        self.tally.agent_entered(agent_id, state, self.now)
        if state == AgentState.NOT_READY:
            self._at(self.now + self._traffic.back_seconds, self._came_back, agent_id)

    def _waited(self, call: _Call, fate: Fate, seconds: float, agent_id: str | None = None) -> None:
        coming = call.coming
        self.tally.waited(Waited(coming.queue_id, call.skills, coming.arrives, fate, seconds, call.delayed, agent_id))

    # What comes to pass

    def _await_next(self, callers: Iterator[Coming]) -> None:
        if (coming := next(callers, None)) is not None:
            self._at(coming.arrives, self._joined, coming, callers)

    def _joined(self, coming: Coming, callers: Iterator[Coming]) -> None:
        self._await_next(callers)
        self._tell(self._come(_Call(coming, self._asked(coming)), coming.queue_id))

    def _asked(self, coming: Coming) -> tuple[str, ...]:
        key = (coming.queue_id, id(coming.asks))  # the traffic keeps its askers as long as this run lasts
        if key not in self._skills:
            needed = all_of(self._floor.queues[coming.queue_id].requirement, coming.asks.need)
            self._skills[key] = tuple(sorted({*skills_in(needed), *coming.asks.skills}))
        return self._skills[key]

    def _picked_up(self, ring: RingAgents, agent_id: str) -> None:
        if self._is_current(ring):
            self._tell(OfferAnswered(ring.visit_id, agent_id))

    def _rang_out(self, ring: RingAgents) -> None:
        if self._is_current(ring):
            for offer in ring.offers:
                self._tell(OfferFailed(offer.offer_id, ring.visit_id, OfferOutcome.RNA))

    def _is_current(self, ring: RingAgents) -> bool:
        return self._rings.get(ring.visit_id) is ring

    def _gave_up(self, visit_id: str) -> None:
        call = self._calls.get(visit_id)
        if call is not None and not call.talks:
            self._tell(CallerLeft(visit_id))

    def _hung_up(self, visit_id: str) -> None:
        self._tell(TalkEnded(visit_id, by_agent=False))

    def _came_back(self, agent_id: str) -> None:
        self._tell(AgentAsked(agent_id, AgentState.READY))


def _disposed_in_time(floor: Floor) -> Floor:
    """Simulated agents give the disposition when the queue's wrap-up time is over: no traffic file tells when."""

    def timed(queue: QueueRules) -> QueueRules:
        return replace(queue, wrap_up=WrapUp.TIMED) if queue.wrap_up is WrapUp.UNTIL_DISPOSITION else queue

    return replace(floor, queues={queue_id: timed(queue) for queue_id, queue in floor.queues.items()})
