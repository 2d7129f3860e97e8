"""What extensions.conf does around Queue(): the numbers of a site, and the nodes that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from dialplan.importing.extensions import Step
from dialplan.importing.members import level_of, read_member
from dialplan.importing.names import slug
from dialplan.importing.options import whole
from dialplan.importing.queues import AgentDraft, Drafts, QueueDraft
from dialplan.importing.report import Fate, Report

MENU = "main"
NUMBER = re.compile(r"\+?[0-9]{2,15}")
OTHER_ENDS = ("timed_out", "full", "no_agents", "closed")
"""Ends of a visit after which app_queue goes on with the next priority."""

Verdict = tuple[Fate, str]

HARMLESS: Mapping[str, str] = {
    "answer": "a call to a number of the site is answered",
    "noop": "it does nothing",
    "verbose": "the log and the records tell it",
    "hangup": "a call that nothing follows is ended",
    "ringing": "a call to a number of the site is answered",
    "progress": "a call to a number of the site is answered",
    "queuelog": "the journal tells every fact, and only facts",
}

AGENT_CODES: Mapping[str, str] = {
    "removequeuemember": "agents dial log_off (*14)",
    "pausequeuemember": "agents dial not_ready (*13)",
    "unpausequeuemember": "agents dial ready (*12)",
    "agentlogin": "agents dial log_in (*11) and keep their phone on the hook",
}

OPTION_LETTERS: Mapping[str, Verdict] = {
    "t": (Fate.SAME, "agents transfer with their phone's own key"),
    "C": (Fate.SAME, "a phone that stops ringing is told that somebody else has answered"),
    "i": (Fate.SAME, "a phone that forwards is an offer that failed"),
    "I": (Fate.SAME, "nothing that the agent's phone says of itself is shown to the caller"),
    "d": (Fate.SAME, "it is for DAHDI channels only"),
    "T": (Fate.DECIDE, "callers cannot transfer"),
    "h": (Fate.DECIDE, "agents hang up with their phone"),
    "H": (Fate.DECIDE, "callers hang up with their phone"),
    "c": (Fate.DECIDE, "what follows a talk: survey of the queue"),
    "n": (Fate.DECIDE, "nobody is sent away for one agent who does not answer: limit wait_seconds_max instead"),
    "r": (Fate.DECIDE, "callers hear music, not ringing"),
    "R": (Fate.DECIDE, "callers hear music, not ringing"),
    "k": (Fate.DECIDE, "calls are not parked"),
    "K": (Fate.DECIDE, "calls are not parked"),
    "x": (Fate.DECIDE, "record: on_demand lets agents record"),
    "X": (Fate.DECIDE, "callers cannot record"),
    "m": (Fate.DECIDE, "there is one class of music"),
    "b": (Fate.DECIDE, "no dialplan of yours runs on the agent's phone"),
    "B": (Fate.DECIDE, "no dialplan of yours runs before an offer"),
    "F": (Fate.DECIDE, "no dialplan of yours runs after the talk on the agent's phone"),
}
"""The letters of Queue()'s second argument."""

ARGUMENTS: Mapping[int, str] = {
    3: "a URL is sent to no phone",
    4: "the announcement is the queue's: whisper",
    6: "no AGI of yours runs at connect",
    7: "no dialplan of yours runs on the agent's phone",
    8: "the rule is the queue's: steps",
    9: "nobody is let in before others of the same priority: head_start_seconds of the node counts instead",
}
"""The other arguments of Queue(), by their number in Asterisk 21 and later: there was a macro before the gosub once."""

PENALTIES: Mapping[str, str] = {
    "QUEUE_MIN_PENALTY": "the best agents are not kept away from a caller",
    "QUEUE_RAISE_PENALTY": "a preference is not flattened: two expressions of prefer can be one",
}


@dataclass(frozen=True)
class Orphan:
    """A node that needs a number of its own."""

    node: str
    step: Step
    why: str


@dataclass
class Routes:
    """The numbers and the nodes of the one menu that is written."""

    numbers: dict[str, str] = field(default_factory=dict)
    """number to node"""
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    orphans: list[Orphan] = field(default_factory=list)
    max_penalties: dict[str, set[int | None]] = field(default_factory=dict)
    """by the queue's id: what callers of each Queue() begin with"""


@dataclass
class _Caller:
    """What has been set on the channel so far."""

    priority: int | None = None
    max_penalty: int | None = None


def read_routes(steps: Iterable[Step], drafts: Drafts, report: Report) -> Routes:
    """Follow each extension that has Queue() in it, from its first priority to its last."""
    routes = Routes()
    for _, group in groupby(steps, key=lambda step: (step.context, step.extension)):
        own = list(group)
        if any(step.application.lower() == "queue" for step in own):
            _Extension(routes, drafts, report).follow(own)
        else:
            for step in own:
                _agents_own(step, drafts, report)
    return routes


