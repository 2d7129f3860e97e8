"""What one simulated day came to, counted in batches: by queue, by skill asked for, by group of agents.

Service levels (the five of icmi.com, Queue Tips 2005): with answered, abandoned, and how many of each within T,

    F1  (answered in T + abandoned in T) / (answered + abandoned)
    F2  answered in T / answered
    F3  answered in T / (answered + abandoned)
    F4  answered in T / (answered + abandoned after T)
    F5  (answered in T + abandoned within 5 s) / (answered + abandoned)

A caller who was let go (`wait_seconds_max`) or never served is in none of them, as in the sources; both have counts.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import inf
from typing import NamedTuple

from acd.model import AgentState

SHORT_SECONDS = 5.0
"""Who gives up within this time hardly waited at all."""

_HANDLING = frozenset({AgentState.ON_CALL, AgentState.WRAP_UP})
_AVAILABLE = frozenset({AgentState.READY, AgentState.OFFERED})


class Fate(StrEnum):
    """How a caller's wait ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    LET_GO = "let_go"
    """by us: the wait became too long"""
    UNSERVED = "unserved"
    """still waiting when the simulation gave up on them"""


class Waited(NamedTuple):
    """One caller whose wait is over."""

    queue_id: str
    skills: tuple[str, ...]
    """Names of all skills that were asked for, by the queue or by the caller."""
    arrived: float
    fate: Fate
    wait_seconds: float
    """Until the answer, ringing included."""
    delayed: bool
    """Nobody could be rung at the moment of arrival."""
    agent_id: str | None


