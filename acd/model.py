"""The floor: what the engine is told about queues and agents, and the state that it keeps of agents, visits and offers.

Times are seconds on one monotonic clock, `now`, that every event brings along. Nothing here reads a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from acd.announcing import Announcements
from acd.callback import Callback, CallbackRules
from acd.music import MusicStep
from acd.requirement import ANYBODY, Expr, all_of, at_least

Skills = Mapping[str, int]
"""Skill name to level. Of an agent: what they can do (0 to 10). Of a requirement: the least that is asked for."""


class AgentState(StrEnum):
    LOGGED_OFF = "logged_off"
    NOT_READY = "not_ready"
    READY = "ready"
    OFFERED = "offered"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    EXTERNAL = "external"


class Device(StrEnum):
    """What a phone, or all phones of an agent, could do now, apart from the legs that our own offers made on it."""

    IDLE = "idle"
    CODE = "code"
    """A feature code is being dialled on it: not to be rung, and no call of the agent's own."""
    BUSY = "busy"
    """A call is on it that no offer made: outgoing, or direct."""
    UNREACHABLE = "unreachable"


class WrapUp(StrEnum):
    """When an agent gets time after a talk of a queue."""

    NONE = "none"
    OPTIONAL = "optional"
    """Only where the agent asks for it, in the talk or after it."""
    TIMED = "timed"
    UNTIL_DISPOSITION = "until_disposition"


class VisitState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    TRANSFERRED = "transferred"
    ENDED = "ended"


_WAITING = VisitState.WAITING


class OfferOutcome(StrEnum):
    ANSWERED = "answered"
    RNA = "rna"
    REJECT = "reject"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CANCEL_CALLER = "cancel_caller"
    CANCEL_AGENT = "cancel_agent"
    CANCEL_OTHER_WON = "cancel_other_won"
    """Rung together with others, one of whom answered: no rest, no miss, and the idle clock goes on."""
    ERROR = "error"


class VisitOutcome(StrEnum):
    COMPLETED_BY_AGENT = "completed_by_agent"
    COMPLETED_BY_CALLER = "completed_by_caller"
    TRANSFERRED = "transferred"
    ABANDONED_WAITING = "abandoned_waiting"
    ABANDONED_RINGING = "abandoned_ringing"
    TIMED_OUT = "timed_out"
    CLOSED = "closed"
    FULL = "full"
    NO_AGENTS = "no_agents"
    ESTIMATE_TOO_LONG = "estimate_too_long"
    KEY_EXIT = "key_exit"
    CALLBACK_TAKEN = "callback_taken"
    """The caller hung up and will be called."""
    CALLBACK_FAILED = "callback_failed"
    """The caller could not be reached."""
    CALLBACK_CANCELLED = "callback_cancelled"
    OVERFLOWED = "overflowed"
    SWITCH_LOST = "switch_lost"
    SYSTEM_ERROR = "system_error"

    @property
    def is_abandon(self) -> bool:
        """Answer whether the caller hung up before anybody talked to them."""
        return self in (VisitOutcome.ABANDONED_WAITING, VisitOutcome.ABANDONED_RINGING)


class EnteredVia(StrEnum):
    """How a caller came into a queue."""

    MENU = "menu"
    TRANSFER = "transfer"
    CONSULT = "consult"
    """An agent's own call into a queue: no caller's visit, unless a transfer makes it one."""


class DestinationKind(StrEnum):
    QUEUE = "queue"
    AGENT = "agent"
    MENU = "menu"
    OUTSIDE = "outside"


class Destination(NamedTuple):
    """Where a transfer leads to."""

    kind: DestinationKind
    name: str
    """A queue id, an agent id, `menu.node`, or a number."""


class Strategy(StrEnum):
    """Who of those who could serve a caller is rung. All but RING_ALL ring one agent at a time."""

    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"
    FEWEST_CALLS = "fewest_calls"
    ROUND_ROBIN = "round_robin"
    RING_ALL = "ring_all"
    FIXED_ORDER = "fixed_order"


