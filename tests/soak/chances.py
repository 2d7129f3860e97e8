"""What will happen, drawn from a seed: everybody has dice of their own, so that one who is late changes nobody else."""

import random
from dataclasses import dataclass
from typing import Literal

from hotline.demo.quick_site import ORDERS_NUMBER, RING_SECONDS, SUPPORT_NUMBER

Deed = Literal["answer", "reject", "ignore"]
Break = Literal["not_ready", "log_off", "unregister"]
Fault = Literal["acd", "records", "ivr", "link"]


@dataclass(frozen=True)
class CallPlan:
    """One call of a caller."""

    pause_seconds: float
    """before it"""
    number: str
    stay_seconds: float
    """from dialling; then the caller hangs up, wherever the call is by then"""


@dataclass(frozen=True)
class RingPlan:
    """What an agent does when the phone rings."""

    deed: Deed
    after_seconds: float
    talk_seconds: float
    """The agent hangs up after this, unless the caller has."""


@dataclass(frozen=True)
class FaultPlan:
    """What is broken next, and after how long."""

    pause_seconds: float
    what: Fault


def _dice(seed: int, who: str) -> random.Random:
    return random.Random(f"{seed} {who}")


class CallerDice:
    """Decides for one caller."""

    def __init__(self, seed: int, number: str) -> None:
        self._dice = _dice(seed, number)

    def next_call(self) -> CallPlan:
        """One in ten leaves before the queue has them, three while they wait or it rings, the others after a while."""
        dice = self._dice
        (stay,) = dice.choices(
            (dice.uniform(0.05, 0.6), dice.uniform(0.6, 4.0), dice.uniform(4.0, 20.0)), weights=(1, 3, 6)
        )
        return CallPlan(dice.uniform(0.2, 3.0), dice.choice((ORDERS_NUMBER, ORDERS_NUMBER, SUPPORT_NUMBER)), stay)


class AgentDice:
    """Decides for one agent."""

    def __init__(self, seed: int, extension: str) -> None:
        self._dice = _dice(seed, extension)

    def next_ring(self) -> RingPlan:
        (deed,) = self._dice.choices(("answer", "reject", "ignore"), weights=(8, 1, 1))
        return RingPlan(deed, self._dice.uniform(0.05, RING_SECONDS * 0.8), self._dice.uniform(0.5, 6.0))

    def next_break(self) -> Break | None:
        """Between two calls: mostly nothing."""
        (pause,) = self._dice.choices((None, "not_ready", "log_off", "unregister"), weights=(20, 1, 1, 1))
        return pause

    def break_seconds(self) -> float:
        return self._dice.uniform(0.5, 3.0)


class FaultDice:
    """Decides what is broken: the ACD every `acd_every_seconds`, and something else in between."""

    def __init__(self, seed: int, acd_every_seconds: float) -> None:
        self._dice = _dice(seed, "faults")
        self._every = acd_every_seconds
        self._acd_next = False

    def next_fault(self) -> FaultPlan:
        """The ACD takes turns with the others."""
        self._acd_next = not self._acd_next
        what: Fault = "acd" if self._acd_next else self._dice.choice(("link", "records", "ivr"))
        return FaultPlan(self._every / 2 * self._dice.uniform(0.9, 1.1), what)
