"""The textbook: what theory says of a queue with Poisson arrivals, exponential handling and equal agents.

Callers wait in the order of arrival. Without patience it is Erlang C (M/M/s), with exponential patience Erlang A
(M/M/s+M, Palm 1946). The simulation is measured against these, and the planner sees them beside its numbers.
Rates are per second, times in seconds, loads in erlangs.
"""

from dataclasses import dataclass
from math import exp, log

_LOG_NEGLIGIBLE = log(1e-15)
"""A state with less than this share of the likeliest one's time adds nothing that a float could show."""
_STEPS = 400
"""Even number of Simpson's steps over one waiting time; the integrand is smooth, the error is below 1e-9."""


class NoSteadyState(ValueError):
    """The agents cannot keep up and nobody gives up: the line grows for ever."""


@dataclass(frozen=True)
class ErlangC:
    """Callers of endless patience. Raises NoSteadyState when the load is not below the number of agents."""

    agents: int
    arrival_rate: float
    handling_seconds: float

    def __post_init__(self) -> None:
        if self.load >= self.agents:
            raise NoSteadyState(f"{self.agents} agents for a load of {self.load:.2f} erlangs")

    @property
    def load(self) -> float:
        return self.arrival_rate * self.handling_seconds

    @property
    def occupancy(self) -> float:
        return self.load / self.agents

    @property
    def waiting_share(self) -> float:
        """The share of callers who find every agent busy."""
        blocked = 1.0
        for agents in range(1, self.agents + 1):  # Erlang B, one agent more at a time
            blocked = self.load * blocked / (agents + self.load * blocked)
        return blocked / (1 - self.occupancy * (1 - blocked))

    @property
    def mean_wait_seconds(self) -> float:
        return self.waiting_share / self._spare_rate

    def service_level(self, seconds: float) -> float:
        """The share of callers answered within this time."""
        return 1 - self.waiting_share * exp(-self._spare_rate * seconds)

    def wait_quantile(self, share: float) -> float:
        """The time within which this share of callers is answered."""
        return max(0.0, log(self.waiting_share / (1 - share)) / self._spare_rate)

    @property
    def _spare_rate(self) -> float:
        return self.agents / self.handling_seconds - self.arrival_rate


@dataclass(frozen=True)
class ErlangA:
    """Callers whose patience is exponential: every load has a steady state."""

    agents: int
    arrival_rate: float
    handling_seconds: float
    patience_seconds: float

    @property
    def waiting_share(self) -> float:
        """The share of callers who find every agent busy."""
        return sum(self._found_busy())

    @property
    def abandoned_share(self) -> float:
        return sum(place * share for place, share in enumerate(self._states()[1])) / self._patience_load

    @property
    def mean_wait_seconds(self) -> float:
        """Over all callers, whether they were answered or gave up."""
        return self.abandoned_share * self.patience_seconds

    @property
    def occupancy(self) -> float:
        return self.arrival_rate * self.handling_seconds * (1 - self.abandoned_share) / self.agents

    def abandoned_within(self, seconds: float) -> float:
        """The share of all callers who gave up within this time."""
        found = self._found_busy()
        step = seconds / _STEPS
        weights = [1, *(4 if number % 2 else 2 for number in range(1, _STEPS)), 1]
        rates = (self._still_wanting(found, number * step) for number in range(_STEPS + 1))
        return sum(w * rate for w, rate in zip(weights, rates, strict=True)) * step / 3 / self.patience_seconds

    def answered_within(self, seconds: float) -> float:
        """The share of all callers answered within this time: all but those gone, and those who wait on."""
        return 1 - self.abandoned_within(seconds) - self._still_wanting(self._found_busy(), seconds)

    def service_levels(self, seconds: float, short_seconds: float = 5.0) -> tuple[float, float, float, float, float]:
        """The five formulas, in the order of `tally.service_levels`."""
        answered, abandoned = self.answered_within(seconds), self.abandoned_within(seconds)
        return (
            answered + abandoned,
            answered / (1 - self.abandoned_share),
            answered,
            answered / (1 - abandoned),
            answered + self.abandoned_within(short_seconds),
        )

    @property
    def _patience_load(self) -> float:
        return self.arrival_rate * self.patience_seconds

    def _states(self) -> tuple[list[float], list[float]]:
        """Shares of time with 0..s-1 callers in all, and with s, s+1, ... of them."""
        # In logarithms: weights of a thousand agents are beyond a float.
        logs, top, growth = [0.0], 0.0, 1.0
        while len(logs) <= self.agents or growth >= 1 or logs[-1] >= top + _LOG_NEGLIGIBLE:
            growth = self._growth(len(logs))
            logs.append(logs[-1] + log(growth))
            top = max(top, logs[-1])
        weights = [exp(each - top) for each in logs]
        total = sum(weights)
        shares = [weight / total for weight in weights]
        return shares[: self.agents], shares[self.agents :]

    def _growth(self, callers: int) -> float:
        """How much likelier this many callers are than one less."""
        impatient = max(0, callers - self.agents) * self.handling_seconds / self.patience_seconds
        return self.arrival_rate * self.handling_seconds / (min(callers, self.agents) + impatient)

    def _found_busy(self) -> list[float]:
        """The shares of callers who find s, s+1, ... in all: arrivals see averages over time (PASTA)."""
        return self._states()[1]

    def _still_wanting(self, found: list[float], seconds: float) -> float:
        """The share of callers who after this time were neither answered nor gone.

        Who finds k in line is served after k + 1 departures at the rates s*mu + j*theta. Their sum is minus the
        logarithm of a beta variable (Renyi), so its tail is the sum below.
        """
        leaving = exp(-seconds / self.patience_seconds)
        order = self.agents * self.patience_seconds / self.handling_seconds
        term = tail = leaving**order
        wanting = 0.0
        for place, share in enumerate(found, start=1):
            wanting += share * tail
            term *= (order + place - 1) / place * (1 - leaving)
            tail += term
        return wanting * leaving


def priority_waits(agents: int, arrival_rates: list[float], handling_seconds: float) -> list[float]:
    """Mean wait of each band, highest first, when nobody gives up and nobody is interrupted (Cobham 1954).

    Raises NoSteadyState when all bands together are too much for the agents.
    """
    total = sum(arrival_rates)
    busy_share = ErlangC(agents, total, handling_seconds).waiting_share
    first = busy_share * handling_seconds / agents
    waits, above = [], 0.0
    for rate in arrival_rates:
        upto = above + rate * handling_seconds / agents
        waits.append(first / ((1 - above) * (1 - upto)))
        above = upto
    return waits
