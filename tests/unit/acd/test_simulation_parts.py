"""What the simulation is made of: draws, arrivals, counts, errors, staff, and the choice of a formula."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest

from acd.model import Step
from acd.requirement import parse
from acd.simulation.chance import Chance, draw
from acd.simulation.erlang import ErlangA, ErlangC
from acd.simulation.estimate import quantile, ratio
from acd.simulation.staff import NobodyCould, agents_with, group_names, least_skills, skills_for, staffed
from acd.simulation.tally import CallerCounts, Fate, Span, Tally, Waited
from acd.simulation.textbook import textbook
from acd.simulation.traffic import Arrivals, Askers, QueueTraffic, Shape, Spread, Traffic
from tests.unit.acd.simulated import HANDLING_SECONDS, QUEUE, RULES, floor_of, patient_traffic

DRAWS = 40_000
HOUR = 3600.0
MORNING = Arrivals(((8 * HOUR, 9 * HOUR, 30 / HOUR), (9 * HOUR, 10 * HOUR, 120 / HOUR)))


# Chance


@pytest.mark.parametrize(
    "spread",
    [Spread(Shape.EXPONENTIAL, 180.0, 180.0), Spread(Shape.LOGNORMAL, 188.0, 240.0), Spread(Shape.CONSTANT, 30.0)],
)
def test_durations_have_their_mean_and_spread(spread: Spread) -> None:
    """The mean and the standard deviation are those of the durations, not of their logarithms."""
    stream = Random(1)
    drawn = [draw(stream, spread) for _ in range(DRAWS)]
    assert min(drawn) > 0
    assert fmean(drawn) == pytest.approx(spread.mean_seconds, rel=0.03)
    assert stdev(drawn) == pytest.approx(spread.sd_seconds, rel=0.1)


def test_lognormal_has_the_median_of_its_formula() -> None:
    """Half of the calls of the bank of Brown et al. (188 s on average, 240 s of deviation) are over after 116 s."""
    stream = Random(1)
    drawn = sorted(draw(stream, Spread(Shape.LOGNORMAL, 188.0, 240.0)) for _ in range(DRAWS))
    assert drawn[DRAWS // 2] == pytest.approx(188.0 / sqrt(1 + (240 / 188) ** 2), rel=0.03)


def test_constant_arrivals_are_poisson() -> None:
    """The number of callers in a time has its mean for its variance; the gaps are exponential."""
    callers = list(Chance(1, "orders", QUEUE).callers(0.0, 200 * HOUR))
    per_hour = Counter(int(one.arrives // HOUR) for one in callers)
    numbers = [per_hour[hour] for hour in range(200)]
    assert fmean(numbers) == pytest.approx(200, rel=0.02)
    assert stdev(numbers) ** 2 == pytest.approx(200, rel=0.3)
    gaps = [later.arrives - earlier.arrives for earlier, later in pairwise(callers)]
    assert stdev(gaps) == pytest.approx(fmean(gaps), rel=0.03)


def test_arrivals_follow_the_time_of_day_every_day() -> None:
    """Thirty in one hour, 120 in the next, nobody in the rest of the day; tomorrow the same."""
    chance = Chance(1, "orders", replace(QUEUE, arrivals=MORNING))
    per_hour = Counter(int(one.arrives // HOUR) for one in chance.callers(7 * HOUR, 240 * HOUR))
    assert {(7 + hour) % 24 for hour in per_hour} == {8, 9}
    assert sum(number for hour, number in per_hour.items() if (7 + hour) % 24 == 8) == pytest.approx(300, rel=0.15)
    assert sum(number for hour, number in per_hour.items() if (7 + hour) % 24 == 9) == pytest.approx(1200, rel=0.1)


def test_silent_queue_has_no_callers() -> None:
    """A rate of nothing is not an error."""
    assert list(Chance(1, "orders", replace(QUEUE, arrivals=Arrivals.constant(0.0))).callers(0.0, HOUR)) == []


def test_same_seed_sends_the_same_callers_and_another_others() -> None:
    """What a caller brings along depends on the seed and the queue alone."""
    first, again, other = (list(Chance(seed, "orders", QUEUE).callers(0.0, HOUR)) for seed in (1, 1, 2))
    assert first == again
    assert first[0] != other[0]


def test_callers_of_every_kind_come_in_their_shares() -> None:
    """A fifth asks for English, a tenth is preferred, the rest asks for nothing."""
    kinds = (Askers(0.2, {"english": 5}), Askers(0.1, priority=5))
    callers = list(Chance(1, "orders", replace(QUEUE, askers=kinds)).callers(0.0, 100 * HOUR))
    english = sum(bool(one.asks.skills) for one in callers) / len(callers)
    preferred = sum(one.asks.priority > 0 for one in callers) / len(callers)
    assert (english, preferred) == (pytest.approx(0.2, abs=0.01), pytest.approx(0.1, abs=0.01))


def test_offers_ring_out_in_their_share() -> None:
    """None without a share; with one, about so many."""
    assert not Chance(1, "orders", QUEUE).rings_out()
    chance = Chance(1, "orders", replace(QUEUE, no_answer_share=0.25))
    assert fmean(chance.rings_out() for _ in range(DRAWS)) == pytest.approx(0.25, abs=0.01)


# Counts


def test_service_levels_are_those_of_the_test_vector() -> None:
    """1000 answered, 60 abandoned, 860 and 20 of them in T, 10 within 5 s (icmi.com 2005): all five formulas."""
    counts = CallerCounts(
        answered=1000, abandoned=60, answered_in_time=860, abandoned_in_time=20, abandoned_short=10, offered=1060
    )
    shares = [round(100 * up / low, 2) for up, low in counts.service_levels()]
    assert shares == [83.02, 86.00, 81.13, 82.69, 82.08]


def waited(arrived: float, fate: Fate, seconds: float, agent_id: str | None = None) -> Waited:
    return Waited("orders", ("orders",), arrived, fate, seconds, delayed=seconds > 0, agent_id=agent_id)


def test_callers_are_counted_in_the_batch_of_their_arrival() -> None:
    """Only those of the measured time, each once for the queue, once for the skill and once for all."""
    tally = Tally(Span(100.0, 200.0, 2), {"001": "orders:1"}, {"orders": 20.0})
    for arrived in (99.0, 100.0, 149.0, 150.0, 200.0):
        tally.waited(waited(arrived, Fate.ANSWERED, 1.0, "001"))
    for batches in (tally.callers(), tally.callers(queue_id="orders"), tally.callers(skill="orders")):
        assert [batch.offered for batch in batches] == [2, 1]
    assert tally.answering == {"orders": {"orders:1"}}


def test_every_fate_has_its_count() -> None:
    """Exactly at T is in time; who was let go or never served is offered, and neither answered nor abandoned."""
    tally = Tally(Span(0.0, 100.0, 1), {"001": "orders:1"}, {"orders": 20.0})
    for fate, seconds in [
        (Fate.ANSWERED, 20.0),
        (Fate.ANSWERED, 20.1),
        (Fate.ABANDONED, 5.0),
        (Fate.ABANDONED, 30.0),
        (Fate.LET_GO, 60.0),
        (Fate.UNSERVED, 0.0),
    ]:
        tally.waited(waited(1.0, fate, seconds))
    (counts,) = tally.callers()
    assert (counts.offered, counts.answered, counts.abandoned, counts.let_go, counts.unserved) == (6, 2, 2, 1, 1)
    assert (counts.answered_in_time, counts.abandoned_in_time, counts.abandoned_short) == (1, 1, 1)
    assert (counts.delayed, counts.answered_wait_seconds, counts.wait_seconds) == (5, 40.1, 135.1)


def test_agents_time_is_cut_at_the_batches() -> None:
    """A talk over the warm-up and two batches gives each its part; what comes after the end is not counted."""
    tally = Tally(Span(100.0, 200.0, 2), {"001": "orders:1"}, {"orders": 20.0})
    tally.agent_entered("001", "ready", 0.0)
    tally.agent_entered("001", "on_call", 90.0)
    tally.agent_entered("001", "wrap_up", 160.0)
    tally.agent_entered("001", "not_ready", 170.0)
    tally.agent_entered("001", "ready", 190.0)
    tally.close()
    tally.close()
    first, second = tally.groups()["orders:1"]
    assert first.seconds == {"on_call": 50.0}
    assert second.seconds == {"on_call": 10.0, "wrap_up": 10.0, "not_ready": 20.0, "ready": 10.0}
    assert (second.handling_seconds, second.staffed_seconds) == (20.0, 30.0)


def test_offers_are_counted_by_their_end() -> None:
    """In the batch in which they ended, by outcome."""
    tally = Tally(Span(100.0, 200.0, 1), {"001": "orders:1"}, {"orders": 20.0})
    for moment, outcome in [
        (99.0, "answered"),
        (100.0, "answered"),
        (120.0, "rna"),
        (199.0, "cancel_caller"),
        (200.0, "rna"),
    ]:
        tally.offer_ended("001", outcome, moment)
    tally.close()
    (batch,) = tally.groups()["orders:1"]
    assert (batch.offers, batch.answered, batch.no_answers) == (3, 1, 1)


# Errors


def test_ratio_of_equal_batches_is_a_mean_with_its_error() -> None:
    """Where every batch counts as many, it is the textbook's standard error of the mean, and Student's interval."""
    estimate = ratio([1.0, 2.0, 3.0, 6.0], [1.0, 1.0, 1.0, 1.0])
    assert estimate is not None
    assert estimate.value == 3.0
    assert estimate.standard_error == pytest.approx(stdev([1, 2, 3, 6]) / 2)
    assert estimate.half_width == pytest.approx(3.182 * stdev([1, 2, 3, 6]) / 2)


def test_ratio_weighs_batches_by_their_size() -> None:
    """Nine of ten and one of ninety is ten of a hundred; equal shares of unequal batches leave no error."""
    unequal, equal = ratio([9.0, 1.0], [10.0, 90.0]), ratio([5.0, 45.0], [10.0, 90.0])
    assert unequal is not None and equal is not None
    assert unequal.value == 0.1
    assert equal.standard_error == pytest.approx(0.0)


def test_intervals_hold_the_truth_in_95_of_100_cases() -> None:
    """Five batches of exponential counts over counts that vary with them; a thousand times."""
    stream = Random(5)
    held = 0
    for _ in range(1000):
        sizes = [stream.randint(80, 120) for _ in range(5)]
        sums = [sum(stream.expovariate(1.0) for _ in range(size)) for size in sizes]
        estimate = ratio(sums, sizes)
        assert estimate is not None and estimate.half_width is not None
        held += abs(estimate.value - 1.0) <= estimate.half_width
    assert held == pytest.approx(950, abs=25)


def test_many_batches_have_nearly_the_normal_factor() -> None:
    """At 39 degrees of freedom it is 2.023."""
    estimate = ratio([float(number) for number in range(40)], [1.0] * 40)
    assert estimate is not None and estimate.half_width is not None and estimate.standard_error is not None
    assert estimate.half_width / estimate.standard_error == pytest.approx(2.023, abs=0.002)


def test_nothing_counted_is_no_estimate_and_one_batch_has_no_error() -> None:
    """An error needs two batches, a share needs somebody."""
    assert ratio([0.0], [0.0]) is None
    assert quantile([[], []], 0.5) is None
    single, one_full = ratio([1.0], [4.0]), quantile([[], [1.0, 2.0]], 0.5)
    assert single is not None and one_full is not None
    assert (single.value, single.standard_error, single.half_width) == (0.25, None, None)
    assert (one_full.value, one_full.standard_error) == (2.0, None)


def test_quantile_is_of_all_batches_together() -> None:
    """Its error comes of how far the batches' own quantiles lie apart."""
    estimate = quantile([[1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0]], 0.5)
    assert estimate is not None
    assert (estimate.value, estimate.standard_error) == (4.0, 1.0)


