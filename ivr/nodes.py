"""The nodes of a menu as values. Fields are named as in the YAML; where Python keeps the word, a _ follows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ivr.collector import Retry, keys_of


@dataclass(frozen=True)
class Menu:
    """One choice by keypad; `prompt` is chosen by attempt, choices map keys to nodes."""

    prompt: tuple[str, ...]
    choices: Mapping[str, str]
    exhausted: str
    no_input: Retry = field(default_factory=Retry)
    no_match: Retry = field(default_factory=Retry)
    first_digit_seconds: float = 5.0
    inter_digit_seconds: float = 2.0
    survey: str | None = None
    """The question whose answer the keys are."""
    log: str = "full"
    """What the records show of the keys: `full`, `masked` (the last four) or `off`."""
    flush: bool = False
    """What was pressed ahead does not count here."""

    def choice(self, keys: str) -> str:
        """The node that these keys lead to; they are a choice."""
        return next(node for choice, node in self.choices.items() if keys_of(choice) == keys)


@dataclass(frozen=True)
class Say:
    """Words; a key stops them and counts as typed ahead for the next node."""

    prompt: tuple[str, ...]
    next: str


@dataclass(frozen=True)
class Play:
    """A sound file as Asterisk names it: without extension, absolute or from its own sounds."""

    file: str
    next: str


@dataclass(frozen=True)
class Collect:
    """An entry by keypad, kept as the call's variable `into`."""

    prompt: tuple[str, ...]
    into: str
    next: str
    exhausted: str
    min_digits: int = 1
    max_digits: int = 20
    terminator: str | None = "pound"
    no_input: Retry = field(default_factory=Retry)
    no_match: Retry = field(default_factory=Retry)
    first_digit_seconds: float = 5.0
    inter_digit_seconds: float = 2.0
    survey: str | None = None
    log: str = "full"
    flush: bool = False
    as_: str = "digits"
    """What the keys are: see `ivr.typed`."""
    min: float | None = None
    max: float | None = None
    past: bool = False
    future: bool = False
    pattern: str | None = None
    checksum: str | None = None
    confirm: tuple[str, ...] = ()
    """Said with the value; then 1 takes it and 2 asks again."""


@dataclass(frozen=True)
class Vote:
    """A choice by keypad that counts once for each caller's number."""

    prompt: tuple[str, ...]
    ballot: str
    choices: Mapping[str, str]
    """Keys to what is voted for."""
    next: str
    repeated: str
    failed: str
    exhausted: str
    no_input: Retry = field(default_factory=Retry)
    no_match: Retry = field(default_factory=Retry)
    first_digit_seconds: float = 5.0
    inter_digit_seconds: float = 2.0
    survey: str | None = None
    log: str = "full"
    flush: bool = False

    def choice(self, keys: str) -> str:
        """What these keys vote for; they are a choice."""
        return next(choice for key, choice in self.choices.items() if keys_of(key) == keys)


@dataclass(frozen=True)
class WaitAudio:
    """What a caller hears while a backend is slow, and for how long that is borne."""

    after_seconds: float = 1.0
    give_up_seconds: float = 8.0
    play: tuple[str, ...] = ()
    """A prompt, said again and again."""
    file: str | None = None
    """In its place a sound file, as Asterisk names it."""


@dataclass(frozen=True)
class Query:
    """Ask a backend, and go on by what it says."""

    backend: str
    next: str
    not_found: str
    failed: str
    with_: Mapping[str, str] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    """Variable to the field of the answer that it takes."""
    wait_audio: WaitAudio | None = None


@dataclass(frozen=True)
class Act:
    """Have a backend do something, once."""

    backend: str
    next: str
    failed: str
    not_found: str | None = None
    refused: str | None = None
    """As `not_found`: where it is None the call goes to `failed`."""
    with_: Mapping[str, str] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    wait_audio: WaitAudio | None = None


@dataclass(frozen=True)
class Lock:
    """After so many wrong tries at an account, in all calls together, it is locked for so long."""

    failures: int = 5
    minutes: int = 30


