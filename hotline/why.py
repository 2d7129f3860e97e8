"""The story of one caller's stay in a queue, told by playing the trace and asking the engine at each offer."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from acd import codec
from acd.codec import CLASS, Undecodable
from acd.explain import Explanation, explain
from acd.model import VisitState
from acd.replay import Replay
from acd.trace import FLOOR
from db.segments import decode_line
from db.trace_files import is_growing, read_trace
from hotline.faults import HotlineError
from hotline.replaying import Advance, progress, segments_at

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Happening:
    """One thing that was decided about the caller."""

    at: float
    verb: str
    told: Mapping[str, Any]
    explanation: Explanation | None = None
    """Of an offer: why this agent."""


@dataclass
class Story:
    """One visit."""

    visit_id: str
    call_id: str
    caller_number: str
    queue: str
    happenings: list[Happening] = field(default_factory=list)
    asked_at: float = 0.0
    """epoch seconds of what `now` tells"""
    now: Explanation | None = None
    """Why nobody yet; None where the visit did not wait at `asked_at`."""
    other_versions: frozenset[str] = frozenset()
    differences: int = 0
    """Decisions that the engine of today makes otherwise than the trace has them."""
    skipped: bool = False
    """The trace was written by another version, from the middle on: nothing can be explained."""


def find(place: Path, call: str, at: datetime | None) -> Story:
    """The last visit of this call or caller, or the one of the time `at`. Raises HotlineError where there is none."""
    paths = segments_at(place)
    until = None if at is None else _moment(at)
    entered = _entered(paths, call, until)
    if entered is None:
        raise HotlineError(f"the trace knows no visit, call or caller number {call}" + (f" until {at}" if at else ""))
    path, joined = entered
    story = Story(joined["visit_id"], joined["call_id"], joined["caller_number"], joined["queue_id"])
    needed = _from_a_beginning(paths, paths.index(path))
    with progress(needed, "asking the engine") as advance:
        _tell(story, needed, until, advance)
    return story


def _moment(at: datetime) -> float:
    """A time without a day is today's."""
    if at.year == 1900:  # strptime's year where none was given
        at = datetime.combine(datetime.now().date(), at.time())
    return at.timestamp()


def _entered(paths: Sequence[Path], call: str, until: float | None) -> tuple[Path, Line] | None:
    """The last entry of this caller until then, and the segment with its first line.

    Raises OSError. Only lines that hold the words are parsed: a day has many.
    """
    found: dict[str, tuple[Path, Line]] = {}
    last = ""
    needle = call.encode("ascii", "replace")
    for path in paths:
        with path.open("rb") as file:
            told = [raw for raw in file if needle in raw and b"CallerJoined" in raw]
        for line in filter(None, map(decode_line, told)):
            event = line.get("event", {})
            if event.get(CLASS) != "CallerJoined" or (until is not None and line["at"] > until):
                continue
            if call in (event["visit_id"], event["call_id"], event["caller_number"]):
                last = event["visit_id"]
                found.setdefault(last, (path, event))
    return found.get(last)


def _from_a_beginning(paths: list[Path], index: int) -> list[Path]:
    """The segments from which the visit can be replayed: back to one that an engine of this version can begin with."""
    replay = Replay()
    for first in range(index, -1, -1):
        line = next((line.content for line in read_trace([paths[first]])), None)
        if line is None or line.get("verb") != FLOOR:
            continue
        try:
            replay.take(line)
        except Undecodable:
            continue
        if replay.engine is not None:
            return paths[first:]
    return paths[index:]


def _tell(story: Story, paths: Sequence[Path], until: float | None, advance: Advance) -> None:
    replay = Replay()
    asked = _Asked(story.visit_id, replay)
    replay.watch = asked.drawn
    for line in _lines(paths, until, advance):
        asked.expect(line)
        try:
            story.differences += replay.take(line) is not None
        except Undecodable:
            continue
        story.happenings += asked.happened(line)
    story.other_versions = frozenset(replay.other_versions)
    story.skipped = replay.engine is None
    _ask_at_the_end(story, replay, paths[-1], until)


def _lines(paths: Sequence[Path], until: float | None, advance: Advance) -> Iterator[Line]:
    for line in read_trace(list(paths)):
        advance(line.size)
        if line.content is None:
            continue
        if until is not None and line.content.get("at", 0.0) > until:
            return
        yield line.content


def _ask_at_the_end(story: Story, replay: Replay, newest: Path, until: float | None) -> None:
    story.asked_at = until or (time.time() if is_growing(newest) else replay.now + replay.offset)
    visit = replay.engine.visits.get(story.visit_id) if replay.engine is not None else None
    if replay.engine is not None and visit is not None and visit.state is not VisitState.CONNECTED:
        story.now = explain(replay.engine, visit, max(replay.now, story.asked_at - replay.offset))


class _Asked:
    """Asks the engine at the moment of each offer of one visit."""

    def __init__(self, visit_id: str, replay: Replay) -> None:
        self._visit_id = visit_id
        self._replay = replay
        self._offers: dict[str, str] = {}
        """offer_id to agent_id, of the line that is being decided"""
        self._why: dict[str, Explanation] = {}

    def expect(self, line: Line) -> None:
        """Learn from the record which offers of this visit the next decision made."""
        offers = (one["fields"] for one in line.get("did", ()) if one.get("verb") == "OFFER")
        self._offers = {one["offer_id"]: one["agent_id"] for one in offers if one["visit_id"] == self._visit_id}
        self._why = {}

    def drawn(self, offer_id: str) -> None:
        """The engine is about to make this offer."""
        engine, agent_id = self._replay.engine, self._offers.get(offer_id)
        if engine is not None and agent_id in engine.agents and self._visit_id in engine.visits:
            now = self._replay.now
            self._why[offer_id] = explain(engine, engine.visits[self._visit_id], now, agent_id)

    def happened(self, line: Line) -> Iterator[Happening]:
        """What the line's decision meant for the caller, in its order."""
        for one in line.get("did", ()):
            told = one.get("fields", {})
            if told.get("visit_id") == self._visit_id and one["verb"] not in _UNTOLD:
                yield Happening(line["at"], one["verb"], told, self._why.get(told.get("offer_id", "")))


_UNTOLD: Final = frozenset({"AGENTSTATE", "AGENTWISH"})


def as_data(story: Story) -> dict[str, Any]:
    """For --json."""
    data: dict[str, Any] = codec.to_data(
        {name: getattr(story, name) for name in Story.__dataclass_fields__ if name != "happenings"}
    )
    data["happenings"] = codec.to_data(list(story.happenings))
    return data
