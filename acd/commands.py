"""What the shell must do, in the order given: frozen but for `Record`, in the imperative.

Records precede the acts they explain.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from acd.model import Offer, VisitOutcome


@dataclass(slots=True)
class Record:
    """Append this line to the journal. Verbs and fields: ARCHITECTURE.md, "Records".

    Alone of all commands not frozen, and changed by nobody all the same: two of three commands are records, and a
    frozen one takes three times as long to make.
    """

    verb: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RingAgents:
    """Let the hold session of this visit ring these phones, all at once; each offer is answered with OfferAnswered or
    OfferFailed. No phone can be added later: Dial takes no further legs while it rings."""

    visit_id: str
    offers: tuple[Offer, ...]
    """Never empty; one of an agent at most."""
    ring_seconds: float


@dataclass(frozen=True, slots=True)
class StopRinging:
    """Hang up the agent's leg of an offer that is no longer wanted or about which nothing was heard."""

    visit_id: str
    call_id: str
    """The leg's linkedid: the visit itself may be over when this is carried out."""
    agent_id: str


@dataclass(frozen=True, slots=True)
class ReleaseCaller:
    """End the hold session: the visit is over. The dialplan learns the outcome from ACD_DONE."""

    visit_id: str
    outcome: VisitOutcome
    to: str = ""
    """Where the caller's key leads: `menu.node`, or `queue:` and a queue's id."""


@dataclass(frozen=True, slots=True)
class FollowCaller:
    """The caller of a hold session goes on in another visit, inside the same Dial: the session serves that one now."""

    visit_id: str
    to_visit_id: str


@dataclass(frozen=True, slots=True)
class ProposeCallback:
    """Let the hold session tell the caller of the callback and hear what they want; answered with CallbackAsked or
    CallbackDeclined. Any other errand ends it."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class ReachAgent:
    """Ring all phones of this agent for a callback, on channels whose ids tell the offer (`callback.leg_ids`). Answered
    with AgentReached or OfferFailed."""

    visit_id: str
    offer: Offer
    ring_seconds: float


@dataclass(frozen=True, slots=True)
class KeepOne:
    """Hang up what ReachAgent has asked for, but for the phone that was answered first."""

    visit_id: str
    offer_id: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class DialCaller:
    """Dial the caller from the channel of the agent who was reached. Answered with CallbackAnswered or
    CallbackFailed."""

    visit_id: str
    attempt_id: str
    number: str
    ring_seconds: float


@dataclass(frozen=True, slots=True)
class ReachCaller:
    """Call this caller, on a channel that has the attempt's id, and lead them to a hold session. Answered with
    CallerJoined or CallbackFailed."""

    visit_id: str
    attempt_id: str
    number: str
    ring_seconds: float
    language: str


@dataclass(frozen=True, slots=True)
class StopReaching:
    """Hang up the channel that ReachCaller has asked for."""

    attempt_id: str


CallbackCommand = ProposeCallback | ReachAgent | KeepOne | DialCaller | ReachCaller | StopReaching
Command = Record | RingAgents | StopRinging | ReleaseCaller | FollowCaller | CallbackCommand
