"""The distributor's only door: `Engine.handle(event, now) -> commands`.

Theory of operation. A table says what each event leads to: moves of at most one visit and its agent, a snapshot to
those of many; then `_dispatch` makes every offer that can be made, so that no eligible agent is free while a caller
waits for one. The engine keeps no clock: deadlines lie on the state whose stay they bound, an alarm heap says when to
call back, and an alarm that finds its state gone does nothing. Randomness (new ids) comes in by the constructor, so a
recorded day of `(now, event)` replays to the same commands.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from acd import calling_back
from acd.admission import dismissals, estimate, overflows, position, refusal
from acd.announcing import Outlook
from acd.callback import CALLBACK_KEY, AttemptOutcome
from acd.commands import Command, ReleaseCaller, StopRinging
from acd.events import (
    AgentAsked,
    CallbackWanted,
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
    Tick,
)
from acd.floor_change import change_floor
from acd.handover import adopt_returned, comes_too_late, hand_over, origin_of, take_over, transfer
from acd.ladder import climb
from acd.matching import everyone_for, kept_for, next_pair
from acd.model import AbandonedPlace, Agent, Floor, Offer, OfferOutcome, QueueRules, Strategy, Visit, VisitState
from acd.moves import Moves, is_due
from acd.restart import reconcile, restore


class UnknownName(ValueError):
    """An event names a queue, an agent or a phone that the floor does not have. Nothing was changed."""


class Engine:
    """One engine owns all queues and agents of a site. Everything but `handle` is for reading."""

    def __init__(self, floor: Floor, new_id: Callable[[], str]) -> None:
        self._moves = moves = Moves(floor, new_id)
        self.agents, self.visits, self.ended, self.last_agents = (
            moves.agents,
            moves.visits,
            moves.ended,
            moves.last_agents,
        )
        self._look()
        self.exits, self.abandoned = moves.exits, moves.abandoned
        self.closed, self.waiting_in, self.callbacks = moves.closed, moves.waiting_in, moves.callbacks
        self.quiet = moves.quiet
        self.phones, self.holders = moves.staff.devices, moves.staff.holders
        self.switch_seen = False
        self._settle_deadline: float | None = None

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event and answer the commands to perform, in order.

        Raises UnknownName, RequirementFault or UnexpectedTransition for an event that cannot be, and Refused for what
        an agent cannot have now; the state is then unchanged.
        """
        moves = self._moves
        moves.commands = commands = list[Command]()
        ACTS[type(event)](self, event, now)
        if moves.floor_is_doubtful or moves.doubtful:
            self._let_go(now)
        self._dispatch(now)
        if moves.leaving:
            moves.let_go()
        return commands

    def next_deadline(self) -> float | None:
        """When a Tick is due at the latest. It may find nothing to do."""
        return self._moves.alarms[0][0] if self._moves.alarms else None

    def _look(self) -> None:
        """See the floor and the indexes that stand now; a changed floor comes with new ones."""
        self.floor, self.line, self.free = self._moves.floor, self._moves.line, self._moves.free

    @property
    def closing_queues(self) -> Mapping[str, QueueRules]:
        """Queues that the site has no more, by id; callers may still wait in them."""
        return self._moves.closing

    @property
    def settles_until(self) -> float | None:
        """After a restart: until then nobody is offered, unless every caller is back before."""
        return self._settle_deadline

    # Callers

    def _caller_joined(self, event: CallerJoined, now: float) -> None:
        if (outcome := self.ended.get(event.visit_id)) is not None:
            self._moves.do(ReleaseCaller(event.visit_id, outcome, self._moves.exits.get(event.visit_id, "")))
        elif (known := self.visits.get(event.visit_id)) is not None:
            adopt_returned(self._moves, known, event, now)
            self._caller_returned(known, now)
        else:
            self._caller_entered(event, now)

    def _caller_entered(self, event: CallerJoined, now: float) -> None:
        queue = self._queue(event.queue_id)
        origin = origin_of(self._moves, event, now)
        visit = self._moves.entry.joined(event, queue, now)
        visit.entered_via, visit.from_visit_id, visit.first_arrived = origin
        if event.consulting_agent_id:
            visit.caller_number = ""  # an agent's, and not that of the caller whom it may become
        resumed = self._resumed(queue, event.caller_number, now)
        owed = calling_back.of_number(self._moves, queue, event.caller_number)
        places = [*([resumed.place] if resumed is not None else []), *([owed.rank.place] if owed is not None else [])]
        if places:
            visit.rerank(visit.priority, max(visit.head_start_seconds, visit.arrived - min(places)))
        climb(visit, self._moves.staff.logged_in.kinds, now)
        overflowed = overflows(self._moves, visit)
        moves_on = overflowed and queue.overflow is not None and queue.overflow.moves
        if overflowed and not moves_on:
            self._moves.get_help(queue, now)
            self._moves.entry.widen(visit)
        reason = refusal(self._moves, visit)
        if resumed is not None and reason is None:
            visit.resumed_visit_id = resumed.visit_id
            del self._moves.abandoned[queue.queue_id, event.caller_number]
        self._moves.enter(visit, event.waited_seconds, now)
        if owed is not None and reason is None:
            calling_back.withdraw(self._moves, owed, "rang_in", now)
        if reason is not None:
            self._moves.dismiss(visit, reason, now)
        elif comes_too_late(self._moves, event):
            self._moves.leave(visit, now)
        elif moves_on:
            self._moves.move_on(visit, now)

    def _resumed(self, queue: QueueRules, caller_number: str, now: float) -> AbandonedPlace | None:
        """The place that this number may have back: once, and not for long."""
        left = self._moves.abandoned.get((queue.queue_id, caller_number))
        return left if left is not None and now - left.left <= queue.resume_seconds else None

    def _caller_returned(self, visit: Visit, now: float) -> None:
        """The hold session died and the dialplan sent the caller in again: whoever is back is in no Dial."""
        if visit.callback is not None:
            calling_back.reached(self._moves, visit, now)
        self._moves.attach(visit, now)
        if visit.state is VisitState.OFFERED:
            self._moves.end_offers(visit, OfferOutcome.ERROR, now)
        elif visit.state is VisitState.CONNECTED:
            self._moves.end_talk(visit, now, by_agent=True, recovered=True)

    def _caller_ranked(self, event: CallerRanked, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is not None and visit.state is not VisitState.CONNECTED:
            self._moves.rerank(visit, event.priority, event.head_start_seconds, now)

    def _caller_left(self, event: CallerLeft, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is not None and (visit.is_on_line or visit.state is VisitState.CONNECTED):
            self._moves.leave(visit, now)

    def _session_lost(self, event: SessionLost, now: float) -> None:
        if (visit := self.visits.get(event.visit_id)) is not None:
            self._moves.detach(visit, now)

    def _caller_keyed(self, event: CallerKeyed, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is None or not visit.is_on_line or event.key not in visit.queue.keys or visit.deaf_until > now:
            return
        if visit.queue.keys[event.key] == CALLBACK_KEY:
            calling_back.propose(self._moves, CallbackWanted(visit.visit_id), now)
        else:
            self._moves.exit_by_key(visit, event.key, now)

    def _queue_opened(self, event: QueueOpened, now: float) -> None:
        queue_id = self._queue(event.queue_id).queue_id
        self._moves.closed.discard(queue_id)
        self._moves.quiet.discard(queue_id)
        calling_back.hours_changed(self._moves, queue_id, now)

    def _queue_closed(self, event: QueueClosed, now: float) -> None:
        queue_id = self._queue(event.queue_id).queue_id
        if not event.callbacks_only:
            self._moves.closed.add(queue_id)
            self._moves.floor_is_doubtful = True
        self._moves.quiet.add(queue_id)
        calling_back.hours_changed(self._moves, queue_id, now)

    def _let_go(self, now: float) -> None:
        """Let those go who cannot be served any more: this event may have made it so."""
        for visit, reason in list(dismissals(self._moves)):
            self._moves.dismiss(visit, reason, now)

    def outlook(self, visit_id: str) -> Outlook | None:
        """What can be told to this caller now; None unless they wait."""
        visit = self.visits.get(visit_id)
        if visit is None or visit.state is not VisitState.WAITING:
            return None
        wait = estimate(self._moves, visit)
        return Outlook(position(self._moves, visit), wait.high_seconds if wait else None)

    # Offers and talks

    def _offer_picked_up(self, event: OfferPickedUp, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is not None and (offer := visit.offers.get(event.agent_id)) is not None:
            visit.picked_up.setdefault(offer.offer_id, now)

    def _offer_answered(self, event: OfferAnswered, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is None:
            return  # the caller left while the agent answered: Asterisk has ended that leg with the caller's
        if not visit.is_on_line:
            return  # the agent's phone was answered and not the caller's: AgentReached goes on from here
        if (offer := visit.offers.get(event.agent_id)) is not None:
            self._moves.connect(visit, offer, now, now)
        elif visit.agent_id != event.agent_id:
            # Answered while the offer was being taken back, or after another (asterisk#176, asterisk#313): one caller
            # has one agent. From the agent whom the visit has, this is old news.
            self._moves.do(StopRinging(visit.visit_id, visit.call_id, event.agent_id))

    def _offer_failed(self, event: OfferFailed, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is None:
            return
        for offer in visit.offers.values():
            if offer.offer_id == event.offer_id:
                self._moves.end_offer(visit, offer, event.outcome, now)
                return

    def _talk_ended(self, event: TalkEnded, now: float) -> None:
        visit = self.visits.get(event.visit_id)
        if visit is None:
            return  # reported before, by the session or by AMI
        if visit.offers and event.answered_seconds is not None:
            offer = visit.offers.get(event.agent_id) or next(iter(visit.offers.values()))
            # Of a consult that was handed over Asterisk counts the agents' own talk as well.
            at = max(offer.made, visit.arrived, now - event.answered_seconds)
            self._moves.connect(visit, offer, at, now)
        self._moves.end_talk(visit, now, by_agent=event.by_agent)

    def _talk_changed(self, event: TalkChanged, now: float) -> None:
        if (visit := self.visits.get(event.visit_id)) is not None:
            self._moves.change_talk(visit, event.reason, now)

    def _dispatch(self, now: float) -> None:
        """Make every offer that can be made."""
        if not self.switch_seen or (self._settle_deadline is not None and self._settling(self._settle_deadline, now)):
            return
        line, free = self.line, self.free
        free.wake(now)
        while free.news or line.news or line.private_news:
            pair = next_pair(line, free, self.agents, now)
            if pair is None:
                line.looked()
                free.looked()
            else:
                self._bring_together(*pair, now)

    def _bring_together(self, visit: Visit, agent: Agent, now: float) -> None:
        if calling_back.calls_first(visit):
            calling_back.call(self._moves, visit, now)
            return
        rung = (agent,) if visit.queue.strategy is not Strategy.RING_ALL else self._rung_with(visit, agent, now)
        self._moves.offer(visit, rung, now)

    def _rung_with(self, visit: Visit, agent: Agent, now: float) -> Sequence[Agent]:
        """A caller who is kept for an agent has found just that one, by a hold and not by their place; a callback is
        offered to one agent at a time."""
        if not visit.is_on_line or kept_for(visit, self.agents, now) is not None:
            return (agent,)
        return everyone_for(visit, self.free, now, self.floor.ring_all_max)

    # Agents

    def _agent_asked(self, event: AgentAsked, now: float) -> None:
        agent = self._own_agent(event.agent_id)
        self._moves.staff.ask(agent, event.state, event.reason, event.phones, now)

    def _disposition_given(self, event: DispositionGiven, now: float) -> None:
        self._moves.staff.dispose(self._agent(event.agent_id), event.code, now)

    def _talk_taken(self, event: TalkTaken, now: float) -> None:
        agent = self._agent(event.agent_id)
        if (visit := self.visits.get(event.visit_id)) is not None:
            take_over(self._moves, visit, agent, now)

    def _agent(self, agent_id: str) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            raise UnknownName(f"agent {agent_id!r}")
        return agent

    def _own_agent(self, agent_id: str) -> Agent:
        """One who may still ask for something: who is being removed finishes the call and no more."""
        if agent_id in self._moves.leaving:
            raise UnknownName(f"agent {agent_id!r}")
        return self._agent(agent_id)

    def _queue(self, queue_id: str) -> QueueRules:
        queue = self.floor.queues.get(queue_id) or self._moves.closing.get(queue_id)
        if queue is None:
            raise UnknownName(f"queue {queue_id!r}")
        return queue

    def _device_changed(self, event: DeviceChanged, now: float) -> None:
        try:
            self._moves.staff.set_device(event.phone, event.device, now)
        except KeyError:
            raise UnknownName(f"phone {event.phone!r}") from None

    # The site and the switch

    def _floor_changed(self, event: FloorChanged, now: float) -> None:
        change_floor(self._moves, event.floor, now)
        self._look()

    def _switch_seen(self, event: SwitchSeen, now: float) -> None:
        self.switch_seen = True
        reconcile(self._moves, event, now)

    def _switch_lost(self, event: SwitchLost, now: float) -> None:
        self.switch_seen = False

    def _restored(self, event: Restored, now: float) -> None:
        restore(self._moves, event, now)
        self._look()
        self._settle_deadline = now + self.floor.settle_seconds
        self._moves.alarm(self._settle_deadline, "")

    def _settling(self, deadline: float, now: float) -> bool:
        """After a restart nobody is offered before the callers are back, or have had the time to be."""
        settled = now >= deadline or not self._moves.absent
        if settled:
            self._settle_deadline = None
        return not settled

    # Time

    def _tick(self, event: Tick, now: float) -> None:
        """Act on what is due. A rest that ends needs no act: the dispatch that follows sees it."""
        alarms = self._moves.alarms
        while alarms and alarms[0][0] <= now:
            _, key = heapq.heappop(alarms)
            if (visit := self.visits.get(key)) is not None:
                self._visit_due(visit, now)
            elif (agent := self.agents.get(key)) is not None and is_due(agent.wrap_up_deadline, now):
                self._moves.staff.end_wrap_up(agent, now)

    def _visit_due(self, visit: Visit, now: float) -> None:
        if visit.state is VisitState.CONNECTED:
            return  # the commonest alarm: of an offer that was answered in its time
        if visit.offers and (expired := [one for one in visit.offers.values() if one.lease_deadline <= now]):
            if self.switch_seen:  # else no answer could be heard: the next snapshot sets this alarm again
                self._end_leases(visit, expired, now)
        elif not visit.is_on_line and visit.state is VisitState.WAITING:
            calling_back.is_due(self._moves, visit, now)
        elif is_due(visit.wait_deadline, now):
            self._moves.time_out(visit, now)
        elif is_due(visit.overflow_deadline, now):
            self._moves.move_on(visit, now)
        else:
            self._moves.wait_again(visit, now)

    def _end_leases(self, visit: Visit, expired: list[Offer], now: float) -> None:
        for offer in expired:
            self._moves.do(StopRinging(visit.visit_id, visit.call_id, offer.agent_id))
            if visit.callback is not None and visit.callback.attempt is not None:
                calling_back.fail(self._moves, visit, AttemptOutcome.ERROR, now)
            else:
                self._moves.end_offer(visit, offer, OfferOutcome.ERROR, now)


Act = Callable[[Engine, Any, float], object]


def _of_moves(act: Callable[[Moves, Any, float], object]) -> Act:
    """What needs nothing of the engine but its moves."""
    return lambda engine, event, now: act(engine._moves, event, now)


ACTS: Final[Mapping[type[Event], Act]] = {
    CallerJoined: Engine._caller_joined,
    CallerRanked: Engine._caller_ranked,
    CallerLeft: Engine._caller_left,
    CallerKeyed: Engine._caller_keyed,
    QueueOpened: Engine._queue_opened,
    QueueClosed: Engine._queue_closed,
    SessionLost: Engine._session_lost,
    **{event: _of_moves(act) for event, act in calling_back.ACTS.items()},
    OfferPickedUp: Engine._offer_picked_up,
    OfferAnswered: Engine._offer_answered,
    OfferFailed: Engine._offer_failed,
    TalkEnded: Engine._talk_ended,
    TalkTaken: Engine._talk_taken,
    TalkChanged: Engine._talk_changed,
    CallerTransferred: _of_moves(transfer),
    CallerHandedOver: _of_moves(hand_over),
    AgentAsked: Engine._agent_asked,
    DispositionGiven: Engine._disposition_given,
    DeviceChanged: Engine._device_changed,
    FloorChanged: Engine._floor_changed,
    Restored: Engine._restored,
    SwitchSeen: Engine._switch_seen,
    SwitchLost: Engine._switch_lost,
    Tick: Engine._tick,
}
"""What each event leads to: every member of Event has its row, as a test makes sure."""
