"""For tests of whatever sits on the engine: an engine with its journal and a clock that is moved by hand.

It does what the live distributor does with commands, in memory, and can be killed between any two lines of its journal.
"""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

from acd.commands import Command, Record
from acd.engine import Engine
from acd.events import Event, FloorChanged, Tick
from acd.ids import Ids
from acd.ledger import Ledger
from acd.model import Floor
from acd.trace import Trace, TraceJournal

_EPOCH_SECONDS = 1_700_000_000.0
"""Wall clock at 0 of the engine's clock."""

_ARRIVALS = {"waited_seconds": "arrived_at", "call_waited_seconds": "call_arrived_at"}
"""Durations that the live distributor writes as moments."""


class Rehearsal:
    """One distributor on one floor. `now` is the engine's clock, in seconds; whoever drives it moves it."""

    def __init__(self, floor: Floor, now: float = 0.0, trace_journal: TraceJournal | None = None) -> None:
        """trace_journal: takes the trace of all that is decided; None: there is none."""
        self.floor = floor
        self.now = now
        self.trace: Trace | None = None
        self._trace_journal = trace_journal
        self.journal: list[dict[str, Any]] = []
        self.heard: list[tuple[float, Command]] = []
        """Every command with its time, since the start."""
        self._numbers = count(1)
        self._runs = count(1)
        self._ids = Ids(self._new_id)
        self.engine = self._start()

    def _start(self) -> Engine:
        engine = Engine(self.floor, self._ids)
        if self._trace_journal is not None:
            self.trace = Trace(self._trace_journal, self._ids, run=f"run-{next(self._runs)}")
            self.trace.open(engine)
        return engine

    def _new_id(self) -> str:
        return f"offer-{next(self._numbers)}"

    def handle(self, event: Event) -> list[Command]:
        """Let the engine handle one event now; keep its commands and write its records."""
        commands = self.engine.handle(event, self.now)
        if self.trace is not None:
            self.trace.note(event, self.now, self.now + _EPOCH_SECONDS, commands)
        self._ids.forget()
        if isinstance(event, FloorChanged):
            self.floor = event.floor
        for command in commands:
            self.heard.append((self.now, command))
            if isinstance(command, Record):
                self._write(command.verb, command.fields)
        return commands

    def _write(self, verb: str, fields: Mapping[str, object]) -> None:
        line: dict[str, Any] = {"at": self.now + _EPOCH_SECONDS, "verb": verb, **fields}
        for seconds, moment in _ARRIVALS.items():
            if seconds in line:
                line[moment] = line["at"] - line.pop(seconds)
        self.journal.append(line)

    def pass_time(self, until: float) -> None:
        """Move the clock, with a Tick at every deadline on the way."""
        while (deadline := self.engine.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.handle(Tick())
        self.now = max(self.now, until)

    def restart(self) -> None:
        """Kill the engine; start another from the journal, as read back from its file."""
        ledger = Ledger.fold(json.loads(json.dumps(self.journal)))
        self.engine = self._start()
        self.handle(ledger.restored(-_EPOCH_SECONDS))
