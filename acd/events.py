"""What can happen: frozen, in the past tense. `Event` is closed; the engine has an act for every member.

Ids tie an answer to its question: an event about an offer or a visit that is no longer current changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.callback import AttemptOutcome, Callback
from acd.model import AbandonedPlace, AgentState, Device, EnteredVia, Floor, OfferOutcome, Skills


@dataclass(frozen=True, slots=True)
class CallerJoined:
    """A hold session holds this caller: for the first time, or again after a restart (same `visit_id`)."""

    visit_id: str
    call_id: str
    queue_id: str
    caller_number: str
    """Empty where the caller withholds it."""
    skills: Skills = field(default_factory=dict)
    """Asked for by the menu, on top of the queue's own requirement."""
    priority: int = 0
    waited_seconds: float = 0.0
    """Since the first entry, >= 0; not zero when the caller re-enters."""
    waited_elsewhere_seconds: float = 0.0
    """In a queue before this one: the caller ranks as if they had come here so much earlier."""
    requires: str = ""
    """Asked for on top of `skills`, as an expression (`acd.requirement`)."""
    head_start_seconds: float = 0.0
    segment: str = ""
    """Of the floor's segments; empty or unknown: the one that the caller number belongs to, if any."""
    named_agent_id: str = ""
    """The agent asked for by name; one whom the floor does not have is as good as none."""
    consulting_agent_id: str = ""
    """Of an agent's own call into a queue: theirs."""


@dataclass(frozen=True, slots=True)
class CallerRanked:
    """A caller was given another place in the order; the arrival, and so every wait that is told, stays."""

    visit_id: str
    priority: int
    """From now on, the queue's and the segment's included."""
    head_start_seconds: float


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """The caller's channel is gone."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class SessionLost:
    """The hold session broke off and nobody hung up: the switch may have died, or led the caller elsewhere. The caller
    comes back, or their hang-up or the next snapshot tells how it ended."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class CallerKeyed:
    """The caller pressed a key while waiting. One that the queue gives no meaning to changes nothing."""

    visit_id: str
    key: str


@dataclass(frozen=True, slots=True)
class QueueOpened:
    """The queue's own hours begin."""

    queue_id: str


@dataclass(frozen=True, slots=True)
class QueueClosed:
    """The queue's own hours are over: nobody joins; who waits is served as long as somebody is there. Nobody is called
    back before it opens."""

    queue_id: str
    callbacks_only: bool = False
    """Callers may join: it is the site that is closed, which leads them elsewhere where it means to."""


@dataclass(frozen=True, slots=True)
class CallbackWanted:
    """The caller, who waits, would like to hear of a callback."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class CallbackDeclined:
    """The caller was told of the callback and goes on waiting."""

    visit_id: str


@dataclass(frozen=True, slots=True)
class CallbackAsked:
    """The caller has confirmed the number, and hangs up."""

    visit_id: str
    number: str
    """One that the outbound rules allow."""
    language: str = ""


@dataclass(frozen=True, slots=True)
class CallbackBooked:
    """A caller in a menu, who does not wait in any queue, has confirmed the number. Told twice it is one."""

    joined: CallerJoined
    """As if they had come to the queue when they were asked: what they rank by from now on."""
    number: str
    """One that the outbound rules allow."""
    language: str = ""


@dataclass(frozen=True, slots=True)
class CallbackCancelled:
    """Somebody took the callback back. One that has come to a talk goes on."""

    callback_id: str


@dataclass(frozen=True, slots=True)
class AgentReached:
    """The agent whose phone rang for a callback holds the line: now the caller can be dialled. Of several phones the
    first one counts."""

    callback_id: str
    channel_id: str
    """Of the phone that was answered (`callback.leg_ids`)."""


@dataclass(frozen=True, slots=True)
class CallbackAnswered:
    """The caller who was dialled from the agent's channel has answered: the two are connected."""

    callback_id: str
    attempt_id: str


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    """An attempt came to nothing. One that is over already changes nothing."""

    callback_id: str
    attempt_id: str
    outcome: AttemptOutcome


