"""In which order the free agents of a tier are taken: a key per strategy that stays the same while an agent is free.

Occupancy is a moving average of being engaged, with a memory of half an hour: o' = (engaged - o) / T. Of all who are
idle it falls by the same factor, exp(-t / T); so ln(o) + since / T keeps their order without being computed again.
"""

from collections.abc import Callable, Mapping
from math import exp, inf, log
from typing import Final

from acd.model import Agent, AgentState, Strategy

OCCUPANCY_SECONDS: Final = 1_800.0
_TOWARDS: Final[Mapping[AgentState, float]] = {
    AgentState.READY: 0.0,
    AgentState.OFFERED: 1.0,
    AgentState.ON_CALL: 1.0,
    AgentState.WRAP_UP: 1.0,
}
"""What the average goes to in each state that counts."""


def occupancy_after(occupancy: float, state: AgentState, seconds: float) -> float:
    """The occupancy after so long in this state; a pause and the time logged off count neither way."""
    towards = _TOWARDS.get(state)
    if towards is None or seconds == 0.0:
        return occupancy
    return towards + (occupancy - towards) * exp(-seconds / OCCUPANCY_SECONDS)


def _occupied(agent: Agent) -> float:
    return log(agent.occupancy) + agent.since / OCCUPANCY_SECONDS if agent.occupancy > 0 else -inf


KEYS: Final[Mapping[Strategy, Callable[[Agent], float]]] = {
    Strategy.LONGEST_IDLE: lambda agent: agent.idle_since,
    Strategy.RING_ALL: lambda agent: agent.idle_since,
    Strategy.LEAST_OCCUPIED: _occupied,
    Strategy.FEWEST_CALLS: lambda agent: agent.calls_answered,
    Strategy.ROUND_ROBIN: lambda agent: agent.offered,
    Strategy.FIXED_ORDER: lambda agent: agent.position,
}
"""The lowest key is taken first; of equals the lowest id."""
