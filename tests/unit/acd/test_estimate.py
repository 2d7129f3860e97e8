"""The arithmetic of waiting."""

import math

import pytest

from acd.estimate import (
    NO_WAIT,
    PATIENCE_MEMORY,
    HandlingTimes,
    Patience,
    RunningMean,
    effective_agents,
    erlang_quantile,
    quantile_of_stages,
    wait_behind,
)


def erlang_tail(stages: int, time: float) -> float:
    return math.exp(-time) * sum(time**k / math.factorial(k) for k in range(stages))


@pytest.mark.parametrize("stages", [1, 2, 3, 10, 40, 60])
def test_four_in_five_wait_no_longer(stages: int) -> None:
    """Up to 60 stages the quantile is exact: one caller in five waits longer."""
    assert erlang_tail(stages, erlang_quantile(stages)) == pytest.approx(0.2, abs=1e-9)


@pytest.mark.parametrize("stages", [61, 100])
def test_a_long_line_is_told_nearly_right(stages: int) -> None:
    """Beyond that the approximation is off by less than a thousandth of the share."""
    assert erlang_tail(stages, erlang_quantile(stages)) == pytest.approx(0.2, abs=1e-3)


def test_one_caller_ahead_takes_one_more_turn() -> None:
    """The mean is (n + 1) handling times over the agents; one in line first has one stage: 80 % of exponential."""
    first, second = wait_behind(0, 180.0, 3.0), wait_behind(1, 180.0, 3.0)
    assert first is not None and second is not None
    assert (first.mean_seconds, second.mean_seconds) == (60.0, 120.0)
    assert first.high_seconds == pytest.approx(60.0 * math.log(5))


def test_nobody_works_nobody_knows() -> None:
    """Without an agent there is no estimate, rather than an endless one."""
    assert wait_behind(0, 180.0, 0.0) is None


def test_an_agent_of_two_lines_is_half_of_each() -> None:
    """Kind 1 serves both classes of callers, kinds 2 and 4 one each; kind 8 serves neither of mine."""
    working = {1: 2, 2: 3, 4: 5, 8: 7}
    assert effective_agents(0b0011, working, [0b0011, 0b0101]) == 2 / 2 + 3
    assert effective_agents(0b0101, working, [0b0011, 0b0101]) == 2 / 2 + 5


def test_a_class_without_waiting_callers_takes_nothing() -> None:
    """Where nobody else waits all who can serve me count in full."""
    assert effective_agents(0b11, {1: 2, 2: 3}, []) == 5


def test_a_mean_follows_slowly_and_shrugs_off_an_outlier() -> None:
    """The guess weighs ten talks; a phone left off the hook counts as five means at most."""
    mean = RunningMean(100.0)
    mean.learn(210.0)
    assert mean.seconds == pytest.approx(110.0)
    mean = RunningMean(100.0)
    mean.learn(100_000.0)
    assert mean.seconds == pytest.approx(100.0 + 400.0 / 11)


def test_a_mean_forgets_the_morning() -> None:
    """After a few hundred talks of another length nothing is left of the old one."""
    mean = RunningMean(100.0)
    for _ in range(500):
        mean.learn(200.0)
    assert mean.seconds == pytest.approx(200.0, abs=0.1)


def test_a_guess_of_nothing_can_be_outgrown() -> None:
    """A queue without wrap-up starts at 0 and still learns."""
    mean = RunningMean(0.0)
    mean.learn(11.0)
    assert mean.seconds == 1.0


def test_handling_is_talk_and_wrap_up_of_that_queue() -> None:
    """A wrap-up belongs to the queue of the agent's last talk, once; a queue that is gone teaches nothing."""
    times = HandlingTimes({"orders": (100.0, 10.0), "support": (300.0, 0.0)})
    times.talked("orders", "1001", 210.0, now=1000.0)
    times.is_back("1001", 1021.0)
    times.is_back("1001", 2000.0)
    times.talked("gone", "1001", 5.0, now=3000.0)
    times.is_back("1001", 4000.0)
    assert times.of("orders") == pytest.approx(110.0 + 11.0)
    assert (times.of("support"), times.of("gone")) == (300.0, 0.0)


def test_what_is_recalled_is_learned_and_new_queues_begin_with_their_guess() -> None:
    """Of a queue that is no more nothing is recalled; one that is known keeps what it has learned."""
    times = HandlingTimes({"orders": (100.0, 10.0)})
    times.recall("orders", [200.0], [20.0])
    times.recall("gone", [1.0], [1.0])
    learned = times.of("orders")
    assert learned > 110.0
    times.know({"orders": (1.0, 1.0), "parcels": (50.0, 5.0)})
    assert (times.of("orders"), times.of("parcels"), times.of("gone")) == (learned, 55.0, 0.0)


