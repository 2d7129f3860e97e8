"""Who waits and who is free, each kept in the order in which matching asks for them."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator, Mapping
from operator import attrgetter
from typing import NamedTuple

from acd.model import Agent, AgentState, Device, Skills, Visit

Requirement = tuple[tuple[str, int], ...]
"""Skill and least level, sorted by skill: the key of a class of callers."""

_RANK = attrgetter("rank")


def serves(skills: Skills, requirement: Requirement) -> bool:
    """Answer whether these skills meet every level; a skill that the agent does not have is level 0."""
    return all(skills.get(skill, 0) >= level for skill, level in requirement)


def is_free(agent: Agent, now: float) -> bool:
    """Answer whether this agent's phone can be rung now."""
    return (
        agent.state is AgentState.READY
        and agent.device is Device.IDLE
        and (agent.rest_deadline is None or agent.rest_deadline <= now)
    )


class Kinds:
    """The kinds of agents on a floor, a bit each: agents of equal skills are of one kind, since a floor has few."""

    def __init__(self, agents: Mapping[str, Agent]) -> None:
        self._skills: list[Skills] = []
        self._of: dict[str, int] = {}
        self._able: dict[Requirement, int] = {}
        numbers: dict[Requirement, int] = {}
        for agent_id, agent in agents.items():
            skills = agent.profile.skills
            number = numbers.setdefault(tuple(sorted(skills.items())), len(numbers))
            if number == len(self._skills):
                self._skills.append(skills)
            self._of[agent_id] = 1 << number

    def of(self, agent_id: str) -> int:
        """The bit of this agent's kind."""
        return self._of[agent_id]

    def able(self, requirement: Requirement) -> int:
        """The bits of all kinds that meet the requirement."""
        if requirement not in self._able:
            bits = (1 << number for number, skills in enumerate(self._skills) if serves(skills, requirement))
            self._able[requirement] = sum(bits)
        return self._able[requirement]


class _CallerClass(NamedTuple):
    """Waiting callers of one requirement, in rank order."""

    able: int
    visits: list[Visit]


class WaitingLine:
    """Callers who wait and are held by a session: by class of requirement, and by the agent they know."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self._classes: dict[Requirement, _CallerClass] = {}
        self._known_to: dict[str, list[Visit]] = {}

    def __len__(self) -> int:
        return sum(len(one.visits) for one in self._classes.values())

    def __iter__(self) -> Iterator[Visit]:
        """In rank order over all classes."""
        return heapq.merge(*(one.visits for one in self._classes.values()), key=_RANK)

    def add(self, visit: Visit) -> None:
        need = visit.requirement
        if need not in self._classes:
            self._classes[need] = _CallerClass(self.kinds.able(need), [])
        insort(self._classes[need].visits, visit, key=_RANK)
        if visit.last_agent_id is not None:
            insort(self._known_to.setdefault(visit.last_agent_id, []), visit, key=_RANK)

    def remove(self, visit: Visit) -> None:
        """Take the visit out; one that is not in the line changes nothing."""
        of_class = self._classes.get(visit.requirement)
        if of_class is not None and _take_out(of_class.visits, visit) and not of_class.visits:
            del self._classes[visit.requirement]
        known = self._known_to.get(visit.last_agent_id or "")
        if known is not None and _take_out(known, visit) and not known:
            del self._known_to[visit.last_agent_id or ""]

    def known_agents(self) -> Collection[str]:
        """The agents who are somebody's last agent here."""
        return self._known_to.keys()

    def who_know(self, agent_id: str) -> list[Visit]:
        """The waiting callers whose last agent this is, in rank order."""
        return self._known_to.get(agent_id, [])

    def in_order(self, kinds: int) -> Iterator[Visit]:
        """The callers whom an agent of one of these kinds can serve, in rank order."""
        return heapq.merge(*(one.visits for one in self._classes.values() if one.able & kinds), key=_RANK)


def _take_out(line: list[Visit], visit: Visit) -> bool:
    at = bisect_left(line, visit.rank, key=_RANK)
    if at == len(line) or line[at] is not visit:
        return False
    del line[at]
    return True


class FreeAgents:
    """Agents whose phone can be rung now: by kind, the longest idle first.

    Nothing here watches an agent: `see` is owed after every change of an agent's state, phone or rest.
    """

    def __init__(self, agents: Mapping[str, Agent], kinds: Kinds) -> None:
        self._agents = agents
        self._kinds = kinds
        self._idle: dict[int, list[tuple[float, str]]] = {}
        """Of each kind with a free agent: idle_since and agent_id, sorted."""
        self._place: dict[str, tuple[float, str]] = {}
        self._resting: list[tuple[float, str]] = []
        """Heap of rest_deadline and agent_id; an agent may be in it more than once."""

    def __len__(self) -> int:
        return len(self._place)

    def __iter__(self) -> Iterator[Agent]:
        return map(self._agents.__getitem__, self._place)

    @property
    def kinds(self) -> int:
        """The bits of all kinds that have a free agent."""
        return sum(self._idle)

    def see(self, agent: Agent, now: float) -> None:
        """Put the agent where its state says it belongs."""
        agent_id = agent.profile.agent_id
        self._take_out(agent_id)
        if is_free(agent, now):
            self._place[agent_id] = place = (agent.idle_since, agent_id)
            insort(self._idle.setdefault(self._kinds.of(agent_id), []), place)
        elif agent.rest_deadline is not None and agent.rest_deadline > now:
            heapq.heappush(self._resting, (agent.rest_deadline, agent_id))

    def wake(self, now: float) -> None:
        """Look again at those whose rest is over."""
        while self._resting and self._resting[0][0] <= now:
            _, agent_id = heapq.heappop(self._resting)
            self.see(self._agents[agent_id], now)

    def _take_out(self, agent_id: str) -> None:
        place = self._place.pop(agent_id, None)
        if place is not None:
            kind = self._kinds.of(agent_id)
            line = self._idle[kind]
            del line[bisect_left(line, place)]
            if not line:
                del self._idle[kind]

    def among(self, agent_ids: Collection[str]) -> list[Agent]:
        """The free ones of these, by id."""
        few, many = sorted((agent_ids, self._place.keys()), key=len)
        return [self._agents[agent_id] for agent_id in sorted(one for one in few if one in many)]

    def longest_idle(self, requirement: Requirement, may: Callable[[Agent], bool]) -> Agent | None:
        """The one who has the skills, may be taken, and has been idle for longest; of equals the lowest id."""
        able = self._kinds.able(requirement)
        firsts = (self._first(line, may) for kind, line in self._idle.items() if kind & able)
        best = min((first for first in firsts if first is not None), default=None)
        return None if best is None else self._agents[best[1]]

    def in_order(self, requirement: Requirement) -> Iterator[Agent]:
        """All who have the skills, the longest idle first; of equals by id."""
        able = self._kinds.able(requirement)
        places = heapq.merge(*(line for kind, line in self._idle.items() if kind & able))
        return (self._agents[agent_id] for _, agent_id in places)

    def _first(self, line: list[tuple[float, str]], may: Callable[[Agent], bool]) -> tuple[float, str] | None:
        return next((place for place in line if may(self._agents[place[1]])), None)
