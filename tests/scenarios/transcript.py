"""The language of the scenarios: a floor, what happens, `----`, what the distributor does about it.

A line of the first part is one of `FLOOR` (before the first `at`) or `at <seconds> ` and one of `HAPPENINGS`; names of
callers are also their visit ids and phone numbers. Empty lines and lines from `#` on are for the reader. Between two
happenings time passes, with a Tick at every deadline. The second part must equal what `say` says of every command.
"""

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from re import Match, Pattern
from typing import Any

from acd.commands import Command, FollowCaller, ReachAgent, Record, ReleaseCaller, RingAgents, StopRinging
from acd.engine import UnknownName
from acd.events import (
    AgentAsked,
    CallerHandedOver,
    CallerJoined,
    CallerKeyed,
    CallerLeft,
    CallerRanked,
    CallerTransferred,
    DeviceChanged,
    DispositionGiven,
    Event,
    FloorChanged,
    OfferAnswered,
    OfferFailed,
    OfferPickedUp,
    QueueClosed,
    QueueOpened,
    Restored,
    SessionLost,
    SwitchLost,
    SwitchSeen,
    TalkChanged,
    TalkEnded,
    TalkTaken,
)
from acd.invariants import broken_invariants, broken_records, missed_offers
from acd.model import (
    AgentProfile,
    AgentState,
    Destination,
    DestinationKind,
    Device,
    Floor,
    OfferOutcome,
    Overflow,
    QueueRules,
    Segment,
    Step,
    Strategy,
    WrapUp,
)
from acd.requirement import parse
from acd.testing import Rehearsal
from acd.transitions import Refused
from tests.scenarios import callback_lines

_RULES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "priority": ("priority", int),
    "head-start": ("head_start_seconds", float),
    "requires": ("requires", parse),
    "strategy": ("strategy", Strategy),
    "named-hold": ("named_agent_hold_seconds", float),
    "ring": ("ring_seconds", float),
    "wrap-up": ("wrap_up_seconds", float),
    "wrap-up-mode": ("wrap_up", WrapUp),
    "wrap-up-max": ("wrap_up_seconds_max", float),
    "extend": ("wrap_up_extend_seconds", float),
    "hold": ("last_agent_hold_seconds", float),
    "wait-limit": ("wait_seconds_max", float),
    "size-limit": ("size_max", int),
    "estimate-limit": ("estimate_seconds_max", float),
    "unstaffed": ("leave_unstaffed", lambda word: word == "leave"),
    "resume": ("resume_seconds", float),
    "talk": ("talk_seconds", float),
}
_SEGMENT_RULES = {
    "priority": _RULES["priority"],
    "head-start": _RULES["head-start"],
    "requires": _RULES["requires"],
    "for": ("requires_seconds", float),
}
_FAILURES = {
    "does not answer": OfferOutcome.RNA,
    "rejects": OfferOutcome.REJECT,
    "is busy for": OfferOutcome.BUSY,
    "cannot be reached for": OfferOutcome.UNREACHABLE,
    "drops": OfferOutcome.ERROR,
}


class ScenarioFault(Exception):
    """A line that the language does not have: the writer's mistake."""


