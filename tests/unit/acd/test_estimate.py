"""The arithmetic of waiting."""

import math

import pytest

from acd.estimate import HandlingTimes, RunningMean, effective_agents, erlang_quantile, wait_behind


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
