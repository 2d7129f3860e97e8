"""Conclude the end and the outcome of calls from the facts of all files, whichever was read first.

Everything here is a function of rows: settling a call twice, or once after each fact, ends in the same row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import and_, or_

from db.apply import recovered
from db.apply.batch import Batch
from db.apply.calls import SERVED
from db.apply.switch import START_ROUNDING, began_before
from db.apply.visits import CONSULT, TRANSFERRED
from db.schema import Call, IvrStep, Leg, Offer, QueueVisit, SwitchRun

# Of a call without a visit. What is missing here was left by its caller.
SELF_SERVED_IVR_OUTCOMES = frozenset({"hung_up", "script"})
ONWARD = "onward"
"""The dialplan's context in which the menus send callers on."""
_CALLS_PER_QUERY = 500


def settle(batch: Batch) -> None:
    """Bring the rows of the calls that are unsettled up to their facts."""
    ordered = sorted(batch.unsettled)
    for start in range(0, len(ordered), _CALLS_PER_QUERY):
        _settle_some(batch, ordered[start : start + _CALLS_PER_QUERY])


def _settle_some(batch: Batch, unsettled: Sequence[str]) -> None:
    call_ids = sorted({*unsettled, *_callers_of_consults(batch, unsettled)})
    legs: defaultdict[str, list[Leg]] = defaultdict(list)
    for leg in batch.query(Leg, Leg.uniqueid.in_(call_ids)):
        legs[leg.uniqueid].append(leg)
    visits: defaultdict[str, list[QueueVisit]] = defaultdict(list)
    callers = (QueueVisit.call_id.in_(call_ids), QueueVisit.entered_via != CONSULT)
    for visit in batch.query(QueueVisit, *callers, order_by=(QueueVisit.arrived_at, QueueVisit.visit_id)):
        visits[visit.call_id or ""].append(visit)
    runs = batch.query(SwitchRun, order_by=(SwitchRun.started_at,))
    served = _served(batch, call_ids)
    learned_late = [one for one, found in visits.items() if any(visit.recovered for visit in found)]
    unseen = _legs_of_agents(batch, learned_late)
    consults = _consults(batch, [visit for one in learned_late for visit in visits[one] if visit.recovered])
    found = [*visits.values(), *consults.values()]
    offers = _offers_in_doubt(batch, [visit for of_call in found for visit in of_call])
    asked = _legs_of_consults(batch, [consult for of_call in consults.values() for consult in of_call])
    batch.look_up(Call, call_ids)
    for call in filter(None, (batch.find(Call, call_id) for call_id in call_ids)):
        own = legs[call.call_id]
        if call.call_id in unseen:
            own = recovered.with_consults(own, unseen[call.call_id])
        mine = visits[call.call_id]
        for earlier, visit in zip([None, *mine], mine, strict=False):
            recovered.correct(visit, recovered.legs_after(earlier, own), offers[visit.visit_id])
        for consult in consults[call.call_id]:
            told_by = asked[consult.call_id or ""]
            before = next((one for one in mine if recovered.adopt(one, consult, own, told_by)), None)
            if before is not None:
                recovered.correct(consult, recovered.legs_after(before, own), offers[consult.visit_id])
                mine.append(consult)
        for earlier, visit in pairwise(mine):
            recovered.link(earlier, visit)
        _conclude(call, own, mine, runs, call.call_id in served)
    for call_id in learned_late:
        if batch.find(Call, call_id) is None:  # nobody called in: a callback
            for visit in visits[call_id]:
                recovered.correct(visit, recovered.of_callback(legs[call_id], unseen[call_id]), offers[visit.visit_id])


def _legs_of_agents(batch: Batch, call_ids: Sequence[str]) -> defaultdict[str, list[Leg]]:
    """The legs of these calls that are of another channel than the caller's."""
    found: defaultdict[str, list[Leg]] = defaultdict(list)
    if call_ids:
        for leg in batch.query(Leg, Leg.linkedid.in_(call_ids), Leg.uniqueid != Leg.linkedid):
            found[leg.linkedid].append(leg)
    return found


def _callers_of_consults(batch: Batch, call_ids: Sequence[str]) -> set[str]:
    """The calls of whoever was asked about in these: a consult by phone is a call of its own, and what is learned late
    of it may be about the caller."""
    late = (QueueVisit.call_id.in_(call_ids), QueueVisit.entered_via == CONSULT, QueueVisit.recovered.is_(True))
    asked_in = {consult.from_visit_id for consult in batch.query(QueueVisit, *late)} - {None}
    befores = (batch.find(QueueVisit, visit_id) for visit_id in asked_in)
    return {before.call_id for before in befores if before is not None and before.call_id is not None}


