"""The records writer: applies journals and legs.csv to the database, each line once, whatever is killed.

Exactly once because the position of a file moves in the transaction that writes the rows of its lines. Two writers on
one database are slow but right: each transaction holds the writers' lock and looks at the positions under it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.orm import Session

from db.apply import Batch, Rejected, Told, settle
from db.engine import open_engine
from db.fields import storable
from db.retire import retire_segments
from db.schema import JournalPosition, RejectedRecord
from db.sources import Portion, Source, find_sources, read_portion, unread_bytes
from db.tail import Line

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""Records wait this long for company: what is told of one row in that time is one statement."""
DRAIN_SECONDS = 5.0
BACKOFF_FIRST_SECONDS, BACKOFF_LAST_SECONDS = 0.2, 5.0
PORTION_BYTES = 256 * 1024
_WRITERS_LOCK = 0x686F746C  # any number that no other program takes an advisory lock on
_KEPT_LINE_CHARACTERS = 2000


class _Overtaken(Exception):
    """Another writer has applied these lines since the position was read."""


class RecordsWriter:
    """Follows the journals in `journal_folder` and `legs_csv` into the database at `url`.

    Args:
        keep_segments: leave segments that are wholly applied where they are.
        portion_bytes: about how much of each file goes into one transaction.
        seed: of the back-off's jitter.
    """

    def __init__(
        self,
        url: str | URL,
        journal_folder: Path,
        legs_csv: Path,
        *,
        keep_segments: bool = False,
        portion_bytes: int = PORTION_BYTES,
        seed: int | None = None,
    ) -> None:
        self._engine = open_engine(url, writing=True)
        self._folder = journal_folder
        self._legs_csv = legs_csv
        self._keep_segments = keep_segments
        self._portion_bytes = portion_bytes
        self._random = random.Random(seed)
        self._positions: dict[tuple[str, int], int] | None = None
        self._away = False
        self.rejected = 0
        """Lines that this process put into rejected_records."""

    def apply_once(self) -> int:
        """Apply what is complete in the files now, up to `portion_bytes` of each journal; returns the number of lines.

        Raises sqlalchemy.exc.SQLAlchemyError when the database is away and OSError when a file cannot be read; nothing
        is changed then, and the next call begins where this one did.
        """
        try:
            portions = self._read()
            return self._apply_or_single_out(portions) if portions else 0
        except (SQLAlchemyError, OSError):
            self._positions = None
            self._engine.dispose()
            raise

    def run(self, stop: threading.Event) -> None:
        """Follow the files until `stop` is set; then apply what is left, if the database is there, and return.

        The last part takes DRAIN_SECONDS at most, should somebody still be writing.
        """
        delay = BACKOFF_FIRST_SECONDS
        while not stop.is_set():
            if not self._attempt(stop.is_set):
                stop.wait(delay * self._random.uniform(0.5, 1.0))
                delay = min(delay * 2, BACKOFF_LAST_SECONDS)
                continue
            delay = BACKOFF_FIRST_SECONDS
            stop.wait(POLL_SECONDS)
        deadline = time.monotonic() + DRAIN_SECONDS
        self._attempt(lambda: time.monotonic() > deadline)
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def lag_bytes(self) -> int:
        """Bytes in the files that are not applied; as of the last positions that were read."""
        known = self._positions or {}
        return sum(unread_bytes(source, known) for source in find_sources(self._folder, self._legs_csv, known))

    def _attempt(self, is_over: Callable[[], bool]) -> bool:
        """Apply until nothing is left or `is_over`, then tidy up; False when the database is away, logged on change."""
        try:
            while self.apply_once() and not is_over():
                pass
            if not self._keep_segments:
                retire_segments(self._engine, self._folder, self._known_positions())
        except (SQLAlchemyError, OSError) as fault:
            if not self._away:
                self._away = True
                log.error("records: cannot write, the journals keep the records cause=%s", _first_line(fault))
            return False
        if self._away:
            self._away = False
            log.warning("records: writing again")
        return True

    def _read(self) -> list[Portion]:
        """One portion of each journal: of its oldest segment that has one, so that its lines are applied in order."""
        positions = self._known_positions()
        portions: dict[str, Portion] = {}
        for source in find_sources(self._folder, self._legs_csv, positions):
            if source.journal not in portions and unread_bytes(source, positions):
                portion = read_portion(source, positions, limit_bytes=self._portion_bytes)
                if portion is not None:
                    portions[source.journal] = portion
        return list(portions.values())

    def _known_positions(self) -> dict[tuple[str, int], int]:
        if self._positions is None:
            with Session(self._engine) as session:
                rows = session.scalars(select(JournalPosition))
                self._positions = {(row.journal, row.segment): row.offset for row in rows}
        return self._positions

    def _apply_or_single_out(self, portions: Sequence[Portion]) -> int:
        try:
            return self._apply(portions)
        except Exception as fault:  # whatever a line brings about must not stop the lines behind it
            if not _is_poison(fault):
                raise
            log.warning("records: a batch was refused, applying it line by line cause=%s", _first_line(fault))
        return sum(self._apply_singly(portion) for portion in portions)

    def _apply_singly(self, portion: Portion) -> int:
        applied, stored = 0, portion.stored_offset
        for line in portion.lines:
            applied += self._apply_or_refuse(Portion(portion.source, stored, (line,)))
            stored = line.ends
        if portion.refused:
            applied += self._apply([Portion(portion.source, stored, (), portion.refused)])
        return applied

    def _apply_or_refuse(self, single: Portion) -> int:
        try:
            return self._apply([single])
        except Exception as fault:  # as above
            if not _is_poison(fault):
                raise
            refused = Portion(single.source, single.stored_offset, (), single.lines[0], _first_line(fault))
        return self._apply([refused])

    def _apply(self, portions: Sequence[Portion]) -> int:
        """Apply `portions` and move their positions in one transaction; 0 when another writer was faster."""
        try:
            with self._engine.begin() as connection:
                self._take_writers_lock(connection)
                batch = Batch(connection)
                batch.look_up(JournalPosition, [portion.source.key for portion in portions])
                for portion in portions:
                    _move(batch, portion)
                rejected = _apply_lines(batch, portions)
                batch.write()
                settle(batch)
                batch.write()
        except _Overtaken:
            self._positions = None
            return 0
        self.rejected += rejected
        if self._positions is not None:
            self._positions.update({portion.source.key: portion.end for portion in portions})
        return sum(portion.count for portion in portions)

    def _take_writers_lock(self, connection: Connection) -> None:
        # SQLite's transactions took their lock with BEGIN IMMEDIATE.
        if self._engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})


