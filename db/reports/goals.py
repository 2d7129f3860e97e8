"""What callers came to the menus for, and whether they got it there: tasks begun, completed, handed to an agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine

from db.reports.menu_steps import LEFT, MenuStep, menu_steps
from db.reports.report import Cell, Report, mean, percent, span_text

_COUNTED = ("started", "completed", "completed_percent", "to_agent", "contained", "hung_up", "failed", "seconds_mean")
COLUMNS = ("task", *_COUNTED)
BY_LANGUAGE = ("task", "language", *_COUNTED)
CALLS = ("calls", "with_a_task", "contained", "contained_percent")

FAILED = frozenset({"failed", "lost"})
"""Results of a step in which something went wrong on our side."""
UNDONE = (
    LEFT
    | FAILED
    | {"exhausted", "too_long", "not_found", "refused", "again"}
    | {"person", "back", "repeat", "main", "key"}  # global keys
)
"""Results of a step that did not come to what it is for."""

DEFINITIONS = (
    "task: the word `report` of nodes; all nodes of one name are one task, done at most once in a call",
    "started: calls that came to a node of the task",
    "completed: of these, calls whose last step of the task came to what it is for: it did not end with a hang-up, "
    "a key that leads elsewhere, exhausted attempts or time, an entry refused or not found, or a failure",
    "to_agent: of the started, calls that went into a queue afterwards, completed or not",
    "contained: completed, and the caller went into no queue afterwards",
    "hung_up, failed: of the started, calls whose last step of the task the caller hung up in, or failed on our side",
    "seconds_mean: of the started calls, in the nodes of the task",
    "completed_percent: of the started",
)
CALLS_DEFINITIONS = (
    "calls: calls with a step in the menus begun in the span; with_a_task: those that started one",
    "contained: calls that completed a task and went into no queue after it",
    "contained_percent: contained / calls",
)


@dataclass(frozen=True)
class Pursuit:
    """One call's way with one task."""

    task: str
    language: str
    """In which it ended."""
    result: str
    """Of the last step of the task."""
    seconds: float
    to_agent: bool

    @property
    def completed(self) -> bool:
        return self.result not in UNDONE

    @property
    def contained(self) -> bool:
        return self.completed and not self.to_agent


def goals(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Tasks of the calls with steps in [start, end), by task and by language; `now` is not needed."""
    calls = [list(_pursuits(call)) for call in menu_steps(engine, start, end)]
    by_task: defaultdict[tuple[str, ...], list[Pursuit]] = defaultdict(list)
    by_language: defaultdict[tuple[str, ...], list[Pursuit]] = defaultdict(list)
    for pursuit in (pursuit for call in calls for pursuit in call):
        by_task[pursuit.task,].append(pursuit)
        by_language[pursuit.task, pursuit.language].append(pursuit)
    span = span_text(start.astimezone(tz), end.astimezone(tz))
    contained = sum(any(pursuit.contained for pursuit in call) for call in calls)
    told = (len(calls), sum(map(bool, calls)), contained, percent(contained, len(calls)))
    further = (
        Report(f"Goals by language {span}", BY_LANGUAGE, _rows(by_language.items()), DEFINITIONS),
        Report(f"Calls in the menus {span}", CALLS, (told,) if calls else (), CALLS_DEFINITIONS),
    )
    return Report(f"Goals {span}", COLUMNS, _rows(by_task.items()), DEFINITIONS, further)


def _pursuits(call: Sequence[MenuStep]) -> Iterator[Pursuit]:
    for task in dict.fromkeys(step.task for step in call if step.task):
        steps = [step for step in call if step.task == task]
        after = [step.kind for step in call if step.number > steps[0].number]
        seconds = sum(step.seconds for step in steps)
        yield Pursuit(task, steps[-1].language, steps[-1].result, seconds, "queue" in after)


def _rows(groups: Iterable[tuple[tuple[str, ...], Sequence[Pursuit]]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple((*key, *_counted(pursuits)) for key, pursuits in sorted(groups))


def _counted(pursuits: Sequence[Pursuit]) -> tuple[Cell, ...]:
    completed = sum(pursuit.completed for pursuit in pursuits)
    return (
        *(len(pursuits), completed, percent(completed, len(pursuits))),
        *(sum(pursuit.to_agent for pursuit in pursuits), sum(pursuit.contained for pursuit in pursuits)),
        sum(pursuit.result == "left_in_menu" for pursuit in pursuits),
        sum(pursuit.result in FAILED for pursuit in pursuits),
        mean([pursuit.seconds for pursuit in pursuits]),
    )
