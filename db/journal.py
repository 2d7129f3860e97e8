"""The journal: an append-only file to which one process writes its facts. Standard library only.

One line is one os.write() to a file opened with O_APPEND: once append() returned, the line is the kernel's and survives
`kill -9` of this process. It is not forced to the disk: a power cut may take the last seconds, and with them the calls.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from db.segments import CARRY, read_segments, read_since_carry, segment_path

__all__ = ["Journal", "read_segments", "read_since_carry"]

log = logging.getLogger(__name__)


class Journal:
    """The journal `name` in `folder`, written by this process alone; safe to use from several threads.

    append() never raises into a call's path. When the disk refuses a line, it waits in memory with up to `pending_max`
    others and is written, in order, before the next one or within `retry_seconds` of there being room again; beyond
    that the newest is dropped and counted in `lost`.

    Args:
        folder: made when missing.
        name: letters, digits, `-`; one process at a time may own a name.
        segment_bytes: size beyond which a segment has outgrown itself. A journal that never carried a state rolls by
            itself; one that did rolls when its owner calls roll(), because only the owner knows the state.
        clock: epoch seconds, for `at`.
        first_verb: of the line that start_segment() begins a segment with.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        segment_bytes: int = 16 * 1024 * 1024,
        pending_max: int = 10_000,
        retry_seconds: float = 1.0,
        clock: Callable[[], float] = time.time,
        first_verb: str = CARRY,
    ) -> None:
        self._folder = folder
        self._name = name
        self._segment_bytes = segment_bytes
        self._pending_max = pending_max
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._first_verb = first_verb
        self._lock = threading.RLock()
        self._pending: deque[bytes] = deque()
        self._descriptor: int | None = None
        self._written_bytes = 0
        self._carries = False
        self._refused = False
        self._closed = threading.Event()
        self.lost = 0
        """Lines dropped since the start: memory was full, or their values were not JSON."""

    @property
    def pending(self) -> int:
        """Writes that wait in memory for the disk to take them; a write is the lines of one decision."""
        return len(self._pending)

    @property
    def outgrown(self) -> bool:
        """Whether the current segment exceeds `segment_bytes`."""
        return self._written_bytes > self._segment_bytes

    def append(self, verb: str, **fields: Any) -> None:
        """Write one record now; `at` is added by the clock unless given."""
        self.append_all([(verb, fields)])

    def append_all(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Write the records of one decision, each a verb and its fields, with one system call."""
        lines = (self._line(verb, fields) for verb, fields in records)
        self.write(b"".join(line for line in lines if line is not None))

    def write(self, lines: bytes) -> None:
        """Write complete lines now; nothing where they are empty."""
        if not lines:
            return
        with self._lock:
            if len(self._pending) >= self._pending_max:
                self.lost += lines.count(b"\n")
            else:
                self._pending.append(lines)
            self._flush()
            if self.outgrown and not self._carries:
                self.roll(None)

    def start_segment(self, carry: Mapping[str, Any] | None = None) -> bool:
        """Begin a new segment; its first line is CARRY or `first_verb`, with `carry` as fields, unless that is None.

        The file appears under its name complete with that line: a crash leaves the old state of the folder or the new.
        False, and the current segment stays in use, when the disk refused; ValueError or TypeError when `carry` is not
        JSON, which is our own bug.
        """
        with self._lock:
            first = b"" if carry is None else _encode({"verb": self._first_verb, "at": self._clock(), **carry})
            try:
                self._flush_or_raise()
                self._open(first)
            except OSError as refusal:
                self._report(refusal)
                return False
            self._carries = self._carries or carry is not None
            return True

    def roll(self, carry: Callable[[], Mapping[str, Any]] | None) -> bool:
        """Begin a new segment if the current one has outgrown `segment_bytes`; asks for the state only then."""
        with self._lock:
            return self.outgrown and self.start_segment(None if carry is None else carry())

    def close(self) -> None:
        """Write what waits, if the disk takes it, and let go of the segment."""
        self._closed.set()
        with self._lock:
            self._flush()
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _line(self, verb: str, fields: Mapping[str, Any]) -> bytes | None:
        try:
            return _encode({"at": self._clock(), "verb": verb, **fields})
        except (TypeError, ValueError):
            self.lost += 1
            log.exception("journal: a record that is not JSON is lost verb=%s journal=%s", verb, self._name)
            return None

    def _flush(self) -> None:
        try:
            self._flush_or_raise()
        except OSError as refusal:
            self._report(refusal)

    def _flush_or_raise(self) -> None:
        while self._pending:
            if self._descriptor is None:
                self._open(b"")
            self._write(self._pending[0])
            self._pending.popleft()
        if self._refused:
            self._refused = False
            log.warning("journal: the disk takes lines again journal=%s lost=%d", self._name, self.lost)

    def _write(self, line: bytes) -> None:
        assert self._descriptor is not None
        written = os.write(self._descriptor, line)
        self._written_bytes += written
        if written < len(line):
            # The disk filled up inside the line. Readers leave an unfinished last line alone, so the rest may follow.
            self._pending[0] = line[written:]
            raise OSError(f"{written} of {len(line)} bytes written")

    def _open(self, first: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = segment_path(self._folder, self._name, self._next_number())
        unborn = path.with_name(f".{path.name}.unborn")
        descriptor = os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            # Before the name is there, so that nobody can take a living segment for a dead one.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.write(descriptor, first) < len(first):
                raise OSError(f"no room for the first {len(first)} bytes of {path.name}")
            unborn.rename(path)
        except OSError:
            os.close(descriptor)
            unborn.unlink(missing_ok=True)
            raise
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._written_bytes = descriptor, len(first)

    def _next_number(self) -> int:
        segments = read_segments(self._folder, self._name)
        newest = segments[-1].number if segments else 0
        return max(newest + 1, int(self._clock() * 100))

    def _report(self, refusal: OSError) -> None:
        """Log the first refusal of a row; append() retries at every call and must not fill the log as well."""
        if not self._refused:
            self._refused = True
            log.error("journal: lines wait in memory journal=%s cause=%s", self._name, refusal)
            threading.Thread(target=self._retry, name=f"journal {self._name}", daemon=True).start()

    def _retry(self) -> None:
        """The last facts before a quiet hour must not wait in memory for its end."""
        while self._refused and not self._closed.wait(self._retry_seconds):
            with self._lock:
                self._flush()


def _encode(record: Mapping[str, Any]) -> bytes:
    # ASCII only: no byte of a value can be a line end, and lone surrogates survive. NaN would not be JSON.
    return _JSON.encode(record).encode("ascii") + b"\n"


_JSON = json.JSONEncoder(ensure_ascii=True, allow_nan=False)
"""Made once: json.dumps makes one for every line that is not written in its own default way."""
