"""The engine, live: its clock, its journal, its one timer, and the hold sessions that carry out what it decides.

`post` is synchronous on purpose: an event is decided, recorded and handed to its session in one go, with no await at
which the process could be killed between a decision and its record.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from acd import codec
from acd.callback import offer_of
from acd.checkpoint import CannotFreeze
from acd.commands import (
    Command,
    DialCaller,
    FollowCaller,
    KeepOne,
    ProposeCallback,
    ReachAgent,
    ReachCaller,
    Record,
    ReleaseCaller,
    RingAgents,
    StopReaching,
    StopRinging,
)
from acd.engine import Engine, UnknownName
from acd.events import Event, Tick
from acd.fault_counts import FaultCounts
from acd.ledger import Ledger
from acd.model import VisitState
from acd.open_records import OpenRecords
from acd.requirement import RequirementFault
from acd.trace import Trace
from acd.transitions import Refused, UnexpectedTransition
from acd.wrong_pins import WrongPins

log = logging.getLogger(__name__)

Errand = RingAgents | ReleaseCaller | FollowCaller | ProposeCallback | DialCaller
"""What a hold session is sent to do; the last one goes to an agent's."""


ARRIVALS: Final[Mapping[str, str]] = {"waited_seconds": "arrived_at", "call_waited_seconds": "call_arrived_at"}
"""Fields of records that the engine tells as durations, and the moments that are written."""