@dataclass(frozen=True, slots=True)
class OfferPickedUp:
    """The agent has picked up and hears a whisper, or the caller a greeting; they are not connected yet."""

    visit_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The first answer of several connects; one that comes later is told to stop."""

    visit_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """A phone rings no more, unanswered; others that ring for this visit ring on.

    `outcome` is one of rna, reject, busy, unreachable, error.
    """

    offer_id: str
    visit_id: str
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The agent's leg left the caller's bridge. Reported by the session and by AMI; the second one is ignored."""

    visit_id: str
    by_agent: bool
    answered_seconds: float | None = None
    """Asterisk's own measure (ANSWEREDTIME), for a talk whose answer was never reported."""
    agent_id: str = ""
    """Who answered, with `answered_seconds`; may be empty where one phone rang."""


@dataclass(frozen=True, slots=True)
class TalkTaken:
    """Another agent's leg has taken the first one's place in the caller's bridge; the talk goes on."""

    visit_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class TalkChanged:
    """The agent put the caller on hold or consults somebody; `reason` is `hold`, `consult`, or empty: talks again."""

    visit_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallerTransferred:
    """Blind transfer: the agent sent the caller to `extension` and is out of the talk. Reported by AMI and by the
    session; the second one is ignored."""

    visit_id: str
    extension: str


@dataclass(frozen=True, slots=True)
class CallerHandedOver:
    """Attended transfer: the agent left, and the caller is with whom the agent consulted."""

    visit_id: str
    """Where the caller was; may be empty where that was no visit of ours."""
    call_id: str
    """The caller's."""
    consult_visit_id: str = ""
    """The consult's own visit, where it went to a queue, whether it waits, rings or talks."""
    agent_id: str = ""
    """The colleague whom the caller talks to now, where it was none of a queue's."""
    extension: str = ""
    """What the agent had dialled."""


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """The agent asked for a state: READY, NOT_READY (with a reason; also what log-in gives), WRAP_UP (or more of it)
    or LOGGED_OFF."""

    agent_id: str
    state: AgentState
    reason: str = ""
    phones: tuple[str, ...] = ()
    """Where the agent logs in, or moves to while logged in. None given: stays, or logs in at their own phones."""


@dataclass(frozen=True, slots=True)
class DispositionGiven:
    """The agent's code for the talk that stands, or for the last one. A later code replaces an earlier."""

    agent_id: str
    code: str


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    phone: str
    """The agent's extension, where the phone is their own."""
    device: Device


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """The site was changed; calls go on."""

    floor: Floor


@dataclass(frozen=True, slots=True)
class RestoredTalk:
    visit_id: str
    queue_id: str
    ended: float | None
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class RestoredAgent:
    state: AgentState
    reason: str
    since: float
    idle_since: float
    wish: tuple[AgentState, str] | None = None
    """Asked for in a call and not granted yet."""
    calls_answered: int = 0
    offered: float = float("-inf")
    occupancy: float = 0.0
    phones: tuple[str, ...] = ()
    talk: RestoredTalk | None = None
    wrap_up_deadline: float | None = None
    owes_disposition: bool = False
    offer_ended: tuple[OfferOutcome, float] | None = None
    """How and when the last offer ended, as long as that may still cost the agent a rest."""
    rna_in_row: int = 0


