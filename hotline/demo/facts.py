"""Questions to the records, as the story asks them."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from db.schema import AgentInterval, Call, IvrStep, Offer, QueueVisit, RejectedRecord

Row = TypeVar("Row")


class Facts:
    """Reads the database of a house; each answer is of its own moment, and rows are in order of time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def visits(self, *caller_numbers: str) -> Sequence[QueueVisit]:
        """The queue visits of these callers, or of everybody; in order of arrival."""
        query = select(QueueVisit).order_by(QueueVisit.arrived_at)
        return self._all(
            QueueVisit, query.where(QueueVisit.caller_number.in_(caller_numbers)) if caller_numbers else query
        )

    def visit(self, caller_number: str) -> QueueVisit | None:
        """The latest visit of a caller."""
        found = self.visits(caller_number)
        return found[-1] if found else None

    def offers(self, visit: QueueVisit) -> Sequence[Offer]:
        """Every offer of this visit, answered or not."""
        return self._all(Offer, select(Offer).where(Offer.visit_id == visit.visit_id).order_by(Offer.created_at))

    def call(self, caller_number: str) -> Call | None:
        """The latest call of a caller."""
        found = self.calls(caller_number)
        return found[-1] if found else None

    def calls(self, *caller_numbers: str) -> Sequence[Call]:
        """The calls of these callers, or of everybody."""
        query = select(Call).order_by(Call.started_at)
        if caller_numbers:
            query = query.where(Call.caller_number.in_(caller_numbers))
        return self._all(Call, query)

    def steps(self, call_id: str) -> Sequence[IvrStep]:
        """The nodes that a call went through."""
        return self._all(IvrStep, select(IvrStep).where(IvrStep.call_id == call_id).order_by(IvrStep.started_at))

    def agent_state(self, agent_id: str) -> str:
        """What the agent does now; `logged_off` is no row."""
        interval = self.agent_interval(agent_id)
        return interval.state if interval else "logged_off"

    def agent_interval(self, agent_id: str) -> AgentInterval | None:
        """The agent's open interval."""
        query = select(AgentInterval).where(AgentInterval.agent_id == agent_id, AgentInterval.ended_at.is_(None))
        found = self._all(AgentInterval, query.order_by(AgentInterval.started_at))
        return found[-1] if found else None

    def states_seen(self, agent_id: str) -> int:
        """How many states of this agent the records know so far: a mark for `states_since`."""
        return len(self.agent_intervals(agent_id))

    def states_since(self, agent_id: str, seen: int) -> set[str]:
        """What the agent does now, and has done in all that the records have learned of since that mark: of a second's
        lines the records learn at once, so a short state may never be seen open."""
        later = self.agent_intervals(agent_id)[seen:]
        return {self.agent_state(agent_id), *(interval.state for interval in later)}

    def agent_intervals(self, agent_id: str) -> Sequence[AgentInterval]:
        """What the agent did so far: the records may show a short state only when it is over."""
        query = select(AgentInterval).where(AgentInterval.agent_id == agent_id).order_by(AgentInterval.started_at)
        return self._all(AgentInterval, query)

    def open_records(self) -> dict[str, int]:
        """How many visits, offers and calls have no end, by table."""
        tables: tuple[Any, ...] = (QueueVisit, Offer, Call)
        with Session(self._engine) as session:
            return {
                table.__tablename__: session.scalar(select(func.count()).where(table.ended_at.is_(None))) or 0
                for table in tables
            }

    def rejected(self) -> Sequence[RejectedRecord]:
        """Journal lines that could not be applied."""
        return self._all(RejectedRecord, select(RejectedRecord))

    def _all(self, table: type[Row], query: Select[Any]) -> Sequence[Row]:
        """The rows of `table` that `query` selects: its type is all that `table` is for."""
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalars(query).all()
