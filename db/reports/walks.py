"""The ways of callers through the menus, as the steps of each call tell them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from db.reports.menu_steps import menu_steps

Walk = list[tuple[str, str]]
"""Address and result of every step of a call, in order."""


def walks(engine: Engine, start: datetime, end: datetime, version: str | None = None) -> list[Walk]:
    """The steps begun in [start, end), call by call; `start` and `end` are aware.

    Args:
        version: those of this version of the site alone.
    """
    return [[(step.address, step.result) for step in call] for call in menu_steps(engine, start, end, version)]
