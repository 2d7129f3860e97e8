"""The day's report: what each queue did with its callers, and what the menus did with theirs."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, Row, select
from sqlalchemy.orm import Session

from db.moments import seconds_between
from db.reports.contacts import contact_report
from db.reports.report import Cell, Report, mean, percent, percentile, span_text
from db.schema import AgentInterval, Call, Callback, QueueVisit

SERVICE_SECONDS = 20.0
UNKNOWN = "(unknown)"
WRAP_UP_FOLLOWS = timedelta(days=1)
"""Beyond the longest talk: how far behind the last connect its wrap-up is looked for."""
FAILED_OUTCOMES = frozenset({"no_agents", "switch_lost", "system_error"})
TURNED_AWAY_OUTCOMES = frozenset({"closed", "full", "estimate_too_long"})

READ_COLUMNS = (
    *("visit_id", "call_id", "queue", "arrived_at", "connected_at", "outcome", "wait_seconds", "talk_seconds"),
    *("entered_via", "hold_seconds", "consult_seconds"),
)
Visit = Row[Any]
"""A row of READ_COLUMNS: a busy month is read without making an object of the model for each."""


def daily(
    engine: Engine,
    start: datetime,
    end: datetime,
    *,
    tz: tzinfo = UTC,
    service_seconds: float = SERVICE_SECONDS,
) -> Report:
    """Per day of `tz` and per queue: every visit that arrived in [start, end); beside it, per day: every call.

    `start` and `end` are aware. An open visit counts as offered and open, and in no average but those it has reached.
    """
    with Session(engine) as session:
        visits = _visits(session, start, end)
        wrap_ups = _wrap_up_seconds(session, visits)
        menus = _menus(session, start, end, tz)
    groups: defaultdict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in visits:
        groups[_day(visit.arrived_at, tz), visit.queue or UNKNOWN].append(visit)
    rows = tuple(
        (*key, *(measure(group, wrap_ups, service_seconds) for measure in COLUMNS.values()))
        for key, group in sorted(groups.items())
    )
    span = span_text(start.astimezone(tz), end.astimezone(tz))
    return Report(
        f"Queues {span}",
        ("day", "queue", *COLUMNS),
        rows,
        _definitions(service_seconds),
        (_menu_report(menus, span), contact_report(visits, span, tz)),
    )


ON_LINE = QueueVisit.visit_id.not_in(select(Callback.callback_id))
"""Of visits: callbacks are reported by themselves (`callbacks`), and would count their callers twice here."""

WrapUps = dict[str, float]
Measure = Callable[[Sequence[Visit], WrapUps, float], Cell]


def _answered(visits: Iterable[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.connected_at is not None]


def _handled(visits: Iterable[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.connected_at is not None and visit.talk_seconds is not None]


def _waits(visits: Iterable[Visit]) -> list[float]:
    return [visit.wait_seconds or 0.0 for visit in _answered(visits)]


def _abandoned(visits: Iterable[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.outcome in ("abandoned_waiting", "abandoned_ringing")]


def _count(*outcomes: str | None) -> Measure:
    return lambda visits, _wrap_ups, _service: sum(visit.outcome in outcomes for visit in visits)


def _service_level(visits: Sequence[Visit], _wrap_ups: WrapUps, service_seconds: float) -> Cell:
    in_time = [wait for wait in _waits(visits) if wait <= service_seconds]
    late_abandons = [visit for visit in _abandoned(visits) if (visit.wait_seconds or 0.0) > service_seconds]
    return percent(len(in_time), len(_answered(visits)) + len(late_abandons))


def _handle_mean(visits: Sequence[Visit], wrap_ups: WrapUps, _service: float) -> Cell:
    return mean([visit.talk_seconds + wrap_ups.get(visit.visit_id, 0.0) for visit in _handled(visits)])


COLUMNS: dict[str, Measure] = {
    "offered": lambda visits, _w, _s: len(visits),
    "transferred_in": lambda visits, _w, _s: sum(visit.entered_via == "transfer" for visit in visits),
    "transferred_out": _count("transferred"),
    "answered": lambda visits, _w, _s: len(_answered(visits)),
    "abandoned_waiting": _count("abandoned_waiting"),
    "abandoned_ringing": _count("abandoned_ringing"),
    "timed_out": _count("timed_out"),
    "turned_away": _count(*TURNED_AWAY_OUTCOMES),
    "moved_on": _count("key_exit", "overflowed"),
    "callback_taken": _count("callback_taken"),
    "failed": _count(*FAILED_OUTCOMES),
    "open": _count(None),
    "service_level_percent": _service_level,
    "abandon_percent": lambda visits, _w, _s: percent(len(_abandoned(visits)), len(visits)),
    "asa_seconds": lambda visits, _w, _s: mean(_waits(visits)),
    "wait_p50_seconds": lambda visits, _w, _s: percentile(_waits(visits), 0.50),
    "wait_p95_seconds": lambda visits, _w, _s: percentile(_waits(visits), 0.95),
    "wait_max_seconds": lambda visits, _w, _s: percentile([visit.wait_seconds or 0.0 for visit in visits], 1.0),
    "talk_mean_seconds": lambda visits, _w, _s: mean([visit.talk_seconds for visit in _handled(visits)]),
    "hold_mean_seconds": lambda visits, _w, _s: mean(
        [visit.hold_seconds + visit.consult_seconds for visit in _handled(visits)]
    ),
    "aht_seconds": _handle_mean,
}


def _definitions(service_seconds: float) -> tuple[str, ...]:
    limit = f"{service_seconds:g}"
    return (
        "day: of the arrival in the queue",
        "offered: visits that arrived; one caller in two queues is two visits",
        "transferred_in: of them, callers whom an agent sent here; transferred_out: callers whom the agent who had "
        "answered sent on. An agent's own consult is counted only when the caller was handed over to it",
        "answered: visits that were connected to an agent, however they ended",
        "abandoned_waiting, abandoned_ringing: the caller hung up before connect; while no phone, while a phone rang",
        "timed_out: the queue's longest wait was over",
        f"turned_away: {', '.join(sorted(TURNED_AWAY_OUTCOMES))}; the caller could not join, or closing time came",
        "moved_on: to another queue or to a menu, by a key or as the line was too long: no abandon",
        "callback_taken: hung up to be called, with the place kept: no abandon; what became of it: report callbacks",
        f"failed: {', '.join(sorted(FAILED_OUTCOMES))}; an answered visit whose talk was cut is in answered as well",
        "open: not ended when the report was made, waiting or talking",
        f"service_level_percent: answered within {limit} s / (answered + abandoned after {limit} s) (formula 4: a "
        f"caller who leaves within {limit} s counts neither way; every other end is in no part of it)",
        "abandon_percent: abandoned_waiting + abandoned_ringing / offered; short abandons included",
        "asa_seconds, wait_p50_seconds, wait_p95_seconds: wait of answered visits, from entry to the queue until "
        "caller and agent are bridged, ringing included, menus not",
        "wait_max_seconds: longest wait of any visit whose wait is over, answered or not",
        "talk_mean_seconds: connect to hang-up, hold included / answered visits that ended",
        "hold_mean_seconds: hold and consults of the agent / answered visits that ended",
        "aht_seconds: talk + the wrap-up that followed it / answered visits that ended; none counts as 0 s of wrap-up",
    )


def _visits(session: Session, start: datetime, end: datetime) -> Sequence[Visit]:
    columns = [getattr(QueueVisit, name) for name in READ_COLUMNS]
    arrived = (QueueVisit.arrived_at >= start, QueueVisit.arrived_at < end)
    query = select(*columns).where(*arrived, QueueVisit.entered_via != "consult", ON_LINE)
    return session.execute(query).all()


def _wrap_up_seconds(session: Session, visits: Sequence[Visit]) -> WrapUps:
    """Seconds of wrap-up by visit: a wrap-up belongs to the agent's last talk that began before it."""
    connects = [visit.connected_at for visit in _answered(visits)]
    if not connects:
        return {}
    since, until = min(connects), max(connects) + WRAP_UP_FOLLOWS
    talks: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    # Also of talks behind the report's span, or their wrap-ups would fall to the last talk in it.
    query = select(QueueVisit.agent_id, QueueVisit.connected_at, QueueVisit.visit_id).order_by(QueueVisit.connected_at)
    for agent, connected_at, visit_id in session.execute(query.where(QueueVisit.connected_at.between(since, until))):
        if connected_at is not None:
            talks[agent or UNKNOWN].append((connected_at, visit_id))
    found: defaultdict[str, float] = defaultdict(float)
    ended = (AgentInterval.state == "wrap_up", AgentInterval.ended_at.is_not(None))
    wrap_ups = select(AgentInterval).where(*ended, AgentInterval.started_at.between(since, until))
    for interval in session.scalars(wrap_ups):
        agent_talks = talks[interval.agent_id]
        index = bisect_right(agent_talks, interval.started_at, key=itemgetter(0))
        if index and interval.ended_at is not None:
            found[agent_talks[index - 1][1]] += seconds_between(interval.started_at, interval.ended_at)
    return found


