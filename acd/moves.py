"""The state of the floor, and everything that can be done to a visit or an agent.

Each move asks `transitions`, then keeps deadlines, the two indexes and the records in step with the new state. Which
event leads to which move is the engine's business; what an event of a restart leads to is `restart`'s, and how a talk
goes from one agent to another `handover`'s.
"""

import heapq
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeVar

from acd.callback import AttemptOutcome
from acd.commands import Command, ReachAgent, Record, ReleaseCaller, RingAgents, StopRinging
from acd.entry import Entry
from acd.estimate import HandlingTimes, Patience
from acd.indexes import WaitingLine
from acd.ladder import Ladders, climb
from acd.matching import kept_for
from acd.model import (
    AbandonedPlace,
    Agent,
    AgentState,
    Device,
    EnteredVia,
    Floor,
    Offer,
    OfferOutcome,
    QueueRules,
    Visit,
    VisitOutcome,
    VisitState,
)
from acd.staff import Staff
from acd.transitions import AgentStep, VisitStep, move_visit
from acd.working import Working

_SERVES = frozenset({AgentState.ON_CALL, AgentState.WRAP_UP})
_CONSULT, _MENU = EnteredVia.CONSULT, EnteredVia.MENU
_GREETING = attrgetter("profile.greeting")
K = TypeVar("K")
V = TypeVar("V")


_EXIT_VERBS = {
    VisitOutcome.TIMED_OUT: "EXITWITHTIMEOUT",
    VisitOutcome.CLOSED: "EXITCLOSED",
    VisitOutcome.FULL: "OVERFLOW",
    VisitOutcome.NO_AGENTS: "EXITEMPTY",
    VisitOutcome.ESTIMATE_TOO_LONG: "OVERFLOW",
    VisitOutcome.OVERFLOWED: "OVERFLOW",
}
"""How each way out is recorded that is neither a talk nor the caller's own doing."""


class Contact(NamedTuple):
    """What is remembered of a call: its last visit, and when it first entered a queue."""

    visit_id: str
    arrived: float