class Journal(Protocol):
    """Where records go. Appending never blocks on a database and never raises into a call's path."""

    def append_all(self, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None: ...

    def roll(self, carry: Callable[[], Mapping[str, Any]] | None) -> bool: ...


class Distributor:
    """Owns the engine of this process. Everything here runs on one event loop; `post` may be called from it alone."""

    def __init__(self, engine: Engine, journal: Journal, ledger: Ledger, trace: Trace | None = None) -> None:
        self.engine = engine
        self.counts: Counter[str] = Counter()
        """Events that could not be, by the reason, since the start."""
        self.faults = FaultCounts()
        """Those among them, and whatever else in this process went wrong without costing a call."""
        self.stop_ringing: Callable[[StopRinging], None] = lambda command: None
        """Hangs up an agent's leg; set by the switchboard, which knows channels."""
        self.consults: dict[str, str] = {}
        """Channel to visit_id of agents' own calls into queues, as long as a session holds them."""
        self.called: set[str] = set()
        """Uniqueids of callers whom we have called from an agent's channel, which began the call in their place."""
        self.press: Callable[[str, str], None] = lambda channel, digit: None
        """Has Asterisk press a digit on a channel as its own phone would; set by the switchboard."""
        self.reach: Callable[[ReachAgent | KeepOne | ReachCaller | StopReaching], None] = lambda command: None
        """Begins and ends the calls of callbacks; set by the callback line, which asks Asterisk."""
        self.listeners: list[Callable[[Mapping[str, Any]], None]] = []
        """Told of every line of the journal, when it has been written. They must not raise, and never wait."""
        self._journal = journal
        self._ledger = ledger
        self._trace = trace
        self._takers: dict[str, Callable[[Errand], None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        """What the timer is set to, on the engine's clock."""

    def post(self, event: Event) -> None:
        """Decide, record and act on one event. An event that cannot be is counted and changes nothing."""
        try:
            self.ask(event)
        except (UnknownName, RequirementFault, UnexpectedTransition, Refused) as fault:
            self.refuse(type(fault).__name__, f"{type(event).__name__}: {fault}")
            log.warning("action=event event=%s fault=%s", type(event).__name__, fault)

    def refuse(self, why: str, about: str) -> None:
        """Count an event that could not be."""
        self.counts[why] += 1
        self.faults.tell(f"event {why}", about)

    def ask(self, event: Event) -> None:
        """As `post`, for somebody who wants to know: raises UnknownName or Refused, and nothing was changed."""
        now, at = time.monotonic(), time.time()
        try:
            commands = self.engine.handle(event, now)
        except Exception as fault:  # a refusal or our own bug: the trace has the event that shows it
            self._note(event, now, at, (), type(fault).__name__)
            raise
        self._write([(one.verb, _on_the_wall(one.fields, at)) for one in commands if isinstance(one, Record)])
        self._note(event, now, at, commands)
        for command in commands:
            self._perform(command)
        self._arm(now)

    def record(self, verb: str, at: float | None = None, **fields: Any) -> None:
        """Append one line to the journal and to the ledger that the next process starts from."""
        self._write([(verb, {"at": time.time() if at is None else at, **fields})])

    def _write(self, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """One write(2) for all that one decision has to say."""
        if not records:
            return
        self._journal.append_all(records)
        lines = [{"verb": verb, **fields} for verb, fields in records]
        for line in lines:
            self._ledger.apply(line)
        self._journal.roll(self._ledger.carry)
        for line in lines:
            for listen in self.listeners:
                listen(line)

    def _note(self, event: Event, now: float, at: float, commands: Sequence[Command], fault: str = "") -> None:
        if self._trace is None:
            return
        try:
            self._trace.note(event, now, at, commands, fault)
            self._trace.roll(self.engine)
        except codec.Unencodable as foreign:
            self._trace = None  # our own bug, and no caller's: calls go on untraced
            self.faults.tell("trace ended", foreign)
            log.error("action=trace no trace from here on fault=%s", foreign)
        except CannotFreeze as foreign:
            log.error("action=trace the trace stays in one segment fault=%s", foreign)

    @property
    def open(self) -> OpenRecords:
        """The recordings and the supervisors' acts that go on."""
        return self._ledger.open

    @property
    def pins(self) -> WrongPins:
        """The wrong PINs of late, and what they have locked."""
        return self._ledger.pins

    def visit_of(self, call_id: str) -> str | None:
        """The open visit of a call, by its linkedid. The phones of an agent that ring for a callback are a call each,
        until the first of them is answered."""
        visit_id = self._ledger.visit_of_call.get(call_id)
        if visit_id is not None or (offer_id := offer_of(call_id)) == call_id:
            return visit_id
        visit = self.engine.visits.get(self._ledger.visit_of_call.get(offer_id, ""))
        rings = visit is not None and visit.state is VisitState.OFFERED
        return visit.visit_id if rings and visit and visit.callback and visit.callback.attempt is None else None

    def call_of(self, linkedid: str) -> str:
        """The call that a channel belongs to: a phone that rang for an agent's consult has that one's linkedid until it
        is bridged, though the agent has handed a caller over meanwhile."""
        return self._ledger.call_of(linkedid)

    def phone_of(self, channel: str) -> str | None:
        """`PJSIP/1001-0000002a` to 1001, where that is a phone of the site."""
        endpoint = channel.removeprefix("PJSIP/").rpartition("-")[0]
        return endpoint if endpoint in self.engine.phones else None

    def agent_at(self, phone: str) -> str:
        """Who is logged in there; of a phone where nobody is, its own extension's agent, whose leg is a stray."""
        return self.engine.holders.get(phone, phone)

    def agent_of(self, channel: str) -> str | None:
        """The agent on whose phone this channel is."""
        phone = self.phone_of(channel)
        agent_id = None if phone is None else self.agent_at(phone)
        return agent_id if agent_id in self.engine.agents else None

    def visit_of_caller(self, call_id: str) -> str | None:
        """The open visit of the caller whose call this is, and not of one who was handed over to it: the agent's own
        channel of that call ends after the handover, and may be told of after a picture that knows no such channel."""
        visit_id = self.visit_of(call_id)
        visit = self.engine.visits.get(visit_id or "")
        return visit_id if visit is not None and visit.call_id == call_id else None

    def visit_of_leg(self, agent_id: str, call_id: str) -> str | None:
        """The visit in which this agent has a leg of this call: their own, be it a consult, or else the caller's."""
        agent = self.engine.agents.get(agent_id)
        visit = self.engine.visits.get((agent and agent.visit_id) or "")
        return visit.visit_id if visit is not None and visit.call_id == call_id else self.visit_of(call_id)

    def attach(self, visit_id: str, take: Callable[[Errand], None]) -> None:
        """Name who takes the errands of this visit (of an agent's own channel: by its id), within the decision that
        they follow from: the session that holds the caller now, in place of an older one."""
        self._takers[visit_id] = take

    def detach(self, visit_id: str, take: Callable[[Errand], None]) -> bool:
        """Answer whether it was this session that held the caller, and not a newer one."""
        was_holder = self.is_taker(visit_id, take)
        if was_holder:
            del self._takers[visit_id]
        return was_holder

    def is_taker(self, visit_id: str, take: Callable[[Errand], None]) -> bool:
        """Whether the errands of this visit come to this session, and not to a newer one or that of a caller whom an
        agent has handed over to it."""
        return self._takers.get(visit_id) == take

    def _perform(self, command: Command) -> None:
        match command:
            case Record():
                pass  # written before; asked first, since most commands are
            case DialCaller():
                if (take := self._takers.get(command.attempt_id)) is not None:
                    take(command)
            case RingAgents() | ReleaseCaller() | ProposeCallback():
                if (take := self._takers.get(command.visit_id)) is not None:
                    take(command)
            case FollowCaller():
                if (take := self._takers.pop(command.visit_id, None)) is not None:
                    self._takers[command.to_visit_id] = take
                    take(command)
            case StopRinging():
                self.stop_ringing(command)
            case ReachAgent() | KeepOne() | ReachCaller() | StopReaching():
                self.reach(command)

    def _arm(self, now: float) -> None:
        """Most decisions change nothing about what is due next."""
        deadline = self.engine.next_deadline()
        if deadline == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, deadline
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, deadline - now), self._tick, deadline)

    def _tick(self, deadline: float) -> None:
        # A loop may call a hair early; the engine must never see its own deadline as not yet due.
        if (early := deadline - time.monotonic()) > 0:
            self._timer = asyncio.get_running_loop().call_later(early, self._tick, deadline)
        else:
            self._timer = self._due = None
            self.post(Tick())


def _on_the_wall(fields: Mapping[str, Any], at: float) -> dict[str, Any]:
    """The engine knows how long a caller has waited; a record keeps since when, on the wall clock."""
    told = {"at": at, **fields}
    for seconds, moment in ARRIVALS.items():
        if seconds in told:
            told[moment] = at - told.pop(seconds)
    return told
