"""Delete recordings whose days are over; their rows stay and say when the sound went."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.oversight import Recording

_ROWS_PER_TURN = 500


def retire_recordings(engine: Engine, folder: Path, days: int, now: datetime) -> int:
    """Delete every file that ended more than `days` ago; returns how many rows were marked.

    The file goes first: killed between the two, the row is marked at the next turn. Raises OSError where a file cannot
    be deleted; those before it are.
    """
    over = (Recording.deleted_at.is_(None), Recording.ended_at < now - timedelta(days=days))
    retired = 0
    while True:
        with Session(engine) as session, session.begin():
            rows = session.scalars(select(Recording).where(*over).limit(_ROWS_PER_TURN)).all()
            for row in rows:
                (folder / row.file).unlink(missing_ok=True)
                row.deleted_at = now
            retired += len(rows)
        if len(rows) < _ROWS_PER_TURN:
            _remove_empty_days(folder)
            return retired


def _remove_empty_days(folder: Path) -> None:
    for day in sorted(folder.glob("[0-9]*/*/*"), reverse=True):
        for emptied in (day, day.parent, day.parent.parent):
            if any(emptied.iterdir()):
                break
            emptied.rmdir()
