"""How well each node of the menus works: who comes, who answers, who fails, who hangs up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Engine

from db.reports.menu_steps import MenuStep, menu_steps
from db.reports.report import Cell, Report, mean, percent, span_text

COLUMNS = (
    *("node", "version", "kind", "steps", "calls", "answered", "answered_percent", "no_input", "no_match"),
    *("exhausted", "hung_up", "hung_up_percent", "barge_in_percent", "seconds_mean"),
)
DEFINITIONS = (
    "version: of the published site that the calls ran; empty: the site was never published",
    "steps: times that a call came to the node; calls: calls that did",
    "answered: steps that ended with a choice or an entry that fits; empty for nodes that asked nobody anything",
    "no_input, no_match: attempts, not steps, in which nothing was keyed, or nothing that fits",
    "exhausted: steps in which every attempt was used up",
    "hung_up: steps in which the caller hung up",
    "barge_in_percent: steps in which a key cut off what was said / steps of which it is known",
    "seconds_mean: from the entry into the node to its end, scripts included",
    "answered_percent, hung_up_percent: of the steps",
)
_ASKED = frozenset({"matched", "exhausted"})


def nodes(engine: Engine, start: datetime, end: datetime, *, tz: tzinfo = UTC, now: datetime | None = None) -> Report:
    """Visits begun in [start, end), by node and version of the site; `now` is not needed."""
    groups: defaultdict[tuple[str, str, str], list[MenuStep]] = defaultdict(list)
    for call in menu_steps(engine, start, end):
        for step in call:
            groups[step.address, step.version, step.kind].append(step)
    rows = tuple((*node, *_row(groups[node])) for node in sorted(groups))
    return Report(f"Nodes {span_text(start.astimezone(tz), end.astimezone(tz))}", COLUMNS, rows, DEFINITIONS)


def _row(of_node: Sequence[MenuStep]) -> tuple[Cell, ...]:
    number = len(of_node)
    results = [step.result for step in of_node]
    failures = sum(step.no_input + step.no_match for step in of_node)
    answered = results.count("matched") if failures or _ASKED & set(results) else None
    known = [step.barge_in for step in of_node if step.barge_in is not None]
    return (
        *(number, len({step.call_id for step in of_node})),
        *(answered, None if answered is None else percent(answered, number)),
        *(sum(step.no_input for step in of_node), sum(step.no_match for step in of_node)),
        *(results.count("exhausted"), results.count("left_in_menu")),
        percent(results.count("left_in_menu"), number),
        percent(sum(known), len(known)),
        mean([step.seconds for step in of_node]),
    )