def _move(batch: Batch, portion: Portion) -> None:
    """Move the position to the portion's end; raises _Overtaken when it is not where the portion begins."""
    position = batch.find_or_make(JournalPosition, portion.source.key, offset=0)
    if position.offset != portion.stored_offset:
        raise _Overtaken
    position.offset = portion.end


def _apply_lines(batch: Batch, portions: Sequence[Portion]) -> int:
    """Read all lines, look up what they are about, apply them; returns the number of those that were rejected."""
    told: list[Told] = []
    rejected = 0
    for portion in portions:
        for line in portion.lines:
            try:
                told.append(portion.source.read(line.content))
            except Rejected as fault:
                _reject(batch, portion.source, line, str(fault))
                rejected += 1
        if portion.refused:
            _reject(batch, portion.source, portion.refused, portion.refusal)
            rejected += 1
    batch.expect(key for one in told for key in one.keys)
    for one in told:
        one.apply(batch)
    return rejected


def _reject(batch: Batch, source: Source, line: Line, reason: str) -> None:
    log.warning("records: line rejected file=%s offset=%d reason=%s", source.path.name, line.begins, reason)
    batch.insert(
        RejectedRecord,
        journal=source.journal,
        segment=source.segment,
        offset=line.begins,
        reason=storable(reason),
        line=storable(line.content.decode("utf-8", "replace"))[:_KEPT_LINE_CHARACTERS],
        rejected_at=datetime.now(UTC),
    )


def _is_poison(fault: Exception) -> bool:
    """Whether a line is at fault, rather than the database or the disk being away (or not migrated yet)."""
    if isinstance(fault, DBAPIError):
        return isinstance(fault, DataError | IntegrityError)
    return isinstance(fault, StatementError) or not isinstance(fault, SQLAlchemyError | OSError)


def _first_line(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}".splitlines()[0]
