"""One row per queue, step and tier: how far requirements had to be relaxed until callers were served, and by whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.reports.report import Cell, Report, mean, percent, percentile, span_text
from db.schema import Offer, QueueVisit

COLUMNS = (
    *("queue", "step", "tier", "offers", "served", "served_percent"),
    *("wait_seconds_mean", "wait_seconds_p80"),
)
DEFINITIONS = (
    "step: relaxations that had opened when the agent was rung, 0: none; empty where it was not recorded",
    "tier: of the agents who could serve then, 1: those to be taken first; reserve agents are the last ones",
    "offers: times that agents were rung within the span",
    "served: offers of these that were answered, each by one caller",
    "served_percent: served / served of the queue at all steps and tiers",
    "wait_seconds: of those served, from entry to connect",
)


Group = tuple[str | None, int | None, int | None]
"""Queue, step and tier."""
Offered = tuple[bool, float | None]
"""Whether it was answered, and the caller's wait."""


def steps(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Offers made in [start, end), by queue, step and tier; `start` and `end` are aware."""
    groups = _offers(engine, start, end)
    served = Counter(group[0] for group, offers in groups.items() for answered, _ in offers if answered)
    rows = tuple(_row(group, groups[group], served[group[0]]) for group in sorted(groups, key=_order))
    return Report(f"Steps {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def _offers(engine: Engine, start: datetime, end: datetime) -> dict[Group, list[Offered]]:
    query = (
        select(QueueVisit.queue, Offer.step, Offer.tier, Offer.outcome, QueueVisit.wait_seconds)
        .join(QueueVisit, QueueVisit.visit_id == Offer.visit_id)
        .where(Offer.created_at >= start, Offer.created_at < end)
    )
    found: defaultdict[Group, list[Offered]] = defaultdict(list)
    with Session(engine) as session:
        for queue, step, tier, outcome, wait_seconds in session.execute(query):
            found[queue, step, tier].append((outcome == "answered", wait_seconds))
    return found


def _order(group: Group) -> tuple[str, int, int]:
    queue, step, tier = group
    return queue or "", -1 if step is None else step, -1 if tier is None else tier


def _row(group: Group, offers: Sequence[Offered], served_in_queue: int) -> tuple[Cell, ...]:
    queue, step, tier = group
    waits = [wait_seconds for answered, wait_seconds in offers if answered]
    known = [wait_seconds for wait_seconds in waits if wait_seconds is not None]
    return (
        *(queue, step, None if tier is None else tier + 1, len(offers), len(waits)),
        percent(len(waits), served_in_queue),
        *(mean(known), percentile(known, 0.8)),
    )