@dataclass(slots=True)
class CallerCounts:
    """Callers of one queue or skill who arrived in one batch."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    let_go: int = 0
    unserved: int = 0
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    abandoned_short: int = 0
    delayed: int = 0
    answered_wait_seconds: float = 0.0
    wait_seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    """Of all callers; in no order."""

    def add(self, waited: Waited, service_level_seconds: float) -> None:
        """Count one caller."""
        wait = waited.wait_seconds
        self.offered += 1
        self.delayed += waited.delayed
        self.wait_seconds += wait
        self.waits.append(wait)
        if waited.fate is Fate.ANSWERED:
            self.answered += 1
            self.answered_wait_seconds += wait
            self.answered_in_time += wait <= service_level_seconds
        elif waited.fate is Fate.ABANDONED:
            self.abandoned += 1
            self.abandoned_in_time += wait <= service_level_seconds
            self.abandoned_short += wait <= SHORT_SECONDS
        elif waited.fate is Fate.LET_GO:
            self.let_go += 1
        else:
            self.unserved += 1

    @classmethod
    def together(cls, parts: Sequence["CallerCounts"]) -> "CallerCounts":
        """The sum of these."""
        total = cls(waits=[wait for part in parts for wait in part.waits])
        for name in _SUMS:
            setattr(total, name, sum(getattr(part, name) for part in parts))
        return total

    def service_levels(self) -> tuple[tuple[int, int], ...]:
        """Numerator and denominator of F1 to F5."""
        in_time, gone = self.answered_in_time, self.abandoned_in_time
        both = self.answered + self.abandoned
        return (
            (in_time + gone, both),
            (in_time, self.answered),
            (in_time, both),
            (in_time, both - gone),
            (in_time + self.abandoned_short, both),
        )


_SUMS = tuple(one.name for one in fields(CallerCounts) if one.name != "waits")


@dataclass(slots=True)
class AgentCounts:
    """Agents of equal skills during one batch."""

    offers: int = 0
    answered: int = 0
    no_answers: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """In each state, summed over the agents."""

    @property
    def handling_seconds(self) -> float:
        """Talk and wrap-up."""
        return sum(seconds for state, seconds in self.seconds.items() if state in _HANDLING)

    @property
    def staffed_seconds(self) -> float:
        """Handling, ringing, or ready for it; an agent who is not ready is not there."""
        available = sum(seconds for state, seconds in self.seconds.items() if state in _AVAILABLE)
        return self.handling_seconds + available


@dataclass(frozen=True)
class Span:
    """The measured time and its cut into equal batches."""

    begin: float
    end: float
    batches: int

    def batch_at(self, moment: float) -> int:
        """The batch of this moment of the measured time."""
        return min(int((moment - self.begin) / self._width), self.batches - 1)

    def cuts(self) -> tuple[float, ...]:
        """When the batches begin, the end, and infinity."""
        return (*(self.begin + number * self._width for number in range(self.batches)), self.end, inf)

    @property
    def _width(self) -> float:
        return (self.end - self.begin) / self.batches


class Tally:
    """One replication's counts."""

    def __init__(self, span: Span, groups: Mapping[str, str], service_level_seconds: Mapping[str, float]) -> None:
        """groups: the group of each agent. service_level_seconds: T of each queue."""
        self.span = span
        self.group_sizes = Counter(groups.values())
        self.answering: dict[str, set[str]] = defaultdict(set)
        """The groups that answered callers of each queue."""
        self._group_of, self._seconds_of = groups, service_level_seconds
        self._kinds: dict[tuple[str, tuple[str, ...]], list[CallerCounts]] = defaultdict(self._no_callers)
        """Callers are counted once, by queue and skills; `callers` adds up."""
        self._cuts = iter(span.cuts())
        self._next_cut = next(self._cuts)
        self._stays: dict[str, tuple[str, float]] = {}
        """The state of each agent, and since when."""
        self._periods = [self._idle_counts()]
        """The groups' counts: of the warm-up, of each batch, of the time after."""

    def groups(self) -> dict[str, list[AgentCounts]]:
        """Each group's batches. The tally must be closed."""
        batches = self._periods[1 : self.span.batches + 1]
        return {group: [period[group] for period in batches] for group in batches[0]}

    def callers(self, *, queue_id: str | None = None, skill: str | None = None) -> list[CallerCounts]:
        """The batches of one queue, of all who asked for one skill, or of everybody."""
        chosen = [
            batches
            for (of_queue, skills), batches in self._kinds.items()
            if queue_id in (None, of_queue) and (skill is None or skill in skills)
        ]
        return [CallerCounts.together(parts) for parts in zip(self._no_callers(), *chosen, strict=True)]

    @property
    def queues(self) -> list[str]:
        return list(self._seconds_of)

    @property
    def skills(self) -> set[str]:
        """All that somebody asked for."""
        return {skill for _, skills in self._kinds for skill in skills}

    def waited(self, one: Waited) -> None:
        """Count a caller, unless they came outside of the measured time."""
        if not self.span.begin <= one.arrived < self.span.end:
            return
        batches = self._kinds[one.queue_id, one.skills]
        batches[self.span.batch_at(one.arrived)].add(one, self._seconds_of[one.queue_id])
        if one.agent_id is not None:
            self.answering[one.queue_id].add(self._group_of[one.agent_id])

    def offer_ended(self, agent_id: str, outcome: str, now: float) -> None:
        """Count an offer, by the time of its end. outcome: as in the record OFFEREND."""
        counts = self._counts_of(agent_id, now)
        counts.offers += 1
        counts.answered += outcome == "answered"
        counts.no_answers += outcome == "rna"

    def agent_entered(self, agent_id: str, state: str, now: float) -> None:
        """Close the agent's stay in the last state and begin the next."""
        counts = self._counts_of(agent_id, now)
        stay = self._stays.get(agent_id)
        if stay is not None:
            counts.seconds[stay[0]] += now - stay[1]
        self._stays[agent_id] = state, now

    def close(self) -> None:
        """Count every agent's time up to the end of the measured time, if that has not been done."""
        self._cut_until(self.span.end)

    def _counts_of(self, agent_id: str, now: float) -> AgentCounts:
        if now >= self._next_cut:
            self._cut_until(now)
        return self._periods[-1][self._group_of[agent_id]]

    def _cut_until(self, now: float) -> None:
        """Begin a new period at each cut that lies behind."""
        while self._next_cut <= now:
            period = self._periods[-1]
            for agent_id, (state, since) in self._stays.items():
                period[self._group_of[agent_id]].seconds[state] += self._next_cut - since
                self._stays[agent_id] = state, self._next_cut
            self._periods.append(self._idle_counts())
            self._next_cut = next(self._cuts)

    def _no_callers(self) -> list[CallerCounts]:
        return [CallerCounts() for _ in range(self.span.batches)]

    def _idle_counts(self) -> dict[str, AgentCounts]:
        return {group: AgentCounts() for group in self._group_of.values()}
