"""Limited cross-training, simulated with the real engine: six call types, 90 agents, ten minutes, 84 erlang.

Wallace and Whitt (2005, Manufacturing & Service Operations Management 7:276) found that two skills an agent, if they
are spread evenly over the pairs, are nearly as good as all six, and far better than one. The two ends are known
exactly: one M/M/90, and six M/M/15.
"""

import os
from functools import cache
from itertools import permutations

import pytest

from acd.model import AgentProfile, Floor, QueueRules
from acd.requirement import parse
from acd.simulation.erlang import ErlangC
from acd.simulation.estimate import Estimate
from acd.simulation.result import result_of
from acd.simulation.run import Run
from acd.simulation.traffic import Arrivals, QueueTraffic, Shape, Spread, Traffic

LONG = os.environ.get("HOTLINE_VALIDATE") == "long"
SEEDS = (1, 2, 3, 4)
HOURS = 800.0 if LONG else 12.0
WARM_UP_HOURS = 20.0 if LONG else 4.0
BATCHES = 8 if LONG else 2
ERRORS_MAX = 3.0

TYPES = tuple("abcdef")
AGENTS, ERLANG, HANDLING_SECONDS = 90, 84.0, 600.0
RATE = ERLANG / HANDLING_SECONDS
PRIMARY, SECONDARY = 2, 1
"""Levels: callers are offered to who has their type as the first skill before they are to who helps out."""

pytestmark = pytest.mark.timeout(3600 if LONG else 120)


def agents_with(skills: int) -> list[dict[str, int]]:
    """The skills of all agents: as many with each first skill, and with each further one as even as can be."""
    if skills == 1:
        return [{one: PRIMARY} for one in TYPES] * (AGENTS // len(TYPES))
    if skills == len(TYPES):
        return [{**dict.fromkeys(TYPES, SECONDARY), one: PRIMARY} for one in TYPES] * (AGENTS // len(TYPES))
    pairs = [{one: PRIMARY, other: SECONDARY} for one, other in permutations(TYPES, 2)]
    return pairs * (AGENTS // len(pairs))


@cache
def mean_wait(skills: int) -> Estimate:
    """The mean wait of all callers where every agent has so many skills: 1, 2 or 6."""
    profiles = {
        f"{number:02d}": AgentProfile(f"{number:02d}", "", one) for number, one in enumerate(agents_with(skills))
    }
    queues = {
        name: QueueRules(name, {name: SECONDARY}, wrap_up_seconds=0.0, prefer=(parse(f"{name} >= {PRIMARY}"),))
        for name in TYPES
    }
    each = QueueTraffic(Arrivals.constant(3600 * RATE / len(TYPES)), Spread(Shape.EXPONENTIAL, HANDLING_SECONDS))
    traffic = Traffic(dict.fromkeys(TYPES, each), HOURS * 3600, WARM_UP_HOURS * 3600)
    tallies = [Run(Floor(queues, profiles), traffic, seed, BATCHES).finish() for seed in SEEDS]
    found = result_of(tallies).total.wait_seconds
    assert found is not None
    if LONG:
        print(f"{skills} skills: {found.value:.2f} s ± {found.standard_error:.2f}")
    return found


@pytest.mark.parametrize(
    ("skills", "theory"),
    [
        (1, ErlangC(AGENTS // len(TYPES), RATE / len(TYPES), HANDLING_SECONDS)),
        (len(TYPES), ErlangC(AGENTS, RATE, HANDLING_SECONDS)),
    ],
)
def test_the_ends_are_erlang_c(skills: int, theory: ErlangC) -> None:
    """With one skill each, six floors of their own; with all, one of 90."""
    found = mean_wait(skills)
    assert found.standard_error is not None
    assert abs(found.value - theory.mean_wait_seconds) < ERRORS_MAX * found.standard_error


def test_two_skills_are_nearly_as_good_as_all() -> None:
    """All but a little of what full cross-training gains over one skill is gained by two, spread evenly."""
    one, two, six = (mean_wait(skills).value for skills in (1, 2, len(TYPES)))
    assert agents_with(2).count({"a": PRIMARY, "b": SECONDARY}) == 3
    assert two < one / 4
    assert (one - two) / (one - six) > 0.9
