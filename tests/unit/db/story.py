"""Lines of calls as the IVR, the ACD and Asterisk write them, for tests of what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.engine import open_engine
from db.schema import Base
from db.writer import RecordsWriter

T0 = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def moment(seconds: float) -> datetime:
    """The moment `seconds` after T0."""
    return datetime.fromtimestamp(T0 + seconds, UTC)


def line(verb: str, at: float, **fields: Any) -> bytes:
    """One journal line, `at` seconds after T0."""
    return json.dumps({"at": T0 + at, "verb": verb, **fields}).encode() + b"\n"


def leg(
    call_id: str,
    start: float,
    end: float,
    *,
    uniqueid: str | None = None,
    sequence: int = 1,
    disposition: str = "ANSWERED",
    channel: str = "PJSIP/trunk-1",
    context: str = "queue",
    to: str = "PJSIP/1001-2",
) -> bytes:
    """One line of legs.csv: to agent 1001 unless `to` says to whom; of the caller's own channel unless `uniqueid` says
    whose."""
    times = (f"{T0 + start:.6f}", "0.000000", f"{T0 + end:.6f}")
    values = (
        *(uniqueid or call_id, call_id, str(sequence), channel, to, "13800000000", "400"),
        *(context, "AGI", "agi://127.0.0.1/hold,with,commas", *times, disposition),
    )
    return ",".join(f'"{value}"' for value in values).encode() + b"\n"


def call_start(call_id: str, at: float = 0, caller: str = "13800000000") -> bytes:
    """A CALLSTART line."""
    fields = {"channel": "PJSIP/trunk-1", "caller_number": caller, "called_number": "400", "language": "zh"}
    return line("CALLSTART", at, call_id=call_id, **fields)


def enter_queue(call_id: str, at: float, visit_id: str | None = None, queue: str = "orders", **told: Any) -> bytes:
    """An ENTERQUEUE line; the visit is `v-<call_id>` unless named. told: what is not as usual."""
    fields = {"caller_number": "13800000000", "requirement": {"mandarin": 3}, "priority": 0, "arrived_at": T0 + at}
    known = {"visit_id": visit_id or f"v-{call_id}", "call_id": call_id, "queue": queue}
    return line("ENTERQUEUE", at, **known, **{**fields, **told})


def answered(call_id: str, at: float, talk: float, agent: str = "1001") -> list[bytes]:
    """The ACD's lines of a visit that waits 5 s, rings 3 of them and is completed by the caller."""
    visit, offer = {"visit_id": f"v-{call_id}"}, {"visit_id": f"v-{call_id}", "offer_id": f"o-{call_id}"}
    return [
        enter_queue(call_id, at),
        line("OFFER", at + 2, agent_id=agent, **offer),
        line("OFFEREND", at + 5, agent_id=agent, outcome="answered", ring_seconds=3.0, **offer),
        line("CONNECT", at + 5, agent_id=agent, wait_seconds=5.0, ring_seconds=3.0, **offer),
        line(
            "COMPLETECALLER",
            at + 5 + talk,
            agent_id=agent,
            wait_seconds=5.0,
            talk_seconds=talk,
            recovered=False,
            **visit,
        ),
    ]


@dataclass
class Desk:
    """A folder of journals, a legs.csv, and the database they end in."""

    url: str
    folder: Path

    @property
    def journals(self) -> Path:
        """Where the journals are."""
        return self.folder / "journals"

    @property
    def legs_csv(self) -> Path:
        """Where Asterisk writes."""
        return self.folder / "legs.csv"

    def segment(self, journal: str, number: int = 1) -> Path:
        """The file of a segment."""
        self.journals.mkdir(exist_ok=True)
        return self.journals / f"{journal}-{number:012d}.jsonl"

    def write(self, journal: str, *lines: bytes, number: int = 1) -> None:
        """Append to a segment, or to legs.csv."""
        path = self.legs_csv if journal == "legs" else self.segment(journal, number)
        with path.open("ab") as file:
            file.writelines(lines)

    def apply(self) -> int:
        """Apply all there is and return the number of lines."""
        applied = 0
        while step := self.writer.apply_once():
            applied += step
        return applied

    @cached_property
    def writer(self) -> RecordsWriter:
        """The writer of this desk."""
        return RecordsWriter(self.url, self.journals, self.legs_csv)

    @cached_property
    def engine(self) -> Engine:
        """What the desk's own questions go through."""
        return open_engine(self.url)

    def rows(self, model: type[Base]) -> list[Any]:
        """All rows of a table, by primary key, detached."""
        with Session(self.engine) as session:
            found = list(session.scalars(select(model).order_by(*model.__mapper__.primary_key)))
            session.expunge_all()
        return found

    def row(self, model: type[Base]) -> Any:
        """The only row of a table."""
        (only,) = self.rows(model)
        return only

    def dump(self, *models: type[Base]) -> Iterator[tuple[Any, ...]]:
        """The rows of tables as plain values, without the numbers that the database gives, in a fixed order."""
        for model in models:
            columns = [
                column.key for column in model.__mapper__.columns if column is not model.__table__.autoincrement_column
            ]
            values = [tuple(repr(getattr(row, name)) for name in columns) for row in self.rows(model)]
            yield from sorted((model.__tablename__, *row) for row in values)

    def close(self) -> None:
        """Let go of the database."""
        self.writer.close()
        self.engine.dispose()
