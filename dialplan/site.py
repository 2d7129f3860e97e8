"""A site as the rest of the project sees it: loaded, checked, and immutable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from dialplan.announcements import AnnouncementSettings
from dialplan.backends import Backends
from dialplan.hours import Calendar, Hours, OpeningTimes
from dialplan.music import DEFAULT_MUSIC, Music
from dialplan.node import Handlers, Strict
from dialplan.nodes import Node
from dialplan.outbound import Outbound
from dialplan.speech import Speech
from dialplan.waiting import Announce, CallbackSettings, OverflowSettings, ResumeSeconds, WaitingKeys
from dialplan.words import (
    Address,
    Code,
    DispositionCode,
    Extension,
    GlobalKeys,
    HeadStart,
    HostPort,
    Language,
    LanguageVersion,
    Level,
    LockSeconds,
    Name,
    NoAnswers,
    NodeRef,
    Number,
    PauseSeconds,
    Phones,
    Pin,
    Priority,
    PromptId,
    ReasonKey,
    RecordingsDays,
    RequiredLevel,
    Requires,
    RingSeconds,
    Size,
    TalkKeys,
    WaitSeconds,
    Words,
    refusal,
)

Right = Literal["listen", "whisper", "barge", "take_over", "log_off"]
RIGHTS: tuple[Right, ...] = ("listen", "whisper", "barge", "take_over", "log_off")


def _all_or_none(value: object) -> object:
    return list(RIGHTS) if value is True else [] if value is False else value


Rights = Annotated[
    list[Right],
    BeforeValidator(_all_or_none),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"enum": list(RIGHTS)}}]}),
]

LocalText = Annotated[dict[Language, Words], Field(min_length=1)]
"""the same words in each language"""


DISPOSITION_DIGITS = 4
"""what may be keyed behind the feature code, at most; a site's codes are no longer"""


class FeatureCodes(Strict):
    """What an agent dials to change state or keys in a talk, and what a supervisor dials before an extension."""

    log_in: Code = "*11"
    ready: Code = "*12"
    not_ready: Code = "*13"
    log_off: Code = "*14"
    disposition: Code = "*15"
    wrap_up: Code = "*16"
    listen: Code = "*21"
    whisper: Code = "*22"
    barge: Code = "*23"
    take_over: Code = "*24"
    force_log_off: Code = "*25"
    record: TalkKeys = "*71"
    record_stop: TalkKeys = "*70"
    record_pause: TalkKeys = "*72"
    record_resume: TalkKeys = "*73"

    def supervision(self) -> Iterator[tuple[str, str]]:
        """Yield each code that stands before an agent's extension, with what a supervisor asks for by it."""
        yield from ((self.listen, "listen"), (self.whisper, "whisper"), (self.barge, "barge"))
        yield from ((self.take_over, "take_over"), (self.force_log_off, "force_log_off"))

    def talk_keys(self) -> Iterator[tuple[str, str]]:
        """Yield what an agent keys while talking, with the name of the code."""
        yield from ((self.record, "record"), (self.record_stop, "record_stop"))
        yield from ((self.record_pause, "record_pause"), (self.record_resume, "record_resume"))

    transfer: TalkKeys = "##"
    """before an extension: the caller goes there at once"""
    consult: TalkKeys = "*2"
    """before an extension: the caller waits, and is handed over when the agent hangs up or keys `hand_over`"""
    consult_cancel: TalkKeys = "*1"
    hand_over: TalkKeys = "*2"
    conference: TalkKeys = "*3"
    consult_swap: TalkKeys = "*4"

    def consult_keys(self) -> Iterator[tuple[str, str]]:
        """Yield what means something while an agent consults, with the name of the code."""
        yield from ((self.consult_cancel, "consult_cancel"), (self.hand_over, "hand_over"))
        yield from ((self.conference, "conference"), (self.consult_swap, "consult_swap"))

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield each code with the last word of its AGI path."""
        yield from ((self.log_in, "log_in"), (self.ready, "ready"))
        yield from ((self.not_ready, "not_ready"), (self.log_off, "log_off"))
        yield from ((self.disposition, "disposition"), (self.wrap_up, "wrap_up"))

    def extended(self) -> Iterator[tuple[str, str, int]]:
        """Yield each code that digits may follow, with the last word of its AGI path and how many at most."""
        yield from ((self.not_ready, "not_ready", 1), (self.disposition, "disposition", DISPOSITION_DIGITS))

    def includes(self, dialled: str) -> bool:
        """Answer whether this is a code, with digits behind it where it takes some."""
        plain = dialled in {code for code, _ in self.paths()}
        return plain or any(dialled.startswith(code) for code, _, _ in self.extended())


class Reason(Strict):
    """Why an agent is not ready: `id` stands in records and reports, the words are spoken and shown."""

    id: Name
    name: LocalText


class Ringing(Strict):
    """What comes of an offer that came to nothing."""

    no_answer_limit: NoAnswers = 2
    """no-answers in a row that make an agent not ready; 0: none ever does"""
    no_answer_rest_seconds: PauseSeconds = 2
    """how long nobody rings an agent who did not answer; the others accordingly"""
    reject_rest_seconds: PauseSeconds = 5
    busy_rest_seconds: PauseSeconds = 5
    unreachable_rest_seconds: PauseSeconds = 10
    error_rest_seconds: PauseSeconds = 2
    refused_seconds: PauseSeconds = 20
    """how long the same caller is not offered again to an agent who did not answer, or declined"""


class Pins(Strict):
    """When wrong PINs, keyed at desk phones, lock the phone or the agent's number: over calls, for a while."""

    wrong_max: NoAnswers = 5
    """so many of them lock; 0: none ever do"""
    within_seconds: LockSeconds = 600
    locked_seconds: LockSeconds = 900


