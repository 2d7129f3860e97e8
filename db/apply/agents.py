"""Agents' time, state by state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply.batch import Batch
from db.schema import AgentInterval, AgentStay, Disposition


def change_state(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """AGENTSTATE: close the agent's open interval and open the next; logging off only closes."""
    agent_id, state = fields["agent_id"], fields["state"]
    for interval in batch.open_intervals[agent_id]:
        interval.ended_at = max(at, interval.started_at)
    batch.open_intervals[agent_id] = []
    if state != "logged_off":
        interval = batch.insert(AgentInterval, agent_id=agent_id, state=state, reason=fields["reason"], started_at=at)
        batch.open_intervals[agent_id] = [interval]
    if fields["phones"] is not None or state == "logged_off":
        _change_place(batch, at, agent_id, fields["phones"] or [])


def give_disposition(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """DISPOSITION: the last code that an agent gave for a visit stands."""
    code = fields["code"]
    row = batch.find_or_make(Disposition, (fields["visit_id"], fields["agent_id"]), code=code, given_at=at)
    if row.given_at <= at:
        row.code, row.given_at = code, at


def _change_place(batch: Batch, at: datetime, agent_id: str, phones: list[str]) -> None:
    """Close the agent's stay at their phones, and open the next where there is one. Rare: asked of the database."""
    for stay in batch.query(AgentStay, AgentStay.agent_id == agent_id, AgentStay.ended_at.is_(None)):
        stay.ended_at = max(at, stay.started_at)
    if phones:
        batch.insert(AgentStay, agent_id=agent_id, phones=phones, started_at=at)
