"""Make a report from the database of a state folder, for whole days of this machine's time zone."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError, ProgrammingError

from db.engine import open_engine
from db.reports import (
    Report,
    abandoned,
    agents,
    callbacks,
    calls,
    daily,
    faults,
    goals,
    messages,
    nodes,
    paths,
    recordings,
    steps,
    supervision,
    survey,
    votes,
)
from hotline.faults import HotlineError
from hotline.settings import load
from hotline.state import State

REPORTS: Mapping[str, Callable[..., Report]] = {
    **{"daily": daily, "calls": calls, "agents": agents, "callbacks": callbacks, "steps": steps},
    "messages": messages,
    **{"abandoned": abandoned, "survey": survey, "recordings": recordings, "supervision": supervision, "votes": votes},
    **{"paths": paths, "nodes": nodes, "goals": goals, "faults": faults},
}


def make_report(name: str, state: State, first: date | None = None, last: date | None = None) -> Report:
    """The report of that name for the days first to last, both included; today where they are left out.

    Raises StateMissing, and HotlineError when the database cannot be read.
    """
    zone = local_zone()
    today = datetime.now(zone).date()
    start = midnight(first or last or today, zone)
    end = midnight((last or today) + timedelta(days=1), zone)
    engine = open_engine(load(state).database_url)
    try:
        return REPORTS[name](engine, start, end, tz=zone)
    except (OperationalError, ProgrammingError) as refusal:
        raise HotlineError(f"the records cannot be read: {str(refusal.orig).splitlines()[0]}") from refusal
    finally:
        engine.dispose()


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def local_zone(localtime: Path = Path("/etc/localtime")) -> tzinfo:
    """This machine's zone by name, so that days before a change of the clocks begin at their own midnight.

    Where it has no name, its offset of today.
    """
    _, _, linked = str(localtime.resolve()).rpartition("zoneinfo/")
    name = os.environ.get("TZ", "").lstrip(":") or linked
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return datetime.now().astimezone().tzinfo or UTC
