"""What happens to callbacks: asked for, kept in the line, brought together with an agent, tried again, given up.

The rules of a telephone visit hold for a callback wherever nothing is said here: it is offered, connected, completed
and recorded like one. Source: callbacks of Amazon Connect and Genesys Cloud, as far as they agree.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from math import inf
from typing import Any, Final, NamedTuple

from acd.callback import Attempt, AttemptOutcome, Callback, CallbackMode, CallbackRules, offer_of
from acd.commands import DialCaller, KeepOne, ProposeCallback, ReachCaller, StopReaching, StopRinging
from acd.events import (
    AgentReached,
    CallbackAnswered,
    CallbackAsked,
    CallbackBooked,
    CallbackCancelled,
    CallbackDeclined,
    CallbackEvent,
    CallbackFailed,
    CallbackWanted,
    SwitchSeen,
)
from acd.handover import origin_of
from acd.model import OfferOutcome, QueueRules, Visit, VisitOutcome, VisitState
from acd.moves import Moves
from acd.transitions import VisitStep, move_visit

DEAF_SECONDS = 1.0
"""The last key of a dialogue is heard by AMI as well, a moment later."""


class Consequence(NamedTuple):
    """What an attempt that failed leads to."""

    counts: bool
    """It is one of those that the queue grants; the next one comes after a while."""
    agent: OfferOutcome
    """How the offer ends of the agent who waited for the caller: whose fault it was."""


CONSEQUENCES: Mapping[AttemptOutcome, Consequence] = {
    AttemptOutcome.NO_ANSWER: Consequence(True, OfferOutcome.CANCEL_CALLER),
    AttemptOutcome.BUSY: Consequence(True, OfferOutcome.CANCEL_CALLER),
    AttemptOutcome.UNREACHABLE: Consequence(True, OfferOutcome.CANCEL_CALLER),
    AttemptOutcome.ERROR: Consequence(True, OfferOutcome.ERROR),
    AttemptOutcome.AGENT_LEFT: Consequence(False, OfferOutcome.ERROR),
    AttemptOutcome.FORBIDDEN: Consequence(True, OfferOutcome.CANCEL_CALLER),
    AttemptOutcome.CANCELLED: Consequence(False, OfferOutcome.CANCEL_CALLER),
}
"""Of every outcome but an answer."""
_FORBIDDEN = AttemptOutcome.FORBIDDEN


# Asked for


def propose(moves: Moves, event: CallbackWanted, now: float) -> None:
    visit = moves.visits.get(event.visit_id)
    if visit is None or visit.state is not VisitState.WAITING or not visit.is_on_line:
        return
    if visit.queue.callback is None or visit.deaf_until > now:
        return
    visit.deaf_until = inf
    moves.do(ProposeCallback(visit.visit_id))


def _decline(moves: Moves, event: CallbackDeclined, now: float) -> None:
    if (visit := moves.visits.get(event.visit_id)) is not None:
        visit.deaf_until = now + DEAF_SECONDS


def _cancel(moves: Moves, event: CallbackCancelled, now: float) -> None:
    if (visit := moves.visits.get(event.callback_id)) is not None and visit.callback is not None:
        withdraw(moves, visit, "cancelled", now)


def _ask(moves: Moves, event: CallbackAsked, now: float) -> None:
    visit = moves.visits.get(event.visit_id)
    if visit is None:
        return
    visit.deaf_until = now + DEAF_SECONDS  # where the site has no callbacks any more, or an agent rings, they wait on
    if visit.queue.callback is not None:
        _take(moves, visit, visit.queue.callback, event, now)


def _book(moves: Moves, event: CallbackBooked, now: float) -> None:
    """As if the caller had come to the queue and taken a callback in the same moment: no limit of the line and no
    want of agents keeps anybody from it who does not wait there."""
    joined = event.joined
    queue = moves.floor.queues.get(joined.queue_id)
    known = joined.visit_id in moves.ended or joined.visit_id in moves.visits
    if queue is None or queue.callback is None or known or is_refused(queue, moves.quiet):
        return
    visit = moves.entry.joined(joined, queue, now)
    visit.entered_via, visit.from_visit_id, visit.first_arrived = origin_of(moves, joined, now)
    moves.enter(visit, joined.waited_seconds, now)
    _take(moves, visit, queue.callback, event, now)


def is_refused(queue: QueueRules, quiet: Collection[str]) -> bool:
    """Answer whether no menu may take a callback for this queue now.

    Args:
        quiet: queues in whose name nobody is called now.
    """
    return queue.callback is None or (queue.callback.refuses_when_closed and queue.queue_id in quiet)


def _take(moves: Moves, visit: Visit, rules: CallbackRules, event: CallbackAsked | CallbackBooked, now: float) -> None:
    if not move_visit(visit, VisitStep.TAKE_CALLBACK):
        return
    kept = _better_place(moves, visit, event.number)
    callback_id = kept.visit_id if kept is not None else moves.new_id()
    moves.record(
        "CALLBACKTAKEN",
        visit_id=visit.visit_id,
        callback_id=callback_id,
        number=event.number,
        language=event.language,
        delay_seconds=rules.initial_delay_seconds,
        wait_seconds=now - visit.arrived,
    )
    moves.close_visit(visit, VisitOutcome.CALLBACK_TAKEN, now)
    if kept is None:
        if (worse := of_number(moves, visit.queue, event.number)) is not None:
            withdraw(moves, worse, "asked_again", now)
        due = now + rules.initial_delay_seconds
        _wait(moves, _callback_of(visit, callback_id, event, now, due), now)


def _better_place(moves: Moves, visit: Visit, number: str) -> Visit | None:
    """The callback that this number has already, where its place is the better one or it is being carried out."""
    known = of_number(moves, visit.queue, number)
    if known is None or (known.state is VisitState.WAITING and known.rank > visit.rank):
        return None
    return known


def _callback_of(
    visit: Visit, callback_id: str, event: CallbackAsked | CallbackBooked, now: float, due: float
) -> Visit:
    """What the caller asks for and ranks by, without what belonged to the call."""
    return replace(
        visit,
        visit_id=callback_id,
        call_id="",
        caller_number=event.number,
        state=VisitState.WAITING,
        attached=True,
        offers={},
        hold_deadline=None,
        wait_deadline=None,
        overflow_deadline=None,
        resumed_visit_id="",
        refused_until={},
        callback=Callback(asked=now, language=event.language, due=due),
        deaf_until=0.0,
    )


def _wait(moves: Moves, visit: Visit, now: float) -> None:
    """Take a callback into the line, now or when it is due."""
    moves.visits[visit.visit_id] = visit
    moves.callbacks[visit.queue.queue_id, visit.caller_number] = visit.visit_id
    moves.bound_wait(visit)
    place(moves, visit, now)


def of_number(moves: Moves, queue: QueueRules, number: str) -> Visit | None:
    """The callback of this queue that this number waits for; one that has come to a talk is waited for no more."""
    visit = moves.visits.get(moves.callbacks.get((queue.queue_id, number), ""))
    if visit is None or visit.is_on_line or visit.state is VisitState.CONNECTED:
        return None
    return visit


def place(moves: Moves, visit: Visit, now: float) -> None:
    """Put a callback where it belongs: into the line while it may be offered."""
    callback = _of(visit)
    callback.in_line = callback.due <= now and callback.attempt is None and visit.queue.queue_id not in moves.quiet
    if callback.due > now:
        moves.alarm(callback.due, visit.visit_id)
    moves.wait_again(visit, now)


def hours_changed(moves: Moves, queue_id: str, now: float) -> None:
    """Nobody is called outside the hours of the queue; who asked before is called when it opens again."""
    for (name, _), callback_id in list(moves.callbacks.items()):
        if name == queue_id and not (visit := moves.visits[callback_id]).is_on_line:
            place(moves, visit, now)


# Carried out


def calls_first(visit: Visit) -> bool:
    """Answer whether the caller is called before any agent is rung."""
    return not visit.is_on_line and _rules(visit).mode is CallbackMode.CALLER_FIRST


def call(moves: Moves, visit: Visit, now: float) -> None:
    """Somebody could serve this caller: call them. The agent stays free, for whoever is next."""
    rules, attempt_id = _rules(visit), moves.new_id()
    visit.call_id = attempt_id
    _begin(moves, visit, Attempt(attempt_id, "", now))
    _bound(moves, visit, now)
    place(moves, visit, now)
    language = _of(visit).language
    moves.do(ReachCaller(visit.visit_id, attempt_id, visit.caller_number, rules.ring_seconds, language))


def reached(moves: Moves, visit: Visit, now: float) -> None:
    """A hold session has the caller who was called: from now on they wait on the line, at the kept place."""
    callback = _of(visit)
    if callback.reached:
        return
    if callback.attempt is None:  # given up by its lease, and answered all the same
        _begin(moves, visit, Attempt(visit.call_id, "", now))
    moves.end_attempt(visit, AttemptOutcome.ANSWERED)
    callback.reached = True


def _agent_reached(moves: Moves, event: AgentReached, now: float) -> None:
    """Let the caller be dialled by the first phone that was answered; asked again after a restart, the answer is the
    same attempt. Who picks up another phone of theirs is let go."""
    visit = moves.visits.get(event.callback_id)
    offer = None if visit is None else next(iter(visit.offers.values()), None)
    if visit is None or visit.callback is None or offer is None or offer.offer_id != offer_of(event.channel_id):
        return
    attempt = visit.callback.attempt
    if attempt is None:
        visit.call_id = event.channel_id
        _begin(moves, visit, Attempt(event.channel_id, offer.agent_id, now))
        if len(offer.phones) != 1:  # none: not known since a restart
            moves.do(KeepOne(visit.visit_id, offer.offer_id, event.channel_id))
    elif attempt.attempt_id != event.channel_id:
        return
    visit.offers[offer.agent_id] = offer._replace(lease_deadline=_bound(moves, visit, now))
    moves.do(DialCaller(visit.visit_id, event.channel_id, visit.caller_number, _rules(visit).ring_seconds))


def _begin(moves: Moves, visit: Visit, attempt: Attempt) -> None:
    """The record comes before the call: killed in between, the next process finds an attempt and asks Asterisk."""
    _of(visit).attempt = attempt
    moves.record(
        "CALLBACKATTEMPT",
        callback_id=visit.visit_id,
        attempt_id=attempt.attempt_id,
        agent_id=attempt.agent_id,
        number=visit.caller_number,
    )


def _bound(moves: Moves, visit: Visit, now: float) -> float:
    """Until when something must have been heard of an attempt."""
    rules = _rules(visit)
    deadline = now + rules.whisper_seconds_max + rules.ring_seconds + moves.floor.lease_grace_seconds
    moves.alarm(deadline, visit.visit_id)
    return deadline


def lease(moves: Moves, visit: Visit) -> float:
    """Until when something must have been heard of the attempt that is being made."""
    attempt = _of(visit).attempt
    assert attempt is not None, "asked of an attempt only"
    rules = _rules(visit)
    return attempt.made + rules.whisper_seconds_max + rules.ring_seconds + moves.floor.lease_grace_seconds


def _answered(moves: Moves, event: CallbackAnswered, now: float) -> None:
    visit = moves.visits.get(event.callback_id)
    if visit is None or (attempt := _attempt(visit, event.attempt_id)) is None:
        return
    if (offer := visit.offers.get(attempt.agent_id)) is not None:
        moves.connect(visit, offer, now, now)


def _failed(moves: Moves, event: CallbackFailed, now: float) -> None:
    visit = moves.visits.get(event.callback_id)
    if visit is None:
        return
    offer = next(iter(visit.offers.values()), None)
    rings = visit.callback is not None and visit.callback.attempt is None and offer is not None
    if rings and offer is not None and offer.offer_id == event.attempt_id and event.outcome is _FORBIDDEN:
        _begin(moves, visit, Attempt(offer.offer_id, offer.agent_id, now))  # refused before any phone could ring
    if _attempt(visit, event.attempt_id) is not None:
        fail(moves, visit, event.outcome, now)


def fail(moves: Moves, visit: Visit, outcome: AttemptOutcome, now: float) -> None:
    """The attempt came to nothing: the place is kept for the next one, unless it was the last."""
    consequence, callback, rules = CONSEQUENCES[outcome], _of(visit), _rules(visit)
    callback.attempts += consequence.counts
    is_last = callback.attempts >= rules.attempts or outcome is _FORBIDDEN
    retry_seconds = rules.retry_seconds if consequence.counts and not is_last else 0.0
    moves.end_attempt(visit, outcome, retry_seconds)
    callback.due = now + retry_seconds
    for offer in list(visit.offers.values()):
        moves.end_offer(visit, offer, consequence.agent, now)
    if is_last:
        cause = "forbidden" if outcome is _FORBIDDEN else "attempts"
        _close(moves, visit, VisitOutcome.CALLBACK_FAILED, cause, now)
    else:
        place(moves, visit, now)


def withdraw(moves: Moves, visit: Visit, cause: str, now: float) -> None:
    """Take a callback back: whatever rings for it stops. One that has come to a talk goes on.

    Args:
        cause: `cancelled`, `rang_in`, `asked_again`.
    """
    callback = _of(visit)
    if visit.is_on_line or visit.state is VisitState.CONNECTED:
        return
    for offer in visit.offers.values():
        moves.do(StopRinging(visit.visit_id, visit.call_id, offer.agent_id))
    if (attempt := callback.attempt) is not None:
        moves.end_attempt(visit, AttemptOutcome.CANCELLED)
        if not attempt.agent_id:
            moves.do(StopReaching(attempt.attempt_id))
    for offer in list(visit.offers.values()):
        moves.end_offer(visit, offer, OfferOutcome.CANCEL_CALLER, now)
    _close(moves, visit, VisitOutcome.CALLBACK_CANCELLED, cause, now)


def _close(moves: Moves, visit: Visit, outcome: VisitOutcome, cause: str, now: float) -> None:
    move_visit(visit, VisitStep.WITHDRAW)
    moves.record(
        "CALLBACKEND",
        callback_id=visit.visit_id,
        outcome=outcome,
        cause=cause,
        wait_seconds=now - visit.arrived,
    )
    moves.close_visit(visit, outcome, now)


# Time and restarts


def is_due(moves: Moves, visit: Visit, now: float) -> None:
    """An alarm of a callback: the next attempt may be made, or nothing was heard of the one that is being made."""
    callback = _of(visit)
    if callback.attempt is None:
        place(moves, visit, now)
    elif lease(moves, visit) <= now:
        moves.do(StopReaching(callback.attempt.attempt_id))
        fail(moves, visit, AttemptOutcome.ERROR, now)


def catch_up(moves: Moves, visit: Visit, seen: SwitchSeen, now: float) -> None:
    """Make a callback equal to what Asterisk shows: an attempt whose channel is gone is over, however it went."""
    callback = _of(visit)
    attempt = callback.attempt
    if visit.state is VisitState.CONNECTED:
        if visit.visit_id not in seen.talking:
            moves.end_talk(visit, now, by_agent=visit.visit_id in seen.present, recovered=True)
    elif visit.state is VisitState.OFFERED:
        rings = seen.ringing.get(visit.visit_id, frozenset())
        if not rings & visit.offers.keys():
            if attempt is not None:
                fail(moves, visit, AttemptOutcome.ERROR, now)
            else:
                moves.end_offers(visit, OfferOutcome.ERROR, now)
    elif attempt is not None:
        if visit.visit_id not in seen.present:
            fail(moves, visit, AttemptOutcome.ERROR, now)
        else:
            moves.alarm(lease(moves, visit), visit.visit_id)


def open_callbacks(visits: Iterable[Visit]) -> list[Visit]:
    """Those who wait to be called or are being called, in the order of the line."""
    waiting = (one for one in visits if not one.is_on_line and one.state is not VisitState.CONNECTED)
    return sorted(waiting, key=lambda visit: visit.rank)


def _attempt(visit: Visit, attempt_id: str) -> Attempt | None:
    """The attempt of that id, where it is the one that is being made."""
    attempt = visit.callback.attempt if visit.callback is not None else None
    return attempt if attempt is not None and attempt.attempt_id == attempt_id else None


def _of(visit: Visit) -> Callback:
    assert visit.callback is not None, "asked of callbacks only"
    return visit.callback


def _rules(visit: Visit) -> CallbackRules:
    """The queue's; a site may have lost the word since the callback was asked for, and owes it all the same."""
    return visit.queue.callback or CallbackRules()


ACTS: Final[Mapping[type[CallbackEvent], Callable[[Moves, Any, float], None]]] = {
    CallbackWanted: propose,
    CallbackDeclined: _decline,
    CallbackAsked: _ask,
    CallbackBooked: _book,
    CallbackCancelled: _cancel,
    AgentReached: _agent_reached,
    CallbackAnswered: _answered,
    CallbackFailed: _failed,
}
"""What each event about callbacks does. One about what is over already changes nothing."""