@dataclass(frozen=True, slots=True)
class Step:
    """A relaxation: from then on a caller may be served by others too. Nothing that was open before is closed."""

    after_seconds: float
    """Since the caller's arrival; an offer that failed does not start it anew."""
    requires: Expr | None = None
    """Who meets this may serve as well; None: nobody new by skill."""
    reserve: bool = False
    """Reserve agents may serve from this step on."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """What becomes of callers who would wait too long: agents of another queue may serve them as well, while they keep
    their place here; or they move there. The first limit that is met counts. A line that is too long for a newcomer is
    so for all who wait in it: those ahead are helped first."""

    to: str
    """The other queue's id."""
    after_seconds: float | None = None
    size: int | None = None
    """Met by whoever finds so many waiting here."""
    estimate_seconds: float | None = None
    """Met by whoever would wait longer than this, at entry."""
    moves: bool = False


@dataclass(frozen=True, slots=True)
class QueueRules:
    """One queue as the site describes it."""

    queue_id: str
    skills: Skills
    """Every one of these at its level or above; `requires` comes on top."""
    ring_seconds: float = 20.0
    wrap_up: WrapUp = WrapUp.TIMED
    wrap_up_seconds: float = 10.0
    wrap_up_seconds_max: float = 900.0
    """From the end of the talk: no extension goes beyond it, and no missing disposition."""
    wrap_up_extend_seconds: float = 30.0
    wait_seconds_max: float | None = None
    """The longest wait before the caller is let go with `timed_out`; None: for ever."""
    last_agent_hold_seconds: float = 20.0
    """How long a caller is kept for the agent who served them last while that agent is busy."""
    priority: int = 0
    """Added to the caller's own; higher is served first."""
    strategy: Strategy = Strategy.LONGEST_IDLE
    requires: Expr = ANYBODY
    steps: tuple[Step, ...] = ()
    """In the order of their times."""
    prefer: tuple[Expr, ...] = ()
    """Tiers of agents: who meets the first of these is taken before who meets the second; the rest comes last."""
    least_flexible_first: bool = False
    """Within a tier those agents first who could serve the fewest queues of the floor."""
    head_start_seconds: float = 0.0
    """Added to the caller's own: counts for the place as if the caller had come so much earlier."""
    named_agent_hold_seconds: float = 30.0
    """How long a caller is kept for the agent asked for by name."""
    size_max: int | None = None
    """So many callers wait here at most; None: any number."""
    estimate_seconds_max: float | None = None
    """Nobody joins who would wait longer than this by the estimate; None: whoever likes."""
    leave_unstaffed: bool = False
    """Callers whom nobody logged in could serve are let go with `no_agents`; else they wait for a log-in."""
    resume_seconds: float = 0.0
    """Within this time after an abandon the same number gets its old place back."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """What a key leads to: `menu.node`, or `queue:` and a queue's id."""
    talk_seconds: float = 180.0
    """How long a talk is expected to last, until enough of them have been seen."""
    overflow: Overflow | None = None
    announcements: Announcements = field(default_factory=Announcements)
    music: tuple[MusicStep, ...] = ()
    """In the order of their times; before the first what the dialplan has started."""
    whisper: str = ""
    """Prompt that the agent alone hears before the caller is connected; none where empty."""
    greeting: str = ""
    """Prompt that the caller hears as the agent picks up."""
    noticed: bool = False
    """Callers are told that talks are recorded, at the latest as the agent picks up."""
    display: str = ""
    """What the agent's phone shows beside the caller's number."""
    callback: CallbackRules | None = None
    """None: callers of this queue are not called back."""

    @property
    def handling_guess(self) -> tuple[float, float]:
        """Seconds of a talk and of the wrap-up after it, until enough of them have been seen."""
        return self.talk_seconds, self.wrap_up_seconds

    @property
    def requirement(self) -> Expr:
        """What every caller of this queue asks for, before any step."""
        return all_of(at_least(self.skills), self.requires)

    @property
    def is_spoken(self) -> bool:
        """Answer whether something is said between the answer and the connect, whoever the agent is."""
        return bool(self.whisper or self.greeting or self.noticed)

    def lease_seconds(self, *, greeted: bool) -> float:
        """How long an offer may take until agent and caller are bridged, at most; greeted: by the agent's own words."""
        return self.ring_seconds + (WHISPER_SECONDS_MAX if self.is_spoken or greeted else 0.0)


