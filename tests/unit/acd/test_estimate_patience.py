"""How good the estimates are where callers give up: the real engine on a virtual clock, M/M/s+M with more calls than
the agents can take, against the true delays.

The true delay is that of a caller who does not give up: one in fifty here, among the others. Given n ahead it is a sum
of n + 1 exponential times whose rates are known, so the best that can be done is known as well: an error with the
variance of that sum (Ibrahim and Whitt 2009, QLm). The plain queue-length estimate forgets that the line melts; its
squared error is that variance and the square of what it tells too much. What our engine tells had to be learned: the
handling time, and the patience from waits of which most were not seen to their end. `make validate`
(HOTLINE_VALIDATE=long) runs every row with 2.4 million calls.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import pytest

from acd.admission import estimate
from acd.simulation.chance import Coming
from acd.simulation.estimate import Estimate, ratio
from acd.simulation.run import Run
from acd.simulation.traffic import Arrivals, Shape, Spread, Traffic
from tests.unit.acd.simulated import HANDLING_SECONDS, QUEUE, floor_of

LONG = os.environ.get("HOTLINE_VALIDATE") == "long"
SEEDS = (1, 2, 3, 4)
CALLS = 600_000 if LONG else 12_000
"""Of each seed."""
BATCHES = 20 if LONG else 5
"""Of each seed."""
PATIENT_ONE_IN = 50
ERRORS_MAX = 3.0
LEARNED = 0.06
"""What the learned means cost: fifty talks, five hundred waits are remembered, and one caller in fifty is patient."""

pytestmark = pytest.mark.timeout(7200 if LONG else 120)


@dataclass(frozen=True)
class Row:
    """One floor; `busy` above 1 is more than the agents could take if nobody gave up."""

    agents: int
    busy: float
    patience_seconds: float


ROWS = (Row(10, 1.2, 180.0), Row(50, 1.4, 180.0), Row(10, 1.0, 120.0), Row(100, 1.2, 360.0))


class Told(NamedTuple):
    """What was told to a patient caller, and what theory knows at that moment; in seconds."""

    bound: float
    """By our engine, of 80 %."""
    mean: float
    """By our engine."""
    best: float
    """The mean of the true delay."""
    variance: float
    """Of the true delay."""
    plain: float
    """The queue-length estimate that knows of no patience."""


Pair = tuple[Told, float]


class Foretold(Run):
    """A run that notes what was told to each patient caller who had to wait, and how long they then waited."""

    def __init__(self, row: Row, seed: int) -> None:
        self.row = row
        self.pairs: list[tuple[float, Told, float]] = []
        """Of each: when they came, what was told, how long they waited."""
        self._told: dict[str, tuple[float, Told]] = {}
        self._came = 0
        per_hour = 3600 * row.busy * row.agents / HANDLING_SECONDS
        patience = Spread(Shape.EXPONENTIAL, row.patience_seconds)
        queue = replace(QUEUE, arrivals=Arrivals.constant(per_hour), patience=patience)
        super().__init__(floor_of(row.agents), Traffic({"orders": queue}, CALLS / per_hour * 3600), seed)

    def _joined(self, coming: Coming, callers: Any) -> None:
        self._came += 1
        if self._came % PATIENT_ONE_IN:
            super()._joined(coming, callers)
            return
        before = set(self.engine.visits)
        super()._joined(replace(coming, patience_seconds=None), callers)
        for visit_id in self.engine.visits.keys() - before:
            if (outlook := self.engine.outlook(visit_id)) is not None:
                wait = estimate(self.engine._moves, self.engine.visits[visit_id])
                assert wait is not None
                theory = self._theory(outlook.position - 1)
                self._told[visit_id] = self.now, Told(wait.high_seconds, wait.mean_seconds, *theory)

    def _theory(self, ahead: int) -> tuple[float, float, float]:
        served = self.row.agents / HANDLING_SECONDS
        rates = [served + turn / self.row.patience_seconds for turn in range(ahead + 1)]
        return sum(1 / rate for rate in rates), sum(1 / rate**2 for rate in rates), (ahead + 1) / served

    def _connected(self, fields: Any) -> None:
        super()._connected(fields)
        if (told := self._told.pop(fields["visit_id"], None)) is not None:
            self.pairs.append((*told, fields["wait_seconds"]))


@cache
def batches_of(row: Row) -> list[list[Pair]]:
    """What was told and what came of it, in batches of equal times."""
    found: list[list[Pair]] = []
    for seed in SEEDS:
        run = Foretold(row, seed)
        run.finish()
        batches: list[list[Pair]] = [[] for _ in range(BATCHES)]
        for came, told, wait in run.pairs:
            batches[int(came / run.end * BATCHES)].append((told, wait))
        found += batches
    return found


def of_all(row: Row, upper: Callable[[Told, float], float], lower: Callable[[Told, float], float]) -> Estimate:
    """The sum of the one over the sum of the other, with its error."""
    batches = batches_of(row)
    found = ratio([_sum(batch, upper) for batch in batches], [_sum(batch, lower) for batch in batches])
    assert found is not None and found.standard_error is not None
    if LONG:
        print(f"{row}: {found.value:.3f} ± {found.standard_error:.3f}")
    return found


def _sum(batch: Sequence[Pair], of: Callable[[Told, float], float]) -> float:
    return sum(of(told, wait) for told, wait in batch)


def is_near(found: Estimate, expected: float, beside: float) -> bool:
    assert found.standard_error is not None
    return abs(found.value - expected) < ERRORS_MAX * found.standard_error + beside


rows = pytest.mark.parametrize("row", ROWS if LONG else ROWS[:2], ids=lambda row: f"{row.agents}-{row.busy}")


@rows
def test_what_is_told_is_what_is_waited(row: Row) -> None:
    """The mean of what was told is that of the true delays, within three standard errors and what learning costs."""
    assert is_near(of_all(row, lambda told, wait: told.mean, lambda told, wait: wait), 1.0, LEARNED)


@rows
def test_no_estimate_could_be_much_better(row: Row) -> None:
    """The squared error over the variance of the true delay is 1, and a little for what had to be learned."""
    error = of_all(row, lambda told, wait: (told.mean - wait) ** 2, lambda told, wait: told.variance)
    assert is_near(error, 1.0, 3 * LEARNED)


@rows
def test_who_forgets_that_callers_give_up_tells_as_much_too_much_as_theory_says(row: Row) -> None:
    """Squared errors of the plain estimate over those of the best one: 1 + (what it tells too much)^2 / variance, the
    mean over the same callers, within three standard errors."""
    found = of_all(row, lambda told, wait: (told.plain - wait) ** 2, lambda told, wait: (told.best - wait) ** 2)
    expected = of_all(
        row, lambda told, wait: told.variance + (told.plain - told.best) ** 2, lambda told, wait: told.variance
    )
    assert is_near(found, expected.value, 0.05 * expected.value)
    assert found.standard_error is not None
    assert found.value - ERRORS_MAX * found.standard_error > 1.0


@rows
def test_four_in_five_wait_no_longer_than_they_were_told(row: Row) -> None:
    """The bound is right for 80 % of those who wait, within three standard errors and 3 %."""
    kept = of_all(row, lambda told, wait: float(wait <= told.bound), lambda told, wait: 1.0)
    assert sum(len(batch) for batch in batches_of(row)) > 500
    assert is_near(kept, 0.8, 0.03)
