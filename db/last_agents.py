"""Who talked last to each caller: what the ACD reads once when it starts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.schema import QueueVisit


def last_agents(engine: Engine, since: datetime) -> dict[str, tuple[str, datetime]]:
    """caller_number -> (agent_id, moment of connect) of the caller's last talk since the aware `since`.

    Callers without a number are not in it. Raises sqlalchemy.exc.SQLAlchemyError when the database is away: the ACD
    then starts without, and learns anew.
    """
    talked = (QueueVisit.connected_at >= since, QueueVisit.agent_id.is_not(None), QueueVisit.caller_number != "")
    query = select(QueueVisit.caller_number, QueueVisit.agent_id, QueueVisit.connected_at).where(*talked)
    with Session(engine) as session:
        # In the order of time: the last one stands.
        return {
            caller: (agent, at)
            for caller, agent, at in session.execute(query.order_by(QueueVisit.connected_at))
            if caller and agent and at
        }
