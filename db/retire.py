"""Delete the segments that nobody will read again."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from db.schema import JournalPosition
from db.segments import Segment, list_segments
from db.sources import Positions

RESUMED_JOURNALS = frozenset({"acd"})
"""Journals from which their process resumes: it may read back to its newest CARRY."""


def retire_segments(engine: Engine, folder: Path, positions: Positions) -> int:
    """Delete each segment that is wholly applied, dead, and older than where its process resumes; returns how many.

    The file goes first and its position after it: a kill between the two leaves a row that nobody asks for, and numbers
    of segments are never used twice.
    """
    retired = [segment for segment in _read_by_nobody(folder) if _is_applied(segment, positions)]
    for segment in retired:
        segment.path.unlink(missing_ok=True)
    if retired:
        with Session(engine) as session, session.begin():
            for segment in retired:
                where = (JournalPosition.journal == segment.journal, JournalPosition.segment == segment.number)
                session.execute(delete(JournalPosition).where(*where))
    return len(retired)


def _read_by_nobody(folder: Path) -> list[Segment]:
    found = []
    for journal, group in groupby(list_segments(folder), key=lambda segment: segment.journal):
        segments = list(group)
        found += segments[: _resume_index(journal, segments)]
    return found


def _resume_index(journal: str, segments: list[Segment]) -> int:
    """Index of the first segment to keep; the newest is always kept, because its process may be alive."""
    if len(segments) == 1:
        return 0  # the common case, without opening the file
    if journal not in RESUMED_JOURNALS:
        return len(segments) - 1
    carrying = [index for index, segment in enumerate(segments) if segment.begins_with_carry()]
    return carrying[-1] if carrying else 0


def _is_applied(segment: Segment, positions: Positions) -> bool:
    if segment.is_held():
        return False
    # Looked at after the lock was seen free: nothing can be added any more.
    return positions.get((segment.journal, segment.number), 0) >= segment.path.stat().st_size
