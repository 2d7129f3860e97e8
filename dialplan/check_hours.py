"""Opening hours that are well written and yet wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialplan.draft import SITE_FILE, Draft
from dialplan.faults import Fault, Severity
from dialplan.findings import fault_at


def empty_hours(draft: Draft) -> Iterator[Fault]:
    """The key `hours` has nothing behind it: without the key the site is always open, and this may mean either."""
    document = draft.documents[SITE_FILE]
    if isinstance(document.values, dict) and document.values.get("hours", ...) is None:
        yield fault_at(document, ("hours",), "empty-value", "found nothing", "timezone, open and closed")


def never_open(draft: Draft) -> Iterator[Fault]:
    """No day and no holiday has a range: every call starts at the closed node."""
    hours = draft.hours
    if hours and not any([*hours.open.values(), *hours.holidays.values()]):
        document = draft.documents[SITE_FILE]
        found = "found no range on any day"
        fault = fault_at(document, ("hours", "open"), "never-open", found, "at least one", of_key=True)
        yield replace(fault, severity=Severity.WARNING)
