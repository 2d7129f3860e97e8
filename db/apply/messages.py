"""Messages, as the IVR tells them. A message ends once: what was left, no process that died since takes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply.batch import Batch
from db.messages import Message

Fields = dict[str, Any]


def begin(batch: Batch, at: datetime, fields: Fields) -> None:
    """MESSAGEBEGIN: there may be something in the file from now on."""
    row = _row(batch, at, fields)
    row.begun_at = min(row.begun_at, at)


def keep(batch: Batch, at: datetime, fields: Fields) -> None:
    """MESSAGE: it is left."""
    row = _row(batch, at, fields)
    if row.left_at is None and row.dropped_at is None:
        is_fax = fields["kind"] == "fax"
        row.left_at, row.seconds = at, None if is_fax else fields["seconds"]
        row.pages = fields["pages"] if is_fax else None


def drop(batch: Batch, at: datetime, fields: Fields) -> None:
    """MESSAGEDROP: it is none."""
    row = batch.find(Message, fields["file"])
    if row is not None and row.left_at is None and row.dropped_at is None:
        row.dropped_at = at


def _row(batch: Batch, at: datetime, fields: Fields) -> Message:
    told = {name: fields[name] for name in ("call_id", "kind", "node", "caller_number", "language")}
    return batch.find_or_make(Message, fields["file"], begun_at=at, **told)
