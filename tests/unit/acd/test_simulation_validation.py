"""The real engine, simulated, against theory: every figure within three standard errors.

The short form runs with the suite. `make validate` (HOTLINE_VALIDATE=long) runs the long one: 1.6 million calls a row.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import pytest

from acd.model import QueueRules
from acd.simulation.erlang import ErlangA, ErlangC, priority_waits
from acd.simulation.estimate import Estimate, ratio
from acd.simulation.result import FORMULAS, CallerFigures, result_of
from acd.simulation.run import Run
from acd.simulation.tally import Tally
from acd.simulation.traffic import Arrivals, Traffic
from tests.unit.acd.simulated import HANDLING_SECONDS, PER_HOUR, QUEUE, RULES, floor_of, patient_traffic

LONG = os.environ.get("HOTLINE_VALIDATE") == "long"
SEEDS = (1, 2, 3, 4)
HOURS = 2000.0 if LONG else 8.0
"""Measured, of each seed: 400,000 calls in the long form."""
WARM_UP_HOURS = 20.0 if LONG else 5.0
SINGLE_HOURS = 6000.0 if LONG else 200.0
"""Of one agent alone, who takes few calls an hour and remembers a rush for long."""
BATCHES = 8 if LONG else 3
"""Of each seed: fewer where the run is short, so that a batch outlasts the memory of the queue."""
ERRORS_MAX = 3.0
PATIENCE_SECONDS = 120.0
RATE = PER_HOUR / 3600

pytestmark = pytest.mark.timeout(3600 if LONG else 60)

Comparison = tuple[str, Estimate | None, float]


def simulated(agents: int, traffic: Traffic, *queues: QueueRules) -> list[Tally]:
    floor = floor_of(agents, *queues)
    return [Run(floor, traffic, seed, BATCHES).finish() for seed in SEEDS]


def off(comparisons: Iterator[Comparison]) -> list[str]:
    """Name every figure that is further from theory than chance explains; in the long form show them all."""
    wrong = []
    for name, estimate, theory in comparisons:
        assert estimate is not None
        assert estimate.standard_error is not None
        errors = (estimate.value - theory) / estimate.standard_error
        said = (
            f"{name}: {estimate.value:.5f} ± {estimate.standard_error:.5f}, theory {theory:.5f}: {errors:+.1f} errors"
        )
        if LONG:
            print(said)
        if abs(errors) > ERRORS_MAX:
            wrong.append(said)
    return wrong


def compared_to_c(figures: CallerFigures, model: ErlangC) -> Iterator[Comparison]:
    yield "P(wait)", figures.delayed_share, model.waiting_share
    yield "ASA", figures.answer_seconds, model.mean_wait_seconds
    yield "service level", figures.service_levels["F2"], model.service_level(20.0)
    yield "occupancy", figures.occupancy, model.occupancy


def compared_to_a(figures: CallerFigures, model: ErlangA) -> Iterator[Comparison]:
    for name, level in zip(FORMULAS, model.service_levels(20.0), strict=True):
        yield name, figures.service_levels[name], level
    yield "P(wait)", figures.delayed_share, model.waiting_share
    yield "P(abandon)", figures.abandoned_share, model.abandoned_share
    yield "E[W]", figures.wait_seconds, model.mean_wait_seconds
    yield "occupancy", figures.occupancy, model.occupancy


@pytest.mark.parametrize("agents", [11, 12, 13, 14, 15])
def test_patient_callers_are_erlang_c(agents: int) -> None:
    """P(wait), ASA, service level and occupancy of callers who never give up."""
    tallies = simulated(agents, patient_traffic(HOURS, WARM_UP_HOURS))
    assert off(compared_to_c(result_of(tallies).queues["orders"], ErlangC(agents, RATE, HANDLING_SECONDS))) == []


@pytest.mark.parametrize("agents", [10, 11, 12, 13, 14])
def test_impatient_callers_are_erlang_a(agents: int) -> None:
    """All five service levels, P(wait), P(abandon), E[W] and occupancy; P(abandon) is E[W] over the mean patience."""
    traffic = patient_traffic(HOURS, 20.0 if LONG else 1.0, patience_seconds=PATIENCE_SECONDS)
    tallies = simulated(agents, traffic)
    model = ErlangA(agents, RATE, HANDLING_SECONDS, PATIENCE_SECONDS)
    assert off(compared_to_a(result_of(tallies).queues["orders"], model)) == []
    counts = [batch for tally in tallies for batch in tally.callers()]
    difference = ratio(
        [batch.wait_seconds - PATIENCE_SECONDS * batch.abandoned for batch in counts],
        [batch.offered for batch in counts],
    )
    assert off(iter([("E[W] - patience x P(abandon)", difference, 0.0)])) == []


def test_priorities_conserve_the_mean_wait() -> None:
    """Two bands: each waits as Cobham says, and the mean over all calls is that of one line in order of arrival."""
    rates = [0.3 * PER_HOUR, 0.7 * PER_HOUR]
    vip, regular = replace(RULES, queue_id="vip", priority=10), replace(RULES, queue_id="regular")
    traffic = Traffic(
        {
            "vip": replace(QUEUE, arrivals=Arrivals.constant(rates[0])),
            "regular": replace(QUEUE, arrivals=Arrivals.constant(rates[1])),
        },
        HOURS * 3600,
        WARM_UP_HOURS * 3600,
    )
    bands = result_of(simulated(12, traffic, vip, regular))
    first, second = priority_waits(12, [rate / 3600 for rate in rates], HANDLING_SECONDS)
    one_line = ErlangC(12, RATE, HANDLING_SECONDS).mean_wait_seconds
    assert (
        off(
            iter(
                [
                    ("vip", bands.queues["vip"].wait_seconds, first),
                    ("regular", bands.queues["regular"].wait_seconds, second),
                    ("both", bands.total.wait_seconds, one_line),
                ]
            )
        )
        == []
    )
    fifo = result_of(simulated(12, patient_traffic(HOURS, WARM_UP_HOURS))).total.wait_seconds
    both = bands.total.wait_seconds
    assert fifo is not None and both is not None
    assert fifo.standard_error is not None and both.standard_error is not None
    error = sqrt(fifo.standard_error**2 + both.standard_error**2)
    assert abs(fifo.value - both.value) <= ERRORS_MAX * error


def test_bands_of_unequal_talks_wait_as_cobham_says() -> None:
    """One agent, three bands whose talks last 2, 4 and 6 minutes: each band waits W0 / ((1 - load of those before it) x
    (1 - load with its own)), W0 = sum of rate x E[S^2] / 2 (Cobham 1954)."""
    bands = {"gold": (30, 120.0, 0.30), "silver": (20, 240.0, 0.25), "iron": (10, 360.0, 0.25)}
    queues = [replace(RULES, queue_id=name, priority=priority) for name, (priority, _, _) in bands.items()]
    traffic = Traffic(
        {
            name: replace(
                QUEUE,
                arrivals=Arrivals.constant(load / seconds * 3600),
                handling=replace(QUEUE.handling, mean_seconds=seconds),
            )
            for name, (_, seconds, load) in bands.items()
        },
        SINGLE_HOURS * 3600,
        WARM_UP_HOURS * 3600,
    )
    figures = result_of(simulated(1, traffic, *queues)).queues
    in_work = sum(load * seconds for _, seconds, load in bands.values())
    before, comparisons = 0.0, []
    for name, (_, _, load) in bands.items():
        wait = in_work / ((1 - before) * (1 - before - load))
        comparisons.append((name, figures[name].wait_seconds, wait))
        before += load
    assert off(iter(comparisons)) == []


@pytest.mark.parametrize("agents", [12])
def test_the_comparison_would_find_a_wrong_engine(agents: int) -> None:
    """The runs are long enough to tell one agent more or less apart: theory for another number is refused."""
    figures = result_of(simulated(agents, patient_traffic(HOURS, 1.0, patience_seconds=PATIENCE_SECONDS))).queues[
        "orders"
    ]
    for other in (agents - 1, agents + 1):
        assert off(compared_to_a(figures, ErlangA(other, RATE, HANDLING_SECONDS, PATIENCE_SECONDS))) != []
