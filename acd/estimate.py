"""How long a caller will wait, from what is known at this moment: queue length, agents who work, mean handling time.

The queue-length estimator with skills. n callers of my class are ahead of me; s agents serve my class, each counted as
one part in as many classes with waiting callers as they serve. Then my wait is Erlang(n + 1) with rate s / handling
time: exact for one class with exponential handling, and of half the error of the last caller's wait (Ibrahim and Whitt,
2009). Where callers give up, the line ahead melts from both ends: with k of the n still there it moves at the rate
s / handling time + k x the rate at which one of them gives up (their QLm). Asked for only when an answer is needed:
O(kinds of agents x classes), whatever the number of callers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, log, sqrt

QUANTILE = 0.8
"""What is told to callers is not exceeded by so many of them."""

_Z_OF_QUANTILE = 0.8416212335729143
"""The standard normal quantile of `QUANTILE`, for Wilson and Hilferty's approximation."""

_EXACT_STAGES_MAX = 60
"""From here on Wilson-Hilferty is right to 0.05 % (1931, PNAS 17)."""

_PRIOR_WEIGHT = 10
"""The site's guess counts as much as so many talks."""
MEMORY = 50
"""About so many talks are remembered: the mean follows a new afternoon, and one talk moves it by 2 %."""
_OUTLIER_FACTOR = 5.0
"""A talk counts as at most so many means: a phone left off the hook says nothing about the next caller's wait."""


PATIENCE_MEMORY = 500
"""So many waits are remembered: with one in ten given up, the rate is known to a tenth of itself."""
_PRIOR_SECONDS = 600.0
"""Counts as so much waiting in which nobody gave up: the first caller who leaves does not say that all will."""
_EXACT_TURNS_MAX = 64
"""So many turns of a melting line are added up one by one; the rest is Euler and Maclaurin's, right to 1e-6."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An estimate of the time that is still to be waited."""

    mean_seconds: float
    high_seconds: float
    """Exceeded by one caller in five."""


NO_WAIT = Wait(0.0, 0.0)


class RunningMean:
    """A mean of recent samples that one strange sample cannot spoil, starting from a guess."""

    __slots__ = ("_weight", "seconds")

    def __init__(self, guess_seconds: float) -> None:
        self.seconds = guess_seconds
        self._weight = _PRIOR_WEIGHT

    def learn(self, seconds: float) -> None:
        """Take one sample in, >= 0."""
        self._weight = min(self._weight + 1, MEMORY)
        bounded = min(seconds, _OUTLIER_FACTOR * self.seconds) if self.seconds > 0 else seconds
        self.seconds += (bounded - self.seconds) / self._weight


class HandlingTimes:
    """Of each queue, how long an agent is taken up by one caller: the talk and the wrap-up after it.

    Args:
        guesses: by queue, talk and wrap-up seconds as the site expects them.
    """

    def __init__(self, guesses: Mapping[str, tuple[float, float]]) -> None:
        self._talk: dict[str, RunningMean] = {}
        self._wrap_up: dict[str, RunningMean] = {}
        self.know(guesses)
        self._served: dict[str, tuple[str, float]] = {}
        """agent_id to the queue of the last talk and its end: whose wrap-up it is."""

    def know(self, guesses: Mapping[str, tuple[float, float]]) -> None:
        """Take up queues; what has been learned of those that are known already stays."""
        for queue_id, (talk, wrap_up) in guesses.items():
            self._talk.setdefault(queue_id, RunningMean(talk))
            self._wrap_up.setdefault(queue_id, RunningMean(wrap_up))

    def recall(self, queue_id: str, talks: Iterable[float], wrap_ups: Iterable[float]) -> None:
        """Learn what was seen before a restart, oldest first; of a queue that the site has no more, nothing."""
        for means, samples in ((self._talk, talks), (self._wrap_up, wrap_ups)):
            if (mean := means.get(queue_id)) is not None:
                for seconds in samples:
                    mean.learn(seconds)

    def talked(self, queue_id: str, agent_id: str, seconds: float, now: float) -> None:
        """A talk is over. A queue that the site has no more is not learned about."""
        if queue_id in self._talk:
            self._talk[queue_id].learn(seconds)
            self._served[agent_id] = queue_id, now

    def is_back(self, agent_id: str, now: float) -> None:
        """The agent's wrap-up is over, if there was one."""
        if (served := self._served.pop(agent_id, None)) is not None:
            queue_id, ended = served
            self._wrap_up[queue_id].learn(now - ended)

    def of(self, queue_id: str) -> float:
        """Mean seconds of one caller of this queue; 0 for a queue of which nothing is known."""
        if queue_id not in self._talk:
            return 0.0
        return self._talk[queue_id].seconds + self._wrap_up[queue_id].seconds