def _consults(batch: Batch, befores: Sequence[QueueVisit]) -> defaultdict[str, list[QueueVisit]]:
    """The consults of these visits' agents, by the caller's call."""
    found: defaultdict[str, list[QueueVisit]] = defaultdict(list)
    calls = {before.visit_id: before.call_id or "" for before in befores}
    if calls:
        since = min(before.arrived_at for before in befores)
        consults = (
            QueueVisit.from_visit_id.in_(calls),
            QueueVisit.entered_via == CONSULT,
            QueueVisit.arrived_at >= since,
        )
        for consult in batch.query(QueueVisit, *consults, order_by=(QueueVisit.arrived_at, QueueVisit.visit_id)):
            found[calls[consult.from_visit_id or ""]].append(consult)
    return found


def _legs_of_consults(batch: Batch, consults: Sequence[QueueVisit]) -> defaultdict[str, list[Leg]]:
    """The legs of the agents' own channels in their consults, by the consult's call."""
    found: defaultdict[str, list[Leg]] = defaultdict(list)
    if consults:
        for leg in batch.query(Leg, Leg.uniqueid.in_({consult.call_id or "" for consult in consults})):
            found[leg.uniqueid].append(leg)
    return found


def _offers_in_doubt(batch: Batch, visits: Iterable[QueueVisit]) -> defaultdict[str, list[Offer]]:
    """The offers of those visits that may have been a talk which nobody saw."""
    found: defaultdict[str, list[Offer]] = defaultdict(list)
    doubtful = [visit.visit_id for visit in visits if recovered.may_hide_a_talk(visit)]
    if doubtful:
        for offer in batch.query(Offer, Offer.visit_id.in_(doubtful), order_by=(Offer.created_at, Offer.offer_id)):
            found[offer.visit_id].append(offer)
    return found


def _conclude(
    call: Call, legs: Sequence[Leg], visits: Sequence[QueueVisit], runs: Sequence[SwitchRun], served: bool
) -> None:
    next_run = _next_run(call, visits, runs)
    if legs:
        call.ended_at = max(leg.ended_at for leg in legs)
        # After a Dial that failed Asterisk begins no new CDR before the next one, or before the AGI request is over
        # (cdr.c, check_new_cdr_needed): who leaves in between was there longer than the last leg says.
        seen = [visit.ended_at for visit in visits if visit.ended_at is not None and not visit.recovered]
        call.ended_at = max([call.ended_at, *seen])
    elif next_run is not None:
        call.ended_at = max(next_run.previous_lost_at, call.started_at)
    else:
        call.ended_at = None
    lost = not legs or call.ivr_outcome == "switch_lost"
    call.outcome = None if call.ended_at is None else _outcome(call, visits, lost, served, _sent_onward(legs))


def _next_run(call: Call, visits: Sequence[QueueVisit], runs: Sequence[SwitchRun]) -> SwitchRun | None:
    """The life of Asterisk that follows the call's own, where there is one.

    Within the second to which a life's start is rounded, and where nobody saw the old link go (the ACD died with it),
    times cannot tell; but whoever served the call may have told that its switch was lost.
    """
    told_lost = call.ivr_outcome == "switch_lost" or any(visit.outcome == "switch_lost" for visit in visits)
    slack = START_ROUNDING if told_lost else timedelta()
    return next((run for run in runs if call.started_at < began_before(run) + slack), None)


def _sent_onward(legs: Sequence[Leg]) -> datetime | None:
    """When the caller's last talk ended with somebody whom the menus had sent them to; None: there was none.

    A leg of a Dial that nobody answered has a destination as well, and says so.
    """
    talks = (leg for leg in legs if leg.context == ONWARD and leg.destination_channel)
    return max((leg.ended_at for leg in talks if leg.cdr_disposition == "ANSWERED"), default=None)


def _outcome(call: Call, visits: Sequence[QueueVisit], lost: bool, served: bool, onward: datetime | None) -> str | None:
    """None while the last visit is open: its end is in a file that is read later."""
    if onward is not None and all(visit.ended_at is not None and visit.ended_at <= onward for visit in visits):
        return TRANSFERRED
    if visits and not _went_on(visits[-1]):
        return visits[-1].outcome
    if visits and visits[-1].destination_kind != "menu":
        return "abandoned_waiting"  # transferred while the ACD was away, and gone before it was back
    if lost:
        return "switch_lost"
    if call.ivr_outcome == "queue":
        return "abandoned_waiting"  # sent to a queue while the ACD was away, and gone before it was back
    return "self_served" if served or call.ivr_outcome in SELF_SERVED_IVR_OUTCOMES else "left_in_menu"


def _went_on(visit: QueueVisit) -> bool:
    """Sent on by an agent to what is the caller's again: not to somebody outside, with whom the call ends."""
    return visit.outcome == TRANSFERRED and visit.destination_kind != "outside"


def _served(batch: Batch, call_ids: Sequence[str]) -> set[str]:
    """The calls in which the caller got what a node is for: a script ended well, a message was left, a fax went
    through."""
    done = or_(*(and_(IvrStep.kind == kind, IvrStep.result == result) for kind, result in SERVED.items()))
    return {step.call_id for step in batch.query(IvrStep, IvrStep.call_id.in_(call_ids), done)}
