"""A callback, as rules and as state: the caller has hung up, and the place in the line is kept for their number.

A callback is a visit that no session holds. It ranks among the callers on the line, by the arrival of the one who asked
for it, and is offered to agents like any other; what is different is how the two are brought together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

CALLBACK_KEY = "callback"
"""Where a key of a queue leads that proposes a callback."""


_LEG = "~"


def leg_ids(offer_id: str) -> Iterator[str]:
    """The ids of the channels on which the phones of one agent are rung, without end: all of them tell the offer, so
    that a process which finds such a channel knows what it is for.

    None is the beginning of another: Asterisk 22.10 refuses a ChannelId with which the id of any live channel begins
    ("already in use by channel"), and the channels are made in no order.
    """
    yield offer_id
    yield from (f"{number}{_LEG}{offer_id}" for number in count(2))


def offer_of(channel_id: str) -> str:
    """The offer for which this channel was asked for, where it was for one."""
    return channel_id.rpartition(_LEG)[2]


class CallbackMode(StrEnum):
    """Whose phone rings first."""

    AGENT_FIRST = "agent_first"
    """The caller is dialled from the agent's own channel: nobody is called for whom nobody is there."""
    CALLER_FIRST = "caller_first"
    """The caller is called when an agent could be offered, and waits on at the kept place: no agent waits for
    voice mail."""


class AttemptOutcome(StrEnum):
    """How one attempt to reach a caller ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    AGENT_LEFT = "agent_left"
    """The agent hung up before the caller answered."""
    FORBIDDEN = "forbidden"
    """The site's outbound rules do not allow the number."""
    CANCELLED = "cancelled"
    ERROR = "error"
    """Nobody saw how it ended: the caller's phone may have rung."""


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """What a queue does about callbacks."""

    mode: CallbackMode = CallbackMode.AGENT_FIRST
    attempts: int = 3
    """So often a caller is called at most, >= 1."""
    retry_seconds: float = 300.0
    """From an attempt that failed to the next one."""
    initial_delay_seconds: float = 0.0
    """From the request to the first attempt at the earliest."""
    ring_seconds: float = 30.0
    """How long the caller's phone rings."""
    refuses_when_closed: bool = False
    """No menu takes one while nobody is called; one that was taken before is kept."""
    whisper_seconds_max: float = 15.0
    """What is said to the agent, or to the caller, before the other is there takes no longer than this."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach a caller, from the moment at which their phone may ring."""

    attempt_id: str
    """Also the id of the channel that Asterisk was asked for, of which there is never a second one."""
    agent_id: str
    """Who waits on the line meanwhile; empty with CALLER_FIRST."""
    made: float


@dataclass(slots=True)
class Callback:
    """What makes a visit a callback. The number to call is the visit's caller_number."""

    asked: float
    language: str = ""
    """In which the caller was spoken to."""
    attempts: int = 0
    """That counted, so far."""
    due: float = 0.0
    """No attempt is made before."""
    attempt: Attempt | None = None
    reached: bool = False
    """With CALLER_FIRST: the caller has answered, and waits on the line like any other."""
    in_line: bool = False
    """The callback may be offered: it is due, its queue is open, and nobody is being called for it."""
