"""What the shell must do, in the order given: frozen, in the imperative. Records precede the acts they explain."""

from collections.abc import Mapping
from dataclasses import dataclass

from acd.model import Offer, VisitOutcome


@dataclass(frozen=True, slots=True)
class Record:
    """Append this line to the journal. Verbs and fields: ARCHITECTURE.md, "Records"."""

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


Command = Record | RingAgents | StopRinging | ReleaseCaller