@dataclass(frozen=True)
class Auth:
    """An account and its PIN, which a backend knows."""

    pin: tuple[str, ...]
    backend: str
    next: str
    failed: str
    locked: str
    exhausted: str
    card: tuple[str, ...] = ()
    """Asks for the account; where it is empty, `account` is a variable that has it."""
    account: str | None = None
    wrong: tuple[str, ...] = ()
    """Said after a wrong card as after a wrong PIN."""
    pin_digits: int = 6
    max: int = 3
    """So many wrong tries in one call."""
    lock: Lock = field(default_factory=Lock)
    with_: Mapping[str, str] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    wait_audio: WaitAudio | None = None
    no_input: Retry = field(default_factory=Retry)
    no_match: Retry = field(default_factory=Retry)
    first_digit_seconds: float = 5.0
    inter_digit_seconds: float = 2.0
    log: ClassVar[str] = "masked"
    """The records show the last four digits of an account, and nothing of a PIN."""


@dataclass(frozen=True)
class Set:
    """Variables and their values; `{name}` in one stands for another variable."""

    variables: Mapping[str, str]
    next: str


@dataclass(frozen=True)
class Switch:
    """The value of a variable chooses the next node."""

    on: str
    cases: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True)
class Hours:
    """Whether a calendar is open chooses it."""

    calendar: str
    open: str
    closed: str


@dataclass(frozen=True)
class Call:
    """A sub-flow: another menu, with variables of its own, that comes back with outputs."""

    flow: str
    next: str
    with_: Mapping[str, str] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    """Variable to the output that it takes."""


@dataclass(frozen=True)
class Return:
    """The end of a sub-flow."""

    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Language:
    language: str
    next: str


@dataclass(frozen=True)
class Agents:
    """Who of a queue may serve the caller, and in which place: what the nodes have in common that lead to a person."""

    queue: str
    skills: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0
    requires: str | None = None
    """As an expression, on top of the skills."""
    head_start_seconds: int = 0
    segment: str | None = None
    agent: str | None = None
    """Asked for by name."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """By what came of it, where a caller who is still there goes."""


@dataclass(frozen=True)
class Queue(Agents):
    """The end of the menus: the caller waits for a person. An outcome that is not listed ends the call."""

    record_paused: bool = False


@dataclass(frozen=True)
class Callback(Agents):
    """The caller is asked whether they would rather be called."""

    def onward(self, outcome: str) -> str | None:
        """Where a caller goes of whose answer this came; None: they have what they wanted, and the call ends."""
        otherwise = "taken" if outcome == "already_waiting" else "declined"
        known = outcome if outcome in self.outcomes or outcome == "taken" else otherwise
        return self.outcomes.get(known)


@dataclass(frozen=True)
class Script:
    """A dialogue of agi_scripts; its result chooses the next node. `failed`: it died, or said something unknown."""

    script: str
    results: Mapping[str, str]
    failed: str


@dataclass(frozen=True)
class Record:
    """A message in the caller's own words."""

    prompt: tuple[str, ...]
    as_: str
    next: str
    failed: str
    max_seconds: int = 180
    silence_seconds: int = 5
    min_seconds: int = 2
    terminator: str | None = "pound"
    review: tuple[str, ...] = ()
    """Said when all is recorded; without it the message is sent."""
    discarded: str | None = None
    """Where a caller goes who took it back; None: as `next`."""
    too_short: str | None = None
    first_digit_seconds: float = 5.0
    no_input: Retry = field(default_factory=Retry)
    no_match: Retry = field(default_factory=Retry)

    def onward(self, result: str) -> str:
        """Where a caller goes with whose message this was done."""
        ways = {"discarded": self.discarded, "too_short": self.too_short, "failed": self.failed}
        return ways.get(result) or self.next


@dataclass(frozen=True)
class FaxSend:
    """A document for the caller's fax machine, below the site's folder."""

    file: str
    next: str
    failed: str


@dataclass(frozen=True)
class FaxReceive:
    """A message from the caller's fax machine."""

    next: str
    failed: str
    as_: str = "fax"


@dataclass(frozen=True)
class Transfer:
    """The caller is sent on to somebody else; the menus go on when that one has hung up, or did not answer."""

    to: str
    """A number or an extension; `{name}` stands for a variable."""
    outcomes: Mapping[str, str]
    ring_seconds: int = 30

    def onward(self, outcome: str) -> str | None:
        """Where a caller goes after this; None: the call ends with the talk."""
        return self.outcomes.get(outcome if outcome in self.outcomes or outcome == "answered" else "failed")


