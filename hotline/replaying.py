"""Run a recorded trace through the engine that is installed here, and tell where it decides otherwise."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from acd.checkpoint import engine_version
from acd.codec import CLASS, Undecodable
from acd.replay import Difference, Replay
from db.trace_files import read_trace, trace_segments
from hotline.faults import HotlineError

Advance = Callable[[int], None]
"""Told how many bytes have been read since it was last told."""


@dataclass
class Verdict:
    """What came of a replay."""

    replay: Replay
    torn: int = 0
    unreadable: list[str] = field(default_factory=list)
    differences: int = 0
    first: list[Difference] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether every decision of the trace was made again, and nothing had to be left out that could matter."""
        return self.differences == 0 and not self.unreadable and self.replay.events > self.replay.skipped


def segments_at(place: Path) -> list[Path]:
    """Raises HotlineError where there is no trace."""
    try:
        paths = trace_segments(place)
    except OSError as refusal:
        raise HotlineError(f"{place} cannot be read: {refusal.strerror}") from refusal
    if not paths:
        raise HotlineError(f"there is no trace in {place}; `hotline up` writes one unless --trace-days is 0")
    return paths


def run(paths: Sequence[Path], most: int, advance: Advance = lambda size: None) -> Verdict:
    """Replay these segments, in order; keep the first `most` differences."""
    verdict = Verdict(Replay())
    for line in read_trace(list(paths)):
        advance(line.size)
        if line.content is None:
            verdict.torn += 1
            continue
        try:
            difference = verdict.replay.take(line.content)
        except Undecodable as fault:
            verdict.unreadable.append(f"{line.path.name}: {fault}")
            continue
        if difference is not None:
            verdict.differences += 1
            if len(verdict.first) < most:
                verdict.first.append(difference)
    return verdict


@contextmanager
def progress(paths: Sequence[Path], words: str) -> Iterator[Advance]:
    """A bar on stderr, where somebody is looking."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(words, total=sum(path.stat().st_size for path in paths))
        yield lambda size: bar.advance(task, size)


def as_data(verdict: Verdict) -> dict[str, Any]:
    """For --json."""
    replay = verdict.replay
    return {
        "same": verdict.is_same,
        "engine": engine_version(),
        "recorded_by": sorted(replay.other_versions) or [engine_version()],
        "events": replay.events,
        "skipped": replay.skipped,
        "runs": replay.runs,
        "gaps": replay.gaps,
        "torn": verdict.torn,
        "unreadable": verdict.unreadable,
        "differences": verdict.differences,
        "first": [
            {
                "at": one.at,
                "n": one.n,
                "event": one.event,
                "expected": one.expected,
                "got": one.got,
                "fault": one.fault,
            }
            for one in verdict.first
        ],
    }


def as_text(verdict: Verdict) -> Iterator[str]:
    """Lines for people: the first differences, each with what follows from it, then the sum."""
    for one in verdict.first:
        yield from _difference(one)
    replay = verdict.replay
    same = "the same decisions" if verdict.is_same else f"{_count(verdict.differences, 'different decision')}"
    yield f"{_count(replay.events, 'event')} in {_count(replay.runs, 'run')} of the ACD: {same}"
    if replay.other_versions:
        yield (
            f"recorded by another version of the engine ({', '.join(sorted(replay.other_versions))}; "
            f"this is {engine_version()}): differences may be meant"
        )
    if replay.skipped:
        yield f"{_count(replay.skipped, 'event')} left out: their segment begins inside another version's life"
    if replay.gaps:
        yield f"lines are missing in {_count(replay.gaps, 'place')}: what follows may differ"
    if verdict.torn:
        yield f"{_count(verdict.torn, 'line')} cut short by a kill, left out"
    yield from (f"cannot be read: {fault}" for fault in verdict.unreadable[:10])


def _difference(one: Difference) -> Iterator[str]:
    when = datetime.fromtimestamp(one.at).isoformat(sep=" ", timespec="milliseconds")
    yield f"{when}  event {one.n}: {_say(one.event)}"
    same = [command for command in one.got if command in one.expected]
    yield from (f"    - {_say(command)}" for command in one.expected if command not in same)
    yield from (f"    + {_say(command)}" for command in one.got if command not in same)
    if not one.fault and sorted(map(str, one.got)) == sorted(map(str, one.expected)):
        yield "    the same in another order"
    if one.fault:
        yield f"    {one.fault}"


def _say(told: Any) -> str:
    """An event or a command in one line."""
    if not isinstance(told, dict):
        return str(told)
    fields_told = told.get("fields", told)
    word = told.get("verb") or told.get(CLASS, "?")
    given = (f"{name}={value}" for name, value in fields_told.items() if name not in (CLASS, "verb"))
    return " ".join([str(word), *given])[:400]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