class Scenario:
    """Plays one scenario; `said` collects the transcript."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._queues: dict[str, QueueRules] = {}
        self._agents: dict[str, AgentProfile] = {}
        self._segments: dict[str, Segment] = {}
        self._ready_for: dict[str, float] = {}
        self._last_agents: dict[str, str] = {}
        self._extensions: dict[str, Destination] = {}
        self._settings: dict[str, Any] = {}
        self._rehearsal: Rehearsal | None = None
        self._joined: dict[str, tuple[float, CallerJoined]] = {}
        self._offers: dict[tuple[str, str], str] = {}
        self._callbacks = callback_lines.Callbacks()

    @property
    def rehearsal(self) -> Rehearsal:
        """The floor is open from the first happening on."""
        if self._rehearsal is None:
            self._rehearsal = self._open_floor()
        return self._rehearsal

    def _open_floor(self) -> Rehearsal:
        """Agents who are ready at the start became so in the order of their idle time, before anybody listened."""
        queues, agents = dict(self._queues), dict(self._agents)
        floor = Floor(queues, agents, segments=dict(self._segments), extensions=self._extensions, **self._settings)
        rehearsal = Rehearsal(floor, now=-10_000.0)
        rehearsal.handle(Restored(last_agents=self._last_agents))
        rehearsal.handle(SwitchSeen({}, {}, frozenset(), dict.fromkeys(rehearsal.engine.phones, Device.IDLE)))
        for agent_id, seconds in sorted(self._ready_for.items(), key=lambda one: -one[1]):
            rehearsal.pass_time(-seconds)
            rehearsal.handle(AgentAsked(agent_id, AgentState.READY))
        return rehearsal

    def play(self, line: str) -> None:
        """Raises ScenarioFault."""
        at = re.fullmatch(r"at ([\d.]+) (.+)", line)
        if at is None:
            _read(FLOOR, self, line)
            return
        self._pass_time(float(at[1]))
        _read(HAPPENINGS, self, at[2])

    def _pass_time(self, until: float) -> None:
        heard = len(self.rehearsal.heard)
        self.rehearsal.pass_time(until)
        for at, command in self.rehearsal.heard[heard:]:
            self._note(at, command)

    def _handle(self, event: Event) -> None:
        try:
            commands = self.rehearsal.handle(event)
        except UnknownName as fault:
            self.said.append(f"{self.rehearsal.now:6.1f} refused: unknown {fault}")
            return
        except Refused as refusal:
            self.said.append(f"{self.rehearsal.now:6.1f} refused: {refusal}")
            return
        for command in commands:
            self._note(self.rehearsal.now, command)
        assert list(broken_invariants(self.rehearsal.engine)) == []
        assert list(missed_offers(self.rehearsal.engine, self.rehearsal.now)) == []

    def check_records(self) -> None:
        """The journal of all that was played does not contradict itself."""
        assert list(broken_records(self.rehearsal.journal)) == []

    def _note(self, at: float, command: Command) -> None:
        if isinstance(command, RingAgents):
            for offer in command.offers:
                self._offers[command.visit_id, offer.agent_id] = offer.offer_id
        elif isinstance(command, ReachAgent):
            self._offers[command.visit_id, command.offer.agent_id] = command.offer.offer_id
        self._callbacks.note(command)
        if (text := say(command)) is not None:
            self.said.append(f"{at:6.1f} {self._callbacks.named(text)}")

    # The floor

    def _queue(self, found: Match[str]) -> None:
        words = shlex.split(found["rules"])
        rules: dict[str, Any] = {"skills": {}, "steps": (), "prefer": ()}
        while words:
            word = words.pop(0)
            if word == "callback" and words:
                rules["callback"] = callback_lines.rules_of(words.pop(0))
            elif word == "overflow" and len(words) > 1:
                rules["overflow"] = _overflow(words.pop(0), words.pop(0))
            elif word == "key" and words:
                key, _, to = words.pop(0).partition(":")
                rules.setdefault("keys", {})[key] = to
            elif ":" in word:
                rules["skills"] |= _skills(word)
            elif word == "least-flexible-first":
                rules["least_flexible_first"] = True
            elif word == "after" and words:
                rules["steps"] += (_step(words),)
            elif word == "prefer" and words:
                rules["prefer"] += (parse(words.pop(0)),)
            elif word in _RULES and words:
                name, kind = _RULES[word]
                rules[name] = kind(words.pop(0))
            else:
                raise ScenarioFault(f"no rule of a queue: {word!r}")
        self._queues[found["name"]] = QueueRules(found["name"], **rules)

    def _segment(self, found: Match[str]) -> None:
        words = shlex.split(found["rules"])
        rules: dict[str, Any] = {}
        while words and words[0] != "numbers":
            name, kind = _SEGMENT_RULES[words.pop(0)]
            rules[name] = kind(words.pop(0))
        self._segments[found["name"]] = Segment(found["name"], numbers=frozenset(words[1:]), **rules)

    def _agent(self, found: Match[str]) -> None:
        skills = _skills(found["skills"] or "")
        self._agents[found["agent"]] = AgentProfile(found["agent"], "", skills, reserve=bool(found["reserve"]))
        if found["ready"] is not None:
            self._ready_for[found["agent"]] = float(found["ready"])

    def _extension(self, found: Match[str]) -> None:
        self._extensions[found["extension"]] = Destination(DestinationKind(found["kind"]), found["name"])

    def _phones_of(self, found: Match[str]) -> None:
        agent_id = found["agent"]
        self._agents[agent_id] = replace(self._agents[agent_id], phones=tuple(found["phones"].split()))

    def _desk_phones(self, found: Match[str]) -> None:
        self._settings["phones"] = frozenset(found["phones"].split())

    def _dispositions(self, found: Match[str]) -> None:
        self._settings["dispositions"] = frozenset(found["codes"].split())

    def _no_answer_limit(self, found: Match[str]) -> None:
        self._settings["rna_limit"] = int(found["limit"])

    def _rests(self, found: Match[str]) -> None:
        rests = {OfferOutcome(outcome): float(seconds) for outcome, seconds in _pairs(found["rests"])}
        self._settings[f"{found['kind']}_seconds"] = rests

    def _own_calls_are_work(self, found: Match[str]) -> None:
        self._settings["external_resets_idle"] = True

    def _wrap_up_is_idle(self, found: Match[str]) -> None:
        self._settings["wrap_up_counts_as_idle"] = True

    def _served(self, found: Match[str]) -> None:
        self._last_agents[found["caller"]] = found["agent"]

    # Callers

    def _joins(self, found: Match[str]) -> None:
        name = found["caller"]
        joined = CallerJoined(
            name,
            name,
            found["queue"],
            _number(found["number"], name),
            _skills(found["needs"] or ""),
            int(found["priority"] or 0),
            waited_elsewhere_seconds=float(found["waited"] or 0),
            requires=found["requires"] or "",
            head_start_seconds=float(found["head_start"] or 0),
            segment=found["segment"] or "",
            named_agent_id=found["named"] or "",
        )
        self._join(joined)

    def _join(self, joined: CallerJoined) -> None:
        self._joined[joined.visit_id] = self.rehearsal.now, joined
        self._handle(joined)

    def _joins_again(self, found: Match[str]) -> None:
        caller = found["caller"]
        call_id = self._callbacks.call_of(caller)
        self._join(CallerJoined(found["visit"], call_id, found["queue"], caller))

    def _consults(self, found: Match[str]) -> None:
        visit = found["visit"]
        self._join(CallerJoined(visit, visit, found["queue"], "", consulting_agent_id=found["agent"]))

    def _is_in_place_of(self, found: Match[str]) -> None:
        """A consult whose channel has become the caller's comes back."""
        arrived, joined = self._joined[found["visit"]]
        waited = self.rehearsal.now - arrived
        caller = found["caller"]
        self._handle(replace(joined, call_id=caller, waited_seconds=waited, consulting_agent_id=""))

    def _returns(self, found: Match[str]) -> None:
        arrived, joined = self._joined[found["caller"]]
        visit_id = self._callbacks.visit_of(found["caller"])
        self._handle(replace(joined, visit_id=visit_id, waited_seconds=self.rehearsal.now - arrived))

    def _ranked(self, found: Match[str]) -> None:
        self._handle(CallerRanked(found["caller"], int(found["priority"]), float(found["head_start"])))

    def _leaves(self, found: Match[str]) -> None:
        self._handle(CallerLeft(self._callbacks.visit_of(found["caller"])))

    def _session_lost(self, found: Match[str]) -> None:
        self._handle(SessionLost(found["caller"]))

    def _keys(self, found: Match[str]) -> None:
        self._handle(CallerKeyed(found["caller"], found["key"]))

    def _is_told(self, found: Match[str]) -> None:
        outlook = self.rehearsal.engine.outlook(found["caller"])
        if outlook is None:
            told = "nothing"
        else:
            seconds = "nobody knows" if outlook.seconds is None else f"{outlook.seconds:.0f} s"
            told = f"position {outlook.position}, {seconds}"
        self.said.append(f"{self.rehearsal.now:6.1f} {found['caller']} could be told: {told}")

    def _opens(self, found: Match[str]) -> None:
        event = QueueOpened if found["how"] == "opens" else QueueClosed
        self._handle(event(found["queue"]))

    def _callback(self, what: str, found: Match[str]) -> None:
        self._handle(self._callbacks.event(what, found))

    # Agents

    def _picks_up(self, found: Match[str]) -> None:
        self._handle(OfferPickedUp(found["caller"], found["agent"]))

    def _answers(self, found: Match[str]) -> None:
        self._handle(OfferAnswered(self._callbacks.visit_of(found["caller"]), found["agent"]))

    def _fails(self, found: Match[str]) -> None:
        visit_id = self._callbacks.visit_of(found["caller"])
        self._handle(OfferFailed(self._offers[visit_id, found["agent"]], visit_id, _FAILURES[found["how"]]))

    def _talk_ends(self, found: Match[str]) -> None:
        seconds = None if found["seconds"] is None else float(found["seconds"])
        visit_id = self._callbacks.visit_of(found["caller"])
        self._handle(TalkEnded(visit_id, found["who"] == "agent", seconds, found["agent"] or ""))

    def _takes_over(self, found: Match[str]) -> None:
        self._handle(TalkTaken(found["caller"], found["agent"]))

    def _asks(self, found: Match[str]) -> None:
        self._handle(AgentAsked(found["agent"], AgentState(found["state"].replace(" ", "_")), found["reason"] or ""))

    def _logs_in(self, found: Match[str]) -> None:
        phones = tuple((found["phones"] or "").split())
        self._handle(AgentAsked(found["agent"], AgentState.NOT_READY, "log_in", phones))

    def _disposes(self, found: Match[str]) -> None:
        self._handle(DispositionGiven(found["agent"], found["code"]))

    def _talk_changes(self, found: Match[str]) -> None:
        self._handle(TalkChanged(found["caller"], found["reason"] or ""))

    def _phone(self, found: Match[str]) -> None:
        self._handle(DeviceChanged(found["agent"], Device(found["device"])))

    def _transferred(self, found: Match[str]) -> None:
        self._handle(CallerTransferred(self._callbacks.visit_of(found["caller"]), found["extension"]))

    def _handed_over(self, found: Match[str]) -> None:
        to, who = found["kind"], found["to"]
        event = CallerHandedOver(found["caller"], found["caller"], extension=who)
        if to == "consult":
            event = replace(event, consult_visit_id=who)
        elif to == "agent":
            event = replace(event, agent_id=who)
        self._handle(event)

    # The site is changed

    def _site_has(self, found: Match[str]) -> None:
        _read(FLOOR, self, found["what"])
        self._floor_changes()

    def _site_drops(self, found: Match[str]) -> None:
        (self._queues if found["kind"] == "queue" else self._agents).pop(found["name"])
        self._floor_changes()

    def _floor_changes(self) -> None:
        floor = self.rehearsal.floor
        self._handle(
            FloorChanged(
                replace(floor, queues=dict(self._queues), agents=dict(self._agents), segments=dict(self._segments))
            )
        )

    # Deaths

    def _link_lost(self, found: Match[str]) -> None:
        self._handle(SwitchLost())

    def _seen(self, found: Match[str]) -> None:
        talking = dict(_pairs(found["talking"] or ""))
        ringing: dict[str, frozenset[str]] = {}
        for caller, agent_id in _pairs(found["ringing"] or ""):
            ringing[caller] = ringing.get(caller, frozenset()) | {agent_id}
        sent_on = dict(_pairs(found["sent"] or ""))
        present = frozenset({*(found["present"] or "").split(), *talking, *ringing, *sent_on})
        devices = dict.fromkeys(self.rehearsal.engine.phones, Device.IDLE)
        of = self._callbacks.visit_of
        talking = {of(caller): agent_id for caller, agent_id in talking.items()}
        ringing = {of(caller): agent_ids for caller, agent_ids in ringing.items()}
        present = frozenset(map(of, present))
        handed_over = dict(_pairs(found["handed"] or ""))
        answered = dict(_pairs(found["answered"] or ""))
        self._handle(SwitchSeen(talking, ringing, present, devices, bool(found["new"]), sent_on, handed_over, answered))

    def _process_dies(self, found: Match[str]) -> None:
        heard = len(self.rehearsal.heard)
        self.rehearsal.restart()
        for at, command in self.rehearsal.heard[heard:]:
            self._note(at, command)

    def _nothing(self, found: Match[str]) -> None:
        pass


