"""One call's walk through a flow, without I/O: it yields what is to be done and is sent what came of it.

Theory of operation. `Walk.actions()` is a generator. The session performs each action in order and sends back the key
that the caller pressed during it (`Hear`, `Await`), else None. For each node entered it yields `Enter`, then what the
node does, then `Leave`, so a step is recorded before the caller is taken on. `Finish` is the last action. When the
caller or the switch goes away the session just stops asking: `step` tells how far the call came.

Keys pressed ahead are kept over nodes and skip what would be spoken meanwhile; a failed attempt forgets them. A walk
ends: a node entered too often, or too many steps, lead to a person, or to a hang-up where the flow has no queue.
"""

from collections import Counter, deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from ivr.actions import Action, Answered, Await, Enter, Finish, Hear, HearFile, Leave, Speak
from ivr.checkpoint import Checkpoint
from ivr.collector import (
    KEYS,
    Choices,
    Collector,
    Digits,
    Failures,
    Matched,
    NoInput,
    NoMatch,
    Waiting,
    by_attempt,
    keys_of,
)
from ivr.flow import (
    KINDS,
    Agents,
    Callback,
    Collect,
    Flow,
    Goto,
    HangUp,
    Language,
    Menu,
    Node,
    Play,
    Queue,
    Say,
    Script,
    Set,
)


@dataclass(frozen=True)
class Onward:
    """How a node ended: its result for the record, and the node that follows; None: the call has come to its end."""

    result: str
    to: str | None


@dataclass
class Step:
    """The caller at one node, as the record will tell it."""

    address: str
    kind: str
    language: str
    attempts: int = 1
    input: str = ""


@dataclass(frozen=True)
class Limits:
    """Bounds of one walk; beyond them the caller is sent to a person."""

    node_entries_max: int = 25
    steps_max: int = 1000


AWAY = ("script", "callback")
"""Outcomes of a walk after which the call comes back to the same node, with a result."""

T = TypeVar("T")
Walking = Generator[Action, str | None, T]


