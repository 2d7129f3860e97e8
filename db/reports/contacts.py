"""The day by caller instead of by queue: a call that went through two queues is one contact, and waited in both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import Row

from db.reports.report import Report, mean, percent

Visit = Row[Any]

COLUMNS = (
    *("contacts", "answered", "transferred", "abandoned", "abandon_percent"),
    *("wait_mean_seconds", "talk_mean_seconds"),
)
DEFINITIONS = (
    "contacts: calls that were in a queue, on the day of their first visit",
    "answered: an agent answered in at least one of their visits",
    "transferred: an agent sent the caller on at least once",
    "abandoned: the caller hung up before connect in the last visit; abandon_percent of all contacts",
    "wait_mean_seconds: waits summed over the visits of a contact / contacts answered",
    "talk_mean_seconds: talks summed over the visits of a contact, hold and consults included / contacts answered",
)


def contact_report(visits: Sequence[Visit], span: str, tz: tzinfo) -> Report:
    """Per day of `tz`, from the visits of callers."""
    calls: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in sorted(visits, key=lambda visit: (visit.arrived_at, visit.visit_id)):
        calls[visit.call_id or visit.visit_id].append(visit)
    days: defaultdict[str, list[list[Visit]]] = defaultdict(list)
    for of_call in calls.values():
        days[f"{of_call[0].arrived_at.astimezone(tz):%Y-%m-%d}"].append(of_call)
    rows = tuple((day, *_measures(contacts)) for day, contacts in sorted(days.items()))
    return Report(f"Contacts {span}", ("day", *COLUMNS), rows, DEFINITIONS)


def _measures(contacts: Sequence[Sequence[Visit]]) -> tuple[Any, ...]:
    answered = [one for one in contacts if any(visit.connected_at is not None for visit in one)]
    abandoned = sum(str(one[-1].outcome).startswith("abandoned") for one in contacts)
    return (
        len(contacts),
        len(answered),
        sum(any(visit.outcome == "transferred" for visit in one) for one in contacts),
        abandoned,
        percent(abandoned, len(contacts)),
        mean([sum(visit.wait_seconds or 0.0 for visit in one) for one in answered]),
        mean([sum(visit.talk_seconds or 0.0 for visit in one) for one in answered]),
    )