# Staff

TWO_QUEUES = (replace(RULES, skills={"orders": 3}), replace(RULES, queue_id="support", skills={"support": 2}))


def test_made_agents_have_what_their_queues_and_callers_ask_for() -> None:
    """The highest level of each skill; who serves two queues has the skills of both."""
    floor = floor_of(0, *TWO_QUEUES)
    asked = replace(QUEUE, askers=(Askers(0.1, {"english": 5, "orders": 6}),))
    traffic = Traffic({"orders": asked, "support": QUEUE}, HOUR)
    made = staffed(floor, traffic, {("orders",): 2, ("orders", "support"): 1})
    assert list(group_names(made).values()) == ["english:5 orders:6"] * 2 + ["english:5 orders:6 support:2"]
    assert agents_with(made, parse("support >= 2")) == ["00003"]
    assert skills_for(floor, Traffic({}, HOUR), ("orders",)) == {"orders": 3}


@pytest.mark.parametrize(
    ("need", "skills"),
    [
        ("", {}),
        ("orders >= 5 and (mandarin >= 3 or english)", {"orders": 5, "english": 1}),
        ("a > 3 and not b and c != 0", {"a": 4, "c": 1}),
        ("a < 3 and a >= 3", None),
        ("a > 10 or b == 2", {"b": 2}),
    ],
)
def test_least_skills(need: str, skills: dict[str, int] | None) -> None:
    """The lowest levels that meet the requirement, of several ways the cheapest; None where there is no way."""
    assert least_skills(parse(need)) == skills


