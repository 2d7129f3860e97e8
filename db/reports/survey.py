"""What callers answered after their talks, by question, queue and agent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.oversight import SurveyAnswer
from db.reports.report import Cell, Report, percent, span_text
from db.schema import QueueVisit

UNKNOWN = "?"
COLUMNS = ("question", "queue", "answers", "mean", "distribution")
AGENT_COLUMNS = ("question", "queue", "agent_id", "answers", "mean", "distribution")
DEFINITIONS = (
    "answers: callers who answered this question in the span; of a caller who answered twice the last answer",
    "mean: of the answers that are numbers; empty where none is",
    "distribution: each answer with how often it was given and its share of the answers in percent",
    "queue, agent_id: of the talk before the survey; the agent is the one who answered the caller",
)


def survey(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Answers given in [start, end), by question and queue, and beside that by agent; `now` is not needed."""
    columns = (SurveyAnswer.question, SurveyAnswer.answer, QueueVisit.queue, QueueVisit.agent_id)
    within = (SurveyAnswer.answered_at >= start, SurveyAnswer.answered_at < end)
    query = select(*columns).outerjoin(QueueVisit, QueueVisit.visit_id == SurveyAnswer.visit_id).where(*within)
    by_queue: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    by_agent: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    with Session(engine) as session:
        for question, answer, queue, agent_id in session.execute(query):
            key = (question, queue or UNKNOWN)
            by_queue[key][answer] += 1
            by_agent[*key, agent_id or UNKNOWN][answer] += 1
    span = span_text(start.astimezone(tz), end.astimezone(tz))
    agents = Report(f"Survey by agent {span}", AGENT_COLUMNS, _rows(by_agent), DEFINITIONS)
    return Report(f"Survey {span}", COLUMNS, _rows(by_queue), DEFINITIONS, (agents,))


def _rows(groups: Mapping[tuple[str, ...], Counter[str]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple((*key, counts.total(), _mean(counts), _spread(counts)) for key, counts in sorted(groups.items()))


def _mean(counts: Counter[str]) -> float | None:
    """With two decimals: on a scale of five a tenth is a lot."""
    numbers = {answer: count for answer, count in counts.items() if answer.isascii() and answer.isdecimal()}
    number = sum(numbers.values())
    return round(sum(int(answer) * count for answer, count in numbers.items()) / number, 2) if number else None


def _spread(counts: Counter[str]) -> str:
    return ", ".join(
        f"{answer}: {counts[answer]} ({percent(counts[answer], counts.total())} %)" for answer in _order(counts)
    )


def _order(answers: Iterable[str]) -> list[str]:
    """Numbers by size, then the rest."""
    return sorted(answers, key=lambda answer: (not answer.isdecimal(), len(answer), answer))
