"""The steps of callers through the menus, call by call: what the reports on menus and the drawings count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.schema import IvrStep

LEFT = frozenset({"left_in_menu", "switch_lost"})
"""Results of a step at which the call was lost; what follows is the farewell, of which nobody hears anything."""


@dataclass(frozen=True)
class MenuStep:
    """A step of a call, as its row tells it."""

    call_id: str
    number: int
    """In the call, from 1."""
    address: str
    kind: str
    result: str
    version: str
    """Empty: the site was never published."""
    task: str | None
    language: str
    started_at: datetime
    seconds: float
    no_input: int
    no_match: int
    barge_in: bool | None
    """None: nobody knows."""
    unplayed: int


def menu_steps(engine: Engine, start: datetime, end: datetime, version: str | None = None) -> list[list[MenuStep]]:
    """The steps begun in [start, end), in order, call by call; `start` and `end` are aware.

    Args:
        version: those of this version of the site alone.
    """
    within = [IvrStep.started_at >= start, IvrStep.started_at < end]
    if version is not None:
        within.append(IvrStep.version == version)
    with Session(engine) as session:
        rows = session.scalars(select(IvrStep).where(*within))
        found = sorted(_of_the_walk(rows), key=lambda step: (step.call_id, step.number))
    return [list(of_call) for _, of_call in groupby(found, lambda step: step.call_id)]


def _of_the_walk(rows: Iterator[IvrStep]) -> Iterator[MenuStep]:
    """Steps of the menus have the id `call:number`; those that a script tells of itself lie within one of them."""
    for row in rows:
        number = row.step_id.removeprefix(f"{row.call_id}:")
        if number.isdecimal():
            yield _step(row, int(number))


def _step(row: IvrStep, number: int) -> MenuStep:
    return MenuStep(
        row.call_id,
        number,
        f"{row.menu}.{row.node}",
        row.kind,
        row.result or "",
        row.version or "",
        row.task,
        row.language,
        row.started_at,
        (row.ended_at - row.started_at).total_seconds(),
        row.no_input or 0,
        row.no_match or 0,
        row.barge_in,
        row.unplayed or 0,
    )