def say(command: Command) -> str | None:
    """One line for what an admin would want to know; None for a record that only repeats another command."""
    if (text := callback_lines.say(command)) is not None:
        return text
    match command:
        case RingAgents(visit_id, offers):
            places = [
                [one.agent_id, *(f"at {phone}" for phone in one.phones if phone != one.agent_id)] for one in offers
            ]
            return f"ring {' '.join(' '.join(place) for place in places)} for {visit_id}"
        case StopRinging(visit_id, _, agent_id):
            return f"stop ringing {agent_id} for {visit_id}"
        case ReleaseCaller(visit_id, outcome, to):
            return f"release {visit_id}: {outcome.value}{f' to {to}' if to else ''}"
        case Record("AGENTSTATE", told):
            reason = f" ({told['reason']})" if told["reason"] else ""
            moved = told.get("phones", [told["agent_id"]]) != [told["agent_id"]]
            place = f" at {' '.join(told['phones'])}" if moved else ""
            return f"agent {told['agent_id']}: {told['previous']} -> {told['state']}{reason}{place}"
        case Record("AGENTWISH", told):
            reason = f" ({told['reason']})" if told["reason"] else ""
            return f"agent {told['agent_id']}: wishes {told['state']}{reason}"
        case Record("DISPOSITION", told):
            return f"disposition of {told['visit_id']} by {told['agent_id']}: {told['code']}"
        case Record("ENTERQUEUE", told):
            resumed = f", in the place of {told['resumed_visit_id']}" if told["resumed_visit_id"] else ""
            of = f" of {told['from_visit_id']}" if told["from_visit_id"] else ""
            via = f" ({told['entered_via']}{of})" if told["entered_via"] != "menu" else ""
            return f"{told['visit_id']} waits in {told['queue']}{resumed}{via}"
        case Record("TALKCHANGE", told):
            before = f" after {told['seconds']:.1f} s of {told['previous']}" if told["previous"] else ""
            return f"{told['agent_id']} with {told['visit_id']}: {told['reason'] or 'talks'}{before}"
        case Record("HANDOVER", told):
            return f"{told['visit_id']} is the visit of {told['call_id']} now"
        case Record("BLINDTRANSFER" | "ATTENDEDTRANSFER" as verb, told):
            recovered = ", learned late" if told["recovered"] else ""
            to = f"{told['destination_kind']} {told['destination']}"
            return f"{verb} {told['visit_id']} to {to} after {told['talk_seconds']:.1f} s of talk{recovered}"
        case FollowCaller(visit_id, to_visit_id):
            return f"session of {visit_id} goes on with {to_visit_id}"
        case Record("OFFEREND", told):
            spoken = f", {told['connect_seconds']:.1f} s after it was picked up" if told["connect_seconds"] else ""
            return f"offer of {told['visit_id']} to {told['agent_id']}: {told['outcome']}{spoken}"
        case Record("CONNECT", told):
            return f"{told['visit_id']} talks to {told['agent_id']} after {told['wait_seconds']:.1f} s"
        case Record("TAKEOVER", told):
            return f"{told['visit_id']} goes from {told['from_agent_id']} to {told['agent_id']}"
        case Record("OFFER", _):
            return None
        case Record("WIDEN", told):
            return f"{told['visit_id']} gets help from the other queue"
        case Record("RERANK", told):
            return f"{told['visit_id']} has priority {told['priority']}, head start {told['head_start_seconds']:.0f} s"
        case Record(verb, told):
            recovered = ", learned late" if told.get("recovered") else ""
            return f"{verb} {told['visit_id']} after {told['wait_seconds']:.1f} s{recovered}"