def test_staffing_for_what_nobody_could_do_is_refused() -> None:
    """Two queues that exclude each other have no common agent; the message is what is asked for."""
    rules = (
        replace(RULES, requires=parse("orders == 2"), skills={}),
        replace(RULES, queue_id="support", skills={"orders": 3}),
    )
    with pytest.raises(NobodyCould, match="orders == 2 and orders >= 3"):
        staffed(floor_of(0, *rules), Traffic({}, HOUR), {("orders", "support"): 1})


def test_textbook_is_silent_where_a_queue_relaxes() -> None:
    """No formula knows of steps."""
    rules = replace(RULES, steps=(Step(20.0, None, reserve=True),))
    assert textbook(floor_of(12, rules), patient_traffic(1.0), "orders") is None


def test_agents_without_skills_are_a_group_too() -> None:
    """A level of nothing is no skill."""
    floor = floor_of(1, replace(RULES, skills={"orders": 0}))
    assert group_names(floor) == {"000": "no skills"}


# The textbook


def test_textbook_chooses_by_patience() -> None:
    """Erlang C for endless patience, Erlang A for an exponential one; exact where handling is exponential and alone."""
    floor = floor_of(12)
    endless = textbook(floor, patient_traffic(1.0), "orders")
    finite = textbook(floor, patient_traffic(1.0, patience_seconds=120.0), "orders")
    assert endless is not None and finite is not None
    assert (endless.model, endless.exact, finite.model, finite.exact) == ("Erlang C", True, "Erlang A", True)
    assert endless.wait_seconds == ErlangC(12, 200 / HOUR, HANDLING_SECONDS).mean_wait_seconds
    assert finite.abandoned_share == ErlangA(12, 200 / HOUR, HANDLING_SECONDS, 120.0).abandoned_share


