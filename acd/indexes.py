"""Who waits and who is free, each kept in the order in which matching asks for them.

Both remember their news: what has been added since `looked`. Whoever was there then was looked at in vain, so only news
can make a pair that was not there before (`acd.matching`).
"""

import heapq
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, KeysView, Mapping
from operator import attrgetter
from typing import Any

from acd.model import Agent, AgentState, CallerClass, Device, Skills, Strategy, Visit
from acd.orders import KEYS
from acd.requirement import Expr

_RANK = attrgetter("rank")
_READY, _LOGGED_OFF, _IDLE = AgentState.READY, AgentState.LOGGED_OFF, Device.IDLE

_REMEMBERED = 1_024
"""Answers that an index keeps; floors ask for a few hundred."""

Place = tuple[float, str]
"""An agent among the free ones of one kind: the key of the order and the id."""


def is_free(agent: Agent, now: float) -> bool:
    """Answer whether this agent's phone can be rung now."""
    return (
        agent.state is _READY and agent.device is _IDLE and (agent.rest_deadline is None or agent.rest_deadline <= now)
    )


class Kinds:
    """The kinds of agents on a floor, a bit each: agents of equal skills, in reserve or not, are of one kind.

    Gives every agent its `kind`.
    """

    def __init__(self, agents: Mapping[str, Agent]) -> None:
        self._kinds: list[tuple[Skills, bool]] = []
        self._able: dict[tuple[Expr, bool], int] = {}
        numbers: dict[object, int] = {}
        for agent in agents.values():
            skills, reserve = agent.profile.skills, agent.profile.reserve
            number = numbers.setdefault((tuple(sorted(skills.items())), reserve), len(numbers))
            if number == len(self._kinds):
                self._kinds.append((skills, reserve))
            agent.kind = 1 << number

    def skills(self, kind: int) -> Skills:
        return self._kinds[kind.bit_length() - 1][0]

    def is_reserve(self, kind: int) -> bool:
        return self._kinds[kind.bit_length() - 1][1]

    def each(self, kinds: int) -> Iterator[int]:
        """The bits one by one."""
        return (1 << number for number in range(len(self._kinds)) if kinds >> number & 1)

    def able(self, requirement: Expr, reserve: bool = False) -> int:
        """The bits of all kinds that meet the requirement, those in reserve only if it is open."""
        key = requirement, reserve
        if key not in self._able:
            self._able[key] = sum(
                1 << number
                for number, (skills, in_reserve) in enumerate(self._kinds)
                if requirement.met_by(skills) and (reserve or not in_reserve)
            )
        return self._able[key]


