"""Agents' time, state by state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from db.apply.batch import Batch
from db.schema import AgentInterval


def change_state(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """AGENTSTATE: close the agent's open interval and open the next; logging off only closes."""
    agent_id, state = fields["agent_id"], fields["state"]
    still_open = select(AgentInterval).where(AgentInterval.agent_id == agent_id, AgentInterval.ended_at.is_(None))
    for interval in batch.session.scalars(still_open):
        interval.ended_at = max(at, interval.started_at)
    if state != "logged_off":
        batch.session.add(AgentInterval(agent_id=agent_id, state=state, reason=fields["reason"], started_at=at))
