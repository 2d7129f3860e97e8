"""A site's menus as values: nodes by address, and where each menu begins. Fields are named as in the YAML.

An address is `menu.node`. A node refers to another one by `node` (of the same menu), `menu` (its entry) or
`menu.node`; a node of the same menu wins over a menu of that name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr.collector import Retry, keys_of
from ivr.hours import Hours


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
    """A number by keypad, kept as the call's variable `into`."""

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


@dataclass(frozen=True)
class Set:
    variables: Mapping[str, str]
    next: str


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
class HangUp:
    prompt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goto:
    to: str


Node = Menu | Say | Play | Collect | Set | Language | Queue | Callback | Script | HangUp | Goto

KINDS: Mapping[type, str] = {
    Menu: "menu",
    Say: "say",
    Play: "play",
    Collect: "collect",
    Set: "set",
    Language: "language",
    Queue: "queue",
    Callback: "callback",
    Script: "script",
    HangUp: "hangup",
    Goto: "goto",
}
"""The YAML's word for each node class; the records use it too."""


class FlowInvalid(ValueError):
    """References that lead nowhere, all of them; `hotline check` reports them with line numbers before."""


@dataclass(frozen=True)
class Flow:
    """All menus of a site: nodes by address, entries from menu name to the address it begins at.

    Raises:
        FlowInvalid: a node, an entry or the hours refer to an unknown node, so a walk can never meet one.
    """

    nodes: Mapping[str, Node]
    entries: Mapping[str, str]
    hours: Hours | None = None
    """Outside of them calls start at their `closed` node; None: always open."""

    def __post_init__(self) -> None:
        lost = [f"entry {menu}: {address}" for menu, address in self.entries.items() if address not in self.nodes]
        for address, node in self.nodes.items():
            lost += [f"{address}: {to}" for to in references(node) if self.find(to, near=address) is None]
        if self.hours and self.find(self.hours.closed) is None:
            lost.append(f"hours: {self.hours.closed}")
        if lost:
            raise FlowInvalid("unknown node at " + "; ".join(lost))

    def find(self, reference: str, near: str = "") -> str | None:
        """The address that a reference means beside the node `near`, or None."""
        beside = f"{menu_of(near)}.{reference}"
        for address in (beside, self.entries.get(reference), reference):
            if address in self.nodes:
                return address
        return None

    def resolve(self, reference: str, near: str = "") -> str:
        """As `find`; the reference must be a good one (KeyError)."""
        address = self.find(reference, near)
        if address is None:
            raise KeyError(reference)
        return address

    def refuge(self, near: str) -> str | None:
        """Where a call goes that would else walk for ever: a person, of the same menu if it has one."""
        queues = [address for address, node in self.nodes.items() if isinstance(node, Queue)]
        beside = [address for address in queues if menu_of(address) == menu_of(near)]
        return next(iter(beside + queues), None)

    def prompts(self) -> frozenset[str]:
        """The ids of all prompts that a walk may ask for."""
        return frozenset(prompt for node in self.nodes.values() for prompt in _prompts_of(node))


def menu_of(address: str) -> str:
    return address.partition(".")[0]


def node_of(address: str) -> str:
    return address.partition(".")[2]


def references(node: Node) -> list[str]:
    """Every node that this one can lead to, as written."""
    match node:
        case Menu():
            return [*node.choices.values(), node.exhausted]
        case Collect():
            return [node.next, node.exhausted]
        case Say() | Play() | Set() | Language():
            return [node.next]
        case Script():
            return [*node.results.values(), node.failed]
        case Goto():
            return [node.to]
        case Queue() | Callback():
            return [*node.outcomes.values()]
        case HangUp():
            return []


def _prompts_of(node: Node) -> Iterator[str]:
    if isinstance(node, Menu | Collect):
        yield from (*node.prompt, *node.no_input.prompt, *node.no_match.prompt)
    elif isinstance(node, Say | HangUp):
        yield from node.prompt
