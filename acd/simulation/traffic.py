"""What callers do, in the simulator's words. Times are seconds since the simulated day began, rates are per second."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.model import Skills
from acd.requirement import ANYBODY, Expr, all_of, at_least

DAY_SECONDS = 86_400.0


class Shape(StrEnum):
    """How durations spread about their mean."""

    CONSTANT = "constant"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True)
class Spread:
    """Durations drawn at random."""

    shape: Shape
    mean_seconds: float
    sd_seconds: float = 0.0
    """Of the durations themselves, not of their logarithms; only lognormal asks for it."""


@dataclass(frozen=True)
class Arrivals:
    """A Poisson stream whose rate is a step function of the time of day, the same every day."""

    steps: tuple[tuple[float, float, float], ...]
    """Begin and end as seconds since midnight, and the rate between them; outside of all steps nobody calls."""

    @classmethod
    def constant(cls, per_hour: float) -> "Arrivals":
        return cls(((0.0, DAY_SECONDS, per_hour / 3600),))

    @property
    def is_constant(self) -> bool:
        return len(self.steps) == 1 and self.steps[0][:2] == (0.0, DAY_SECONDS)

    @property
    def peak_rate(self) -> float:
        return max((rate for _, _, rate in self.steps), default=0.0)

    def rate_at(self, clock: float) -> float:
        """The rate at this time; clock: seconds since midnight of the first day."""
        of_day = clock % DAY_SECONDS
        return next((rate for begin, end, rate in self.steps if begin <= of_day < end), 0.0)


@dataclass(frozen=True)
class Askers:
    """A part of a queue's callers who ask for more than the queue does."""

    share: float
    skills: Skills = field(default_factory=dict)
    priority: int = 0
    """On top of the queue's and the segment's, as the head start is."""
    requires: Expr = ANYBODY
    """On top of `skills`."""
    head_start_seconds: float = 0.0
    segment: str = ""
    """Of the floor's segments; empty: none."""

    @property
    def need(self) -> Expr:
        """What they ask for beyond the queue and for good: a segment's wish is dropped while they wait."""
        return all_of(at_least(self.skills), self.requires)


@dataclass(frozen=True)
class QueueTraffic:
    """What happens to one queue."""

    arrivals: Arrivals
    handling: Spread
    """Of the talk. Wrap-up comes after it, as the site says."""
    patience: Spread | None = None
    """How long callers wait for an answer, ringing included; None: for ever."""
    ring_seconds: float = 0.0
    """From the offer to the answer."""
    no_answer_share: float = 0.0
    """Of the offers that ring out instead."""
    service_level_seconds: float = 20.0
    askers: tuple[Askers, ...] = ()
    """The rest of the callers ask for nothing beyond the queue."""


@dataclass(frozen=True)
class Traffic:
    """What happens to a floor."""

    queues: Mapping[str, QueueTraffic]
    seconds: float
    """Measured time: who arrives in it is counted."""
    warm_up_seconds: float = 0.0
    """Before it: the floor begins empty, and the first callers have it better than the rest."""
    start_clock: float = 0.0
    """Seconds since midnight at which measured time begins."""
    back_seconds: float = 60.0
    """How long an agent stays away whom the engine made not ready for not answering."""

    @property
    def is_steady(self) -> bool:
        """Whether every part of the measured time is like every other."""
        return all(queue.arrivals.is_constant for queue in self.queues.values())
