"""The ways of callers through the menus, as the steps of each call tell them."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.schema import IvrStep

Walk = list[tuple[str, str]]
"""Address and result of every step of a call, in order."""


def walks(engine: Engine, start: datetime, end: datetime) -> list[Walk]:
    """The steps begun in [start, end), call by call; `start` and `end` are aware."""
    query = select(IvrStep.call_id, IvrStep.step_id, IvrStep.menu, IvrStep.node, IvrStep.result).where(
        IvrStep.started_at >= start, IvrStep.started_at < end
    )
    with Session(engine) as session:
        rows = sorted(
            (row.call_id, _number(row.step_id), f"{row.menu}.{row.node}", row.result or "")
            for row in session.execute(query)
        )
    return [[(address, result) for _, _, address, result in steps] for _, steps in groupby(rows, lambda row: row[0])]


def _number(step_id: str) -> int:
    """Of the step in its call: the id is `call:number`."""
    return int(step_id.rpartition(":")[2])
