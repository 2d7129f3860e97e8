"""The trace: every event that an engine was given, with what it decided, one line each; enough to decide it all again.

A segment of it begins with FLOOR (the floor as data, the engine's version, and the engine itself where it had begun
before), then comes one EVENT line for each event, in order. `n` numbers them from the start of the process: a gap is a
line that the disk refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from acd import codec
from acd.checkpoint import engine_version, freeze
from acd.commands import Command
from acd.engine import Engine
from acd.events import Event
from acd.ids import Ids

FLOOR: Final = "FLOOR"
EVENT: Final = "EVENT"


class TraceJournal(Protocol):
    """Where the lines go: a journal of its own, whose segments begin with FLOOR."""

    def write(self, line: bytes) -> None: ...

    def start_segment(self, carry: Mapping[str, Any] | None) -> bool: ...

    def roll(self, carry: Callable[[], Mapping[str, Any]] | None) -> bool: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Trace:
    """Writes the trace of one engine. `ids` is what the engine was given as its `new_id`."""

    journal: TraceJournal
    ids: Ids
    run: str
    """Names this engine's life: all its segments bear it."""
    written: int = 0
    _may_roll: bool = True

    def open(self, engine: Engine) -> None:
        """Begin with an engine that has been given no event yet."""
        self.journal.start_segment(self._floor(engine))

    def note(self, event: Event, now: float, at: float, commands: Sequence[Command], fault: str = "") -> None:
        """Append one decision. fault: the exception with which the engine refused the event."""
        self.written += 1
        line: dict[str, object] = {"verb": EVENT, "at": at, "now": now, "n": self.written, "event": event}
        if self.ids.drawn:
            line["ids"] = self.ids.drawn
        if commands:
            line["did"] = commands
        if fault:
            line["fault"] = fault
        self.journal.write(codec.encode(line).encode("ascii") + b"\n")
        self.ids.forget()

    def roll(self, engine: Engine) -> None:
        """Begin a new segment where the current one has outgrown itself. The engine goes along, as it is.

        Raises CannotFreeze, once: the trace then goes on in the segment that it has.
        """
        if self._may_roll:
            self._may_roll = False
            self.journal.roll(lambda: {**self._floor(engine), "state": freeze(engine, self.ids)})
            self._may_roll = True

    def _floor(self, engine: Engine) -> dict[str, Any]:
        floor = codec.to_data(engine.floor)
        return {"run": self.run, "n": self.written, "engine": engine_version(), "floor": floor}
