"""What callers voted for, by ballot."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.reports.report import Report, percent, span_text
from db.votes import Vote

COLUMNS = ("ballot", "choice", "votes", "share")
DEFINITIONS = (
    "votes: numbers whose vote was cast in the span; of one number in one ballot the first counts",
    "share: of the votes of the ballot, in percent",
)


def votes(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Votes cast in [start, end), by ballot, the choice with the most votes first; `now` is not needed."""
    by_ballot: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with Session(engine) as session:
        within = (Vote.voted_at >= start, Vote.voted_at < end)
        for ballot, choice in session.execute(select(Vote.ballot, Vote.choice).where(*within)):
            by_ballot[ballot][choice] += 1
    rows = tuple(
        (ballot, choice, count, percent(count, counts.total()))
        for ballot, counts in sorted(by_ballot.items())
        for choice, count in sorted(counts.items(), key=lambda voted: (-voted[1], voted[0]))
    )
    return Report(f"Votes {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)
