"""The files of a journal: how they are named, found and told dead or alive. Standard library only.

A segment is `<journal>-<12 digits>.jsonl`. The digits are the centisecond of its birth, or one more than the segment
before it if the clock is behind: a number is never used twice, even where an admin emptied the folder but kept the
database. The process that appends to a segment holds an flock on it, which even `kill -9` releases.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CARRY = "CARRY"
_SEGMENT_NAME = re.compile(r"(?P<journal>.+)-(?P<number>\d{12})\.jsonl")
_CARRY_READ_BYTES = 4096


@dataclass(frozen=True, order=True)
class Segment:
    """One file of a journal; segments sort by journal, then by age."""

    journal: str
    number: int
    path: Path

    def begins_with_carry(self) -> bool:
        """Whether the first line is a CARRY: a restart may begin here. False where the file is gone or unreadable."""
        try:
            with self.path.open("rb") as file:
                head = file.read(_CARRY_READ_BYTES)
        except OSError:
            return False
        # The verb is written before the state, which can be large; so the head of the line is enough.
        return head.split(b"\n", 1)[0].find(f'"verb": "{CARRY}"'.encode()) >= 0

    def is_held(self) -> bool:
        """Whether a living process still appends to it."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def segment_path(folder: Path, journal: str, number: int) -> Path:
    """Where segment `number` of `journal` lives."""
    return folder / f"{journal}-{number:012d}.jsonl"


def list_segments(folder: Path) -> list[Segment]:
    """Every segment in `folder`, of all journals, oldest first within each; empty when there is no such folder."""
    try:
        paths = list(folder.iterdir())
    except FileNotFoundError:
        return []
    found = [(match, path) for path in paths if (match := _SEGMENT_NAME.fullmatch(path.name))]
    return sorted(Segment(match["journal"], int(match["number"]), path) for match, path in found)


def read_segments(folder: Path, journal: str) -> list[Segment]:
    """The segments of one journal, oldest first."""
    return [segment for segment in list_segments(folder) if segment.journal == journal]


def read_since_carry(folder: Path, journal: str) -> Iterator[dict[str, Any]]:
    """Each record from the newest segment that begins with CARRY onward; from the oldest when none does.

    For a process that resumes. A line that a kill or a full disk left torn is passed over: its writer never acted on it
    or its loss was counted then, and the records writer reports it.
    """
    segments = read_segments(folder, journal)
    carrying = [index for index, segment in enumerate(segments) if segment.begins_with_carry()]
    for segment in segments[carrying[-1] if carrying else 0 :]:
        yield from _records(segment.path)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            record = decode_line(line)
            if record is not None:
                yield record


def decode_line(line: bytes) -> dict[str, Any] | None:
    """The record of a line; None for one that a kill or a full disk left torn, and for what is no record."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