def _overflow(how: str, to: str) -> Overflow:
    """`after:30`, `size:2` or `estimate:100`, with `,move` where callers go over; then the other queue."""
    limit, _, move = how.partition(",")
    name, _, amount = limit.partition(":")
    field = {"after": "after_seconds", "size": "size", "estimate": "estimate_seconds"}[name]
    return Overflow(to, **{field: float(amount)}, moves=bool(move))  # type: ignore[arg-type]  # by name


def _number(written: str | None, name: str) -> str:
    """The number that a caller rings from: their name, unless it is withheld or written."""
    return name if written is None else "" if written == "anonymous" else written


def _step(words: list[str]) -> Step:
    """What follows `after`: the seconds, then an expression, `reserve`, or both."""
    seconds = float(words.pop(0))
    quoted = bool(words) and words[0] != "reserve"
    requires = parse(words.pop(0)) if quoted else None
    reserve = words[:1] == ["reserve"]
    del words[:reserve]
    return Step(seconds, requires, reserve)


def _skills(text: str) -> dict[str, int]:
    return {skill: int(level) for skill, level in _pairs(text)}


def _pairs(text: str) -> list[tuple[str, str]]:
    words = [word.partition(":") for word in text.split()]
    return [(left, right) for left, _, right in words]


Act = Callable[[Scenario, Match[str]], None]
Grammar = dict[Pattern[str], Act]

