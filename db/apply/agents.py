"""Agents' time, state by state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from db.apply.batch import Batch
from db.schema import AgentInterval


def change_state(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """AGENTSTATE: close the agent's open interval and open the next; logging off only closes."""
    agent_id, state = fields["agent_id"], fields["state"]
    for interval in _still_open(batch, agent_id):
        interval.ended_at = max(at, interval.started_at)
    batch.open_intervals[agent_id] = []
    if state != "logged_off":
        interval = AgentInterval(agent_id=agent_id, state=state, reason=fields["reason"], started_at=at)
        batch.session.add(interval)
        batch.open_intervals[agent_id] = [interval]


def _still_open(batch: Batch, agent_id: str) -> Sequence[AgentInterval]:
    """Asked of the database once a batch: agents change state several times a call."""
    known = batch.open_intervals.get(agent_id)
    if known is not None:
        return known
    still_open = select(AgentInterval).where(AgentInterval.agent_id == agent_id, AgentInterval.ended_at.is_(None))
    return batch.session.scalars(still_open).all()
