"""Opening hours that are well written and yet wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from dialplan.draft import SITE_FILE, Draft
from dialplan.faults import Fault, Severity
from dialplan.findings import fault_at
from dialplan.hours import OpeningTimes
from dialplan.public_holidays import KNOWN_UNTIL
from dialplan.yaml_tree import Path

HOLIDAYS_AHEAD = timedelta(days=30)
"""The next year's are announced in November."""


def empty_hours(draft: Draft) -> Iterator[Fault]:
    """The key `hours` has nothing behind it: without the key the site is always open, and this may mean either."""
    document = draft.documents[SITE_FILE]
    if isinstance(document.values, dict) and document.values.get("hours", ...) is None:
        yield fault_at(document, ("hours",), "empty-value", "found nothing", "timezone, open and closed")


def never_open(draft: Draft) -> Iterator[Fault]:
    """No day and no holiday has a range: every call starts at the closed node, or takes that way of an `hours` node."""
    document = draft.documents[SITE_FILE]
    for name, calendar in getattr(draft.site, "calendars", {}).items():
        if not any([*calendar.open.values(), *calendar.holidays.values()]):
            at = ("calendars", name, "open")
            fault = fault_at(document, at, "never-open", "found no range on any day", "at least one", of_key=True)
            yield replace(fault, severity=Severity.WARNING)
    hours = draft.hours
    if hours and not any([*hours.open.values(), *hours.holidays.values()]):
        found = "found no range on any day"
        fault = fault_at(document, ("hours", "open"), "never-open", found, "at least one", of_key=True)
        yield replace(fault, severity=Severity.WARNING)


def holidays_run_out(draft: Draft) -> Iterator[Fault]:
    """A calendar takes the public holidays, which nobody knows here for the days to come."""
    document = draft.documents[SITE_FILE]
    calendars = getattr(draft.site, "calendars", {})
    written: list[tuple[Path, OpeningTimes]] = [(("calendars", name), one) for name, one in calendars.items()]
    written += [(("hours",), draft.hours)] if draft.hours else []
    for at, times in written:
        if getattr(times, "public_holidays", None) and draft.today + HOLIDAYS_AHEAD > KNOWN_UNTIL:
            found = f"the public holidays are known until {KNOWN_UNTIL} only"
            expected = "a newer release of chinesecalendar, or `holidays` and `workdays` written here"
            fault = fault_at(document, (*at, "public_holidays"), "holidays-run-out", found, expected)
            yield replace(fault, severity=Severity.WARNING)
