"""A recorded trace through the engine that is here: does it decide the same?

`Replay.take` is given the lines of a trace in order, over segments, restarts and gaps, and answers each line whose
decision differs. The engine that it drives can be read between two lines, as it was then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acd import codec
from acd.checkpoint import NoCheckpoint, engine_version, thaw
from acd.engine import Engine
from acd.events import Event
from acd.ids import Ids
from acd.model import Floor
from acd.trace import EVENT, FLOOR

Line = Mapping[str, Any]
"""One line of a trace, parsed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that came out otherwise. Commands as data, as `codec.to_data` writes them."""

    at: float
    """wall clock, epoch seconds"""
    n: int
    event: Mapping[str, Any]
    expected: list[Any]
    got: list[Any]
    fault: str = ""
    """What made the event impossible to take, where that is the difference."""


@dataclass(slots=True)
class Replay:
    """One pass over a trace. Counts are since its beginning."""

    engine: Engine | None = None
    """None before the first floor, and where a segment begins in the middle of another version's life."""
    now: float = 0.0
    """The engine's clock at the last line."""
    offset: float = 0.0
    """Wall clock minus the engine's, at the last line."""
    events: int = 0
    skipped: int = 0
    """Events that no engine was there to take."""
    runs: int = 0
    gaps: int = 0
    """Times that lines are missing between two."""
    other_versions: set[str] = field(default_factory=set)
    """Versions of the engine that wrote the trace, other than this one."""
    watch: Callable[[str], None] | None = None
    """Told of each id at the moment when it is drawn (`acd.ids`)."""
    _ids: Ids = field(default_factory=Ids)
    _run: str = ""
    _number: int = 0

    def take(self, line: Line) -> Difference | None:
        """Take the next line; answer how its decision differs, None where it is the same or the line has none.

        Raises Undecodable for a line that cannot be read; the engine is None after a floor of which that is true.
        """
        try:
            verb = line["verb"]
            if verb == FLOOR:
                self._begin(line)
            elif verb == EVENT:
                return self._decide(line)
        except (KeyError, TypeError) as missing:
            raise codec.Undecodable(f"a line of another shape: {missing}") from missing
        return None

    def _begin(self, line: Line) -> None:
        version, run, number = line["engine"], line["run"], line["n"]
        if version != engine_version():
            self.other_versions.add(version)
        if self.engine is not None and run == self._run and number == self._number:
            return  # the same engine's next segment: ours is as far
        if run == self._run and number != self._number:
            self.gaps += 1
        elif run != self._run:
            self.runs += 1
        self._run, self._number, self.engine = run, number, None
        self.engine, self._ids = self._engine_of(line)

    def _engine_of(self, line: Line) -> tuple[Engine | None, Ids]:
        if "state" not in line:
            ids = Ids()
            return Engine(codec.decode(Floor, line["floor"]), ids), ids
        if line["engine"] != engine_version():
            return None, Ids()
        try:
            return thaw(line["state"])
        except NoCheckpoint as damage:
            raise codec.Undecodable(str(damage)) from damage

    def _decide(self, line: Line) -> Difference | None:
        at, now, number, told = line["at"], line["now"], line["n"], line["event"]
        self.events += 1
        if self.engine is None:
            self.skipped += 1
            return None
        if number != self._number + 1:
            self.gaps += 1
        self._number, self.now, self.offset = number, now, at - now
        self._ids.give(line.get("ids", ()))
        self._ids.watch = self.watch
        expected, fault = line.get("did", []), line.get("fault", "")
        got, got_fault = self._handle(self.engine, told, now)
        if got == expected and got_fault.partition(":")[0] == fault:
            return None
        return Difference(at, number, told, expected, got, got_fault or f"was refused: {fault}" * bool(fault))

    def _handle(self, engine: Engine, told: Any, now: float) -> tuple[list[Any], str]:
        """The commands, and why there are none where the event cannot be taken."""
        try:
            event = codec.decode(Event, told)
            return codec.to_data(engine.handle(event, now)), ""
        except Exception as fault:  # whatever the engine raised then or raises now is what is being compared
            return [], f"{type(fault).__name__}: {fault}"