@dataclass(frozen=True, slots=True)
class RestoredVisit:
    """A visit that the journal left open, times already on this process's clock."""

    visit_id: str
    call_id: str
    queue_id: str
    caller_number: str
    requirement: str
    """All that was asked for on arrival, as an expression: what holds where the site has this queue no more."""
    priority: int
    arrived: float
    offers: tuple[tuple[str, str, float], ...] = ()
    """offer_id, agent_id, made; in the order in which they were made"""
    agent_id: str | None = None
    connected: float | None = None
    entered_via: EnteredVia = EnteredVia.MENU
    from_visit_id: str = ""
    first_arrived: float | None = None
    aside: tuple[str, float] | None = None
    requires: str | None = None
    """The caller's own part of the requirement; None where the journal does not say: all of it."""
    head_start_seconds: float = 0.0
    segment: str = ""
    named_agent_id: str = ""
    overflowed: bool = False
    failed: Mapping[str, tuple[OfferOutcome, float]] = field(default_factory=dict)
    """agent_id to how and when the last offer to that agent came to nothing"""
    callback: Callback | None = None
    """Of a visit that is a callback: what is known of it, times as above."""


@dataclass(frozen=True, slots=True)
class RestoredContact:
    """The last visit of a call, and when the call first entered a queue."""

    visit_id: str
    arrived: float


@dataclass(frozen=True, slots=True)
class Restored:
    """First event of a restarted engine: what the journal says was true when the last one died."""

    agents: Mapping[str, RestoredAgent] = field(default_factory=dict)
    visits: tuple[RestoredVisit, ...] = ()
    ended: Mapping[str, str] = field(default_factory=dict)
    """visit_id to outcome, oldest first."""
    exits: Mapping[str, str] = field(default_factory=dict)
    """visit_id to where the caller's key led, oldest first."""
    last_agents: Mapping[str, str] = field(default_factory=dict)
    """caller_number to agent_id, oldest first."""
    contacts: Mapping[str, RestoredContact] = field(default_factory=dict)
    """By call_id, oldest first."""
    abandoned: Mapping[tuple[str, str], AbandonedPlace] = field(default_factory=dict)
    """(queue_id, caller_number) to the place that was left, oldest first, times on this process's clock."""
    handled: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)
    """By queue: seconds of the last talks and of the last wrap-ups, oldest first."""
    patience: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By queue: abandons and seconds of waiting, as `estimate.Patience` remembers them."""


@dataclass(frozen=True, slots=True)
class SwitchSeen:
    """What Asterisk shows at this moment: the truth about channels, taken after every (re)connect."""

    talking: Mapping[str, str]
    """visit_id to the agent_id whose leg is up with that caller."""
    ringing: Mapping[str, frozenset[str]]
    """visit_id to the agent_ids whose phones ring for that caller."""
    present: frozenset[str]
    """Every visit_id that a live channel carries; holds the keys of the other two."""
    devices: Mapping[str, Device]
    """By phone."""
    restarted: bool = False
    """This Asterisk started after we last saw one: whoever is not present was lost with the old one."""
    sent_on: Mapping[str, str] = field(default_factory=dict)
    """visit_id of a caller whom the agent has transferred blind to the extension."""
    handed_over: Mapping[str, str] = field(default_factory=dict)
    """visit_id of a caller who stands in the queue in the agent's place, to the visit_id of that consult."""
    answered: Mapping[str, str] = field(default_factory=dict)
    """visit_id of a caller whom phones rang for, to the agent_id who answered: another may talk to the caller since."""


@dataclass(frozen=True, slots=True)
class SwitchLost:
    """AMI is down: nothing is offered until it has been seen again."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline may have passed."""


CallbackEvent = (
    CallbackWanted
    | CallbackDeclined
    | CallbackAsked
    | CallbackBooked
    | CallbackCancelled
    | AgentReached
    | CallbackAnswered
    | CallbackFailed
)

Event = (
    CallerJoined
    | CallerRanked
    | CallerLeft
    | CallerKeyed
    | QueueOpened
    | QueueClosed
    | SessionLost
    | CallbackEvent
    | OfferPickedUp
    | OfferAnswered
    | OfferFailed
    | TalkEnded
    | TalkTaken
    | TalkChanged
    | CallerTransferred
    | CallerHandedOver
    | AgentAsked
    | DispositionGiven
    | DeviceChanged
    | FloorChanged
    | Restored
    | SwitchSeen
    | SwitchLost
    | Tick
)
