"""All that is random, drawn from seeded streams of their own, so that one change does not shuffle everything else.

Each queue has a stream for arrivals, one for the callers and one for no-answers. What a caller brings along is drawn at
the arrival: the same seed sends the same callers to ten agents and to twenty, and a sweep compares like with like.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log, sqrt
from random import Random

from acd.simulation.traffic import Askers, QueueTraffic, Shape, Spread

_NOBODY_SPECIAL = Askers(1.0)


@dataclass(frozen=True, slots=True)
class Coming:
    """A caller to be, with what fate has in store."""

    queue_id: str
    arrives: float
    """Seconds since the start, warm-up included."""
    asks: Askers
    handling_seconds: float
    patience_seconds: float | None


class Chance:
    """The random streams of one queue under one seed."""

    def __init__(self, seed: int, queue_id: str, traffic: QueueTraffic) -> None:
        self._queue_id, self._traffic = queue_id, traffic
        self._arrivals, self._callers, self._answers = (
            Random(f"{seed}/{queue_id}/{purpose}") for purpose in ("arrivals", "callers", "answers")
        )

    def callers(self, start_clock: float, until: float) -> Iterator[Coming]:
        """Yield the callers in order of arrival until that time after the start.

        A stream at the peak rate is thinned down to the rate of each moment (Lewis and Shedler 1979).
        start_clock: seconds since midnight at the start.
        """
        arrivals, peak = self._traffic.arrivals, self._traffic.arrivals.peak_rate
        at = 0.0
        while peak > 0 and (at := at + self._arrivals.expovariate(peak)) < until:
            if arrivals.is_constant or self._arrivals.random() * peak < arrivals.rate_at(start_clock + at):
                yield self._caller(at)

    def rings_out(self) -> bool:
        """Whether the agent lets this offer ring."""
        return self._traffic.no_answer_share > 0 and self._answers.random() < self._traffic.no_answer_share

    def _caller(self, at: float) -> Coming:
        handling = draw(self._callers, self._traffic.handling)
        patience = None if self._traffic.patience is None else draw(self._callers, self._traffic.patience)
        return Coming(self._queue_id, at, self._asks(), handling, patience)

    def _asks(self) -> Askers:
        if not self._traffic.askers:
            return _NOBODY_SPECIAL
        point = self._callers.random()
        for askers in self._traffic.askers:
            if point < askers.share:
                return askers
            point -= askers.share
        return _NOBODY_SPECIAL


def draw(stream: Random, spread: Spread) -> float:
    """One duration, in seconds."""
    if spread.shape is Shape.EXPONENTIAL:
        return stream.expovariate(1 / spread.mean_seconds)
    if spread.shape is Shape.LOGNORMAL:
        variance = log(1 + (spread.sd_seconds / spread.mean_seconds) ** 2)
        return stream.lognormvariate(log(spread.mean_seconds) - variance / 2, sqrt(variance))
    return spread.mean_seconds
