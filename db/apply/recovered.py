"""What Asterisk's legs tell about a visit whose end a restarted ACD learned late: when it was, whether there had been
a talk, and who ended it.

A function of rows, like all of settling. The caller was answered long before the agent, so a CDR does not tell when
the agent answered: a talk that nobody saw begin is counted from its offer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from db.apply.visits import TRANSFERRED
from db.moments import seconds_between
from db.schema import Leg, Offer, QueueVisit

_TRANSFER_CONTEXT: Final = "transfer"
"""Of the dialplan: where Asterisk sends a caller who is transferred; the Dial's CDR ends there."""
_AGENT_FIRST_CONTEXT: Final = "callback-agent"
"""Where an agent waits for the caller who is called back."""
_AT_ONCE: Final = timedelta(milliseconds=10)


def legs_after(before: QueueVisit | None, legs: Sequence[Leg]) -> Sequence[Leg]:
    """The legs that can tell of this caller's visit after that one: not that of the talk which they were handed over
    from, though whoever was consulted may have answered before its end."""
    if before is None or before.ended_at is None or before.outcome != TRANSFERRED:
        return legs
    return [leg for leg in legs if leg.ended_at > before.ended_at + _AT_ONCE]


def may_hide_a_talk(visit: QueueVisit) -> bool:
    """The phone rang when the ACD died, and the caller was gone when it came back."""
    return visit.recovered and visit.outcome == "abandoned_ringing"


def correct(visit: QueueVisit, legs: Sequence[Leg], offers: Sequence[Offer]) -> None:
    """Bring a recovered visit up to the legs of its caller's channel.

    Args:
        offers: of this visit, oldest first; needed where it may hide a talk.
    """
    if not visit.recovered or visit.ended_at is None:
        return
    since = visit.connected_at or visit.arrived_at
    later = sorted((leg for leg in legs if leg.ended_at >= since), key=lambda leg: leg.ended_at)
    if not later:
        return
    if may_hide_a_talk(visit) and offers:
        _find_talk(visit, later, [offer for offer in offers if offer.created_at == offers[-1].created_at])
    if visit.connected_at is None:
        visit.ended_at = min(visit.ended_at, later[-1].ended_at)
        visit.wait_seconds = seconds_between(visit.arrived_at, visit.ended_at)
    else:
        _correct_talk(visit, [leg for leg in later if leg.ended_at >= visit.connected_at])


def _find_talk(visit: QueueVisit, legs: Sequence[Leg], offers: Sequence[Offer]) -> None:
    """An answered leg to an agent who was rung last: caller and agent have talked, and nobody was there to see it."""
    offer = next((one for one in offers if any(_is_talk(leg, one) for leg in legs)), None)
    if offer is None:
        return
    for other in offers:
        other.outcome = "cancel_other_won"
    offer.outcome, offer.ended_at, offer.ring_seconds = "answered", offer.created_at, 0.0
    since = max(visit.arrived_at, offer.created_at)  # a phone may ring for a consult before it is the caller's
    visit.connected_at, visit.agent_id, visit.offer_id = since, offer.agent_id, offer.offer_id
    visit.wait_seconds, visit.ring_seconds = seconds_between(visit.arrived_at, since), 0.0


def _is_talk(leg: Leg, offer: Offer) -> bool:
    to_agent = leg.destination_channel.startswith(f"PJSIP/{offer.agent_id}-")
    return to_agent and leg.cdr_disposition == "ANSWERED" and leg.ended_at >= offer.created_at


def of_callback(legs: Sequence[Leg], others: Sequence[Leg]) -> list[Leg]:
    """The legs of a talk that came of a callback, as they were for the caller. Where the agent was called first, the
    Dial is on the agent's channel; what became of the caller afterwards is on theirs.

    Args:
        legs: of the channel that began the call.
        others: of the others in it.
    """
    agent_first = any(leg.context == _AGENT_FIRST_CONTEXT for leg in legs)
    return [*(leg for leg in legs if leg.destination_channel), *others] if agent_first else list(legs)


def _goes_on(leg: Leg, legs: Iterable[Leg]) -> bool:
    """Asterisk has taken the near half of a consult out of the talk: another leg had begun before this one's end."""
    return _is_with_consult(leg) and any(other.started_at < leg.ended_at < other.ended_at for other in legs)