class _Extension:
    """One extension that leads to queues."""

    def __init__(self, routes: Routes, drafts: Drafts, report: Report) -> None:
        self._routes, self._drafts, self._report = routes, drafts, report
        self._caller = _Caller()
        self._last: dict[str, Any] | None = None

    def follow(self, steps: list[Step]) -> None:
        for step in steps:
            if step.application.lower() == "queue":
                self._queue(step)
            elif not _agents_own(step, self._drafts, self._report):
                self._report.add(step.place, step.about, step.text, *self._other(step))

    def _other(self, step: Step) -> Verdict:
        name = step.application.lower()
        if name == "set":
            return self._set(step)
        if name in HARMLESS:
            return Fate.SAME, HARMLESS[name]
        if self._last is not None:
            return Fate.DECIDE, "what follows Queue() is not followed: name a node under outcomes of the queue node"
        return Fate.DECIDE, "what comes before Queue() is not followed: write it as a node of the menu"

    def _set(self, step: Step) -> Verdict:
        name, _, value = ",".join(step.arguments).partition("=")
        name, value = name.strip().lstrip("_"), value.strip().strip('"')
        if name in PENALTIES:
            return Fate.DECIDE, PENALTIES[name]
        if name not in ("QUEUE_PRIO", "QUEUE_MAX_PENALTY"):
            return Fate.DECIDE, "variables are set by nodes of a menu: this one is not written"
        try:
            number = whole(-1000, 1000)(value)
        except ValueError as refusal:
            return Fate.DECIDE, f"{value} is not known before the call: {refusal}"
        if name == "QUEUE_PRIO":
            self._caller.priority = number
            return Fate.WRITTEN, f"priority: {number} of the node"
        self._caller.max_penalty = number
        return Fate.WRITTEN, f"the agents of the node have level {level_of(number)} or more"

    def _queue(self, step: Step) -> None:
        queue = self._drafts.queues.get(step.argument(1))
        if queue is None:
            why = "the queue is known in the call only" if "$" in step.argument(1) else "no such queue in queues.conf"
            self._report.add(step.place, step.about, step.text, Fate.DECIDE, why)
            return
        node = self._node(queue)
        name = self._name(step)
        self._routes.nodes[name] = node
        self._address(step, name)
        self._arguments(step, queue)
        self._last = node

    def _node(self, queue: QueueDraft) -> dict[str, Any]:
        node: dict[str, Any] = {"type": "queue", "queue": queue.id}
        if self._caller.priority:
            node["priority"] = self._caller.priority
        if self._caller.max_penalty is not None:
            node["skills"] = {queue.id: level_of(self._caller.max_penalty)}
        self._routes.max_penalties.setdefault(queue.id, set()).add(self._caller.max_penalty)
        return node

    def _name(self, step: Step) -> str:
        wanted = slug(f"n{step.extension}") if NUMBER.fullmatch(step.extension) else slug(f"n_{step.about}")
        names = [wanted, *(f"{wanted[:36]}_{number}" for number in range(2, 1000))]
        return next(name for name in names if name not in self._routes.nodes)

    def _address(self, step: Step, name: str) -> None:
        """Let the queue before it lead to the node, or the number."""
        why = ""
        if self._last is not None:
            self._last["outcomes"] = dict.fromkeys(OTHER_ENDS, name)
            told = f"node {MENU}.{name}, where callers go whom the queue before it lets go"
            self._report.add(step.place, step.about, step.text, Fate.WRITTEN, told)
        elif not NUMBER.fullmatch(step.extension):
            why = f"{step.extension} is no number"
        elif step.extension in self._routes.numbers:
            why = f"the number {step.extension} leads elsewhere already"
        elif step.extension in self._drafts.agents:
            why = f"{step.extension} is an agent's extension"
        else:
            self._routes.numbers[step.extension] = f"{MENU}.{name}"
            told = f"number {step.extension}, node {MENU}.{name}"
            self._report.add(step.place, step.about, step.text, Fate.WRITTEN, told)
        if why:
            self._routes.orphans.append(Orphan(name, step, why))

    def _arguments(self, step: Step, queue: QueueDraft) -> None:
        for letter in re.sub(r"\([^()]*\)", "", step.argument(2)):
            fate, why = OPTION_LETTERS.get(letter, (Fate.DECIDE, "no option that Asterisk 22 knows"))
            self._report.add(step.place, step.about, f"Queue option {letter}", fate, why)
        for number, why in ARGUMENTS.items():
            if step.argument(number):
                self._report.add(step.place, step.about, f"Queue argument {number}", Fate.DECIDE, why)
        if step.argument(5):
            self._report.add(step.place, step.about, f"Queue timeout {step.argument(5)}", *_limit(step, queue))


def _limit(step: Step, queue: QueueDraft) -> Verdict:
    """The longest wait is the queue's own here."""
    try:
        seconds = whole(1, 86_400)(step.argument(5))
    except ValueError as refusal:
        return Fate.DECIDE, str(refusal)
    if queue.words.setdefault("wait_seconds_max", seconds) != seconds:
        return Fate.DECIDE, f"the queue has one limit for all its callers: {queue.words['wait_seconds_max']}"
    return Fate.WRITTEN, f"wait_seconds_max: {seconds}"


def _agents_own(step: Step, drafts: Drafts, report: Report) -> bool:
    """What agents dial to join or leave; False for anything else."""
    name = step.application.lower()
    if name == "addqueuemember":
        report.add(step.place, step.about, step.text, *_added(step, drafts))
    elif name in AGENT_CODES:
        report.add(step.place, step.about, step.text, Fate.SAME, AGENT_CODES[name])
    else:
        return False
    return True


def _added(step: Step, drafts: Drafts) -> Verdict:
    """A member who joins by dialling has the skill for good, and dials ready."""
    queue = drafts.queues.get(step.argument(1))
    try:
        member = read_member(",".join((step.argument(2), step.argument(3), step.argument(5), step.argument(6))))
    except ValueError:
        member = None
    if queue is None or member is None or member.extension is None:
        return Fate.DECIDE, "who joins is known in the call only: give those agents the skill; they dial ready (*12)"
    agent = drafts.agents.setdefault(member.extension, AgentDraft(member.name or member.extension))
    agent.skills[queue.id] = member.level
    queue.members.append(member)
    return Fate.WRITTEN, f"agent {member.extension} has {queue.id}: {member.level}, and dials ready (*12)"