class Trunk(Strict):
    """A carrier, known by the addresses that it calls from. It needs no registration."""

    name: Name
    addresses: Annotated[list[Address], Field(min_length=1)]
    host: HostPort | None = None
    """where calls to the outside are sent; needed by `outbound` alone"""


class SegmentSettings(Strict):
    """A group of callers. A call belongs to one by its queue node, by a script's word, or by the caller's number."""

    priority: Priority = 0
    """added to the queue's own; higher goes first, always"""
    head_start_seconds: HeadStart = 0
    """added to the queue's own: the place is that of a caller who came so much earlier"""
    requires: Requires | None = None
    """wanted of the agent at first, on top of what the queue requires"""
    requires_seconds: WaitSeconds = 30
    """for so long, and no longer where nobody logged in meets it"""
    numbers: list[Number] = Field(default=[])
    name: LocalText | None = None
    """shown on the agent's phone; without it, nothing is"""


class SiteFile(Strict):
    """`site.yaml`."""

    language_version: LanguageVersion = 1
    """of the language that the site is written in"""
    name: Words
    languages: Annotated[list[Language], Field(min_length=1)]
    """the first one is spoken until the caller chooses another"""
    numbers: Annotated[dict[Number, NodeRef], Field(min_length=1)]
    """the node at which a call to this number starts"""
    hours: Hours | None = None
    """outside of them calls start elsewhere; without them the site is always open"""
    handlers: Handlers = Handlers()
    """what becomes of callers who press nothing, or nothing that fits, or for whom something fails, in every menu that
    says nothing of it itself"""
    keys: GlobalKeys = Field(default={})
    """what a key does in every menu that does not offer it itself"""
    calendars: dict[Name, Calendar] = Field(default={})
    """when something is open, for `hours` nodes to ask"""
    trunks: list[Trunk] = Field(default=[])
    feature_codes: FeatureCodes = FeatureCodes()
    recordings_days: RecordingsDays | None = None
    """recordings are deleted after so many days; without it they are kept"""
    outbound: Outbound | None = None
    not_ready_reasons: dict[ReasonKey, Reason] = Field(default={})
    """the key behind the feature code for not ready, and the reason that it gives"""
    dispositions: dict[DispositionCode, LocalText] = Field(default={})
    """the codes that an agent can give a talk"""
    ringing: Ringing = Ringing()
    pins: Pins = Pins()
    wrap_up_extend_seconds: PauseSeconds = 30
    """how much longer a wrap-up lasts each time that an agent asks"""
    external_resets_idle: bool = False
    """whether a call of an agent's own counts as work for the order of the longest idle"""
    wrap_up_counts_as_idle: bool = False
    """whether that order counts from the end of the last talk, and not from the end of its wrap-up"""
    segments: dict[Name, SegmentSettings] = Field(default={})
    """groups of callers, such as members, and what being one of them is worth"""
    speech: Speech | None = None
    """who speaks the prompts; without it, espeak-ng"""


