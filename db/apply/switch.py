"""The lives of Asterisk: what was open in one life is closed when the next begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db.apply.batch import Batch
from db.apply.visits import lose_visit
from db.schema import Call, Callback, Offer, QueueVisit, SwitchRun

Fields = dict[str, Any]

START_ROUNDING = timedelta(seconds=1)
"""Asterisk tells its start in whole seconds, rounded down."""


def lose(batch: Batch, at: datetime, fields: Fields) -> None:
    """SWITCHLOST: the link is lost, and perhaps Asterisk with it. The next SWITCHSTART tells which."""
    run = _latest_run(batch)
    if run is not None:
        run.lost_at = at


def start(batch: Batch, at: datetime, fields: Fields) -> None:
    """SWITCHSTART. Of a known life: only the link was lost. Of a new one: whatever is older is lost."""
    started_at = fields["started_at"]
    run = batch.find(SwitchRun, started_at)
    if run is not None:
        run.lost_at = None
        return
    latest = _latest_run(batch)
    lost_at = latest.lost_at if latest is not None else None
    _close_what_is_older(batch, batch.find_or_make(SwitchRun, started_at, previous_lost_at=lost_at or started_at))


def began_before(run: SwitchRun) -> datetime:
    """What began before this moment began in an earlier life than `run`.

    A call of the old life may carry a later time within START_ROUNDING, but none later than the loss of the old link.
    """
    return max(run.started_at, run.previous_lost_at)


def _close_what_is_older(batch: Batch, run: SwitchRun) -> None:
    limit, lost_at = began_before(run), run.previous_lost_at
    # Whoever waits to be called has nothing to lose with a switch.
    to_be_called = {one.callback_id for one in batch.query(Callback, Callback.ended_at.is_(None))}
    for visit in batch.query(QueueVisit, QueueVisit.ended_at.is_(None), QueueVisit.arrived_at < limit):
        if visit.visit_id not in to_be_called:
            lose_visit(batch, visit, lost_at)
    for offer in batch.query(Offer, Offer.ended_at.is_(None), Offer.created_at < limit):
        offer.ended_at, offer.outcome = max(lost_at, offer.created_at), "switch_lost"
    calls = batch.query(Call, Call.ended_at.is_(None), Call.started_at < limit + START_ROUNDING)
    batch.unsettled.update(call.call_id for call in calls)


def _latest_run(batch: Batch) -> SwitchRun | None:
    return max(batch.query(SwitchRun), key=lambda run: run.started_at, default=None)
