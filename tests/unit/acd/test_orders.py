"""The keys by which free agents are taken."""

from dataclasses import replace
from math import exp, inf
from random import Random

import pytest

from acd.model import Agent, AgentState, Strategy
from acd.orders import KEYS, OCCUPANCY_SECONDS, occupancy_after
from tests.unit.acd.floors import free_agent

_SHIFT = (AgentState.READY, AgentState.OFFERED, AgentState.ON_CALL, AgentState.WRAP_UP)


def test_every_strategy_has_its_key() -> None:
    """Nobody can name an order that the index does not keep."""
    assert set(KEYS) == set(Strategy)


@pytest.mark.parametrize(
    ("strategy", "earlier", "later"),
    [
        (Strategy.LONGEST_IDLE, {"idle_since": 1.0}, {"idle_since": 2.0}),
        (Strategy.RING_ALL, {"idle_since": 1.0}, {"idle_since": 2.0}),
        (Strategy.FEWEST_CALLS, {"calls_answered": 3}, {"calls_answered": 4}),
        (Strategy.ROUND_ROBIN, {}, {"offered": 5.0}),
        (Strategy.FIXED_ORDER, {"position": 0}, {"position": 1}),
        (Strategy.LEAST_OCCUPIED, {}, {"occupancy": 0.1}),
        (Strategy.LEAST_OCCUPIED, {"occupancy": 0.5, "since": 0.0}, {"occupancy": 0.5, "since": 60.0}),
    ],
)
def test_who_comes_first(strategy: Strategy, earlier: dict[str, object], later: dict[str, object]) -> None:
    """Each strategy looks at one thing; of two who were equally busy, the one whose idle time began first."""
    key = KEYS[strategy]
    one, other = free_agent("1001", {}, 0.0), free_agent("1002", {}, 0.0)
    for agent, values in ((one, earlier), (other, later)):
        for name, value in values.items():
            setattr(agent, name, value)
    assert key(one) < key(other)


def test_never_engaged_comes_before_all() -> None:
    """Who has done nothing yet is the least occupied whatever the time."""
    assert KEYS[Strategy.LEAST_OCCUPIED](free_agent("1001", {}, 9.0)) == -inf


def test_occupancy_moves_towards_what_the_agent_does() -> None:
    """After one memory of work 63 % of the way up, of idling 63 % of the way down; a pause leaves it."""
    worked = occupancy_after(0.0, AgentState.ON_CALL, OCCUPANCY_SECONDS)
    assert worked == pytest.approx(1 - exp(-1))
    assert occupancy_after(worked, AgentState.READY, OCCUPANCY_SECONDS) == pytest.approx(worked * exp(-1))
    assert occupancy_after(worked, AgentState.NOT_READY, 500.0) == worked
    assert occupancy_after(worked, AgentState.LOGGED_OFF, 500.0) == worked


def test_key_of_idle_agents_orders_by_occupancy_at_every_later_moment() -> None:
    """Random mornings: whoever has the smaller key is less occupied now and stays so for as long as both are idle."""
    stream = Random(3)
    for _ in range(200):
        one, other = (_morning(stream, f"100{number}") for number in (1, 2))
        first = KEYS[Strategy.LEAST_OCCUPIED](one) < KEYS[Strategy.LEAST_OCCUPIED](other)
        for now in (10_000.0, 12_000.0):
            at = [occupancy_after(agent.occupancy, AgentState.READY, now - agent.since) for agent in (one, other)]
            assert (at[0] < at[1]) is first


def _morning(stream: Random, agent_id: str) -> Agent:
    agent, now = replace(free_agent(agent_id, {}, 0.0)), 0.0
    for _ in range(stream.randint(2, 30)):
        seconds = stream.uniform(1.0, 200.0)
        agent.occupancy = occupancy_after(agent.occupancy, stream.choice(_SHIFT), seconds)
        now += seconds
    agent.since = now
    return agent