class StepSettings(Strict):
    """From then on a caller may be served by others too; what was open before stays open."""

    after_seconds: WaitSeconds
    """since the caller came"""
    requires: Requires | None = None
    """who meets this may serve as well"""
    reserve: bool = False
    """agents in reserve may serve as well"""

    @model_validator(mode="after")
    def _opens_something(self) -> Self:
        if self.requires is None and not self.reserve:
            raise refusal("empty-step", "requires, reserve: true, or both", "found a step that opens nothing")
        return self


class QueueSettings(Strict):
    """One entry of `queues.yaml`: where callers wait for one kind of help."""

    name: LocalText
    skills: dict[Name, RequiredLevel] = Field(default={})
    """what every agent must have to be offered callers of this queue"""
    requires: Requires | None = None
    """the same as an expression, on top of the skills"""
    steps: list[StepSettings] = Field(default=[])
    """who else may serve a caller who has waited for so long"""
    prefer: list[Requires] = Field(default=[])
    """of the agents who are free, those first who meet the first of these, then the second, then all others"""
    least_flexible_first: bool = False
    """of equally preferred agents those first who could serve the fewest queues"""
    ring_seconds: RingSeconds = 20
    wrap_up: Literal["none", "optional", "timed", "until_disposition"] = "timed"
    """optional: only where the agent asks for it, in the talk or after it"""
    wrap_up_seconds: PauseSeconds = 10
    wrap_up_seconds_max: PauseSeconds = 900
    """from the end of the talk; neither extensions nor a missing disposition go beyond it"""
    wrap_up_extend_seconds: PauseSeconds | None = None
    """in place of the site's"""
    wait_seconds_max: WaitSeconds | None = None
    """the caller is let go after this; without it, never"""
    last_agent_hold_seconds: PauseSeconds = 20
    """how long the caller's last agent is waited for while somebody else could answer"""
    named_agent_hold_seconds: PauseSeconds = 30
    """the same for an agent asked for by name"""
    priority: Priority = 0
    head_start_seconds: HeadStart = 0
    """every caller of this queue has the place of one who came so much earlier; unlike priority it cannot be unfair
    by more than this"""
    strategy: Literal["longest_idle", "least_occupied", "fewest_calls", "round_robin", "ring_all", "fixed_order"] = (
        "longest_idle"
    )
    """who of those who could serve a caller is rung; ring_all: all of them at once"""
    music: Music = Field(default=[])
    """what callers hear while they wait, by the time waited: folders of `music/`; none written: Asterisk's own"""
    extension: Extension | None = None
    """what agents dial to transfer a caller into this queue, or to consult somebody of it"""
    transfer_head_start_seconds: PauseSeconds = 0
    """how much earlier than they came transferred callers count as having come"""
    hours: OpeningTimes | None = None
    """outside of them nobody joins; without them the queue is open whenever a call comes"""
    size_max: Size | None = None
    """so many callers wait here at most"""
    estimate_seconds_max: WaitSeconds | None = None
    """nobody joins who is expected to wait longer"""
    unstaffed: Literal["wait", "leave"] = "wait"
    """what callers do whom nobody logged in could serve"""
    resume_seconds: ResumeSeconds = 0
    """how long after an abandon the same number gets its old place back"""
    talk_seconds: WaitSeconds = 180
    """what a talk is expected to take, until enough of them have been seen"""
    overflow: OverflowSettings | None = None
    callback: CallbackSettings | None = None
    """callers may hang up and be called, with the place that they have"""
    announce: Announce | None = None
    keys: WaitingKeys = Field(default={})
    """what callers may press while they wait, and where it leads"""
    whisper: PromptId | None = None
    """said to the agent alone before the caller is connected"""
    greeting: PromptId | None = None
    """said to the caller as the agent picks up"""
    record: Literal["never", "on_demand", "always"] = "never"
    """`always`: from connect on; `on_demand`: when the agent keys it"""
    record_notice: PromptId | None = None
    """said to the caller before they wait: that talks are recorded"""
    survey: NodeRef | None = None
    """where the caller goes on when the agent has hung up"""