class Walk:
    """The walk from a checkpoint on.

    Args:
        checkpoint: its address is a node of the flow; the walk keeps it up to date.
        language: the caller's, until a language node changes it.
        script_result: IVR_RESULT, what the script, the queue or the proposal of a callback ended with that the call was
            away in; empty if the script died.
    """

    def __init__(
        self,
        flow: Flow,
        checkpoint: Checkpoint,
        language: str,
        *,
        script_result: str = "",
        limits: Limits | None = None,
    ) -> None:
        self.flow = flow
        self.checkpoint = checkpoint
        self.language = language
        self.step = self._step_of(checkpoint.address)
        self._script_result = script_result
        self._limits = limits or Limits()
        self._entries: Counter[str] = Counter()
        self._ahead: deque[str] = deque()
        self._spent = ""

    def actions(self) -> Walking[None]:
        address: str | None = self.checkpoint.address
        while address is not None:
            address = yield from self._through(address)

    def _through(self, address: str) -> Walking[str | None]:
        """Take one step; the address that follows, or None at the end of the walk."""
        node = self.flow.nodes[address]
        self.checkpoint.address = address
        self.step = self._step_of(address)
        self._entries[address] += 1
        ending = yield from self._returned(node) if self._is_back(node) else self._entered(node)
        if isinstance(ending, Finish) and ending.outcome in AWAY:
            # The step is recorded when the call comes back: only then is its result known.
            yield ending
            return None
        yield Leave(ending.result if isinstance(ending, Onward) else ending.outcome)
        self.checkpoint.step += 1
        if isinstance(ending, Finish) or ending.to is None:
            yield ending if isinstance(ending, Finish) else Finish("hung_up")
            return None
        return (yield from self._bounded(self.flow.resolve(ending.to, near=address)))

    def _bounded(self, address: str) -> Walking[str | None]:
        """The address itself, or where the call goes when it has walked too long."""
        tired = self.checkpoint.step > self._limits.steps_max
        if not tired and self._entries[address] < self._limits.node_entries_max:
            return address
        refuge = self.flow.refuge(address)
        if refuge is None:
            yield Finish("hung_up")
        return refuge

    def _entered(self, node: Node) -> Walking[Onward | Finish]:
        yield Enter()
        return (yield from self._perform(node))

    def _is_back(self, node: Node) -> bool:
        """The call was away, and comes back: from a script or a proposal, or from a queue with an outcome that the node
        knows."""
        return self.checkpoint.script_since is not None or (isinstance(node, Queue) and self._script_result != "")

    def _returned(self, node: Node) -> Walking[Onward | Finish]:
        """Go on from what the call was away in: its checkpoint stays valid until the next node's."""
        self.checkpoint.script_since = None
        result, self._script_result = self._script_result, ""  # of this node, and of none that follows
        if isinstance(node, Queue) and result in node.outcomes:
            return Onward(result, node.outcomes[result])
        if isinstance(node, Callback):
            return Onward(result or "failed", node.onward(result or "failed"))
        if not isinstance(node, Script):
            # The site was changed while the script ran: begin the node that now bears its name.
            return (yield from self._entered(node))
        if result in node.results:
            return Onward(result, node.results[result])
        return Onward("failed", node.failed)

    def _perform(self, node: Node) -> Walking[Onward | Finish]:
        match node:
            case Menu():
                return (yield from self._menu(node))
            case Collect():
                return (yield from self._number(node))
            case Say():
                yield from self._hear(by_attempt(node.prompt, self._entries[self.step.address]))
                return Onward("said", node.next)
            case Play():
                yield from self._hear_file(node.file)
                return Onward("played", node.next)
            case Set():
                self.checkpoint.variables.update(node.variables)
                return Onward("set", node.next)
            case Language():
                self.language = node.language
                yield Speak(node.language)
                return Onward(node.language, node.next)
            case Goto():
                return Onward("gone", node.to)
            case Queue():
                return Finish("queue", _queue_variables(node))
            case Callback():
                return Finish("callback", _agents_variables(node))
            case Script():
                return Finish("script", {"IVR_SCRIPT": node.script})
            case HangUp():
                yield from self._hear(node.prompt[:1])
                return Finish("hung_up")

    def _menu(self, node: Menu) -> Walking[Onward]:
        if self._spent in map(keys_of, node.choices):
            self._spent = ""
        keys = yield from self._ask(node, lambda: Choices(node.choices))
        return Onward("exhausted", node.exhausted) if keys is None else Onward("matched", node.choice(keys))

    def _number(self, node: Collect) -> Walking[Onward]:
        keys = yield from self._ask(node, lambda: Digits(node.min_digits, node.max_digits, node.terminator))
        if keys is None:
            return Onward("exhausted", node.exhausted)
        self.checkpoint.variables[node.into] = keys
        # A caller told to end with # does so although the last digit was enough: that key must not skip what follows.
        self._spent = keys_of(node.terminator or "") if len(keys) == node.max_digits else ""
        return Onward("matched", node.next)

    def _ask(self, node: Menu | Collect, begin: Callable[[], Collector]) -> Walking[str | None]:
        """Prompt and collect until something matches: its keys, or None when the attempts are exhausted."""
        failures = Failures(node.no_input, node.no_match)
        while True:
            self.step.attempts = failures.attempts
            yield from self._hear(by_attempt(node.prompt, failures.attempts))
            result = yield from self._collect(node, begin())
            if isinstance(result, Matched):
                if node.survey is not None:
                    yield Answered(node.survey, result.keys)
                return result.keys
            self._ahead.clear()
            told = failures.count(result)
            if told is None:
                return None
            yield from self._hear(told)

    def _collect(self, node: Menu | Collect, collector: Collector) -> Walking[Matched | NoMatch | NoInput]:
        while True:
            key = yield from self._key(node.inter_digit_seconds if collector.keyed else node.first_digit_seconds)
            result = collector.key(key) if key else collector.silence()
            self.step.input = collector.keyed
            if not isinstance(result, Waiting):
                return result

    def _key(self, seconds: float) -> Walking[str | None]:
        if self._ahead:
            return self._ahead.popleft()
        key = yield Await(seconds)
        spent, self._spent = self._spent, ""
        if key and key == spent:
            return (yield from self._key(seconds))
        return key

    def _hear(self, prompts: tuple[str, ...]) -> Walking[None]:
        if prompts and not self._ahead:
            self._keep((yield Hear(prompts, self._stop_keys())))

    def _hear_file(self, file: str) -> Walking[None]:
        if not self._ahead:
            self._keep((yield HearFile(file, self._stop_keys())))

    def _keep(self, key: str | None) -> None:
        if key:
            self._ahead.append(key)

    def _stop_keys(self) -> str:
        return KEYS.replace(self._spent, "") if self._spent else KEYS

    def _step_of(self, address: str) -> Step:
        return Step(address, KINDS[type(self.flow.nodes[address])], self.language)


def _queue_variables(node: Queue) -> dict[str, str]:
    return _agents_variables(node) | {"ACD_RECORD_PAUSED": "1" if node.record_paused else ""}


def _agents_variables(node: Agents) -> dict[str, str]:
    skills = " ".join(f"{skill}:{level}" for skill, level in node.skills.items())
    variables = {
        "ACD_QUEUE": node.queue,
        "ACD_SKILLS": skills,
        "ACD_PRIORITY": str(node.priority),
        "ACD_REQUIRES": node.requires or "",
        "ACD_HEAD_START": str(node.head_start_seconds),
        "ACD_OUTCOMES": " ".join(node.outcomes),
    }
    # Who a caller is, and whom they know, a script may have found out: a node without a word about it leaves it so.
    about_the_caller = {"ACD_SEGMENT": node.segment, "ACD_AGENT": node.agent}
    return variables | {name: value for name, value in about_the_caller.items() if value}
