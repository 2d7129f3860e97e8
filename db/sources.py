"""The files that the records writer follows, and what of each is still to be applied."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from db.apply import Told, read_leg, read_record
from db.segments import Segment, list_segments
from db.tail import Line, read_lines

log = logging.getLogger(__name__)

Positions = Mapping[tuple[str, int], int]
"""(journal, segment) -> offset of the first byte that is not applied."""


@dataclass(frozen=True)
class Source:
    """One file, how its lines are read, and how to tell that nobody will write to it any more."""

    journal: str
    segment: int
    path: Path
    read: Callable[[bytes], Told]
    is_dead: Callable[[], bool]

    @property
    def key(self) -> tuple[str, int]:
        """Its key among the positions."""
        return self.journal, self.segment


@dataclass(frozen=True)
class Portion:
    """The next lines of a source, and perhaps one behind them that is to be rejected unread."""

    source: Source
    stored_offset: int
    """The position in the database that these lines follow from."""
    lines: tuple[Line, ...]
    refused: Line | None = None
    refusal: str = "torn: its writer died in the line"

    @property
    def end(self) -> int:
        """The position when all of it is applied."""
        return self.refused.ends if self.refused else self.lines[-1].ends

    @property
    def count(self) -> int:
        """How many lines it is."""
        return len(self.lines) + (self.refused is not None)


def find_sources(folder: Path, legs_csv: Path, positions: Positions) -> list[Source]:
    """Every segment in `folder`, oldest first, and `legs_csv` with what is left of its rotated predecessors."""
    segments = list_segments(folder)
    superseded = {older for older, newer in pairwise(segments) if older.journal == newer.journal}
    journals = [_journal_source(segment, segment in superseded) for segment in segments]
    return journals + _leg_sources(legs_csv, positions)


def unread_bytes(source: Source, positions: Positions) -> int:
    """How much of `source` is not applied; 0 when it is gone."""
    try:
        size = source.path.stat().st_size
    except FileNotFoundError:
        return 0
    offset = positions.get(source.key, 0)
    return size - offset if size >= offset else size


def read_portion(source: Source, positions: Positions, *, limit_bytes: int) -> Portion | None:
    """The next lines of `source`, None when there is nothing complete; raises OSError."""
    stored = positions.get(source.key, 0)
    start = _restart_if_replaced(source, stored)
    try:
        chunk = read_lines(source.path, start, limit_bytes=limit_bytes)
        if chunk.torn and source.is_dead():
            # Again, because its writer may have completed the line and died since the first look.
            chunk = read_lines(source.path, start, limit_bytes=limit_bytes)
            torn = chunk.torn
        else:
            torn = None
    except FileNotFoundError:
        return None
    return Portion(source, stored, chunk.lines, torn) if chunk.lines or torn else None


def _journal_source(segment: Segment, superseded: bool) -> Source:
    return Source(
        segment.journal,
        segment.number,
        segment.path,
        read_record,
        lambda: superseded and not segment.is_held(),
    )


def _leg_sources(legs_csv: Path, positions: Positions) -> list[Source]:
    """Asterisk opens the file for each line, so a file that was renamed gets no more of them."""
    try:
        current = legs_csv.stat().st_ino
    except FileNotFoundError:
        current = None
    sources = [] if current is None else [_leg_source(legs_csv, legs_csv.name, current, dead=False)]
    begun = {segment for journal, segment in positions if journal == legs_csv.name} - {current}
    if begun:
        for path in sorted(legs_csv.parent.glob(f"{legs_csv.name}.*")):
            if path.stat().st_ino in begun:
                sources.append(_leg_source(path, legs_csv.name, path.stat().st_ino, dead=True))
    return sources


def _leg_source(path: Path, journal: str, inode: int, *, dead: bool) -> Source:
    return Source(journal, inode, path, read_leg, lambda: dead)


def _restart_if_replaced(source: Source, stored: int) -> int:
    """`stored`, or 0 when the file was truncated or replaced by another one since.

    Our journals are never changed; legs.csv belongs to Asterisk and to whoever rotates it, and its lines have a key of
    their own, so that reading one twice does no harm.
    """
    if stored == 0 or source.read is read_record:
        return stored
    with source.path.open("rb") as file:
        file.seek(stored - 1)
        if file.read(1) == b"\n":
            return stored
    log.warning("records: file was replaced, reading it from its beginning file=%s", source.path.name)
    return 0