class Queue(QueueSettings):
    """A queue with its id."""

    id: Name

    @property
    def first_music(self) -> str:
        """What plays as a caller comes."""
        return self.music[0].play if self.music and self.music[0].after_seconds == 0 else DEFAULT_MUSIC


class AgentSettings(Strict):
    """One entry of `agents.yaml`: a person who takes calls."""

    name: Words
    skills: dict[Name, Level] = Field(default={})
    reserve: bool = False
    """takes callers only at a step that opens the reserve, and after everybody else"""
    pin: Pin | None = Field(default=None, repr=False)
    """what the agent keys to log in at a desk phone; without one, only the phones that are theirs know them"""
    phones: list[Extension] = Field(default=[])
    """all phones that are theirs; none written: the one of their extension"""
    max_phones: Phones = 1
    """how many phones may be registered as their extension; all of them ring"""
    greeting: PromptId | None = None
    """said to the caller as this agent picks up, in place of the queue's"""
    supervisor: Rights = Field(default=[])
    """what they may do with the talks of others: `true` is all of it"""

    @property
    def rights(self) -> frozenset[str]:
        """What this agent may do as a supervisor; empty for all others."""
        return frozenset(self.supervisor)


class PhoneSettings(Strict):
    """One entry of `phones.yaml`: a desk phone that is nobody's own."""

    name: Words


class Phone(PhoneSettings):
    """A desk phone with its extension."""

    extension: Extension


class Agent(AgentSettings):
    """An agent with the extension of their phone, which is the agent's id."""

    extension: Extension


class Menu(Strict):
    """One file of `menus/`."""

    entry: Name
    handlers: Handlers = Handlers()
    """for the nodes of this menu; where it says nothing, the site's"""
    person: NodeRef | None = None
    """where the global key `person` leads from here; without it, the first queue node of this menu, or of any"""
    main: NodeRef | None = None
    """where the global key `main` leads from here; without it, this menu's entry"""
    global_keys: bool = True
    """whether the site's keys mean anything here; not in a survey, say"""
    nodes: dict[Name, Annotated[Node, Field(discriminator="type")]]


class Site(SiteFile):
    """Everything an admin wrote, checked; every node reference in it is a full `menu.node`."""

    menus: dict[Name, Menu]
    prompts: dict[PromptId, LocalText]
    """prompts written inside a node are here as well, as `menu.node.prompt` and the like"""
    queues: dict[Name, Queue]
    agents: dict[Extension, Agent]
    """by extension"""
    phones: dict[Extension, Phone] = Field(default={})
    """desk phones, by extension"""
    announcements: dict[Name, AnnouncementSettings] = Field(default={})
    """what callers are told for a while, by id"""
    backends: Backends = Field(default={})
    """what nodes may ask, by name"""
    music: dict[str, list[str]] = Field(default={})
    """by class, the sound files below the site's folder, in the order in which they are played"""

    @property
    def extensions(self) -> tuple[str, ...]:
        """Every phone that can register: agents' own, then desk phones."""
        return (*self.agents, *self.phones)

    def owner_of(self, extension: str) -> str | None:
        """The agent whose own phone this is: that of their extension, or one that no other agent names as theirs."""
        if extension in self.agents:
            return extension
        naming = [agent.extension for agent in self.agents.values() if extension in agent.phones]
        return naming[0] if len(naming) == 1 else None

    @property
    def language(self) -> str:
        """The language that a call begins in."""
        return self.languages[0]