WHISPER_SECONDS_MAX = 30.0
"""What is said to agent and caller before they are connected takes no longer than this."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of callers, such as members: what being one of them is worth."""

    segment_id: str
    priority: int = 0
    head_start_seconds: float = 0.0
    requires: Expr = ANYBODY
    """Wanted of the agent at first, and no longer than `requires_seconds`: a segment never makes a caller wait longer
    than everybody else for want of its own agents."""
    requires_seconds: float = 30.0
    numbers: frozenset[str] = frozenset()
    """Caller numbers that belong here unless the call says otherwise."""
    display: str = ""
    """What the agent's phone shows before the queue."""


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """One agent as the site describes them; `agent_id` is the extension."""

    agent_id: str
    name: str
    skills: Skills
    phones: tuple[str, ...] = ()
    """The phones that are theirs; none given: the one of their own extension."""
    reserve: bool = False
    """Takes callers only from a step on that opens the reserve, and after everybody else."""
    greeting: str = ""
    """Prompt that callers hear as this agent picks up, in place of the queue's."""

    @property
    def own_phones(self) -> tuple[str, ...]:
        return self.phones or (self.agent_id,)


REST_SECONDS: Mapping[OfferOutcome, float] = {
    OfferOutcome.RNA: 2.0,
    OfferOutcome.REJECT: 5.0,
    OfferOutcome.BUSY: 5.0,
    OfferOutcome.UNREACHABLE: 10.0,
    OfferOutcome.ERROR: 2.0,
}
"""How long an agent is left alone by everybody after an offer that ended so. Separate, as in mod_callcenter's
reject-, busy- and no-answer-delay-time; a caller's own hang-up is not the agent's doing and costs no rest."""

REFUSED_SECONDS: Mapping[OfferOutcome, float] = {OfferOutcome.RNA: 20.0, OfferOutcome.REJECT: 20.0}
"""How long the same caller is not offered to the same agent again. Finite: the only eligible agent is tried again."""


@dataclass(frozen=True, slots=True)
class Floor:
    """All queues and agents of a site; one engine owns them all, since an agent may serve many queues."""

    queues: Mapping[str, QueueRules]
    agents: Mapping[str, AgentProfile]
    phones: frozenset[str] = frozenset()
    """Desk phones that are no agent's own: whoever logs in at one has it until they log off."""
    dispositions: frozenset[str] = frozenset()
    """The codes that an agent can give a talk."""
    segments: Mapping[str, Segment] = field(default_factory=dict)
    extensions: Mapping[str, Destination] = field(default_factory=dict)
    """What an agent can transfer to beside other agents: queues and menus, by the number that is dialled."""
    rna_limit: int = 2
    """No-answers in a row after which the agent is made not ready with the reason `no_answer`; 0: never."""
    rest_seconds: Mapping[OfferOutcome, float] = field(default_factory=lambda: REST_SECONDS)
    refused_seconds: Mapping[OfferOutcome, float] = field(default_factory=lambda: REFUSED_SECONDS)
    external_resets_idle: bool = False
    """Whether a call of the agent's own counts as work for the order of the longest idle."""
    wrap_up_counts_as_idle: bool = False
    """Whether that order counts from the end of the last talk, and not from the end of its wrap-up."""
    ring_all_max: int = 20
    """Phones that ring at once for one caller, at most; every one of them costs an INVITE and a leg."""
    lease_grace_seconds: float = 5.0
    """An offer about which nothing was heard this long after its ring time is closed as an error."""
    settle_seconds: float = 2.0
    """After a restart: how long callers may take to come back before the first is offered, so that order is kept."""
    last_agent_memory: int = 100_000
    """Callers whose last agent is remembered; the oldest are forgotten first."""
    abandoned_memory: int = 10_000
    """Abandoned places that are remembered, so that their callers can have them back."""
    ended_memory: int = 10_000
    """Ended visits that are remembered, so that a caller who re-enters one is let go instead of counted twice."""

    def segment_of(self, named: str, caller_number: str) -> Segment | None:
        """The segment that a call names, else the one that the number belongs to."""
        of_number = (segment for segment in self.segments.values() if caller_number in segment.numbers)
        return self.segments.get(named) or next(of_number, None)

    def destination(self, extension: str) -> Destination:
        """What a dialled number leads to; one that is nobody's here is outside."""
        if extension in self.agents:
            return Destination(DestinationKind.AGENT, extension)
        return self.extensions.get(extension) or Destination(DestinationKind.OUTSIDE, extension)