@dataclass(slots=True)
class Patience:
    """Of each queue, at what rate its waiting callers give up: abandons over seconds of waiting.

    That is what an exponential patience is most likely to be, seen through the waits of all: who was served, or went
    elsewhere, would have waited longer (censored; Brown, Gans, Mandelbaum and others 2005, section 6). Who waited for
    nothing says nothing.
    """

    seen: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By queue, the abandons and the seconds that are remembered, older ones as parts of one."""

    def recall(self, seen: Mapping[str, tuple[float, float]]) -> None:
        """Know what was seen before a restart."""
        self.seen = dict(seen)

    def waited(self, queue_id: str, seconds: float, *, gave_up: bool) -> None:
        """One wait is over, by the caller's hang-up or by anything else."""
        if seconds > 0:
            abandons, waited = self.seen.get(queue_id, (0.0, _PRIOR_SECONDS))
            keep = 1 - 1 / PATIENCE_MEMORY
            self.seen[queue_id] = abandons * keep + gave_up, waited * keep + seconds

    def rate(self, queue_id: str) -> float:
        """How many of its callers give up in a second of one caller's waiting; 0 as long as nobody has."""
        abandons, waited = self.seen.get(queue_id, (0.0, _PRIOR_SECONDS))
        return abandons / waited


def effective_agents(able: int, working: Mapping[int, int], waiting: Iterable[int]) -> float:
    """How many agents a class of callers has to itself.

    Args:
        able: the bits of the kinds of agents who can serve my class.
        working: by kind's bit, how many agents of it work now.
        waiting: of every class that has waiting callers, mine among them or not, the bits of who can serve it.
    """
    classes = list(waiting)
    return sum(
        count / max(1, sum(1 for other in classes if other & kind)) for kind, count in working.items() if kind & able
    )


def wait_behind(ahead: int, handling_seconds: float, agents: float, giving_up: float = 0.0) -> Wait | None:
    """The wait of a caller with so many of their class ahead; None where no agent works who could end it.

    Args:
        giving_up: the rate at which one waiting caller does, per second.
    """
    if agents <= 0:
        return None
    if handling_seconds <= 0:
        return NO_WAIT
    if giving_up <= 0:
        seconds = handling_seconds / agents
        return Wait((ahead + 1) * seconds, erlang_quantile(ahead + 1) * seconds)
    mean, variance = _melting(ahead, agents / handling_seconds, giving_up)
    stages = max(1.0, mean * mean / variance)  # as many equal ones have that mean and variance
    return Wait(mean, quantile_of_stages(stages) / stages * mean)


def _melting(ahead: int, served: float, giving_up: float) -> tuple[float, float]:
    """Mean and variance of the time until `ahead` callers, and then I, have left the line.

    With k ahead that takes an exponential time of rate r(k) = served + k giving_up. Beyond the first turns the sums of
    1 / r and 1 / r^2 are integrals with half of both ends and a twelfth of the slopes' difference.
    """
    turns = min(ahead + 1, _EXACT_TURNS_MAX)
    rates = [served + turn * giving_up for turn in range(turns)]
    mean, variance = sum(1 / rate for rate in rates), sum(1 / rate**2 for rate in rates)
    if turns <= ahead:
        low, high = served + turns * giving_up, served + ahead * giving_up
        mean += log(high / low) / giving_up + (1 / low + 1 / high) / 2 + (1 / low**2 - 1 / high**2) * giving_up / 12
        variance += (1 / low - 1 / high) / giving_up + (1 / low**2 + 1 / high**2) / 2
        variance += (1 / low**3 - 1 / high**3) * giving_up / 6
    return mean, variance


def quantile_of_stages(stages: float) -> float:
    """As `erlang_quantile`, for a number of stages between two whole ones; stages >= 1."""
    whole = int(stages)
    part = stages - whole
    low = erlang_quantile(whole)
    return low if part == 0 else low + part * (erlang_quantile(whole + 1) - low)


@lru_cache(maxsize=256)
def erlang_quantile(stages: int) -> float:
    """The time that `stages` exponential stages of mean 1 do not exceed in `QUANTILE` of all cases; stages >= 1."""
    cube_root = 1 - 1 / (9 * stages) + _Z_OF_QUANTILE / (3 * sqrt(stages))
    guess = stages * cube_root**3
    if stages > _EXACT_STAGES_MAX:
        return guess
    for _ in range(4):  # Newton; the guess is right to 1 % and each step squares that
        more, density = _erlang_tail(stages, guess)
        guess += (more - (1 - QUANTILE)) / density
    return guess


def _erlang_tail(stages: int, time: float) -> tuple[float, float]:
    """P(more than `time`), and the density there."""
    term = tail = exp(-time)
    for stage in range(1, stages):
        term *= time / stage
        tail += term
    return tail, term