@dataclass(frozen=True)
class Question:
    """One question of a survey: keys to the answer that is kept, or, without any, a spoken one."""

    prompt: tuple[str, ...]
    answers: Mapping[str, str]
    skip_key: str | None = None
    comment_seconds: int = 0


@dataclass(frozen=True)
class Survey:
    """Questions asked one after the other, by name."""

    questions: Mapping[str, Question]
    next: str
    exhausted: str
    no_input: Retry = field(default_factory=Retry)
    no_match: Retry = field(default_factory=Retry)
    first_digit_seconds: float = 5.0
    inter_digit_seconds: float = 2.0
    log: str = "full"


@dataclass(frozen=True)
class HangUp:
    prompt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goto:
    to: str


Node = (
    Menu
    | Say
    | Play
    | Collect
    | Vote
    | Query
    | Act
    | Auth
    | Set
    | Switch
    | Hours
    | Language
    | Call
    | Return
    | Queue
    | Callback
    | Script
    | Record
    | FaxSend
    | FaxReceive
    | Transfer
    | Survey
    | HangUp
    | Goto
)

SILENT = (Set, Switch, Hours, Return, Goto, HangUp)
"""Kinds at which nothing is said or asked, as long as a hang-up has no prompt: they may follow on the caller's own."""

KINDS: Mapping[type, str] = {
    Menu: "menu",
    Say: "say",
    Play: "play",
    Collect: "collect",
    Vote: "vote",
    Query: "query",
    Act: "action",
    Auth: "auth",
    Set: "set",
    Switch: "switch",
    Hours: "hours",
    Call: "call",
    Return: "return",
    Language: "language",
    Queue: "queue",
    Callback: "callback",
    Script: "script",
    Record: "record",
    FaxSend: "fax_send",
    FaxReceive: "fax_receive",
    Transfer: "transfer",
    Survey: "survey",
    HangUp: "hangup",
    Goto: "goto",
}
"""The YAML's word for each node class; the records use it too."""


def references(node: Node) -> list[str]:
    """Every node that this one can lead to, as written."""
    match node:
        case Menu():
            return [*node.choices.values(), node.exhausted]
        case Collect():
            return [node.next, node.exhausted]
        case Vote():
            return [node.next, node.repeated, node.failed, node.exhausted]
        case Query():
            return [node.next, node.not_found, node.failed]
        case Act():
            return [to for to in (node.next, node.not_found, node.refused, node.failed) if to]
        case Auth():
            return [node.next, node.failed, node.locked, node.exhausted]
        case Say() | Play() | Set() | Language() | Call():
            return [node.next]
        case Switch():
            return [*node.cases.values(), node.otherwise]
        case Hours():
            return [node.open, node.closed]
        case Script():
            return [*node.results.values(), node.failed]
        case Goto():
            return [node.to]
        case Queue() | Callback() | Transfer():
            return [*node.outcomes.values()]
        case Record():
            return [to for to in (node.next, node.discarded, node.too_short, node.failed) if to is not None]
        case FaxSend() | FaxReceive():
            return [node.next, node.failed]
        case Survey():
            return [node.next, node.exhausted]
        case HangUp() | Return():
            return []


def prompts_of(node: Node) -> Iterator[str]:
    if isinstance(node, Menu | Collect | Vote):
        yield from (*node.prompt, *node.no_input.prompt, *node.no_match.prompt)
        yield from node.confirm if isinstance(node, Collect) else ()
    elif isinstance(node, Auth):
        yield from (*node.card, *node.pin, *node.wrong, *node.no_input.prompt, *node.no_match.prompt)
    elif isinstance(node, Say | HangUp):
        yield from node.prompt
    elif isinstance(node, Record):
        yield from (*node.prompt, *node.review, *node.no_input.prompt, *node.no_match.prompt)
    elif isinstance(node, Survey):
        yield from (prompt for question in node.questions.values() for prompt in question.prompt)
        yield from (*node.no_input.prompt, *node.no_match.prompt)
    if isinstance(node, Query | Act | Auth) and node.wait_audio:
        yield from node.wait_audio.play