MENU_OUTCOMES = ("self_served", "left_in_menu", "switch_lost")


def _menus(session: Session, start: datetime, end: datetime, tz: tzinfo) -> dict[str, Counter[str]]:
    visited = select(QueueVisit.call_id).where(QueueVisit.call_id == Call.call_id).exists()
    query = select(Call.started_at, Call.outcome, visited.label("visited"))
    days: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for call in session.execute(query.where(Call.started_at >= start, Call.started_at < end)):
        in_menus = not call.visited and call.outcome in (*MENU_OUTCOMES, None)
        kind = call.outcome or "open" if in_menus else "to_queue"
        days[_day(call.started_at, tz)].update(("calls", kind))
    return days


def _menu_report(days: dict[str, Counter[str]], span: str) -> Report:
    counted = ("calls", "to_queue", *MENU_OUTCOMES, "open")
    rows = tuple(
        (day, *(kinds[kind] for kind in counted), percent(kinds["self_served"], kinds["calls"] - kinds["open"]))
        for day, kinds in sorted(days.items())
    )
    definitions = (
        "calls: calls that began on this day",
        "to_queue: sent to a queue at least once",
        "self_served: never in a queue, and a script ended well, or the menu or a script was the end of the call",
        "left_in_menu: never in a queue, and the caller hung up in a menu without having been served",
        "switch_lost: never in a queue, and Asterisk died during the call",
        "open: never in a queue, and not ended when the report was made",
        "self_served_percent: self_served / (calls - open)",
    )
    return Report(f"Menus {span}", ("day", *counted, "self_served_percent"), rows, definitions)


def _day(moment: datetime, tz: tzinfo) -> str:
    return f"{moment.astimezone(tz):%Y-%m-%d}"
