"""Where calls in the menus did not go as they should: failures, exhausted attempts, sounds that were not played."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine

from db.reports.menu_steps import MenuStep, menu_steps
from db.reports.report import Report, span_text

COLUMNS = ("node", "version", "fault", "steps", "calls", "last_at", "sample_call")
DEFINITIONS = (
    "fault: how the step ended: failed (a script, a backend or the records), lost (a sub-flow that nobody called), "
    "exhausted (every attempt was used up), too_long (max_duration), switch_lost (Asterisk went away); "
    "or not_played, a step in which Asterisk could not play a sound",
    "steps, calls: steps begun in the span that had this fault, and how many calls they were",
    "last_at, sample_call: when the last of them began, and its call",
)
RESULTS = frozenset({"failed", "lost", "exhausted", "too_long", "switch_lost"})


def faults(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Faults of steps begun in [start, end), the most frequent first; `now` is not needed."""
    groups: defaultdict[tuple[str, str, str], list[MenuStep]] = defaultdict(list)
    for call in menu_steps(engine, start, end):
        for step in call:
            for fault in _faults_of(step):
                groups[step.address, step.version, fault].append(step)
    rows = []
    for key, found in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        last = max(found, key=lambda step: step.started_at)
        calls = len({step.call_id for step in found})
        rows.append((*key, len(found), calls, last.started_at.astimezone(tz), last.call_id))
    return Report(f"Faults {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, tuple(rows), DEFINITIONS)


def _faults_of(step: MenuStep) -> Iterator[str]:
    if step.result in RESULTS:
        yield step.result
    if step.unplayed:
        yield "not_played"