_PAIR = r"[\w-]+:\w+"

FLOOR: Grammar = {
    re.compile(r"queue (?P<name>\w+)(?P<rules>.*)"): Scenario._queue,
    re.compile(r"extension (?P<extension>\d+) leads to (?P<kind>queue|menu) (?P<name>[\w.]+)"): Scenario._extension,
    re.compile(
        rf"agent (?P<agent>\d+)(?P<skills>(?: {_PAIR})*)(?P<reserve> reserve)?(?: ready for (?P<ready>[\d.]+))?"
    ): Scenario._agent,
    re.compile(r"segment (?P<name>\w+)(?P<rules>.*)"): Scenario._segment,
    re.compile(r"agent (?P<agent>\d+) has phones(?P<phones>(?: \d+)+)"): Scenario._phones_of,
    re.compile(r"desk phones(?P<phones>(?: \d+)+)"): Scenario._desk_phones,
    re.compile(r"dispositions(?P<codes>(?: \w+)+)"): Scenario._dispositions,
    re.compile(r"no-answer limit (?P<limit>\d+)"): Scenario._no_answer_limit,
    re.compile(rf"(?P<kind>rest|refused)(?P<rests>(?: {_PAIR})+)"): Scenario._rests,
    re.compile(r"calls of their own are work"): Scenario._own_calls_are_work,
    re.compile(r"wrap-up counts as idle"): Scenario._wrap_up_is_idle,
    re.compile(r"caller (?P<caller>\w+) was served by (?P<agent>\d+)"): Scenario._served,
}


