"""Conclude the end and the outcome of calls from the facts of all files, whichever was read first.

Everything here is a function of rows: settling a call twice, or once after each fact, ends in the same row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.apply.switch import began_before
from db.moments import seconds_between
from db.schema import Call, IvrStep, Leg, QueueVisit, SwitchRun

# Of a call without a visit. What is missing here was left by its caller.
SELF_SERVED_IVR_OUTCOMES = frozenset({"hung_up", "script"})
_CALLS_PER_QUERY = 500


def settle(session: Session, call_ids: Iterable[str]) -> None:
    """Bring the rows of these calls up to their facts."""
    ordered = sorted(call_ids)
    for start in range(0, len(ordered), _CALLS_PER_QUERY):
        _settle_some(session, ordered[start : start + _CALLS_PER_QUERY])


def _settle_some(session: Session, call_ids: Sequence[str]) -> None:
    legs: defaultdict[str, list[Leg]] = defaultdict(list)
    for leg in session.scalars(select(Leg).where(Leg.uniqueid.in_(call_ids))):
        legs[leg.uniqueid].append(leg)
    visits: defaultdict[str, list[QueueVisit]] = defaultdict(list)
    in_order = select(QueueVisit).where(QueueVisit.call_id.in_(call_ids))
    for visit in session.scalars(in_order.order_by(QueueVisit.arrived_at, QueueVisit.visit_id)):
        visits[visit.call_id or ""].append(visit)
    runs = session.scalars(select(SwitchRun).order_by(SwitchRun.started_at)).all()
    served = _served_by_script(session, call_ids)
    for call in session.scalars(select(Call).where(Call.call_id.in_(call_ids))):
        for visit in visits[call.call_id]:
            _correct_recovered(visit, legs[call.call_id])
        _conclude(call, legs[call.call_id], visits[call.call_id], runs, call.call_id in served)


def _conclude(
    call: Call, legs: Sequence[Leg], visits: Sequence[QueueVisit], runs: Sequence[SwitchRun], served: bool
) -> None:
    next_run = next((run for run in runs if call.started_at < began_before(run)), None)
    if legs:
        call.ended_at = max(leg.ended_at for leg in legs)
    elif next_run is not None:
        call.ended_at = max(next_run.previous_lost_at, call.started_at)
    else:
        call.ended_at = None
    lost = not legs or call.ivr_outcome == "switch_lost"
    call.outcome = None if call.ended_at is None else _outcome(call, visits, lost, served)


def _outcome(call: Call, visits: Sequence[QueueVisit], lost: bool, served: bool) -> str | None:
    """None while the last visit is open: its end is in a file that is read later."""
    if visits:
        return visits[-1].outcome
    if lost:
        return "switch_lost"
    return "self_served" if served or call.ivr_outcome in SELF_SERVED_IVR_OUTCOMES else "left_in_menu"


def _served_by_script(session: Session, call_ids: Sequence[str]) -> set[str]:
    done = (IvrStep.kind == "script", IvrStep.result == "done")
    return set(session.scalars(select(IvrStep.call_id).where(IvrStep.call_id.in_(call_ids), *done)))


def _correct_recovered(visit: QueueVisit, legs: Sequence[Leg]) -> None:
    """Replace the time when a restarted ACD learned of an end by the time when it was, told by Asterisk's own legs.

    A talk ended with the leg that ended first after connect, a wait with the caller's hang-up.
    """
    if not visit.recovered or visit.ended_at is None:
        return
    since = visit.connected_at or visit.arrived_at
    ends = [leg.ended_at for leg in legs if leg.ended_at >= since]
    if not ends:
        return
    visit.ended_at = min(visit.ended_at, min(ends) if visit.connected_at else max(ends))
    if visit.connected_at is None:
        visit.wait_seconds = seconds_between(visit.arrived_at, visit.ended_at)
    else:
        visit.talk_seconds = seconds_between(visit.connected_at, visit.ended_at)