def _correct_talk(visit: QueueVisit, legs: Sequence[Leg]) -> None:
    """The talk ended with the leg that ended first after connect. Where the caller's channel went on after it, the
    dialplan had it back: the agent had hung up, or sent the caller on."""
    assert visit.connected_at is not None and visit.ended_at is not None, "a talk that is over"
    legs = [leg for leg in legs if not _goes_on(leg, legs) and not _has_only_rung(leg)] or list(legs)
    end = legs[0].ended_at
    if visit.outcome != TRANSFERRED:
        went_on = any(leg.started_at >= end for leg in legs[1:])
        sent_on = legs[0].context == _TRANSFER_CONTEXT
        visit.outcome = TRANSFERRED if sent_on else "completed_by_agent" if went_on else "completed_by_caller"
    visit.ended_at = min(visit.ended_at, end)
    visit.talk_seconds = seconds_between(visit.connected_at, visit.ended_at)


def _has_only_rung(leg: Leg) -> bool:
    """Of several phones that rang at once this one lost, or nobody picked it up."""
    return bool(leg.destination_channel) and leg.cdr_disposition != "ANSWERED"


def _is_with_consult(leg: Leg) -> bool:
    """The caller was bridged with the near half of a consult by keys: the agent has handed them over."""
    channel = leg.destination_channel
    return channel.startswith("Local/") and f"@{_TRANSFER_CONTEXT}-" in channel and channel.endswith(";1")


def _is_handed_over(before: QueueVisit, consult: QueueVisit, legs: Iterable[Leg], asked: Iterable[Leg]) -> bool:
    """By keys the caller is with the consult's near half, by phone with the phone that the consult has rung."""
    if consult.call_id == before.call_id:
        return any(map(_is_with_consult, legs))
    return bool({leg.destination_channel for leg in legs} & {leg.destination_channel for leg in asked} - {""})


def adopt(before: QueueVisit, consult: QueueVisit, legs: Iterable[Leg], asked: Iterable[Leg]) -> bool:
    """The agent's consult is the caller's visit from the end of the talk on, where only the legs tell that the agent
    handed the caller over to it. Answers whether it is.

    Args:
        legs: of the caller's channel.
        asked: of the agent's channel in the consult, where it was a call of its own.
    """
    if before.ended_at is None or not (before.recovered and consult.recovered):
        return False
    if consult.from_visit_id != before.visit_id or not _is_handed_over(before, consult, legs, asked):
        return False
    before.outcome = TRANSFERRED
    consult.entered_via, consult.caller_number = "transfer", before.caller_number
    consult.call_id, consult.call_arrived_at = before.call_id, before.call_arrived_at
    consult.arrived_at = consult.connected_at or before.ended_at
    if consult.connected_at is not None:
        consult.wait_seconds = 0.0  # the agent's wait, and no caller's
    before.destination_kind, before.destination = "queue", consult.queue
    return True


def link(before: QueueVisit, visit: QueueVisit) -> None:
    """Two visits of a call that follow each other: only the legs have told that a transfer lies between them."""
    if before.recovered and before.outcome == TRANSFERRED and visit.from_visit_id == before.visit_id:
        visit.entered_via = "transfer"
        if before.destination_kind is None:
            before.destination_kind, before.destination = "queue", visit.queue
        if visit.offer_id is None and visit.connected_at is not None and before.ended_at is not None:
            _begin_with_the_end_of(before.ended_at, visit)


def _begin_with_the_end_of(talk_before: datetime, visit: QueueVisit) -> None:
    """Handed to a colleague, and rung for nobody: they have had the caller since then, whenever that was learned."""
    visit.arrived_at = visit.connected_at = talk_before
    if visit.ended_at is not None:
        visit.talk_seconds = seconds_between(talk_before, visit.ended_at)


def with_consults(legs: Iterable[Leg], agents_legs: Sequence[Leg]) -> list[Leg]:
    """The legs of the caller's channel as they were for the caller, in copies.

    Asterisk ends a Dial's CDR when the agent leaves the caller to consult by keys, and begins none for the caller who
    is kept waiting, but one for the agent's channel.
    """
    return [_longer(leg, agents_legs) for leg in legs]


def _longer(leg: Leg, agents_legs: Iterable[Leg]) -> Leg:
    ends = (
        one.ended_at
        for one in agents_legs
        if one.channel == leg.destination_channel and one.started_at >= leg.ended_at - _AT_ONCE
    )
    values = {column.name: getattr(leg, column.name) for column in Leg.__table__.columns}
    return Leg(**{**values, "ended_at": max(ends, default=leg.ended_at)})