def _callback_line(what: str, scenario: Scenario, found: Match[str]) -> None:
    scenario._callback(what, found)


HAPPENINGS: Grammar = {
    re.compile(
        rf"caller (?P<caller>\w+) joins (?P<queue>\w+)(?: needs(?P<needs>(?: {_PAIR})+))?"
        r'(?: requires "(?P<requires>[^"]+)")?(?: priority (?P<priority>-?\d+))?(?: head-start (?P<head_start>\d+))?'
        r"(?: segment (?P<segment>\w+))?(?: asks for (?P<named>\d+))?"
        r"(?: after (?P<waited>[\d.]+) s elsewhere)?(?: from (?P<number>\w+))?"
    ): Scenario._joins,
    re.compile(r"caller (?P<caller>\w+) joins (?P<queue>\w+) again as (?P<visit>\w+)"): Scenario._joins_again,
    re.compile(
        r"caller (?P<caller>\w+) is ranked priority (?P<priority>-?\d+) head-start (?P<head_start>\d+)"
    ): Scenario._ranked,
    re.compile(r"caller (?P<caller>\w+) comes back"): Scenario._returns,
    re.compile(r"caller (?P<caller>\w+) comes back in place of (?P<visit>\w+)"): Scenario._is_in_place_of,
    re.compile(r"agent (?P<agent>\d+) consults (?P<queue>\w+) as (?P<visit>\w+)"): Scenario._consults,
    re.compile(r"caller (?P<caller>\w+) is transferred to (?P<extension>\d+)"): Scenario._transferred,
    re.compile(
        r"caller (?P<caller>\w+) is handed over to (?:(?P<kind>agent|consult) )?(?P<to>\w+)"
    ): Scenario._handed_over,
    re.compile(r"caller (?P<caller>\w+) presses (?P<key>[0-9*#A-D])"): Scenario._keys,
    re.compile(r"what could (?P<caller>\w+) be told"): Scenario._is_told,
    re.compile(r"queue (?P<queue>\w+) (?P<how>opens|closes)"): Scenario._opens,
    re.compile(r"caller (?P<caller>\w+) hangs up"): Scenario._leaves,
    re.compile(r"session of (?P<caller>\w+) breaks off"): Scenario._session_lost,
    re.compile(r"agent (?P<agent>\d+) answers (?P<caller>\w+)"): Scenario._answers,
    re.compile(r"agent (?P<agent>\d+) picks up for (?P<caller>\w+)"): Scenario._picks_up,
    re.compile(rf"agent (?P<agent>\d+) (?P<how>{'|'.join(_FAILURES)}) (?P<caller>\w+)"): Scenario._fails,
    re.compile(
        r"talk of (?P<caller>[\w-]+) is ended by the (?P<who>agent|caller)"
        r"(?: after (?P<seconds>[\d.]+)(?: with (?P<agent>\d+))?)?"
    ): Scenario._talk_ends,
    re.compile(r"agent (?P<agent>\d+) takes over (?P<caller>\w+)"): Scenario._takes_over,
    re.compile(
        r"agent (?P<agent>\d+) asks for (?P<state>ready|not ready|wrap up|logged off)(?: \((?P<reason>\w+)\))?"
    ): (Scenario._asks),
    re.compile(r"agent (?P<agent>\d+) logs in(?: at(?P<phones>(?: \d+)+))?"): Scenario._logs_in,
    re.compile(r"agent (?P<agent>\d+) gives disposition (?P<code>\w+)"): Scenario._disposes,
    re.compile(r"talk of (?P<caller>\w+) (?:goes on|is on (?P<reason>hold|consult))"): Scenario._talk_changes,
    re.compile(r"phone (?P<agent>\d+) is (?P<device>idle|code|busy|unreachable)"): Scenario._phone,
    re.compile(r"site has (?P<what>(?:queue|agent) .+)"): Scenario._site_has,
    re.compile(r"site drops (?P<kind>queue|agent) (?P<name>\w+)"): Scenario._site_drops,
    re.compile(r"link lost"): Scenario._link_lost,
    re.compile(
        rf"(?P<new>new )?switch seen(?:, talking(?P<talking>(?: {_PAIR})+))?(?:, ringing(?P<ringing>(?: {_PAIR})+))?"
        rf"(?:, present(?P<present>(?: \w+)+))?(?:, sent(?P<sent>(?: {_PAIR})+))?"
        rf"(?:, handed(?P<handed>(?: {_PAIR})+))?(?:, answered(?P<answered>(?: {_PAIR})+))?"
    ): Scenario._seen,
    re.compile(r"distributor restarts"): Scenario._process_dies,
    re.compile(r"time passes"): Scenario._nothing,
    **{re.compile(pattern): partial(_callback_line, what) for pattern, what in callback_lines.HAPPENINGS.items()},
}


def _read(grammar: Grammar, scenario: Scenario, line: str) -> None:
    for pattern, act in grammar.items():
        if (found := pattern.fullmatch(line)) is not None:
            act(scenario, found)
            return
    raise ScenarioFault(f"no such line: {line!r}")
