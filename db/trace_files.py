"""The trace on the disk: a journal of its own, in a folder of its own, kept for some days. Standard library only.

The records writer never sees it. Losing it costs an explanation, no record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.journal import Journal
from db.segments import Segment, decode_line, read_segments

NAME = "trace"
FIRST_VERB = "FLOOR"
BYTES_MAX = 2 * 1024**3
"""Of all segments together; the oldest go first."""
DAY_SECONDS = 86_400.0


class TraceJournal(Journal):
    """The journal of a trace: each segment begins with FLOOR, and those that have outlived `keep_days` are deleted."""

    def __init__(
        self,
        folder: Path,
        *,
        keep_days: float,
        bytes_max: int = BYTES_MAX,
        segment_bytes: int = 16 * 1024 * 1024,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(folder, NAME, segment_bytes=segment_bytes, clock=clock, first_verb=FIRST_VERB)
        self._kept = folder, keep_days * DAY_SECONDS, bytes_max

    def start_segment(self, carry: Mapping[str, Any] | None = None) -> bool:
        """As every journal does; then delete what has been kept for long enough."""
        started = super().start_segment(carry)
        folder, seconds, bytes_max = self._kept
        retire_traces(folder, older_than=self._clock() - seconds, bytes_max=bytes_max)
        return started


def retire_traces(folder: Path, *, older_than: float, bytes_max: int = BYTES_MAX) -> list[Path]:
    """Delete segments that were last written before `older_than` (epoch seconds), or that are too much in all; returns
    them. The newest is always kept, and whatever cannot be deleted is left."""
    segments = read_segments(folder, NAME)
    sizes = [(segment.path, segment.path.stat()) for segment in segments]
    total = sum(told.st_size for _, told in sizes)
    retired = []
    for path, told in sizes[:-1]:
        if told.st_mtime >= older_than and total <= bytes_max:
            break
        path.unlink(missing_ok=True)
        total -= told.st_size
        retired.append(path)
    return retired


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line as it lies in a file."""

    content: dict[str, Any] | None
    """None where it is torn or damaged"""
    size: int
    """bytes"""
    path: Path


def trace_segments(place: Path) -> list[Path]:
    """The segments of a trace, oldest first: of a folder that holds them, of a state folder, or one file by itself."""
    if place.is_file():
        return [place]
    return [segment.path for folder in (place, place / NAME) for segment in read_segments(folder, NAME)]


def read_trace(paths: list[Path]) -> Iterator[TraceLine]:
    """Every line, in order; raises OSError."""
    for path in paths:
        with path.open("rb") as file:
            for line in file:
                yield TraceLine(decode_line(line), len(line), path)


def is_growing(path: Path) -> bool:
    """Whether a living process still appends to this segment."""
    return Segment(NAME, 0, path).is_held()