class Moves:
    """One per engine. `commands` collects what the moves of one event want done."""

    def __init__(self, floor: Floor, new_id: Callable[[], str]) -> None:
        self.floor = floor
        self.staff = Staff(floor, self.alarm, self.write, self._agent_changed)
        self.agents, self.free = self.staff.agents, self.staff.free
        self.visits: dict[str, Visit] = {}
        self.entry = Entry(floor, Ladders(floor, self.staff.kinds))
        self.line = WaitingLine()
        self.ended: OrderedDict[str, VisitOutcome] = OrderedDict()
        self.exits: OrderedDict[str, str] = OrderedDict()
        """Where a key led, by visit_id: a caller who was not let go before this process died still is."""
        self.last_agents: OrderedDict[str, str] = OrderedDict()
        self.contacts: OrderedDict[str, Contact] = OrderedDict()
        """By call_id; a consult is no visit of its call's caller and not among them."""
        self.working = Working()
        self.handling = HandlingTimes({queue.queue_id: queue.handling_guess for queue in floor.queues.values()})
        self.patience = Patience()
        self.closed: set[str] = set()
        """Queues whose hours are over."""
        self.waiting_in: Counter[str] = Counter()
        """By queue, the visits that are not connected yet."""
        self.unhelped: defaultdict[str, set[str]] = defaultdict(set)
        """By queue that may get help from another: visits that have none from the start."""
        self.abandoned: OrderedDict[tuple[str, str], AbandonedPlace] = OrderedDict()
        """By queue and caller_number: places that their callers may have back."""
        self.callbacks: dict[tuple[str, str], str] = {}
        """By queue and the number to call: the visits that are callbacks."""
        self.quiet: set[str] = set()
        """Queues in whose name nobody is called now."""
        self.floor_is_doubtful = False
        """Something happened after which any waiting caller may have to leave."""
        self.doubtful: list[str] = []
        """Visits that may have to leave although nothing else has changed."""
        self.absent: set[str] = set()
        """Visits that wait, but whose caller has not come back since the restart."""
        self.alarms: list[tuple[float, str]] = []
        """Heap of deadlines, each with the visit_id or agent_id to look at then."""
        self.leaving: set[str] = set()
        """Agents whom the site has no more and who are still in a call."""
        self.closing: dict[str, QueueRules] = {}
        """Queues that the site has no more: callers may still be on their way to them."""
        self.commands: list[Command] = []
        self.new_id = new_id

    # Visits

    def enter(self, visit: Visit, waited_seconds: float, now: float) -> None:
        """Take a caller in; whether they may stay is `admission`'s question."""
        self.waiting_in[visit.queue.queue_id] += 1
        self.bound_wait(visit)
        self.open_visit(visit, waited_seconds)
        self.wait_again(visit, now)

    def open_visit(self, visit: Visit, waited_seconds: float) -> None:
        """Know this visit and write its first record."""
        self.visits[visit.visit_id] = visit
        if visit.entered_via is not _CONSULT:
            self.remember_contact(visit)
        self.record(
            "ENTERQUEUE",
            visit_id=visit.visit_id,
            call_id=visit.call_id,
            queue=visit.queue.queue_id,
            caller_number=visit.caller_number,
            requirement=visit.ladder[0].caller_class.text,
            requires=visit.requires,
            priority=visit.priority,
            head_start_seconds=visit.head_start_seconds,
            segment=visit.segment,
            named_agent_id=visit.named_agent_id,
            waited_seconds=waited_seconds,
            entered_via=visit.entered_via,
            from_visit_id=visit.from_visit_id,
            call_waited_seconds=waited_seconds + visit.arrived - visit.call_arrived,
            resumed_visit_id=visit.resumed_visit_id,
            overflowed=visit.overflowed,
        )

    def remember_contact(self, visit: Visit) -> None:
        remember(self.contacts, visit.call_id, Contact(visit.visit_id, visit.call_arrived), self.floor.ended_memory)

    def get_help(self, queue: QueueRules, now: float) -> None:
        """The line of this queue is too long: the queue that it overflows to helps all who wait in it."""
        for visit_id in sorted(self.unhelped.pop(queue.queue_id, ())):
            visit = self.visits[visit_id]
            self.record("WIDEN", visit_id=visit_id)
            self.entry.widen(visit)
            self.time_steps(visit)  # steps that would have let in nobody new may do so now
            self.wait_again(visit, now)

    def time_steps(self, visit: Visit) -> None:
        """Look at the visit again when a step of its ladder is due."""
        for rung in visit.ladder[1:]:
            self.alarm(visit.arrived + rung.after_seconds, visit.visit_id)

    def bound_wait(self, visit: Visit) -> None:
        """Set the deadlines of a wait: in all, of each step, and for the agent whom the caller asks for or knows."""
        if visit.queue.wait_seconds_max is not None and visit.is_on_line:
            visit.wait_deadline = visit.arrived + visit.queue.wait_seconds_max
            self.alarm(visit.wait_deadline, visit.visit_id)
        overflow = visit.queue.overflow
        if overflow is not None and not overflow.moves and not visit.overflowed:
            self.unhelped[visit.queue.queue_id].add(visit.visit_id)
        visit.overflow_deadline = None  # a changed site may have none any more
        if overflow is not None and overflow.moves and overflow.after_seconds is not None and visit.is_on_line:
            visit.overflow_deadline = visit.arrived + overflow.after_seconds
            self.alarm(visit.overflow_deadline, visit.visit_id)
        self.time_steps(visit)
        # after a transfer the last agent is the one who has sent the caller on
        if visit.entered_via is _MENU:
            visit.last_agent_id = self.last_agents.get(visit.caller_number)
        if visit.known_agent_id is not None:
            rules = visit.queue
            by_name = visit.named_agent_id is not None
            hold_seconds = rules.named_agent_hold_seconds if by_name else rules.last_agent_hold_seconds
            visit.hold_deadline = visit.arrived + hold_seconds
            self.alarm(visit.hold_deadline, visit.visit_id)

    def attach(self, visit: Visit, now: float) -> None:
        """A session holds this caller again; where the caller waits, the old place in the line is theirs."""
        visit.attached, visit.deaf_until = True, now  # a dialogue ends with the session that led it
        self.wait_again(visit, now)

    def detach(self, visit: Visit, now: float) -> None:
        """No session holds this caller any more; the place is kept, and whoever talks or rings is left in peace."""
        visit.attached = False
        self.wait_again(visit, now)

    def wait_again(self, visit: Visit, now: float) -> None:
        """Put a waiting visit where it now belongs: into the line, or among those whose caller is not back yet.

        Owed whenever that may have changed: at a step, at the end of a hold or a refusal, with the agent waited for.
        """
        self.line.remove(visit)
        self.absent.discard(visit.visit_id)
        if visit.in_line:
            climb(visit, self.staff.logged_in.kinds, now)
            if is_due(visit.hold_deadline, now):
                visit.hold_deadline = None
            self.line.add(visit, kept_for(visit, self.agents, now))
        elif visit.state is VisitState.WAITING and visit.is_on_line:
            self.absent.add(visit.visit_id)

    def rerank(self, visit: Visit, priority: int, head_start_seconds: float, now: float) -> None:
        """Give the caller another place, at once (asterisk#202)."""
        self.line.remove(visit)
        visit.rerank(priority, head_start_seconds)
        self.record("RERANK", visit_id=visit.visit_id, priority=priority, head_start_seconds=head_start_seconds)
        self.wait_again(visit, now)

    def leave(self, visit: Visit, now: float, *, switch_lost: bool = False, recovered: bool = False) -> None:
        """The caller is gone, whatever they were doing. recovered: we learn of it late."""
        before = visit.state
        move_visit(visit, VisitStep.LEAVE)
        if before is VisitState.OFFERED:
            for offer in list(visit.offers.values()):
                self._close_offer(visit, offer, OfferOutcome.CANCEL_CALLER, now, now)
        if switch_lost:
            wait_seconds = (visit.connected if visit.connected is not None else now) - visit.arrived
            self.record("SYSTEMERROR", visit_id=visit.visit_id, wait_seconds=wait_seconds, cause="switch_lost")
            self._keep_place(visit, now)
            self.close_visit(visit, VisitOutcome.SWITCH_LOST, now)
        elif before is VisitState.CONNECTED:
            self._complete(visit, now, by_agent=False, recovered=recovered)
        else:
            self._abandon(visit, now, ringing=before is VisitState.OFFERED, recovered=recovered)

    def _abandon(self, visit: Visit, now: float, *, ringing: bool, recovered: bool) -> None:
        self.record(
            "ABANDON",
            visit_id=visit.visit_id,
            stage="ringing" if ringing else "waiting",
            wait_seconds=now - visit.arrived,
            recovered=recovered,
        )
        self._keep_place(visit, now)
        self.close_visit(visit, VisitOutcome.ABANDONED_RINGING if ringing else VisitOutcome.ABANDONED_WAITING, now)

    def time_out(self, visit: Visit, now: float) -> None:
        if move_visit(visit, VisitStep.TIME_OUT):
            self._send_away(visit, VisitOutcome.TIMED_OUT, "wait", now)

    def dismiss(self, visit: Visit, outcome: VisitOutcome, now: float) -> None:
        """Let a caller go who cannot join this queue, or cannot be served in it any more."""
        move_visit(visit, VisitStep.DISMISS)
        self._send_away(visit, outcome, outcome, now)

    def move_on(self, visit: Visit, now: float) -> None:
        """Let the caller wait in the queue that this one overflows to; a limit never cuts a ringing (FS-10237)."""
        overflow = visit.queue.overflow
        if visit.state is VisitState.WAITING and overflow is not None:
            move_visit(visit, VisitStep.DISMISS)
            to = f"queue:{overflow.to}"
            remember(self.exits, visit.visit_id, to, self.floor.ended_memory)
            self._send_away(visit, VisitOutcome.OVERFLOWED, VisitOutcome.OVERFLOWED, now, to)

    def exit_by_key(self, visit: Visit, key: str, now: float) -> None:
        """The caller has chosen another way; a phone that rings for them stops."""
        if not move_visit(visit, VisitStep.KEY_EXIT):
            return
        for offer in list(visit.offers.values()):
            self._close_offer(visit, offer, OfferOutcome.CANCEL_CALLER, now, now)
            self.do(StopRinging(visit.visit_id, visit.call_id, offer.agent_id))
        to = visit.queue.keys[key]
        remember(self.exits, visit.visit_id, to, self.floor.ended_memory)
        self.record("EXITWITHKEY", visit_id=visit.visit_id, wait_seconds=now - visit.arrived, key=key, to=to)
        self.close_visit(visit, VisitOutcome.KEY_EXIT, now, to)

    def _send_away(self, visit: Visit, outcome: VisitOutcome, cause: str, now: float, to: str = "") -> None:
        wait_seconds = now - visit.arrived
        self.record(_EXIT_VERBS[outcome], visit_id=visit.visit_id, wait_seconds=wait_seconds, cause=cause, to=to)
        self.close_visit(visit, outcome, now, to)

    def _keep_place(self, visit: Visit, now: float) -> None:
        """Whoever was waiting when the line went dead may call again and have the place back. Nobody is taken for the
        last anonymous caller."""
        if visit.caller_number and visit.connected is None:
            place = AbandonedPlace(visit.visit_id, visit.rank.place, now)
            name = visit.queue.queue_id, visit.caller_number
            remember(self.abandoned, name, place, self.floor.abandoned_memory)

    def close_visit(self, visit: Visit, outcome: VisitOutcome, now: float, to: str = "") -> None:
        """Forget an ended visit; its agent, where there is one, goes on to wrap-up."""
        if visit.callback is not None:
            name = visit.queue.queue_id, visit.caller_number
            if self.callbacks.get(name) == visit.visit_id:  # else the same number has asked once more
                del self.callbacks[name]
        elif visit.connected is None:
            self.waiting_in[visit.queue.queue_id] -= 1
            self._wait_over(visit, now, gave_up=outcome.is_abandon)
        self.line.remove(visit)
        self.absent.discard(visit.visit_id)
        self.unhelped[visit.queue.queue_id].discard(visit.visit_id)
        del self.visits[visit.visit_id]
        remember(self.ended, visit.visit_id, outcome, self.floor.ended_memory)
        self.do(ReleaseCaller(visit.visit_id, outcome, to))
        if visit.agent_id is not None:
            self.staff.end_talk(self.agents[visit.agent_id], now)

    def _wait_over(self, visit: Visit, at: float, *, gave_up: bool) -> None:
        if visit.callback is None and visit.entered_via is not _CONSULT:  # no caller on the line otherwise
            self.patience.waited(visit.queue.queue_id, at - visit.arrived, gave_up=gave_up)

    # Offers

    def offer(self, visit: Visit, agents: Sequence[Agent], now: float) -> None:
        """Ring these agents, who are free, for a caller who waits: all at once, with one Dial."""
        visit_id, ring_seconds = visit.visit_id, visit.queue.ring_seconds
        greeted = any(map(_GREETING, agents))
        lease_deadline = now + visit.queue.lease_seconds(greeted=greeted) + self.floor.lease_grace_seconds
        # Ids first, before anything moves: this is where a replay looks at the engine (`acd.explain`).
        offers = [
            Offer(self.new_id(), agent.profile.agent_id, now, lease_deadline, self.staff.reachable_phones(agent))
            for agent in agents
        ]
        move_visit(visit, VisitStep.OFFER)
        self.line.remove(visit)
        self.alarm(lease_deadline, visit_id)
        for agent, offer in zip(agents, offers, strict=True):
            self.staff.move(agent, AgentStep.OFFER, now)
            visit.offers[offer.agent_id], agent.visit_id, agent.offered = offer, visit_id, now
            self.record(
                "OFFER",
                offer_id=offer.offer_id,
                visit_id=visit_id,
                agent_id=offer.agent_id,
                step=visit.step,
                tier=visit.caller_class.tier_of(agent),
            )
        visit.deaf_until = now
        if visit.is_on_line:
            self.do(RingAgents(visit_id, tuple(visit.offers.values()), ring_seconds))
        else:
            (offer,) = visit.offers.values()
            visit.call_id = offer.offer_id  # of the channel on which the agent is rung
            self.do(ReachAgent(visit_id, offer, ring_seconds))

    def connect(self, visit: Visit, offer: Offer, at: float, now: float) -> None:
        """The agent of this offer answered, then: `at` is never before the offer, nor before the caller's arrival.

        The other offers of this visit end first. Killed among these records, the next process finds the winner's offer
        open and asks Asterisk who talks; the other way round it would owe the ends of offers that it knows nothing of.
        """
        move_visit(visit, VisitStep.ANSWER)
        if len(visit.offers) > 1:
            for other in [one for one in visit.offers.values() if one is not offer]:
                self._close_offer(visit, other, OfferOutcome.CANCEL_OTHER_WON, at, now)
        if visit.callback is not None and visit.callback.attempt is not None:
            self.end_attempt(visit, AttemptOutcome.ANSWERED)
        agent = self.agents[offer.agent_id]
        ring_seconds = self.record_offer_end(visit, offer, OfferOutcome.ANSWERED, at)
        del visit.offers[offer.agent_id]
        visit.agent_id, visit.connected = offer.agent_id, at
        self.waiting_in[visit.queue.queue_id] -= visit.callback is None
        self._wait_over(visit, at, gave_up=False)
        self.unhelped[visit.queue.queue_id].discard(visit.visit_id)
        self.remember_agent(visit)
        self.record(
            "CONNECT",
            visit_id=visit.visit_id,
            offer_id=offer.offer_id,
            agent_id=offer.agent_id,
            wait_seconds=at - visit.arrived,
            ring_seconds=ring_seconds,
        )
        self.staff.begin_talk(agent, visit.visit_id, visit.queue, at)

    def remember_agent(self, visit: Visit) -> None:
        """The caller of this visit may be given back to its agent the next time."""
        if visit.caller_number and visit.agent_id is not None:
            remember(self.last_agents, visit.caller_number, visit.agent_id, self.floor.last_agent_memory)

    def end_offers(self, visit: Visit, outcome: OfferOutcome, now: float) -> None:
        """Take every offer of a visit back."""
        for offer in list(visit.offers.values()):
            self.end_offer(visit, offer, outcome, now)

    def end_offer(self, visit: Visit, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        """Take an unanswered offer back: the agent rests; with the last one the caller returns to the old place."""
        self._close_offer(visit, offer, outcome, now, now)
        if visit.offers:
            return
        move_visit(visit, VisitStep.OFFER_END)
        self.wait_again(visit, now)
        self.doubtful.append(visit.visit_id)
        if is_due(visit.wait_deadline, now):
            self.time_out(visit, now)
        elif is_due(visit.overflow_deadline, now):
            self.move_on(visit, now)

    def _close_offer(self, visit: Visit, offer: Offer, outcome: OfferOutcome, at: float, now: float) -> None:
        """at: when the phone fell silent, as far as we know."""
        agent = self.agents[offer.agent_id]
        if outcome is OfferOutcome.BUSY and agent.device is Device.IDLE:
            outcome = OfferOutcome.REJECT  # phones answer 486 for the reject key (RFC 3261 21.4.23, and every handset)
        self.record_offer_end(visit, offer, outcome, at)
        del visit.offers[offer.agent_id]
        self._rest(visit, agent, outcome, now)
        self.staff.end_offer(agent, now)

    def _rest(self, visit: Visit, agent: Agent, outcome: OfferOutcome, now: float) -> None:
        """Leave the agent alone for a while, according to how the offer ended."""
        rest, refused = self.floor.rest_seconds, self.floor.refused_seconds
        if outcome in rest:
            agent.rest_deadline = now + rest[outcome]
            self.alarm(agent.rest_deadline, agent.profile.agent_id)
        if outcome in refused:
            visit.refused_until[agent.profile.agent_id] = now + refused[outcome]
            self.alarm(now + refused[outcome], visit.visit_id)
        if outcome is OfferOutcome.RNA:
            agent.rna_in_row += 1
            if 0 < self.floor.rna_limit <= agent.rna_in_row and agent.wish is None:
                agent.wish = (AgentState.NOT_READY, "no_answer")

    def record_offer_end(self, visit: Visit, offer: Offer, outcome: OfferOutcome, at: float) -> float:
        """Answers how long it rang, in seconds."""
        answered = min(at, visit.picked_up.pop(offer.offer_id, at))
        ring_seconds = answered - offer.made
        self.record(
            "OFFEREND",
            offer_id=offer.offer_id,
            visit_id=visit.visit_id,
            agent_id=offer.agent_id,
            outcome=outcome,
            ring_seconds=ring_seconds,
            connect_seconds=at - answered,
        )
        return ring_seconds

    def end_attempt(self, visit: Visit, outcome: AttemptOutcome, retry_seconds: float = 0.0) -> None:
        """An attempt to reach the caller of a callback is over."""
        callback = visit.callback
        assert callback is not None and callback.attempt is not None, "an attempt ends once"
        self.record(
            "CALLBACKATTEMPTEND",
            callback_id=visit.visit_id,
            attempt_id=callback.attempt.attempt_id,
            outcome=outcome,
            attempts=callback.attempts,
            retry_seconds=retry_seconds,
        )
        callback.attempt = None
        if outcome is AttemptOutcome.ANSWERED:
            self.remember_contact(visit)  # where they are sent on to knows where they come from

    # Talks

    def end_talk(self, visit: Visit, now: float, *, by_agent: bool, recovered: bool = False) -> None:
        """One of the two hung up. recovered: we learn of it late."""
        if move_visit(visit, VisitStep.TALK_END):
            self._complete(visit, now, by_agent=by_agent, recovered=recovered)

    def change_talk(self, visit: Visit, reason: str, now: float) -> None:
        """The agent leaves the caller alone (`hold`, `consult`) or is back (empty). News of a talk that is not, or
        that tells nothing new, changes nothing."""
        before = "" if visit.aside is None else visit.aside[0]
        if visit.agent_id is None or reason == before:
            return
        self._record_aside(visit, reason, now)
        visit.aside = (reason, now) if reason else None
        self.staff.change_talk(self.agents[visit.agent_id], reason, now)

    def _record_aside(self, visit: Visit, reason: str, now: float) -> None:
        before, since = visit.aside or ("", now)
        self.record(
            "TALKCHANGE",
            visit_id=visit.visit_id,
            agent_id=visit.agent_id,
            reason=reason,
            previous=before,
            seconds=now - since,
        )

    def _complete(self, visit: Visit, now: float, *, by_agent: bool, recovered: bool) -> None:
        self.record_talk_end("COMPLETEAGENT" if by_agent else "COMPLETECALLER", visit, now, recovered=recovered)
        outcome = VisitOutcome.COMPLETED_BY_AGENT if by_agent else VisitOutcome.COMPLETED_BY_CALLER
        self.close_visit(visit, outcome, now)

    def record_talk_end(self, verb: str, visit: Visit, now: float, *, recovered: bool, **fields: object) -> None:
        """Write that this talk is over, and what it was; the visit is still to be closed."""
        connected = visit.connected
        assert connected is not None, "a connected visit knows when"
        if visit.aside is not None:
            self._record_aside(visit, "", now)
        self.record(
            verb,
            visit_id=visit.visit_id,
            agent_id=visit.agent_id,
            wait_seconds=connected - visit.arrived,
            talk_seconds=now - connected,
            recovered=recovered,
            **fields,
        )
        self.handling.talked(visit.queue.queue_id, visit.agent_id or "", now - connected, now)

    # The floor

    def index(self, now: float) -> None:
        """Make the indexes anew for the agents who are here: who is free is in them, who waits is to be added."""
        self.line = WaitingLine()
        in_use = (*self.floor.queues.values(), *self.closing.values())
        self.staff.index(self.floor, {queue.strategy for queue in in_use}, now)
        self.entry, self.free = Entry(self.floor, Ladders(self.floor, self.staff.kinds)), self.staff.free

    def let_go(self) -> None:
        """Forget the agents of whom the site has no more and whose call is over."""
        for agent_id in sorted(self.leaving):
            if self.agents[agent_id].state is AgentState.LOGGED_OFF:
                self.leaving.discard(agent_id)
                self.staff.forget(self.agents[agent_id])

    # Agents

    def _agent_changed(self, agent: Agent, now: float, *, last_of_kind: bool) -> None:
        """Callers who hope for this agent, or whom nobody logged in can serve any more, have another place."""
        self.working.see(agent)
        if agent.state not in _SERVES:
            self.handling.is_back(agent.profile.agent_id, now)
        for visit in self.line.hoping_for(agent.profile.agent_id):
            self.wait_again(visit, now)
        if last_of_kind:
            self.floor_is_doubtful = True
            for visit in self.line.without(self.staff.logged_in.kinds):
                self.wait_again(visit, now)

    # Commands and alarms

    def alarm(self, deadline: float, key: str) -> None:
        heapq.heappush(self.alarms, (deadline, key))

    def do(self, command: Command) -> None:
        self.commands.append(command)

    def record(self, verb: str, **fields: object) -> None:
        self.commands.append(Record(verb, fields))

    def write(self, verb: str, fields: Mapping[str, object]) -> None:
        self.commands.append(Record(verb, fields))


def is_due(deadline: float | None, now: float) -> bool:
    return deadline is not None and deadline <= now


def remember(memory: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Add or renew an entry of a bounded memory; the oldest are forgotten first."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)