class WaitingLine:
    """Callers who wait and are held by a session: by class, or apart while kept for one agent whom they know."""

    def __init__(self) -> None:
        self._public: dict[CallerClass, list[Visit]] = {}
        self._private: dict[str, list[Visit]] = {}
        """By the agent whom they are kept for."""
        self._where: dict[str, tuple[dict[Any, list[Visit]], CallerClass | str]] = {}
        self._hoping: dict[str, dict[str, Visit]] = {}
        """By agent whom they know: all whose hold is not over, whether that agent can be expected now or not."""
        self.news: set[CallerClass] = set()
        self.private_news: set[str] = set()
        self._served_by: dict[int, list[list[Visit]]] = {}
        """By bits of kinds: of every class that they can serve the callers; found when asked for, until a class comes
        into the line or leaves it."""

    def __len__(self) -> int:
        return len(self._where)

    def __iter__(self) -> Iterator[Visit]:
        """In rank order over all classes, those included who are kept for somebody."""
        return heapq.merge(*self._public.values(), *self._private.values(), key=_RANK)

    def __contains__(self, visit: Visit) -> bool:
        return visit.visit_id in self._where

    def add(self, visit: Visit, kept_for: str | None = None) -> None:
        """Put the visit into its place, which is one only its agent sees while it is kept for one."""
        if kept_for is None:
            self._insert(self._public, visit.caller_class, visit)
            self.news.add(visit.caller_class)
        else:
            self._insert(self._private, kept_for, visit)
            self.private_news.add(kept_for)
        if visit.hold_deadline is not None and visit.known_agent_id is not None:
            self._hoping.setdefault(visit.known_agent_id, {})[visit.visit_id] = visit

    def _insert(self, lines: dict[Any, list[Visit]], key: CallerClass | str, visit: Visit) -> None:
        if (line := lines.get(key)) is None:
            lines[key] = [visit]
            if lines is self._public:
                self._served_by.clear()
        elif line[-1].rank < visit.rank:  # most come last, and the search would fetch callers from all over the memory
            line.append(visit)
        else:
            insort(line, visit, key=_RANK)
        self._where[visit.visit_id] = lines, key

    def remove(self, visit: Visit) -> None:
        """Take the visit out; one that is not in the line changes nothing."""
        where = self._where.pop(visit.visit_id, None)
        if where is None:
            return
        lines, key = where
        line = lines[key]
        del line[0 if line[0] is visit else bisect_left(line, visit.rank, key=_RANK)]  # most who leave are the first
        if not line:
            del lines[key]
            if lines is self._public:
                self._served_by.clear()
        if visit.known_agent_id is not None:
            self._hope_no_more(visit, visit.known_agent_id)

    def _hope_no_more(self, visit: Visit, agent_id: str) -> None:
        hoping = self._hoping.get(agent_id, {})
        if hoping.pop(visit.visit_id, None) is not None and not hoping:
            del self._hoping[agent_id]

    def looked(self) -> None:
        """No news any more."""
        self.news.clear()
        self.private_news.clear()

    def public(self) -> Iterable[tuple[CallerClass, list[Visit]]]:
        """Every class that somebody waits in, with its callers in rank order."""
        return self._public.items()

    def served_by(self, kinds: int) -> list[list[Visit]]:
        """Of every class that agents of these kinds can serve: its callers in rank order."""
        if (lines := self._served_by.get(kinds)) is None:
            lines = [visits for one, visits in self._public.items() if one.able & kinds]
            if len(self._served_by) < _REMEMBERED:
                self._served_by[kinds] = lines
        return lines

    def news_served_by(self, kinds: int) -> list[list[Visit]]:
        """As `served_by`, of the classes that somebody has joined."""
        return [self._public[one] for one in self.news if one.able & kinds and one in self._public]

    def kept_for(self, agent_id: str) -> list[Visit]:
        """The callers who are kept for this agent, in rank order."""
        return self._private.get(agent_id, [])

    @property
    def keepers(self) -> KeysView[str]:
        """The agents whom somebody is kept for."""
        return self._private.keys()

    def hoping_for(self, agent_id: str) -> list[Visit]:
        """The callers who would be kept for this agent, could the agent be expected."""
        return list(self._hoping[agent_id].values()) if agent_id in self._hoping else []

    def without(self, staffed: int) -> list[Visit]:
        """The callers whom no agent of these kinds can serve, and who have further steps to go."""
        stuck = (visits for one, visits in self._public.items() if not one.able & staffed)
        kept = (visit for visits in self._private.values() for visit in visits if not visit.caller_class.able & staffed)
        return [visit for visit in (*(visit for visits in stuck for visit in visits), *kept) if visit.has_steps]

    def ahead_in_class(self, visit: Visit) -> int:
        """How many callers of the same class come before this one, who may or may not be in the line."""
        return self._ahead(visit, lambda other: other is visit.caller_class)

    def competing_ahead(self, visit: Visit) -> int:
        """How many callers come before this one of those whom some kind of agent could serve as well."""
        able = visit.caller_class.able
        return self._ahead(visit, lambda other: bool(other.able & able))

    def _ahead(self, visit: Visit, counts: Callable[[CallerClass], bool]) -> int:
        """Those before this one whose class counts; callers who are kept for one agent may be of any class."""
        public = (line for one, line in self._public.items() if counts(one))
        before = (line[: bisect_left(line, visit.rank, key=_RANK)] for line in self._private.values())
        kept = (other for line in before for other in line if counts(other.caller_class))
        return sum(bisect_left(line, visit.rank, key=_RANK) for line in public) + sum(1 for _ in kept)


