"""Votes, as the IVR tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply.batch import Batch
from db.votes import Vote


def vote(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """VOTE. Of one number in one ballot the first counts, whichever journal is read first."""
    told = {name: fields[name] for name in ("choice", "call_id", "step_id")}
    row = batch.find_or_make(Vote, (fields["ballot"], fields["caller_number"]), voted_at=at, **told)
    if at < row.voted_at:
        row.choice, row.call_id, row.step_id, row.voted_at = told["choice"], told["call_id"], told["step_id"], at
