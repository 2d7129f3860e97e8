"""What the shell must do, in the order given: frozen, in the imperative. Records precede the acts they explain."""

from collections.abc import Mapping
from dataclasses import dataclass

from acd.model import VisitOutcome


@dataclass(frozen=True, slots=True)
class Record:
    """Append this line to the journal. Verbs and fields: ARCHITECTURE.md, "Records"."""

    verb: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RingAgent:
    """Let the hold session of this visit dial the agent's phone; answer with OfferAnswered or OfferFailed."""

    visit_id: str
    offer_id: str
    agent_id: str
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


Command = Record | RingAgent | StopRinging | ReleaseCaller
