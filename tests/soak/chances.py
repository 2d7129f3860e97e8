"""What will happen, drawn from a seed: everybody has dice of their own, so that one who is late changes nobody else."""

import random
from dataclasses import dataclass
from typing import Final, Literal

from hotline.demo.quick_site import ORDERS_NUMBER, RING_SECONDS, SUPPORT_NUMBER

Deed = Literal["answer", "reject", "ignore"]
Break = Literal["not_ready", "log_off", "unregister"]
Fault = Literal["acd", "records", "ivr", "link"]
Way = Literal["refer", "keys", "attended", "attended_keys", "cancelled"]
"""How an agent sends a caller on: at once by phone or by keys, after a consult by either, or not after all."""

ORDERS_QUEUE, SUPPORT_QUEUE = "7001", "7002"
OUTSIDE: Final = "13900000099"
"""Somebody outside, to whom agents send callers."""
CALLBACK_RING_SECONDS = 5


@dataclass(frozen=True)
class Wish:
    """A caller who would rather be called, and what they do when they are."""

    after_seconds: float
    """of waiting"""
    deed: Deed
    ring_seconds: float
    """before the deed"""
    talk_seconds: float
    patience_seconds: float
    """Then they call again, whether they were called or not."""


@dataclass(frozen=True)
class CallPlan:
    """One call of a caller."""

    pause_seconds: float
    """before it"""
    number: str
    stay_seconds: float
    """from dialling; then the caller hangs up, wherever the call is by then"""
    wish: Wish | None = None


@dataclass(frozen=True)
class Onward:
    """Where an agent sends a caller, and how."""

    way: Way
    number: str
    consult_seconds: float
    """with the second line, from its answer, or from dialling by keys"""


@dataclass(frozen=True)
class RingPlan:
    """What an agent does when the phone rings."""

    deed: Deed
    after_seconds: float
    talk_seconds: float
    """The agent hangs up after this, unless the caller has, or sends the caller on."""
    onward: Onward | None = None


@dataclass(frozen=True)
class FaultPlan:
    """What is broken next, and after how long."""

    pause_seconds: float
    what: Fault


FIRST_WISH: Final = CallPlan(0.2, ORDERS_NUMBER, 60.0, Wish(1.5, "answer", 0.5, 2.0, 40.0))
"""The first call of the first caller comes before the agents do: a callback that is answered, whatever the dice say."""
FIRST_ONWARD: Final = Onward("refer", ORDERS_QUEUE, 0.0)
"""The first caller whom the first agent answers is sent on, whatever the dice say."""


def _dice(seed: int, who: str) -> random.Random:
    return random.Random(f"{seed} {who}")


class CallerDice:
    """Decides for one caller.

    Args:
        first: the plan of the first call, where it is not left to the dice.
    """

    def __init__(self, seed: int, number: str, first: CallPlan | None = None) -> None:
        self._dice = _dice(seed, number)
        self._first = first

    def next_call(self) -> CallPlan:
        """One in ten leaves before the queue has them, three while they wait or it rings, the others after a while.
        One in six would rather be called."""
        if (first := self._first) is not None:
            self._first = None
            return first
        dice = self._dice
        (stay,) = dice.choices(
            (dice.uniform(0.05, 0.6), dice.uniform(0.6, 4.0), dice.uniform(4.0, 20.0)), weights=(1, 3, 6)
        )
        pause, number = dice.uniform(0.2, 3.0), dice.choice((ORDERS_NUMBER, ORDERS_NUMBER, SUPPORT_NUMBER))
        return CallPlan(pause, number, stay, self._wish())

    def _wish(self) -> Wish | None:
        dice = self._dice
        wishes = dice.random() < 1 / 6
        (deed,) = dice.choices(("answer", "reject", "ignore"), weights=(7, 2, 1))
        ring, talk, patience = dice.uniform(0.1, 3.0), dice.uniform(0.3, 5.0), dice.uniform(5.0, 40.0)
        return Wish(dice.uniform(0.8, 2.0), deed, ring, talk, patience) if wishes else None


class AgentDice:
    """Decides for one agent.

    Args:
        colleagues: whom this agent knows.
        first: where the first caller is sent on to, where it is not left to the dice.
    """

    def __init__(self, seed: int, extension: str, colleagues: list[str], first: Onward | None = None) -> None:
        self._dice = _dice(seed, extension)
        self._numbers = (ORDERS_QUEUE, SUPPORT_QUEUE, *colleagues, OUTSIDE)
        self._weights = (3, 3, *(4 / max(len(colleagues), 1) for _ in colleagues), 1)
        self._first = first

    def next_ring(self) -> RingPlan:
        (deed,) = self._dice.choices(("answer", "reject", "ignore"), weights=(8, 1, 1))
        after, talk = self._dice.uniform(0.05, RING_SECONDS * 0.8), self._dice.uniform(0.5, 6.0)
        return RingPlan(deed, after, talk, self._onward())

    def first_onward(self) -> Onward | None:
        """Asked in a talk, once: where this caller goes, whatever the ring's plan says."""
        first, self._first = self._first, None
        return first

    def _onward(self) -> Onward | None:
        """One talk in three is not this agent's."""
        dice = self._dice
        sends = dice.random() < 1 / 3
        ways: tuple[Way, ...] = ("refer", "keys", "attended", "attended_keys", "cancelled")
        (way,) = dice.choices(ways, weights=(4, 2, 4, 2, 1))
        (number,) = dice.choices(self._numbers, self._weights)
        consult = dice.uniform(0.5, 4.0)
        return Onward(way, number, consult) if sends else None

    def next_break(self) -> Break | None:
        """Between two calls: mostly nothing."""
        (pause,) = self._dice.choices((None, "not_ready", "log_off", "unregister"), weights=(20, 1, 1, 1))
        return pause

    def reaching_seconds(self) -> float:
        """How long a caller who is called back is waited for: one agent in eight cannot."""
        return self._dice.uniform(0.5, 5.0) if self._dice.random() < 1 / 8 else 30.0

    def break_seconds(self) -> float:
        return self._dice.uniform(0.5, 3.0)


class TownDice:
    """Decides for whoever outside is sent a caller."""

    def __init__(self, seed: int) -> None:
        self._dice = _dice(seed, "town")

    def next_ring(self) -> RingPlan:
        (deed,) = self._dice.choices(("answer", "reject", "ignore"), weights=(4, 1, 1))
        return RingPlan(deed, self._dice.uniform(0.1, 3.0), self._dice.uniform(0.5, 5.0))


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