@pytest.mark.parametrize("patience_seconds", [None, 120.0])
def test_textbook_is_near_where_phones_ring(patience_seconds: float | None) -> None:
    """Ringing keeps an agent busy, counts as wait, and leaves less of T for the line."""
    floor = floor_of(13)
    still = patient_traffic(1.0, patience_seconds=patience_seconds)
    rings = replace(still, queues={"orders": replace(still.queues["orders"], ring_seconds=5.0)})
    without, near = textbook(floor, still, "orders"), textbook(floor, rings, "orders")
    assert without is not None and near is not None
    assert not near.exact
    assert near.wait_seconds > without.wait_seconds + 4.0
    assert near.service_levels[2] < without.service_levels[2]
    assert near.occupancy == pytest.approx(without.occupancy, rel=0.01)


def changed(**changes: object) -> Traffic:
    return Traffic({"orders": replace(QUEUE, **changes)}, HOUR)  # type: ignore[arg-type]  # each test names a field of it


@pytest.mark.parametrize(
    "traffic",
    [
        changed(arrivals=MORNING),
        changed(arrivals=Arrivals.constant(0.0)),
        changed(arrivals=Arrivals.constant(1000.0)),
        changed(askers=(Askers(0.5, priority=1),)),
        changed(no_answer_share=0.1),
        changed(patience=Spread(Shape.LOGNORMAL, 120.0, 60.0)),
    ],
)
def test_textbook_is_silent_where_no_formula_fits(traffic: Traffic) -> None:
    """Changing or no traffic, too much of it, unlike callers, no-answers, patience of another shape."""
    assert textbook(floor_of(12), traffic, "orders") is None


def test_textbook_is_silent_where_agents_are_shared_or_missing() -> None:
    """Two queues of the same agents, nobody at all, and a wait that we end ourselves."""
    same = (RULES, replace(RULES, queue_id="support"))
    both = Traffic({"orders": QUEUE, "support": QUEUE}, HOUR)
    assert textbook(floor_of(12, *same), both, "orders") is None
    assert textbook(floor_of(0), patient_traffic(1.0), "orders") is None
    assert textbook(floor_of(12, replace(RULES, wait_seconds_max=60.0)), patient_traffic(1.0), "orders") is None


def test_textbook_of_a_slow_phone_has_no_service_level() -> None:
    """Who rings for longer than T answers nobody within T."""
    slow = textbook(floor_of(20), changed(ring_seconds=25.0), "orders")
    assert slow is not None
    assert slow.service_levels == (0.0,) * 5


def test_queue_traffic_needs_no_more_than_arrivals_and_handling() -> None:
    """Everything else has a default under which nothing happens."""
    queue = QueueTraffic(Arrivals.constant(1.0), Spread(Shape.CONSTANT, 1.0))
    assert (queue.patience, queue.ring_seconds, queue.no_answer_share, queue.askers) == (None, 0.0, 0.0, ())