class Rank(NamedTuple):
    """The one total order of waiting callers, smallest first."""

    band: int
    place: float
    """The arrival less the head start: a key that never changes with time, so that nothing is ever sorted anew."""
    visit_id: str


class AbandonedPlace(NamedTuple):
    """The place of a caller who hung up or was cut off while waiting, kept for a while under queue and number."""

    visit_id: str
    place: float
    """Arrival less head start: what the place in the line is reckoned from."""
    left: float


@dataclass(frozen=True, slots=True, eq=False)
class CallerClass:
    """Callers whom the same agents may serve in the same order of choice. One object per class, compared as such."""

    requirement: Expr
    text: str
    """The requirement in words."""
    reserve: bool
    able: int
    """The bits of the kinds of agents who may serve (`indexes.Kinds`)."""
    tiers: tuple[int, ...]
    """The same kinds, those first from whom the agent is to be taken."""
    strategy: Strategy
    """Who is taken of one tier."""

    def tier_of(self, agent: "Agent") -> int:
        """The number of the agent's tier, from 0 for who is taken first; one who may not serve is behind them all."""
        for number, kinds in enumerate(self.tiers):
            if kinds & agent.kind:
                return number
        return len(self.tiers)


class Rung(NamedTuple):
    """One step of one caller's ladder: from so many seconds after arrival the caller is of this class."""

    after_seconds: float
    caller_class: CallerClass


@dataclass(slots=True)
class Agent:
    profile: AgentProfile
    state: AgentState = AgentState.LOGGED_OFF
    reason: str = ""
    since: float = 0.0
    idle_since: float = 0.0
    """End of the last talk or wrap-up, or log-in: an offer that came to nothing does not move it."""
    phones: tuple[str, ...] = ()
    """Where the agent is rung: of those logged in nobody else's, of those logged off their own ones."""
    device: Device = Device.UNREACHABLE
    """Of all these phones together."""
    rest_deadline: float | None = None
    rna_in_row: int = 0
    visit_id: str | None = None
    """Set exactly in OFFERED and ON_CALL."""
    kind: int = 0
    """The bit of the agents who can serve the same callers (`indexes.Kinds`)."""
    position: int = 0
    """In the site's list of agents."""
    calls_answered: int = 0
    """Since the last log-in."""
    offered: float = float("-inf")
    """When the last offer was made, whatever came of it."""
    occupancy: float = 0.0
    """As it was at `since` (`acd.orders`)."""
    wish: tuple[AgentState, str] | None = None
    """NOT_READY, LOGGED_OFF or WRAP_UP, asked for in a call and granted at its end, with the reason."""
    talk: "Talk | None" = None
    """The one that stands, or the last one: what a disposition is given to, until the next begins."""
    wrap_up_deadline: float | None = None
    """Set exactly in WRAP_UP."""

    owes_disposition: bool = False
    """This wrap-up lasts until the disposition is given."""

    def __post_init__(self) -> None:
        self.phones = self.phones or self.profile.own_phones


@dataclass(slots=True)
class Talk:
    """What an agent's time with one caller leaves behind for the time after it."""

    visit_id: str
    queue: QueueRules
    ended: float | None = None
    disposition: str = ""

    @property
    def wrap_up_limit(self) -> float:
        """The moment beyond which no wrap-up of this talk goes; the talk has ended."""
        assert self.ended is not None, "a wrap-up begins after the talk"
        return self.ended + self.queue.wrap_up_seconds_max