def test_a_line_of_whom_some_give_up_melts() -> None:
    """With k ahead the line moves at s / handling time + k x the rate of giving up: two ahead, three turns."""
    wait = wait_behind(2, 180.0, 3.0, giving_up=1 / 120)
    assert wait is not None
    assert wait.mean_seconds == pytest.approx(60 + 1 / (1 / 60 + 1 / 120) + 1 / (1 / 60 + 2 / 120))
    patient = wait_behind(2, 180.0, 3.0)
    assert patient is not None
    assert wait.high_seconds < patient.high_seconds


def test_the_first_in_line_waits_for_an_agent_alone() -> None:
    """Nobody is ahead who could give up: the estimate is the one without."""
    assert wait_behind(0, 180.0, 3.0, giving_up=1 / 10) == wait_behind(0, 180.0, 3.0)


@pytest.mark.parametrize("ahead", [63, 64, 65, 200, 10_000])
@pytest.mark.parametrize("patience_seconds", [5.0, 120.0, 36_000.0])
def test_a_long_line_is_added_up_in_no_time(ahead: int, patience_seconds: float) -> None:
    """Beyond the turns that are added one by one the sum is right to a millionth, whatever the patience."""
    rates = [3 / 180 + turn / patience_seconds for turn in range(ahead + 1)]
    mean, variance = sum(1 / rate for rate in rates), sum(1 / rate**2 for rate in rates)
    stages = mean**2 / variance
    wait = wait_behind(ahead, 180.0, 3.0, 1 / patience_seconds)
    assert wait is not None
    assert wait.mean_seconds == pytest.approx(mean, rel=1e-6)
    assert wait.high_seconds == pytest.approx(mean * quantile_of_stages(stages) / stages, rel=1e-5)


def test_four_in_five_wait_no_longer_in_a_melting_line() -> None:
    """Of turns as unlike as 1 : 3 : 5 the bound errs on the careful side, by little more than a hundredth."""
    rates = [1 / 60, 1 / 60 + 1 / 30, 1 / 60 + 2 / 30]
    wait = wait_behind(2, 180.0, 3.0, giving_up=1 / 30)
    assert wait is not None
    tail = 0.0
    for rate in rates:
        others = math.prod(other / (other - rate) for other in rates if other != rate)
        tail += others * math.exp(-rate * wait.high_seconds)
    assert 0.185 < tail <= 0.2


def test_who_takes_no_time_keeps_nobody_waiting() -> None:
    """A handling time of nothing is no wait, rather than a division by it."""
    assert wait_behind(5, 0.0, 3.0) == NO_WAIT


def test_stages_between_two_whole_numbers_are_told_between_them() -> None:
    """The quantile of two and a half stages lies between those of two and three, and theirs are exact."""
    assert quantile_of_stages(2.0) == erlang_quantile(2)
    assert quantile_of_stages(2.5) == pytest.approx((erlang_quantile(2) + erlang_quantile(3)) / 2)


def test_patience_is_what_all_have_waited_over_those_who_gave_up() -> None:
    """Who was served would have waited longer, so their seconds count too; where nobody gave up the rate is 0."""
    patience = Patience()
    for _ in range(5 * PATIENCE_MEMORY):
        patience.waited("orders", 60.0, gave_up=False)
        patience.waited("orders", 20.0, gave_up=True)
        patience.waited("support", 60.0, gave_up=False)
    assert patience.rate("orders") == pytest.approx(1 / 80, rel=0.02)
    assert (patience.rate("support"), patience.rate("unknown")) == (0.0, 0.0)


def test_the_first_abandon_does_not_say_that_all_will() -> None:
    """One caller who left after five seconds counts against ten minutes in which nobody did."""
    patience = Patience()
    patience.waited("orders", 5.0, gave_up=True)
    assert 1 / patience.rate("orders") == pytest.approx(600.0, rel=0.01)


def test_who_waited_for_nothing_says_nothing() -> None:
    """An agent was free: however many such calls there are, the patience of those who wait is not forgotten."""
    patience = Patience()
    patience.waited("orders", 30.0, gave_up=True)
    known = patience.rate("orders")
    for _ in range(1000):
        patience.waited("orders", 0.0, gave_up=False)
    assert patience.rate("orders") == known


def test_patience_outlives_a_restart() -> None:
    """What was seen is given back as it was."""
    before, after = Patience(), Patience()
    before.waited("orders", 30.0, gave_up=True)
    after.recall(before.seen)
    assert after.rate("orders") == before.rate("orders") > 0
