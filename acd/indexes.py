"""Who waits and who is free, each kept in the order in which matching asks for them.

Both remember their news: what has been added since `looked`. Whoever was there then was looked at in vain, so only news
can make a pair that was not there before (`acd.matching`).
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from operator import attrgetter
from typing import Any

from acd.model import Agent, AgentState, CallerClass, Device, Skills, Strategy, Visit
from acd.orders import KEYS
from acd.requirement import Expr

_RANK = attrgetter("rank")

May = Callable[[Agent], bool]
Place = tuple[float, str]
"""An agent among the free ones of one kind: the key of the order and the id."""


def is_free(agent: Agent, now: float) -> bool:
    """Answer whether this agent's phone can be rung now."""
    return (
        agent.state is AgentState.READY
        and agent.device is Device.IDLE
        and (agent.rest_deadline is None or agent.rest_deadline <= now)
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
        insort(lines.setdefault(key, []), visit, key=_RANK)
        self._where[visit.visit_id] = lines, key

    def remove(self, visit: Visit) -> None:
        """Take the visit out; one that is not in the line changes nothing."""
        where = self._where.pop(visit.visit_id, None)
        if where is None:
            return
        lines, key = where
        line = lines[key]
        del line[bisect_left(line, visit.rank, key=_RANK)]
        if not line:
            del lines[key]
        hoping = self._hoping.get(visit.known_agent_id or "", {})
        if hoping.pop(visit.visit_id, None) is not None and not hoping:
            del self._hoping[visit.known_agent_id or ""]

    def looked(self) -> None:
        """No news any more."""
        self.news.clear()
        self.private_news.clear()

    def public(self) -> Iterable[tuple[CallerClass, list[Visit]]]:
        """Every class that somebody waits in, with its callers in rank order."""
        return self._public.items()

    def public_news(self) -> Iterable[tuple[CallerClass, list[Visit]]]:
        """As `public`, of the classes that somebody has joined."""
        return ((one, self._public[one]) for one in self.news if one in self._public)

    def kept_for(self, agent_id: str) -> list[Visit]:
        """The callers who are kept for this agent, in rank order."""
        return self._private.get(agent_id, [])

    @property
    def keepers(self) -> KeysView[str]:
        """The agents whom somebody is kept for."""
        return self._private.keys()

    def hoping_for(self, agent_id: str) -> list[Visit]:
        """The callers who would be kept for this agent, could the agent be expected."""
        return list(self._hoping.get(agent_id, {}).values())

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

    def in_order(self, kinds: int) -> Iterator[Visit]:
        """The callers whom an agent of one of these kinds can serve and who are kept for nobody, in rank order."""
        return heapq.merge(*(visits for one, visits in self._public.items() if one.able & kinds), key=_RANK)


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
        self._places: dict[str, tuple[Place, ...]] = {}
        """Of each free agent, in the order of `_orders`."""
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
        self._take_out(agent_id)
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
        self._places[agent_id] = places = tuple((KEYS[strategy](agent), agent_id) for strategy in self._orders)
        for lines, place in zip(self._orders.values(), places, strict=True):
            insort(lines.setdefault(kind, []), place)
        self.kinds |= kind
        self.news.add(agent_id)
        self.kinds_news |= kind

    def _take_out(self, agent_id: str) -> None:
        places = self._places.pop(agent_id, None)
        if places is None:
            return
        kind = self._agents[agent_id].kind
        for lines, place in zip(self._orders.values(), places, strict=True):
            line = lines[kind]
            del line[bisect_left(line, place)]
            if not line:
                del lines[kind]
                self.kinds &= ~kind
        self.news.discard(agent_id)

    def first(self, caller_class: CallerClass, may: May | None = None) -> Agent | None:
        """Whom to take for a caller of this class; may: whom this caller may be offered to, None for everybody."""
        lines = self._orders[caller_class.strategy]
        for tier in caller_class.tiers:
            if not tier & self.kinds:
                continue
            if may is None:
                return self._agents[min(line[0] for kind, line in lines.items() if kind & tier)[1]]
            if (agent := next(self._of_tier(lines, tier, may), None)) is not None:
                return agent
        return None

    def first_tier(self, caller_class: CallerClass, may: May) -> list[Agent]:
        """All of the first tier that has somebody to take, in the order in which they would be taken."""
        lines = self._orders[caller_class.strategy]
        tiers = (list(self._of_tier(lines, tier, may)) for tier in caller_class.tiers if tier & self.kinds)
        return next(filter(None, tiers), [])

    def _of_tier(self, lines: Mapping[int, list[Place]], tier: int, may: May) -> Iterator[Agent]:
        places = heapq.merge(*(line for kind, line in lines.items() if kind & tier))
        return (agent for _, agent_id in places if may(agent := self._agents[agent_id]))


class LoggedIn:
    """How many agents of each kind are logged in, free or not. `see` is owed after every change of state."""

    def __init__(self) -> None:
        self._ids: dict[int, set[str]] = {}
        self.kinds = 0
        """The bits of all kinds that have somebody logged in."""

    def see(self, agent: Agent) -> bool:
        """Take note; True where the last one of a kind has gone."""
        ids, before = self._ids.setdefault(agent.kind, set()), self.kinds
        if agent.state is AgentState.LOGGED_OFF:
            ids.discard(agent.profile.agent_id)
        else:
            ids.add(agent.profile.agent_id)
        self.kinds = before | agent.kind if ids else before & ~agent.kind
        return self.kinds < before
