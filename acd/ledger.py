"""What the journal says is true: folded from its records, carried over into a new segment, given back to an engine.

The ACD's journal is its memory. A ledger applies each record as it is written; a restarted process folds the newest
CARRY line and what follows it into a new ledger and starts its engine from that. Times in records are wall-clock
seconds (the journal outlives processes); the engine's are monotonic; `restored` converts with one offset.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from acd.callback import Attempt, AttemptOutcome, Callback
from acd.events import Restored, RestoredAgent, RestoredContact, RestoredTalk, RestoredVisit
from acd.floor_change import REMOVED
from acd.handled import Handled
from acd.model import AbandonedPlace, AgentState, EnteredVia, OfferOutcome
from acd.moves import remember
from acd.open_records import OpenRecords
from acd.orders import occupancy_after
from acd.requirement import RequirementFault, at_least, parse
from acd.wrong_pins import WrongPins

Line = Mapping[str, Any]
"""One journal line: `at` in epoch seconds, `verb`, and that verb's fields."""

_ENDED_MEMORY = 10_000
_LAST_AGENT_MEMORY = 100_000
_ABANDONED_MEMORY = 10_000
_ENTRY = ("visit_id", "call_id", "queue", "caller_number", "requirement", "priority", "arrived_at")
_GRANTED = {
    AgentState.NOT_READY: (AgentState.NOT_READY, AgentState.LOGGED_OFF),
    AgentState.LOGGED_OFF: (AgentState.NOT_READY, AgentState.LOGGED_OFF),
    AgentState.WRAP_UP: (AgentState.WRAP_UP, AgentState.READY, AgentState.LOGGED_OFF),
}
"""What can be wished for in a call, and the states whose entry ends the wish; asking for ready takes it back."""
_ASKED_FROM = (AgentState.LOGGED_OFF, AgentState.NOT_READY, AgentState.WRAP_UP)
"""From these an agent becomes ready by asking, or after work: what offers came to before counts no more."""


@dataclass(slots=True)
class _Agent:
    state: str
    reason: str
    since_at: float
    idle_at: float
    wish: tuple[str, str] | None = None
    """State and reason asked for in a call; what an agent has heard confirmed outlives this process."""
    calls_answered: int = 0
    offered_at: float = 0.0
    occupancy: float = 0.0
    """At `since_at`."""
    phones: list[str] = field(default_factory=list)
    visit_id: str = ""
    """Of the talk that stands or the last one; with its queue, its end and its disposition."""
    queue: str = ""
    talk_ended_at: float | None = None
    disposition: str = ""
    wrap_up_until: float | None = None
    owes_disposition: bool = False
    """As it was when the wrap-up began, whatever the queue says by now."""
    offer_outcome: str = ""
    """Of the last offer that came to nothing, until the agent asked for ready."""
    offer_ended_at: float = 0.0
    rna_in_row: int = 0


@dataclass(slots=True)
class _Callback:
    asked_at: float
    language: str
    due_at: float
    attempts: int = 0
    attempt: tuple[str, str, float] | None = None
    """attempt_id, agent_id and when it began, of the one that is being made."""
    reached: bool = False


@dataclass(slots=True)
class _Visit:
    visit_id: str
    call_id: str
    queue: str
    caller_number: str
    requirement: str | dict[str, int]
    """`{skill: level}` in a line of the first version."""
    priority: int
    arrived_at: float
    offers: dict[str, tuple[str, float]] = field(default_factory=dict)
    """offer_id to agent_id and when it was made."""
    agent_id: str | None = None
    connected_at: float | None = None
    entered_via: str = EnteredVia.MENU.value
    from_visit_id: str = ""
    call_arrived_at: float | None = None
    aside: str = ""
    aside_at: float = 0.0
    """What keeps the agent from the caller, and since when."""
    requires: str | None = None
    """None in a line of the first version, whose requirement then counts as the caller's own."""
    head_start_seconds: float = 0.0
    segment: str = ""
    named_agent_id: str | None = None
    overflowed: bool = False
    failed: dict[str, list[Any]] = field(default_factory=dict)
    """agent_id to outcome and end (epoch seconds) of the last offer to that agent"""
    callback: _Callback | None = None
    consult_call_id: str = ""
    """The call in which an agent asked, before the caller was handed over to it."""


