"""One call's walk through a flow, without I/O: it yields what is to be done and is sent what came of it.

Theory of operation. `Walk.actions()` is a generator. The session performs each action in order and sends back the key
that the caller pressed during it (`Hear`, `Await`), else None. For each node entered it yields `Enter`, then what the
node does, then `Leave`, so a step is recorded before the caller is taken on. `Finish` is the last action. When the
caller or the switch goes away the session just stops asking: `step` tells how far the call came, and `farewell()` does
what the site wants done then.

Keys pressed ahead are kept over nodes and skip what would be spoken meanwhile; a failed attempt forgets them. A walk
ends: a node entered too often, or too many steps, lead to a person, or to a hang-up where the flow has no queue.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo

from ivr import hours, typed
from ivr.actions import (
    Answered,
    AskBackend,
    CastVote,
    DropMessage,
    Enter,
    Finish,
    HasVoted,
    KeepMessage,
    Leave,
    Reply,
    SendFax,
    Speak,
    TakeFax,
    Walking,
)
from ivr.asking import Answer, Exhausted, Step, TooLong, ask
from ivr.authenticating import Authentication, Failed, Locked, Passed
from ivr.checkpoint import Checkpoint
from ivr.collector import Choices, Digits, GlobalKey, Matched, by_attempt, keys_of
from ivr.flow import BACK, MAIN, PERSON, REPEAT, Flow, menu_of
from ivr.inquiring import inquire
from ivr.keypad import Keypad
from ivr.messages import leave_message, left_behind
from ivr.nodes import (
    KINDS,
    SILENT,
    Act,
    Agents,
    Auth,
    Call,
    Callback,
    Collect,
    FaxReceive,
    FaxSend,
    Goto,
    HangUp,
    Hours,
    Language,
    Menu,
    Node,
    Play,
    Query,
    Queue,
    Record,
    Return,
    Say,
    Script,
    Set,
    Survey,
    Switch,
    Transfer,
    Vote,
)
from ivr.surveys import ask_all


@dataclass(frozen=True)
class Onward:
    """How a node ended: its result for the record, and the node that follows; None: the call has come to its end."""

    result: str
    to: str | None


@dataclass(frozen=True)
class Limits:
    """Bounds of one walk; beyond them the caller is sent to a person."""

    node_entries_max: int = 25
    steps_max: int = 1000


TAKE, AGAIN = "1", "2"
"""The keys that confirm an entry that was read back, or ask for it again."""
_SLOT = re.compile(r"\{(\w+)\}")

AWAY = ("script", "callback", "transfer")
"""Outcomes of a walk after which the call comes back to the same node, with a result."""


class Walk:
    """The walk from a checkpoint on.

    Args:
        checkpoint: its address is a node of the flow; the walk keeps it up to date.
        language: the caller's, until a language node changes it.
        script_result: IVR_RESULT, what the script, the queue or the proposal of a callback ended with that the call was
            away in; empty if the script died.
        clock: epoch seconds; without it no time passes.
        facts: what is known of the call beside its variables: `caller_number`, `called_number`.
        maintenance: what a call that begins now is told first: the id of a prompt, or words that the session knows how
            to say; empty where no maintenance is on, and for a call that goes on.
    """

    def __init__(
        self,
        flow: Flow,
        checkpoint: Checkpoint,
        language: str,
        *,
        script_result: str = "",
        limits: Limits | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        facts: Mapping[str, str] | None = None,
        maintenance: str = "",
    ) -> None:
        self.flow = flow
        self.checkpoint = checkpoint
        self.language = language
        self.step = self._step_of(checkpoint.address)
        self._script_result = script_result
        self._limits = limits or Limits()
        self._clock = clock
        self._facts = facts or {}
        self._maintenance = maintenance
        self._entries: Counter[str] = Counter()
        self._keypad = Keypad(self._note_barge_in)

    @property
    def values(self) -> dict[str, str]:
        """Everything that words and prompts may name: the facts of the call, its language, its variables."""
        return {**self._facts, "language": self.language, **self.checkpoint.variables}

    @property
    def keys_are_secret(self) -> bool:
        """Whether a PIN may be keyed now: nobody may write down what is."""
        return isinstance(self.flow.nodes[self.step.address], Auth)

    def actions(self) -> Walking[None]:
        address: str | None = self.checkpoint.address
        if self._maintenance:
            address = yield from self._maintained(self.checkpoint.address)
        while address is not None:
            address = yield from self._through(address)

    def _maintained(self, address: str) -> Walking[str | None]:
        """Tell a call that begins under maintenance so; the address at which it goes on, or None at its end."""
        yield from self._keypad.hear((self._maintenance,))
        reference = self.flow.maintained.get(menu_of(address))
        if reference is None:
            yield Finish("hung_up")
            return None
        return self.flow.resolve(reference, near=address)

    def last_words(self) -> Walking[str | None]:
        """What a caller who has hung up at this step has left in it: the result of the step, None: nothing."""
        return (yield from left_behind(self.flow.nodes[self.step.address], self.checkpoint))

    def farewell(self) -> Walking[None]:
        """What is done for a caller who has hung up at this step, which is recorded: nothing that makes a sound."""
        reference = self.flow.handlers_of(self.step.address).hangup
        address = reference and self.flow.resolve(reference, near=self.step.address)
        self.checkpoint.step += 1
        while address and isinstance(self.flow.nodes[address], SILENT):
            address = yield from self._through(address)

    def _through(self, address: str) -> Walking[str | None]:
        """Take one step; the address that follows, or None at the end of the walk."""
        node = self.flow.nodes[address]
        self.checkpoint.address = address
        self._count_from(address)
        self.step = self._step_of(address)
        self._entries[address] += 1
        ending = yield from self._returned(node) if self._is_back(node) else self._entered(node)
        if isinstance(ending, Finish) and ending.outcome in AWAY:
            # The step is recorded when the call comes back: only then is its result known.
            yield ending
            return None
        yield Leave(ending.result if isinstance(ending, Onward) else ending.outcome)
        self.checkpoint.step += 1
        self.checkpoint.within = []
        if isinstance(ending, Finish) or ending.to is None:
            yield ending if isinstance(ending, Finish) else Finish("hung_up")
            return None
        return (yield from self._bounded(self.flow.resolve(ending.to, near=address)))

    def _bounded(self, address: str) -> Walking[str | None]:
        """The address itself, or where the call goes when it has walked too long."""
        tired = self.checkpoint.step > self._limits.steps_max
        if tired or self._entries[address] >= self._limits.node_entries_max:
            refuge = self.flow.refuge(address)
            if refuge is None:
                yield Finish("hung_up")
            return refuge
        return self._out_of_time(address) if self._is_too_long(address) else address

    def _count_from(self, address: str) -> None:
        if self.flow.handlers_of(address).too_long and self.checkpoint.since is None:
            self.checkpoint.since = self._clock()

    def _is_too_long(self, address: str) -> bool:
        since, seconds = self.checkpoint.since, self.flow.handlers_of(address).max_seconds
        return since is not None and seconds is not None and self._clock() - since >= seconds

    def _out_of_time(self, address: str) -> str:
        """Where a call goes that has been in the menus for too long. It is told again after as long again."""
        self.checkpoint.since = self._clock()
        return self.flow.resolve(self.flow.handlers_of(address).too_long or address, near=address)

    def _entered(self, node: Node) -> Walking[Onward | Finish]:
        yield Enter()
        yield from self._announce()
        return (yield from self._perform(node))

    def _announce(self) -> Walking[None]:
        """Say what is new, each thing once in a call; a key stops it, as it stops any prompt."""
        if self.flow.announcements:
            today = self._now(self.flow.timezone).date()
            for name, prompt in self.flow.announced(self.step.address, today).items():
                if name not in self.checkpoint.told:
                    self.checkpoint.told = [*self.checkpoint.told, name]
                    yield from self._keypad.hear(prompt[:1])

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
        if isinstance(node, Transfer):
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
                return (yield from self._entry(node))
            case Vote():
                return (yield from self._vote(node))
            case Query() | Act():
                return (yield from self._inquiry(node))
            case Auth():
                return (yield from self._authentication(node))
            case Say():
                yield from self._keypad.hear(by_attempt(node.prompt, self._entries[self.step.address]))
                return Onward("said", node.next)
            case Play():
                yield from self._keypad.hear_file(node.file)
                return Onward("played", node.next)
            case Set():
                self.checkpoint.keep(self._filled(node.variables), self._secret(node.variables))
                return Onward("set", node.next)
            case Switch():
                value = self.values.get(node.on, "")
                return Onward("matched" if value in node.cases else "otherwise", node.cases.get(value, node.otherwise))
            case Hours():
                is_open = hours.is_open(self.flow.calendars[node.calendar], self._now(UTC))
                return Onward("open", node.open) if is_open else Onward("closed", node.closed)
            case Call():
                self.checkpoint.call(self._filled(node.with_), self._secret(node.with_))
                return Onward("called", self.flow.entries[node.flow])
            case Return():
                return self._come_back(node)
            case Language():
                self.language = node.language
                yield Speak(node.language)
                return Onward(node.language, node.next)
            case Goto():
                return Onward("gone", node.to)
            case Queue():
                return self._leaves_the_menus(Finish("queue", _queue_variables(node)))
            case Callback():
                return self._leaves_the_menus(Finish("callback", _agents_variables(node)))
            case Script():
                return Finish("script", {"IVR_SCRIPT": node.script})
            case Transfer():
                return self._transfer(node)
            case Record():
                result = yield from leave_message(node, self._keypad, self.step, self.checkpoint)
                return Onward(result, node.onward(result))
            case FaxSend():
                sent = yield SendFax(node.file)
                return Onward("sent", node.next) if sent else Onward("failed", node.failed)
            case FaxReceive():
                return (yield from self._take_fax(node))
            case Survey():
                return (yield from self._survey(node))
            case HangUp():
                yield from self._keypad.hear(node.prompt[:1])
                return Finish("hung_up")

    def _transfer(self, node: Transfer) -> Onward | Finish:
        """To a number that may be called: a variable may hold any."""
        number = self._filled({"to": node.to})["to"]
        if not self.flow.may_call(number):
            return Onward("not_allowed", node.onward("not_allowed"))
        return self._leaves_the_menus(Finish("transfer", {"IVR_TO": number, "IVR_RING": str(node.ring_seconds)}))

    def _take_fax(self, node: FaxReceive) -> Walking[Onward]:
        pages = yield TakeFax()
        if not isinstance(pages, str):
            yield DropMessage()
            return Onward("failed", node.failed)
        yield KeepMessage(node.as_, pages=int(pages))
        return Onward("received", node.next)

    def _survey(self, node: Survey) -> Walking[Onward]:
        here = self.step.address
        answer = yield from ask_all(
            node, self._keypad, self.step, self.checkpoint, self._keys(), lambda: self._is_too_long(here)
        )
        if answer is not None:
            return self._elsewhere(node, answer)
        self.checkpoint.remember(here)
        return Onward("answered", node.next)

    def _leaves_the_menus(self, finish: Finish) -> Finish:
        """Whoever comes back from a queue begins anew: with all the time, and no way back to before."""
        self.checkpoint.since = None
        self.checkpoint.forget_the_way_back()
        return finish

    def _come_back(self, node: Return) -> Onward:
        """From a sub-flow to the node after its call."""
        outputs, secret = self._filled(node.outputs), self._secret(node.outputs)
        address = self.checkpoint.leave_call()
        call = self.flow.nodes.get(address or "")
        if address is None or not isinstance(call, Call):
            # Nobody called, or the site was changed meanwhile.
            return Onward("lost", self.flow.handlers_of(self.step.address).error or self.flow.person(self.step.address))
        taken = {name: outputs.get(output, "") for name, output in call.into.items()}
        self.checkpoint.keep(taken, (name for name, output in call.into.items() if output in secret))
        return Onward("returned", self.flow.resolve(call.next, near=address))

    def _filled(self, words: Mapping[str, str]) -> dict[str, str]:
        values = self.values
        return {name: _SLOT.sub(lambda slot: values.get(slot[1], ""), text) for name, text in words.items()}

    def _secret(self, words: Mapping[str, str]) -> set[str]:
        """The names of those words in which a secret is filled in."""
        return {name for name, text in words.items() if {*_SLOT.findall(text)} & {*self.checkpoint.secret}}

    def _now(self, zone: tzinfo) -> datetime:
        return datetime.fromtimestamp(self._clock(), zone)

    def _menu(self, node: Menu) -> Walking[Onward]:
        if self._keypad.spent in map(keys_of, node.choices):
            self._keypad.spent = ""
        answer = yield from self._ask(node, lambda: Choices(node.choices, self._keys()))
        if not isinstance(answer, Matched):
            return self._elsewhere(node, answer)
        return (yield from self._answered(node, answer.keys, node.choice(answer.keys)))

    def _vote(self, node: Vote) -> Walking[Onward]:
        has_voted = yield HasVoted(node.ballot)
        if has_voted != "no":
            return Onward("repeated", node.repeated) if has_voted else Onward("failed", node.failed)
        answer = yield from self._ask(node, lambda: Choices(node.choices, self._keys()))
        if not isinstance(answer, Matched):
            return self._elsewhere(node, answer)
        yield CastVote(node.ballot, node.choice(answer.keys))
        return (yield from self._answered(node, answer.keys, node.next))

    def _entry(self, node: Collect) -> Walking[Onward]:
        today = self._now(self.flow.timezone).date()
        answer = yield from self._ask(node, lambda: _collector_of(node, self._keys(), today))
        if not isinstance(answer, Matched):
            return self._elsewhere(node, answer)
        value = typed.value_of(node, answer.keys, today) or ""
        self.checkpoint.keep({node.into: value}, () if node.log == "full" else (node.into,))
        # A caller told to end with # does so although the last digit was enough: that key must not skip what follows.
        self._keypad.spent = keys_of(node.terminator or "") if len(answer.keys) == node.max_digits else ""
        if node.confirm:
            refused = yield from self._read_back(node)
            if refused:
                return refused
        return (yield from self._answered(node, answer.keys, node.next))

    def _read_back(self, node: Collect) -> Walking[Onward | None]:
        """Say the value and have it confirmed; where the call goes if it is not."""
        entry, attempts = self.step.input, self.step.attempts
        self._keypad.forget()  # nothing that was pressed ahead can confirm what was not heard
        answer = yield from self._ask(replace(node, prompt=node.confirm), lambda: Choices((TAKE, AGAIN), self._keys()))
        if isinstance(answer, Matched):
            self.step.input, self.step.attempts = entry, attempts
            if answer.keys == TAKE:
                return None
        del self.checkpoint.variables[node.into]
        return self._elsewhere(node, answer) if not isinstance(answer, Matched) else Onward("again", self.step.address)

    def _inquiry(self, node: Query | Act) -> Walking[Onward]:
        """Ask a backend, or have it do something; what it says decides."""
        writes = isinstance(node, Act)
        question = AskBackend(node.backend, self._filled(node.with_), tuple(node.into.values()), writes)
        reply: Reply = yield from inquire(question, node.wait_audio, self._keypad, self._clock)
        if reply.outcome == "found" and self.checkpoint.take(_taken(node.into, reply)):
            return Onward("done" if writes else "found", node.next)
        ways = {"not_found": node.not_found, "refused": node.refused if isinstance(node, Act) else None}
        to = ways.get(reply.outcome)
        return Onward(reply.outcome, to) if to else Onward("failed", node.failed)

    def _authentication(self, node: Auth) -> Walking[Onward]:
        address = self.step.address
        account = None if node.account is None else self.values.get(node.account, "")
        inputs, too_long = self._filled(node.with_), lambda: self._is_too_long(address)
        asking = Authentication(
            node, self.step, self.checkpoint, self._keypad, self._keys(), inputs, account, self._clock, too_long
        )
        verdict = yield from asking.verdict()
        match verdict:
            case Passed():
                fits = self.checkpoint.take(_taken(node.into, verdict))
                return Onward("passed", node.next) if fits else Onward("failed", node.failed)
            case Locked():
                return Onward("locked", node.locked)
            case Failed():
                return Onward("failed", node.failed)
        return self._elsewhere(node, verdict)

    def _ask(self, node: Menu | Collect | Vote, begin: Callable[[], Choices | Digits]) -> Walking[Answer]:
        address = self.step.address
        if node.flush:
            self._keypad.forget()
        return (yield from ask(node, self._keypad, self.step, begin, lambda: self._is_too_long(address)))

    def _answered(self, node: Menu | Collect | Vote, answer: str, to: str) -> Walking[Onward]:
        """The caller has chosen or keyed something, and may come back here."""
        if node.survey is not None:
            yield Answered(node.survey, self.step.logged(answer))
        self.checkpoint.remember(self.step.address)
        return Onward("matched", to)

    def _elsewhere(self, node: Menu | Collect | Vote | Auth | Survey, answer: Answer) -> Onward:
        """Where a caller goes who has not answered what was asked."""
        match answer:
            case GlobalKey(key):
                return self._by_key(next(does for name, does in self._keys().items() if keys_of(name) == key))
            case TooLong():
                return Onward("too_long", self._out_of_time(self.step.address))
            case Exhausted() | Matched():
                return Onward("exhausted", node.exhausted)

    def _keys(self) -> Mapping[str, str]:
        return self.flow.keys_at(self.step.address)

    def _by_key(self, does: str) -> Onward:
        """What a key does that means the same in every menu."""
        here = self.step.address
        match does:
            case "person":
                self.checkpoint.leave_all_calls()
                return Onward(PERSON, self.flow.person(here) or here)
            case "main":
                self.checkpoint.leave_all_calls()
                self.checkpoint.answered = []
                return Onward(MAIN, self.flow.main(here))
            case "back":
                return Onward(BACK, self._back())
            case "repeat":
                return Onward(REPEAT, here)
        self.checkpoint.remember(here)
        # The reference stands in the site's own file: it is not read near any node.
        return Onward("key", self.flow.resolve(does))

    def _back(self) -> str:
        """The node before this one at which the caller answered, if need be out of a sub-flow; this one where there is
        none, or it is gone."""
        here = self.checkpoint.calls, self.checkpoint.variables, self.checkpoint.secret
        while self.checkpoint.answered or self.checkpoint.calls:
            if not self.checkpoint.answered:
                self.checkpoint.leave_call()
                continue
            *self.checkpoint.answered, last = self.checkpoint.answered
            if last in self.flow.nodes and last != self.step.address:
                return last
        self.checkpoint.calls, self.checkpoint.variables, self.checkpoint.secret = here
        return self.step.address

    def _note_barge_in(self) -> None:
        self.step.barge_in = True

    def _step_of(self, address: str) -> Step:
        node = self.flow.nodes[address]
        return Step(address, KINDS[type(node)], self.language, log=getattr(node, "log", "full"))


def _taken(into: Mapping[str, str], said: Reply | Passed) -> dict[str, str]:
    """Variables with what they take of an answer."""
    return {variable: said.fields.get(field, "") for variable, field in into.items()}


def _collector_of(node: Collect, keys: Mapping[str, str], today: date) -> Digits:
    return Digits(
        node.min_digits,
        node.max_digits,
        node.terminator,
        keys,
        point=typed.point_of(node),
        accept=lambda keyed: typed.value_of(node, keyed, today) is not None,
    )


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
