"""One row per agent: how their time went, and what became of the callers they were offered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from db.moments import seconds_between
from db.reports.report import Cell, Report, percent, span_text, tenths
from db.schema import AgentInterval, Disposition, Offer, QueueVisit

STATES = ("ready", "offered", "on_call", "wrap_up", "external", "not_ready")
WORK_STATES = ("offered", "on_call", "wrap_up")
COUNTED_OUTCOMES = ("answered", "rna", "reject")
NOBODYS_MISS = ("cancel_caller", "cancel_other_won")
"""The agent might have answered, had the caller or another agent not been first."""

COLUMNS = (
    *("agent_id", "logged_seconds", *(f"{state}_seconds" for state in STATES), "occupancy_percent"),
    *("offers", *COUNTED_OUTCOMES, "answer_percent", "ring_mean_seconds", "connect_mean_seconds"),
    *("talk_seconds", "dispositions"),
)
DEFINITIONS = (
    "All times are the part of the agent's intervals within the report's span; one that lasts counts up to now.",
    "logged_seconds: log-in to log-off = ready + offered + on_call + wrap_up + external + not_ready",
    "offered_seconds: a phone of theirs rings for a caller; on_call_seconds: from answer to the end of the talk",
    "external_seconds: in a call of their own, outgoing or direct, while they would have been ready",
    "occupancy_percent: offered + on_call + wrap_up / (offered + on_call + wrap_up + ready); external is in neither",
    "offers: times that they were rung within the span; rna: not answered in time; reject: declined on the phone",
    "answer_percent: answered / (offers that ended - offers ended by the caller's hang-up or another agent's answer)",
    "ring_mean_seconds: of answered offers, until the phone was picked up; connect_mean_seconds: from there until "
    "caller and agent were bridged: whisper and greeting",
    "talk_seconds: connect until hang-up of visits connected within the span and ended",
    "dispositions: visits whose disposition they gave within the span",
)


def agents(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Every agent who was logged on or rung in [start, end), by id; `start`, `end` and `now` are aware."""
    limit = min(end, now or datetime.now(UTC))
    with Session(engine) as session:
        times = _times(session, start, limit)
        offers = _offers(session, start, end)
        means = _answer_means(session, start, end)
        talks = _talk_seconds(session, start, end)
        codes = _dispositions(session, start, end)
    everyone = sorted({*times, *offers, *talks, *codes})
    rows = tuple(
        (
            *_row(agent, times[agent], offers[agent]),
            *means.get(agent, (None, None)),
            tenths(talks.get(agent, 0.0)),
            codes.get(agent, 0),
        )
        for agent in everyone
    )
    return Report(f"Agents {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def _row(agent: str, times: Mapping[str, float], offers: Counter[str]) -> tuple[Cell, ...]:
    work = sum(times[state] for state in WORK_STATES)
    ended = offers.total() - offers["open"]
    return (
        agent,
        tenths(sum(times.values())),
        *(tenths(times[state]) for state in STATES),
        percent(work, work + times["ready"]),
        offers.total(),
        *(offers[outcome] for outcome in COUNTED_OUTCOMES),
        percent(offers["answered"], ended - sum(offers[outcome] for outcome in NOBODYS_MISS)),
    )


def _times(session: Session, start: datetime, limit: datetime) -> defaultdict[str, defaultdict[str, float]]:
    """Seconds by agent and state within [start, limit)."""
    overlapping = (
        AgentInterval.started_at < limit,
        or_(AgentInterval.ended_at.is_(None), AgentInterval.ended_at > start),
    )
    times: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for interval in session.scalars(select(AgentInterval).where(*overlapping)):
        begins, ends = max(interval.started_at, start), min(interval.ended_at or limit, limit)
        times[interval.agent_id][interval.state] += seconds_between(begins, ends)
    return times


def _offers(session: Session, start: datetime, end: datetime) -> defaultdict[str, Counter[str]]:
    """Number of offers by agent and outcome; `open` while the phone rings."""
    query = select(Offer.agent_id, Offer.outcome, func.count()).where(Offer.created_at >= start, Offer.created_at < end)
    offers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for agent_id, outcome, number in session.execute(query.group_by(Offer.agent_id, Offer.outcome)):
        offers[agent_id][outcome or "open"] += number
    return offers


def _answer_means(session: Session, start: datetime, end: datetime) -> dict[str, tuple[Cell, Cell]]:
    """By agent, the mean seconds of ringing and from there to the connect."""
    within = (Offer.created_at >= start, Offer.created_at < end, Offer.outcome == "answered")
    query = select(Offer.agent_id, func.avg(Offer.ring_seconds), func.avg(Offer.connect_seconds))
    rows = session.execute(query.where(*within).group_by(Offer.agent_id))
    return {agent_id: (tenths(ring), tenths(connect)) for agent_id, ring, connect in rows}


def _dispositions(session: Session, start: datetime, end: datetime) -> dict[str, int]:
    within = (Disposition.given_at >= start, Disposition.given_at < end)
    query = select(Disposition.agent_id, func.count()).where(*within).group_by(Disposition.agent_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _talk_seconds(session: Session, start: datetime, end: datetime) -> dict[str, float]:
    within = (QueueVisit.connected_at >= start, QueueVisit.connected_at < end, QueueVisit.agent_id.is_not(None))
    query = select(QueueVisit.agent_id, func.sum(QueueVisit.talk_seconds))
    return {
        agent or "": talk or 0.0 for agent, talk in session.execute(query.where(*within).group_by(QueueVisit.agent_id))
    }
