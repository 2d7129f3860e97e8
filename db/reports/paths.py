"""Which ways callers took through the menus, and how they left them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import groupby, takewhile

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.reports.menu_steps import LEFT, MenuStep, menu_steps
from db.reports.report import Report, mean, percent, span_text
from db.schema import Call

COLUMNS = ("path", "exit", "calls", "share", "seconds_mean")
DEFINITIONS = (
    "path: the nodes at which something was said, asked or done, in order; repetitions in a row count as one",
    "exit: how the last stay in the menus ended: queue, script, callback, hung_up (by us), left_in_menu (by the "
    "caller), switch_lost; empty: not yet",
    "calls: calls with a step begun in the span, of this path and exit",
    "share: of all such calls, in percent",
    "seconds_mean: in the nodes of the menus, scripts included, waits in queues not",
)
_SILENT = frozenset({"set", "switch", "hours", "goto", "return", "call", "language"})
"""Kinds of which a caller notices nothing."""


def paths(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Ways of the calls with steps in [start, end), the most frequent first; `now` is not needed."""
    calls = menu_steps(engine, start, end)
    exits = _exits(engine, [call[0].call_id for call in calls])
    groups: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for call in calls:
        groups[_path(call), exits.get(call[0].call_id, "")].append(sum(step.seconds for step in call))
    rows = tuple(
        (*way, len(seconds), percent(len(seconds), len(calls)), mean(seconds))
        for way, seconds in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    )
    return Report(f"Paths {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def _path(call: Sequence[MenuStep]) -> str:
    """Up to the node at which the caller left."""
    before = list(takewhile(lambda step: step.result not in LEFT, call))
    noticed = (step.address for step in call[: len(before) + 1] if step.kind not in _SILENT)
    return " > ".join(address for address, _ in groupby(noticed))


def _exits(engine: Engine, call_ids: Iterable[str]) -> dict[str, str]:
    wanted = frozenset(call_ids)
    first, last = min(wanted, default=""), max(wanted, default="")
    query = select(Call.call_id, Call.ivr_outcome).where(Call.call_id >= first, Call.call_id <= last)
    with Session(engine) as session:
        return {call_id: outcome or "" for call_id, outcome in session.execute(query) if call_id in wanted}
