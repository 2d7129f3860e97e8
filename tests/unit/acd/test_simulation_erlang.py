"""The textbook's formulas, against tables published elsewhere and computed by others."""

import pytest

from acd.simulation.erlang import ErlangA, ErlangC, NoSteadyState, priority_waits

RATE = 100 / 1800
"""100 calls in half an hour."""

ERLANG_C = {  # agents: P(wait), ASA, service level in 20 s, occupancy, p90
    11: (0.6821, 122.78, 0.3896, 0.9091, 345.6),
    12: (0.4494, 40.44, 0.6402, 0.8333, 135.2),
    13: (0.2853, 17.12, 0.7956, 0.7692, 62.9),
    14: (0.1741, 7.836, 0.8884, 0.7143, 25.0),
    15: (0.1020, 3.674, 0.9415, 0.6667, 0.7),
}
ERLANG_C_BUSY = {  # 360 calls of 240 s in half an hour; agents: P(wait), ASA, service level in 20 s
    50: (0.6945, 83.33, 0.4122),
    52: (0.4660, 27.96, 0.6661),
    54: (0.3013, 12.05, 0.8172),
    56: (0.1872, 5.61, 0.9039),
}
ERLANG_A = {  # agents: P(wait), P(abandon), E[W], occupancy, F1, F2, F3, F4
    10: (0.4969, 0.1375, 16.50, 0.8625, 0.7050, 0.7419, 0.6399, 0.6845),
    11: (0.3828, 0.0942, 11.30, 0.8235, 0.7905, 0.8194, 0.7422, 0.7799),
    12: (0.2798, 0.0616, 7.39, 0.7820, 0.8596, 0.8798, 0.8256, 0.8546),
    13: (0.1937, 0.0384, 4.61, 0.7397, 0.9112, 0.9241, 0.8886, 0.9091),
    14: (0.1270, 0.0228, 2.74, 0.6980, 0.9470, 0.9545, 0.9327, 0.9462),
}


@pytest.mark.parametrize("agents", ERLANG_C)
def test_erlang_c_is_the_table(agents: int) -> None:
    """Callers of endless patience: every column of the table, to its last digit."""
    waiting, asa, level, occupancy, p90 = ERLANG_C[agents]
    model = ErlangC(agents, RATE, 180.0)
    assert model.waiting_share == pytest.approx(waiting, abs=5e-5)
    assert model.mean_wait_seconds == pytest.approx(asa, abs=5e-3)
    assert model.service_level(20.0) == pytest.approx(level, abs=5e-5)
    assert model.occupancy == pytest.approx(occupancy, abs=5e-5)
    assert model.wait_quantile(0.9) == pytest.approx(p90, abs=0.05)


def test_erlang_c_is_the_published_example() -> None:
    """14 agents, 100 calls in half an hour, 180 s: to all digits that two packages print."""
    model = ErlangC(14, RATE, 180.0)
    assert model.waiting_share == pytest.approx(0.1741319, abs=5e-8)
    assert model.mean_wait_seconds == pytest.approx(7.835937, abs=5e-7)
    assert model.service_level(20.0) == pytest.approx(0.88835, abs=5e-6)
    assert model.occupancy == pytest.approx(0.7142857, abs=5e-8)


@pytest.mark.parametrize("agents", ERLANG_C_BUSY)
def test_erlang_c_of_a_large_group_is_the_table(agents: int) -> None:
    """48 erlangs."""
    waiting, asa, level = ERLANG_C_BUSY[agents]
    model = ErlangC(agents, 360 / 1800, 240.0)
    assert model.waiting_share == pytest.approx(waiting, abs=5e-5)
    assert model.mean_wait_seconds == pytest.approx(asa, abs=5e-3)
    assert model.service_level(20.0) == pytest.approx(level, abs=5e-5)


@pytest.mark.parametrize("agents", ERLANG_A)
def test_erlang_a_is_the_table(agents: int) -> None:
    """Patience of 120 s: every column of the table, all four service levels among them."""
    waiting, abandoned, wait, occupancy, *levels = ERLANG_A[agents]
    model = ErlangA(agents, RATE, 180.0, 120.0)
    assert model.waiting_share == pytest.approx(waiting, abs=5e-5)
    assert model.abandoned_share == pytest.approx(abandoned, abs=5e-5)
    assert model.mean_wait_seconds == pytest.approx(wait, abs=5e-3)
    assert model.occupancy == pytest.approx(occupancy, abs=5e-5)
    assert model.service_levels(20.0)[:4] == pytest.approx(levels, abs=5e-5)


def test_endless_patience_makes_erlang_a_into_erlang_c() -> None:
    """With a patience of ten years the two models agree."""
    model, limit = ErlangA(13, RATE, 180.0, 3e8), ErlangC(13, RATE, 180.0)
    assert model.waiting_share == pytest.approx(limit.waiting_share, rel=1e-4)
    assert model.answered_within(20.0) == pytest.approx(limit.service_level(20.0), rel=1e-4)
    assert model.abandoned_within(20.0) == pytest.approx(0.0, abs=1e-6)


def test_shares_of_all_callers_add_up_in_the_end() -> None:
    """After a long time every caller was answered or has given up, in the shares of the steady state."""
    model = ErlangA(10, RATE, 180.0, 120.0)
    assert model.abandoned_within(3000.0) == pytest.approx(model.abandoned_share, rel=1e-5)
    assert model.answered_within(3000.0) == pytest.approx(1 - model.abandoned_share, rel=1e-5)


def test_thousand_agents_are_not_too_many() -> None:
    """Weights beyond a float do not matter: they are kept as logarithms."""
    model = ErlangA(1500, 1500 / 180, 180.0, 120.0)
    assert 0.0 < model.abandoned_share < 0.02
    assert model.occupancy == pytest.approx(1 - model.abandoned_share)


@pytest.mark.parametrize("agents", [9, 10])
def test_too_few_agents_have_no_steady_state(agents: int) -> None:
    """Without patience the load must be below the number of agents; equal is too much."""
    with pytest.raises(NoSteadyState):
        ErlangC(agents, RATE, 180.0)


def test_quantile_of_an_easy_queue_is_no_wait() -> None:
    """Where nine of ten callers do not wait, p90 is zero and not negative."""
    assert ErlangC(20, RATE, 180.0).wait_quantile(0.9) == 0.0


def test_priorities_conserve_the_mean_wait() -> None:
    """Whoever goes first, the waits weighted by rate are those of one line (Kleinrock's conservation law)."""
    rates = [RATE * 0.3, RATE * 0.7]
    first, second = priority_waits(12, rates, 180.0)
    assert first < ErlangC(12, RATE, 180.0).mean_wait_seconds < second
    assert 0.3 * first + 0.7 * second == pytest.approx(ErlangC(12, RATE, 180.0).mean_wait_seconds)