@dataclass(slots=True)
class Ledger:
    agents: dict[str, _Agent] = field(default_factory=dict)
    visits: dict[str, _Visit] = field(default_factory=dict)
    ended: OrderedDict[str, str] = field(default_factory=OrderedDict)
    exits: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """visit_id to where a key led."""
    last_agents: OrderedDict[str, str] = field(default_factory=OrderedDict)
    abandoned: OrderedDict[tuple[str, str], AbandonedPlace] = field(default_factory=OrderedDict)
    """By queue and caller_number, times in epoch seconds."""
    visit_of_call: dict[str, str] = field(default_factory=dict)
    """call_id to the visit_id of the open visit of that call's caller; a consult is not among them. One that was handed
    over is known by the agent's call too: phones that ring for it have that one's linkedid until they are bridged."""
    contacts: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    """call_id to the last visit of the call and when its caller first entered a queue."""
    open: OpenRecords = field(default_factory=OpenRecords)
    handled: Handled = field(default_factory=Handled)
    pins: WrongPins = field(default_factory=WrongPins)
    switch_started_at: float = 0.0
    """Of the Asterisk seen last; 0 before the first."""

    @classmethod
    def fold(cls, lines: Iterable[Line]) -> "Ledger":
        """Apply lines in order. A line without its fields was damaged on the disk: it is left out, the rest counts."""
        ledger = cls()
        for line in lines:
            with suppress(KeyError, TypeError):
                ledger.apply(line)
        return ledger

    def apply(self, line: Line) -> None:
        act = _ACTS.get(line["verb"])
        if act is not None:
            act(self, line)
        else:
            self.open.apply(line)

    def call_of(self, linkedid: str) -> str:
        """The call that a channel with this linkedid belongs to: the caller's, where the agent who asked has handed one
        over."""
        visit = self.visits.get(self.visit_of_call.get(linkedid, ""))
        return visit.call_id if visit is not None and visit.consult_call_id == linkedid else linkedid

    def carry(self) -> dict[str, Any]:
        """The fields of a CARRY line that says all this ledger knows."""
        return {
            "agents": {agent_id: asdict(agent) for agent_id, agent in self.agents.items()},
            "visits": [asdict(visit) for visit in self.visits.values()],
            "ended": list(self.ended.items()),
            "exits": list(self.exits.items()),
            "last_agents": list(self.last_agents.items()),
            "contacts": list(self.contacts.items()),
            "abandoned": [[*name, *place] for name, place in self.abandoned.items()],
            "switch_started_at": self.switch_started_at,
            **self.open.carry(),
            **self.handled.carry(),
            **self.pins.carry(),
        }

    def restored(self, offset_seconds: float) -> Restored:
        """The first event of a restarted engine.

        Args:
            offset_seconds: the engine's clock minus the wall clock.
        """
        return Restored(
            agents={agent_id: _restored_agent(agent, offset_seconds) for agent_id, agent in self.agents.items()},
            visits=tuple(_restored_visit(visit, offset_seconds) for visit in self.visits.values()),
            handled=self.handled.samples,
            patience=dict(self.handled.patience.seen),
            ended=dict(self.ended),
            exits=dict(self.exits),
            last_agents=dict(self.last_agents),
            contacts={
                call_id: RestoredContact(visit_id, arrived_at + offset_seconds)
                for call_id, (visit_id, arrived_at) in self.contacts.items()
            },
            abandoned={
                name: AbandonedPlace(left.visit_id, left.place + offset_seconds, left.left + offset_seconds)
                for name, left in self.abandoned.items()
            },
        )

    def _take_carry(self, line: Line) -> None:
        agents = {agent_id: _Agent(**agent) for agent_id, agent in line["agents"].items()}
        visits = {visit["visit_id"]: _carried_visit(visit) for visit in line["visits"]}
        self.agents, self.visits = agents, visits
        # An agent's own consult names the caller's call; a callback that rings nobody has none yet.
        named = (visit for visit in self.visits.values() if visit.call_id and visit.entered_via != EnteredVia.CONSULT)
        self.visit_of_call = {call_id: visit.visit_id for visit in named for call_id in _calls_of(visit)}
        self.ended = OrderedDict(line["ended"])
        self.exits = OrderedDict(line.get("exits", ()))
        self.last_agents = OrderedDict(line["last_agents"])
        self.contacts = OrderedDict(
            (call_id, (contact[0], contact[1])) for call_id, contact in line.get("contacts", ())
        )
        left = line.get("abandoned", ())  # a segment from before there were any has none
        self.abandoned = OrderedDict(((queue, number), AbandonedPlace(*place)) for queue, number, *place in left)
        self.switch_started_at = line["switch_started_at"]
        self.open.take_carry(line)
        self.handled.take_carry(line)
        self.pins.take_carry(line)

    def _enter(self, line: Line) -> None:
        visit = _Visit(**{name: line[name] for name in _ENTRY})
        visit.requires, visit.named_agent_id = line.get("requires"), line.get("named_agent_id")
        visit.head_start_seconds, visit.segment = line.get("head_start_seconds", 0.0), line.get("segment", "")
        visit.overflowed = line.get("overflowed", False)
        self.visits[visit.visit_id] = visit
        if line.get("resumed_visit_id"):
            self.abandoned.pop((line["queue"], line["caller_number"]), None)
        visit.entered_via, visit.from_visit_id = line.get("entered_via", "menu"), line.get("from_visit_id", "")
        visit.call_arrived_at = line.get("call_arrived_at")
        if visit.entered_via != EnteredVia.CONSULT:
            self._belongs_to_caller(visit)

    def _belongs_to_caller(self, visit: _Visit) -> None:
        self.visit_of_call[visit.call_id] = visit.visit_id
        first = visit.arrived_at if visit.call_arrived_at is None else visit.call_arrived_at
        remember(self.contacts, visit.call_id, (visit.visit_id, first), _ENDED_MEMORY)

    def _hand_over(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is None:
            return
        if visit.call_id != line["call_id"]:
            visit.consult_call_id = visit.call_id
            self.visit_of_call[visit.consult_call_id] = visit.visit_id
        visit.call_id, visit.caller_number = line["call_id"], line["caller_number"]
        visit.entered_via, visit.from_visit_id = EnteredVia.TRANSFER.value, line["from_visit_id"]
        visit.arrived_at = line["at"] if visit.connected_at is None else visit.connected_at
        visit.head_start_seconds, visit.call_arrived_at = line["head_start_seconds"], line["call_arrived_at"]
        self._belongs_to_caller(visit)
        if visit.agent_id is not None and visit.caller_number:
            remember(self.last_agents, visit.caller_number, visit.agent_id, _LAST_AGENT_MEMORY)

    def _talk_change(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is not None:
            visit.aside, visit.aside_at = line["reason"], line["at"]

    def _offer(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is not None:
            visit.offers[line["offer_id"]] = line["agent_id"], line["at"]
            if visit.callback is not None and not visit.callback.reached:
                self._call_by(visit, line["offer_id"])
        if (agent := self.agents.get(line["agent_id"])) is not None:
            agent.offered_at = line["at"]

    def _offer_end(self, line: Line) -> None:
        # An answered offer stays until its CONNECT line: killed between the two, the next process asks Asterisk.
        if line["outcome"] == OfferOutcome.ANSWERED:
            return
        if (visit := self.visits.get(line["visit_id"])) is not None:
            visit.offers.pop(line["offer_id"], None)
            visit.failed[line["agent_id"]] = [line["outcome"], line["at"]]
        if (agent := self.agents.get(line["agent_id"])) is not None:
            agent.offer_outcome, agent.offer_ended_at = line["outcome"], line["at"]
            agent.rna_in_row += line["outcome"] == OfferOutcome.RNA

    def _call_by(self, visit: _Visit, call_id: str) -> None:
        """A callback is a call anew with every phone that rings for it: the channel that we ask for has our id."""
        self.visit_of_call.pop(visit.call_id, None)
        visit.call_id = call_id
        self.visit_of_call[call_id] = visit.visit_id

    def _callback_taken(self, line: Line) -> None:
        asked = self.visits.get(line["visit_id"])
        self._end(line)
        if asked is None or line["callback_id"] in self.visits:
            return  # the number waits for a callback already, at a better place
        due_at = line["at"] + line["delay_seconds"]
        self.visits[line["callback_id"]] = replace(
            asked,
            visit_id=line["callback_id"],
            call_id="",
            caller_number=line["number"],
            offers={},
            callback=_Callback(line["at"], line["language"], due_at),
        )

    def _callback_attempt(self, line: Line) -> None:
        visit = self.visits.get(line["callback_id"])
        if visit is not None and visit.callback is not None:
            visit.callback.attempt = line["attempt_id"], line["agent_id"], line["at"]
            self._call_by(visit, line["attempt_id"])

    def _callback_attempt_end(self, line: Line) -> None:
        visit = self.visits.get(line["callback_id"])
        callback = visit.callback if visit is not None else None
        if callback is not None and callback.attempt is not None:
            called_first = not callback.attempt[1]
            callback.reached = called_first and line["outcome"] == AttemptOutcome.ANSWERED
            callback.attempts, callback.due_at = line["attempts"], line["at"] + line["retry_seconds"]
            callback.attempt = None
            if visit is not None and line["outcome"] == AttemptOutcome.ANSWERED:
                self._belongs_to_caller(visit)

    def _callback_end(self, line: Line) -> None:
        self._end({**line, "visit_id": line["callback_id"]})

    def _connect(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is None:
            return
        if visit.connected_at is None:
            self._wait_over(visit, line)
        self._begin_talk(visit, line)
        visit.connected_at = line["at"]
        visit.offers.clear()
        if visit.caller_number:
            remember(self.last_agents, visit.caller_number, line["agent_id"], _LAST_AGENT_MEMORY)

    def _begin_talk(self, visit: _Visit, line: Line) -> None:
        """This agent has the visit from now on; one who was not logged in is told of before their state is."""
        agent = self.agents.setdefault(line["agent_id"], _Agent(AgentState.LOGGED_OFF, "", line["at"], line["at"]))
        agent.calls_answered += visit.agent_id != line["agent_id"]
        agent.visit_id, agent.queue, agent.talk_ended_at = visit.visit_id, visit.queue, None
        agent.disposition, agent.rna_in_row = "", 0
        visit.agent_id = line["agent_id"]

    def _rerank(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is not None:
            visit.priority, visit.head_start_seconds = line["priority"], line["head_start_seconds"]

    def _take_over(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is not None:
            self._begin_talk(visit, line)  # who answered stays this caller's last agent

    def _end(self, line: Line) -> None:
        visit = self.visits.pop(line["visit_id"], None)
        for call_id in () if visit is None else _calls_of(visit):
            if self.visit_of_call.get(call_id) == line["visit_id"]:
                del self.visit_of_call[call_id]
        if visit is not None and line["verb"] in _CUT_OFF and visit.caller_number and visit.connected_at is None:
            place = AbandonedPlace(visit.visit_id, visit.arrived_at - visit.head_start_seconds, line["at"])
            remember(self.abandoned, (visit.queue, visit.caller_number), place, _ABANDONED_MEMORY)
        if visit is not None and visit.connected_at is None:
            self._wait_over(visit, line)
        if visit is not None and "talk_seconds" in line:
            self.handled.talked(visit.queue, line.get("agent_id", ""), line["talk_seconds"], line["at"])
        if line.get("to"):
            remember(self.exits, line["visit_id"], line["to"], _ENDED_MEMORY)
        remember(self.ended, line["visit_id"], _OUTCOMES[line["verb"]](line), _ENDED_MEMORY)

    def _wait_over(self, visit: _Visit, line: Line) -> None:
        if visit.callback is None and visit.entered_via != EnteredVia.CONSULT:
            gave_up = line["verb"] == "ABANDON"
            self.handled.patience.waited(visit.queue, line.get("wait_seconds", 0.0), gave_up=gave_up)

    def _agent_state(self, line: Line) -> None:
        state, previous, at = line["state"], line["previous"], line["at"]
        if (agent := self.agents.get(line["agent_id"])) is None:
            agent = self.agents[line["agent_id"]] = _Agent(previous, "", at, at)
        agent.occupancy = occupancy_after(agent.occupancy, AgentState(agent.state), max(0.0, at - agent.since_at))
        agent.calls_answered = 0 if previous == AgentState.LOGGED_OFF else agent.calls_answered
        agent.state, agent.reason, agent.since_at = state, line["reason"], at
        agent.phones = line.get("phones", agent.phones)
        if agent.wish is not None and state in _GRANTED[AgentState(agent.wish[0])]:
            agent.wish = None
        if previous == AgentState.ON_CALL and state == AgentState.WRAP_UP:
            agent.talk_ended_at = at
        agent.wrap_up_until = at + line["wrap_up_seconds"] if "wrap_up_seconds" in line else None
        agent.owes_disposition = line.get("until_disposition", False)
        if state not in (AgentState.ON_CALL, AgentState.WRAP_UP):
            self.handled.is_back(line["agent_id"], at)
        self._keep_idle(agent, line)
        if state == AgentState.LOGGED_OFF and line["reason"] == REMOVED:
            del self.agents[line["agent_id"]]  # should the site have them back they begin anew

    def _keep_idle(self, agent: _Agent, line: Line) -> None:
        """An offer or a call of the agent's own does not move the idle clock, unless the line says that it did."""
        is_ready, previous = line["state"] == AgentState.READY, line["previous"]
        if "idle_seconds" in line:
            agent.idle_at = line["at"] - line["idle_seconds"]
        elif (is_ready and previous != AgentState.OFFERED) or previous == AgentState.LOGGED_OFF:
            agent.idle_at = line["at"]
        if is_ready and previous in _ASKED_FROM:
            agent.offer_outcome, agent.rna_in_row = "", 0

    def _agent_wish(self, line: Line) -> None:
        if (agent := self.agents.get(line["agent_id"])) is not None:
            agent.wish = (line["state"], line["reason"]) if line["state"] in _GRANTED else None

    def _disposition(self, line: Line) -> None:
        agent = self.agents.get(line["agent_id"])
        if agent is not None and agent.visit_id == line["visit_id"]:
            agent.disposition = line["code"]

    def _widen(self, line: Line) -> None:
        if (visit := self.visits.get(line["visit_id"])) is not None:
            visit.overflowed = True

    def _switch_start(self, line: Line) -> None:
        self.switch_started_at = line["started_at"]


def _restored_agent(agent: _Agent, offset: float) -> RestoredAgent:
    ended = None if agent.talk_ended_at is None else agent.talk_ended_at + offset
    return RestoredAgent(
        state=AgentState(agent.state),
        reason=agent.reason,
        since=agent.since_at + offset,
        idle_since=agent.idle_at + offset,
        wish=None if agent.wish is None else (AgentState(agent.wish[0]), agent.wish[1]),
        phones=tuple(agent.phones),
        talk=RestoredTalk(agent.visit_id, agent.queue, ended, agent.disposition) if agent.visit_id else None,
        wrap_up_deadline=None if agent.wrap_up_until is None else agent.wrap_up_until + offset,
        owes_disposition=agent.owes_disposition,
        offer_ended=_failure([agent.offer_outcome, agent.offer_ended_at], offset) if agent.offer_outcome else None,
        rna_in_row=agent.rna_in_row,
        calls_answered=agent.calls_answered,
        offered=agent.offered_at + offset if agent.offered_at else float("-inf"),
        occupancy=agent.occupancy,
    )


def _failure(told: list[Any], offset: float) -> tuple[OfferOutcome, float]:
    return OfferOutcome(told[0]), told[1] + offset


def _calls_of(visit: _Visit) -> tuple[str, ...]:
    return (visit.call_id, visit.consult_call_id) if visit.consult_call_id else (visit.call_id,)


def _carried_visit(fields: Mapping[str, Any]) -> _Visit:
    callback = fields.get("callback")
    return _Visit(**{**fields, "callback": None if callback is None else _Callback(**callback)})


def _restored_callback(callback: _Callback, offset: float) -> Callback:
    attempt = None
    if callback.attempt is not None:
        attempt_id, agent_id, at = callback.attempt
        attempt = Attempt(attempt_id, agent_id, at + offset)
    return Callback(
        asked=callback.asked_at + offset,
        language=callback.language,
        attempts=callback.attempts,
        due=callback.due_at + offset,
        attempt=attempt,
        reached=callback.reached,
    )


def _restored_visit(visit: _Visit, offset: float) -> RestoredVisit:
    return RestoredVisit(
        visit_id=visit.visit_id,
        call_id=visit.call_id,
        queue_id=visit.queue,
        caller_number=visit.caller_number,
        requirement=_readable(visit.requirement),
        requires=None if visit.requires is None else _readable(visit.requires),
        priority=visit.priority,
        arrived=visit.arrived_at + offset,
        offers=tuple((offer_id, agent_id, made_at + offset) for offer_id, (agent_id, made_at) in visit.offers.items()),
        agent_id=visit.agent_id,
        connected=None if visit.connected_at is None else visit.connected_at + offset,
        entered_via=EnteredVia(visit.entered_via),
        from_visit_id=visit.from_visit_id,
        first_arrived=None if visit.call_arrived_at is None else visit.call_arrived_at + offset,
        aside=(visit.aside, visit.aside_at + offset) if visit.aside else None,
        callback=None if visit.callback is None else _restored_callback(visit.callback, offset),
        head_start_seconds=visit.head_start_seconds,
        segment=visit.segment,
        named_agent_id=visit.named_agent_id or "",
        overflowed=visit.overflowed,
        failed={agent_id: _failure(told, offset) for agent_id, told in visit.failed.items()},
    )


def _readable(requirement: str | Mapping[str, int]) -> str:
    """The requirement as text; empty where it cannot be read, for a caller is not lost for what was wished for."""
    if not isinstance(requirement, str):
        return str(at_least(requirement))
    try:
        return str(parse(requirement))
    except RequirementFault:
        return ""


_OUTCOMES: Mapping[str, Callable[[Line], str]] = {
    "COMPLETEAGENT": lambda line: "completed_by_agent",
    "COMPLETECALLER": lambda line: "completed_by_caller",
    "BLINDTRANSFER": lambda line: "transferred",
    "ATTENDEDTRANSFER": lambda line: "transferred",
    "ABANDON": lambda line: f"abandoned_{line['stage']}",
    "EXITWITHTIMEOUT": lambda line: "timed_out",
    "EXITCLOSED": lambda line: "closed",
    "EXITEMPTY": lambda line: "no_agents",
    "EXITWITHKEY": lambda line: "key_exit",
    "OVERFLOW": lambda line: str(line["cause"]),
    "CALLBACKTAKEN": lambda line: "callback_taken",
    "CALLBACKEND": lambda line: str(line["outcome"]),
    "SYSTEMERROR": lambda line: "switch_lost" if line["cause"] == "switch_lost" else "system_error",
}

EXITS = frozenset(_OUTCOMES) - {"CALLBACKEND"}
"""The verbs that end a visit: each has exactly one of them. A callback is no visit until its caller is there."""
_CUT_OFF = frozenset({"ABANDON", "SYSTEMERROR"})
"""Ends after which the same number may have its place back."""

_ACTS: Mapping[str, Callable[[Ledger, Line], None]] = {
    "CARRY": Ledger._take_carry,
    "ENTERQUEUE": Ledger._enter,
    "WIDEN": Ledger._widen,
    "OFFER": Ledger._offer,
    "OFFEREND": Ledger._offer_end,
    "CONNECT": Ledger._connect,
    "TAKEOVER": Ledger._take_over,
    "HANDOVER": Ledger._hand_over,
    "TALKCHANGE": Ledger._talk_change,
    "AGENTSTATE": Ledger._agent_state,
    "AGENTWISH": Ledger._agent_wish,
    "DISPOSITION": Ledger._disposition,
    "SWITCHSTART": Ledger._switch_start,
    "CALLBACKATTEMPT": Ledger._callback_attempt,
    "CALLBACKATTEMPTEND": Ledger._callback_attempt_end,
    "RERANK": Ledger._rerank,
    **dict.fromkeys(_OUTCOMES, Ledger._end),
    "CALLBACKTAKEN": Ledger._callback_taken,
    "CALLBACKEND": Ledger._callback_end,
    "WRONGPIN": lambda ledger, line: ledger.pins.note_wrong(line),
    "PINLOCK": lambda ledger, line: ledger.pins.note_lock(line),
}