class FreeAgents:
    """Agents whose phone can be rung now: by kind, and in every order that a queue of the floor asks for.

    Nothing here watches an agent: `see` is owed after every change of an agent's state, phone or rest.
    """

    def __init__(self, agents: Mapping[str, Agent], strategies: Iterable[Strategy] = ()) -> None:
        self._agents = agents
        self._orders: dict[Strategy, dict[int, list[Place]]] = {
            strategy: {} for strategy in sorted({Strategy.LONGEST_IDLE, *strategies})
        }
        """Of each kind with a free agent: the places, sorted."""
        self._places: dict[str, list[Place]] = {}
        """Of each free agent, in the order of `_orders`."""
        self._of_tier: dict[tuple[Strategy, int], list[list[Place]]] = {}
        """By order and bits of kinds: the lines of those that have a free agent; found when asked for, until a kind
        gets its first free agent or loses its last one."""
        self._resting: list[tuple[float, str]] = []
        """Heap of rest_deadline and agent_id; an agent may be in it more than once."""
        self.kinds = 0
        """The bits of all kinds that have a free agent."""
        self.news: set[str] = set()
        self.kinds_news = 0

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Agent]:
        return map(self._agents.__getitem__, self._places)

    def __contains__(self, agent_id: str) -> bool:
        return agent_id in self._places

    def see(self, agent: Agent, now: float) -> None:
        """Put the agent where its state says it belongs."""
        agent_id = agent.profile.agent_id
        if agent_id in self._places:
            self._take_out(agent_id, agent.kind)
        if is_free(agent, now):
            self._put_in(agent_id, agent)
        elif agent.rest_deadline is not None and agent.rest_deadline > now:
            heapq.heappush(self._resting, (agent.rest_deadline, agent_id))

    def wake(self, now: float) -> None:
        """Look again at those whose rest is over."""
        while self._resting and self._resting[0][0] <= now:
            _, agent_id = heapq.heappop(self._resting)
            if (agent := self._agents.get(agent_id)) is not None:  # else the site has them no more
                self.see(agent, now)

    def looked(self) -> None:
        """No news any more."""
        self.news.clear()
        self.kinds_news = 0

    def _put_in(self, agent_id: str, agent: Agent) -> None:
        kind = agent.kind
        self._places[agent_id] = places = []
        for strategy, lines in self._orders.items():
            place = KEYS[strategy](agent), agent_id
            places.append(place)
            if (line := lines.get(kind)) is None:
                lines[kind] = [place]
            else:
                insort(line, place)
        if not self.kinds & kind:
            self.kinds |= kind
            self._of_tier.clear()
        self.news.add(agent_id)
        self.kinds_news |= kind

    def _take_out(self, agent_id: str, kind: int) -> None:
        for lines, place in zip(self._orders.values(), self._places.pop(agent_id), strict=True):
            line = lines[kind]
            del line[bisect_left(line, place)]
            if not line:
                del lines[kind]
                self.kinds &= ~kind
                self._of_tier.clear()
        self.news.discard(agent_id)
        if not self.news:
            self.kinds_news = 0

    def first(self, caller_class: CallerClass, without: Collection[str] = ()) -> Agent | None:
        """Whom to take for a caller of this class; without: the agents who have just refused this caller."""
        for tier in caller_class.tiers:
            if tier & self.kinds:
                lines = self._lines(caller_class.strategy, tier)
                heads = [line[0] for line in lines] if not without else list(_heads(lines, without))
                if heads:
                    return self._agents[min(heads)[1]]
        return None

    def first_tier(self, caller_class: CallerClass, without: Collection[str] = ()) -> list[Agent]:
        """All of the first tier that has somebody to take, in the order in which they would be taken."""
        for tier in caller_class.tiers:
            places = heapq.merge(*self._lines(caller_class.strategy, tier))
            if agents := [self._agents[agent_id] for _, agent_id in places if agent_id not in without]:
                return agents
        return []

    def _lines(self, strategy: Strategy, tier: int) -> list[list[Place]]:
        if (found := self._of_tier.get((strategy, tier))) is None:
            found = [line for kind, line in self._orders[strategy].items() if kind & tier]
            if len(self._of_tier) < _REMEMBERED:
                self._of_tier[strategy, tier] = found
        return found


def _heads(lines: Iterable[list[Place]], without: Collection[str]) -> Iterator[Place]:
    """The first place of each line that is none of theirs."""
    for line in lines:
        if (place := next((one for one in line if one[1] not in without), None)) is not None:
            yield place


class LoggedIn:
    """How many agents of each kind are logged in, free or not. `see` is owed after every change of state."""

    def __init__(self) -> None:
        self._here: set[str] = set()
        self._by_kind: Counter[int] = Counter()
        self.kinds = 0
        """The bits of all kinds that have somebody logged in."""

    def see(self, agent: Agent) -> bool:
        """Take note; True where the last one of a kind has gone."""
        agent_id, is_here = agent.profile.agent_id, agent.state is not _LOGGED_OFF
        if is_here is (agent_id in self._here):
            return False
        (self._here.add if is_here else self._here.remove)(agent_id)
        return self._count(agent.kind, 1 if is_here else -1)

    def _count(self, kind: int, more: int) -> bool:
        self._by_kind[kind] += more
        before = self.kinds
        self.kinds = before | kind if self._by_kind[kind] else before & ~kind
        return self.kinds < before
