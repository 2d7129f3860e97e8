"""Agents' time, state by state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply.batch import Batch
from db.schema import AgentInterval


def change_state(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """AGENTSTATE: close the agent's open interval and open the next; logging off only closes."""
    agent_id, state = fields["agent_id"], fields["state"]
    for interval in batch.open_intervals[agent_id]:
        interval.ended_at = max(at, interval.started_at)
    batch.open_intervals[agent_id] = []
    if state != "logged_off":
        interval = AgentInterval(agent_id=agent_id, state=state, reason=fields["reason"], started_at=at)
        batch.session.add(interval)
        batch.open_intervals[agent_id] = [interval]
