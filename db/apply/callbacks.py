"""Facts of callbacks that the ACD tells. What a callback comes to is a visit of its own, with the callback's id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply import visits
from db.apply.batch import Batch
from db.schema import Callback, CallbackAttempt, QueueVisit

Fields = dict[str, Any]

_KEPT = ("queue", "requirement", "priority", "head_start_seconds", "segment", "arrived_at")
"""Of the visit on the line: the place in the order goes over to the callback."""


def take(batch: Batch, at: datetime, fields: Fields) -> None:
    """CALLBACKTAKEN: the caller has hung up. A number that had a callback already has the old one still."""
    visits.end(batch, at, fields, "callback_taken")
    asked = batch.find(QueueVisit, fields["visit_id"])
    assert asked is not None, "just ended"
    callback_id = fields["callback_id"]
    if batch.find(Callback, callback_id) is not None:
        return
    _callback_row(batch, callback_id, at, visit_id=fields["visit_id"], number=fields["number"], queue=asked.queue)
    kept = {name: getattr(asked, name) for name in _KEPT}
    batch.find_or_make(QueueVisit, callback_id, caller_number=fields["number"], **kept)


def begin_attempt(batch: Batch, at: datetime, fields: Fields) -> None:
    """CALLBACKATTEMPT: from now on the caller's phone may ring."""
    _attempt_row(batch, at, fields)


def end_attempt(batch: Batch, at: datetime, fields: Fields) -> None:
    """CALLBACKATTEMPTEND. Once answered, the callback has done what was asked of it; the visit goes on."""
    attempt = _attempt_row(batch, at, fields)
    if attempt.ended_at is not None:
        return
    attempt.ended_at, attempt.outcome = max(at, attempt.started_at), fields["outcome"]
    if fields["outcome"] != "answered":
        return
    _end(batch, at, fields["callback_id"], "answered", None)
    visit = batch.find(QueueVisit, fields["callback_id"])
    if visit is not None:
        visit.call_id = fields["attempt_id"]


def end(batch: Batch, at: datetime, fields: Fields) -> None:
    """CALLBACKEND: nobody was reached, or the callback was taken back."""
    _end(batch, at, fields["callback_id"], fields["outcome"], fields["cause"])
    visits.end(batch, at, {**fields, "visit_id": fields["callback_id"]}, fields["outcome"])


def _end(batch: Batch, at: datetime, callback_id: str, outcome: str, cause: str | None) -> None:
    callback = _callback_row(batch, callback_id, at)
    if callback.ended_at is None:
        callback.ended_at, callback.outcome, callback.cause = max(at, callback.asked_at), outcome, cause


def _callback_row(batch: Batch, callback_id: str, asked_at: datetime, **known: Any) -> Callback:
    return batch.find_or_make(Callback, callback_id, asked_at=asked_at, **known)


def _attempt_row(batch: Batch, at: datetime, fields: Fields) -> CallbackAttempt:
    return batch.find_or_make(
        CallbackAttempt,
        fields["attempt_id"],
        callback_id=fields["callback_id"],
        agent_id=fields.get("agent_id") or None,
        started_at=at,
    )