class Offer(NamedTuple):
    offer_id: str
    agent_id: str
    made: float
    lease_deadline: float
    phones: tuple[str, ...] = ()
    """Those of the agent that could be reached when it was made; not known of an offer from before a restart."""


@dataclass(slots=True)
class Visit:
    visit_id: str
    call_id: str
    queue: QueueRules
    caller_number: str
    ladder: tuple[Rung, ...]
    """What is asked for in the course of the wait, each rung wider than the one before; never empty."""
    priority: int
    arrived: float
    head_start_seconds: float = 0.0
    requires: str = ""
    """The caller's own part of what is asked for, as an expression."""
    segment: str = ""
    named_agent_id: str | None = None
    step: int = 0
    """The rung that has been reached; it never goes back."""
    state: VisitState = VisitState.WAITING
    attached: bool = True
    """A hold session is holding this caller. False after a restart, until the caller re-enters."""
    offers: dict[str, Offer] = field(default_factory=dict)
    """The live ones by agent_id, in the order in which they were made; more than one with RING_ALL only."""
    agent_id: str | None = None
    """The agent who answered."""
    connected: float | None = None
    last_agent_id: str | None = None
    hold_deadline: float | None = None
    """Until then only the agent whom the caller is kept for is offered, provided that agent can still be expected."""
    wait_deadline: float | None = None
    overflow_deadline: float | None = None
    """When the caller moves on to another queue."""
    overflowed: bool = False
    """Agents of the queue that this one overflows to may serve from the first moment on."""
    resumed_visit_id: str = ""
    """The abandoned visit whose place this one has taken back."""
    callback: Callback | None = None
    """Of a visit that waits for its caller to be called; caller_number is then the number to call."""
    picked_up: dict[str, float] = field(default_factory=dict)
    """offer_id to when its phone was picked up: of the offers that are not connected yet, and where anybody saw it."""
    deaf_until: float = 0.0
    """Keys mean nothing to the queue until then: they belong to a dialogue of the hold session."""
    refused_until: dict[str, float] = field(default_factory=dict)
    entered_via: EnteredVia = EnteredVia.MENU
    from_visit_id: str = ""
    """The visit of the same caller before this one; of a consult the visit in which the agent consults."""
    first_arrived: float | None = None
    """When the caller first entered a queue in this call; None: with this visit."""
    aside: tuple[str, float] | None = None
    """What keeps the agent from the caller, `hold` or `consult`, and since when."""

    rank: Rank = field(init=False, repr=False)
    """Changed by `rerank` alone, and never while the visit is in the line."""

    @property
    def is_on_line(self) -> bool:
        """Answer whether a caller is waiting on the line, or talks; a callback is, once its caller has been reached."""
        return self.callback is None or self.callback.reached

    @property
    def in_line(self) -> bool:
        """Answer whether this visit may be offered."""
        if self.state is not _WAITING:
            return False
        return self.attached if self.is_on_line else self.callback is not None and self.callback.in_line

    def __post_init__(self) -> None:
        self.rerank(self.priority, self.head_start_seconds)

    def rerank(self, priority: int, head_start_seconds: float) -> None:
        """Give the visit another place among those who wait; arrival and wait stay what they are."""
        self.priority, self.head_start_seconds = priority, head_start_seconds
        self.rank = Rank(-priority, self.arrived - head_start_seconds, self.visit_id)

    @property
    def caller_class(self) -> CallerClass:
        return self.ladder[self.step].caller_class

    @property
    def has_steps(self) -> bool:
        """Whether the requirement will be relaxed further."""
        return self.step + 1 < len(self.ladder)

    @property
    def known_agent_id(self) -> str | None:
        """Whom the caller knows and is kept for: the agent asked for by name, else the one who served them last."""
        return self.named_agent_id or self.last_agent_id

    @property
    def call_arrived(self) -> float:
        """When the caller first entered a queue in this call."""
        return self.arrived if self.first_arrived is None else self.first_arrived
