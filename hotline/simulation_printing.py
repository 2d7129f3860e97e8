"""What a simulation came to: tables and a chart for planners, JSON for programs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.bar import Bar
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.simulation.estimate import Estimate
from acd.simulation.result import FORMULAS, CallerFigures, GroupFigures
from acd.simulation.textbook import Textbook
from hotline.simulating import Staffing

CHARTED = "F4"
"""Service level with short abandons neutral: the one that a planner can set a goal for without being flattered."""
_BAR_CELLS = 40
_NAME_CELLS = 36
_DEFINITIONS = (
    "Service level, within T: F1 (answered + abandoned in T) / (answered + abandoned), F2 answered in T / answered,",
    "F3 answered in T / (answered + abandoned), F4 answered in T / (answered + abandoned after T),",
    "F5 (answered in T + abandoned within 5 s) / (answered + abandoned).",
    "ASA: mean wait of the answered, ringing included. P(wait): nobody could be rung at once.",
    "Occupancy: talk and wrap-up, of the time that agents were not away.",
    "± holds the true value in 95 of 100 cases (batch means over the seeds). Counts are sums over the seeds.",
)


def print_json(staffings: Sequence[Staffing]) -> None:
    """Every figure of every staffing; shares from 0 to 1, times in seconds."""
    print(json.dumps([_mapping(staffing) for staffing in staffings], ensure_ascii=False, indent=2))


def print_tables(staffings: Sequence[Staffing]) -> None:
    """One staffing in full; of several a row for each, and the chart. A narrow terminal cuts nothing off."""
    tables = list(_one(staffings[0]) if len(staffings) == 1 else _sweep(staffings))
    console = Console(soft_wrap=True)
    console.width = max(console.width, *(_width(table) for _, table in tables))
    for title, table in tables:
        console.print(Text(title, style="bold"))
        console.print(table)
        console.print()
    console.print(Text("\n".join(f"  {line}" for line in _DEFINITIONS), style="dim"))


def _width(table: Table) -> int:
    return Console(width=10_000).measure(table).maximum


# One staffing


def _simulated_level(name: str) -> Callable[[CallerFigures], str]:
    return lambda figures: _percent(figures.service_levels[name])


def _theoretical_level(name: str) -> Callable[[Textbook], str]:
    place = FORMULAS.index(name)
    return lambda theory: f"{theory.service_levels[place]:.1%}"


_CALLER_ROWS: Mapping[str, Callable[[CallerFigures], str]] = {
    "offered": lambda figures: str(figures.offered),
    "answered": lambda figures: str(figures.answered),
    "abandoned": lambda figures: str(figures.abandoned),
    "let go": lambda figures: str(figures.let_go),
    "never served": lambda figures: str(figures.unserved),
    **{f"service level {name}": _simulated_level(name) for name in FORMULAS},
    "abandoned, share": lambda figures: _percent(figures.abandoned_share),
    "P(wait)": lambda figures: _percent(figures.delayed_share),
    "ASA": lambda figures: _seconds(figures.answer_seconds),
    "mean wait of all": lambda figures: _seconds(figures.wait_seconds),
    "wait p50": lambda figures: _seconds(figures.wait_p50),
    "wait p90": lambda figures: _seconds(figures.wait_p90),
    "wait p95": lambda figures: _seconds(figures.wait_p95),
    "occupancy": lambda figures: _percent(figures.occupancy),
}
_TEXTBOOK_ROWS: Mapping[str, Callable[[Textbook], str]] = {
    **{f"service level {name}": _theoretical_level(name) for name in FORMULAS},
    "abandoned, share": lambda theory: f"{theory.abandoned_share:.1%}",
    "P(wait)": lambda theory: f"{theory.delayed_share:.1%}",
    "mean wait of all": lambda theory: f"{theory.wait_seconds:.1f} s",
    "occupancy": lambda theory: f"{theory.occupancy:.1%}",
}


def _one(staffing: Staffing) -> Iterator[tuple[str, Table]]:
    result = staffing.result
    yield "Queues", _caller_table({"all": result.total, **result.queues}, staffing.textbook)
    if len(result.skills) > 1:
        yield "Callers by skill asked for", _caller_table(result.skills, {})
    yield "Agents by skills", _group_table(result.groups)


def _caller_table(columns: Mapping[str, CallerFigures], theories: Mapping[str, Textbook]) -> Table:
    table = _table("", *columns, *(f"{_model(theory)}: {queue_id}" for queue_id, theory in theories.items()))
    for name, show in _CALLER_ROWS.items():
        said = _TEXTBOOK_ROWS.get(name)
        theory = ("" if said is None else said(one) for one in theories.values())
        table.add_row(name, *(show(figures) for figures in columns.values()), *theory)
    return table


def _group_table(groups: Mapping[str, GroupFigures]) -> Table:
    table = _table("skills", "agents", "offers", "answered", "no answer", "occupancy")
    for name, group in groups.items():
        counts = (group.agents, group.offers, group.answered, group.no_answers)
        table.add_row(name, *map(str, counts), _percent(group.occupancy))
    return table


# Several staffings


def _sweep(staffings: Sequence[Staffing]) -> Iterator[tuple[str, Table]]:
    for queue_id in staffings[0].result.queues:
        yield f"{queue_id}, by number of agents", _sweep_table(staffings, queue_id)
        yield f"{queue_id}, service level {CHARTED}", _chart(staffings, queue_id)


def _sweep_table(staffings: Sequence[Staffing], queue_id: str) -> Table:
    shares, waits = (*FORMULAS, "abandoned", "P(wait)", "occupancy"), ("ASA", "p90")
    table = _table(_agents_title(staffings), *(f"{name} %" for name in shares), *(f"{name} s" for name in waits))
    for staffing in staffings:
        figures = staffing.result.queues[queue_id]
        levels = (figures.service_levels[name] for name in FORMULAS)
        for_shares = (*levels, figures.abandoned_share, figures.delayed_share, figures.occupancy)
        for_waits = (figures.answer_seconds, figures.wait_p90)
        table.add_row(
            _agents(staffing),
            *(_bare(share, 100) for share in for_shares),
            *(_bare(wait, 1) for wait in for_waits),
        )
    return table


def _chart(staffings: Sequence[Staffing], queue_id: str) -> Table:
    theories = [staffing.textbook.get(queue_id) for staffing in staffings]
    model = next((_model(theory) for theory in theories if theory is not None), None)
    table = _table(_agents_title(staffings), CHARTED, "", *([] if model is None else [model]))
    table.columns[2].justify = "left"
    for staffing, theory in zip(staffings, theories, strict=True):
        level = staffing.result.queues[queue_id].service_levels[CHARTED]
        bar = Bar(1.0, 0.0, 0.0 if level is None else level.value, width=_BAR_CELLS)
        said = "-" if theory is None else f"{theory.service_levels[FORMULAS.index(CHARTED)]:.1%}"
        table.add_row(_agents(staffing), _percent(level), bar, *([] if model is None else [said]))
    return table


def _agents_title(staffings: Sequence[Staffing]) -> str:
    return " / ".join("+".join(group) for group in staffings[0].numbers)


def _agents(staffing: Staffing) -> str:
    return " / ".join(map(str, staffing.numbers.values()))


# Cells


def _table(first: str, *others: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first, max_width=_NAME_CELLS)
    for column in others:
        table.add_column(column, no_wrap=True, justify="right")
    return table


def _model(theory: Textbook) -> str:
    return theory.model if theory.exact else f"≈ {theory.model}"


def _percent(estimate: Estimate | None) -> str:
    return _shown(estimate, 100, "%")


def _seconds(estimate: Estimate | None) -> str:
    return _shown(estimate, 1, " s")


def _bare(estimate: Estimate | None, scale: float) -> str:
    return "-" if estimate is None else f"{estimate.value * scale:.1f}"


def _shown(estimate: Estimate | None, scale: float, unit: str) -> str:
    if estimate is None:
        return "-"
    error = "" if estimate.half_width is None else f" ±{estimate.half_width * scale:.1f}"
    return f"{estimate.value * scale:.1f}{unit}{error}"


def _mapping(staffing: Staffing) -> dict[str, Any]:
    return {
        "agents": {"+".join(group): number for group, number in staffing.numbers.items()},
        **asdict(staffing.result),
        "textbook": {queue_id: asdict(theory) for queue_id, theory in staffing.textbook.items()},
    }
