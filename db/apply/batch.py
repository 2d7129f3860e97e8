"""One transaction's worth of lines being applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from db.schema import AgentInterval, Base

Row = TypeVar("Row", bound=Base)


@dataclass
class Batch:
    """The session of the transaction, the rows that it has touched, and the calls to settle before it is committed.

    The session does not flush by itself, which cost half of the writer's time: whoever asks for rows by anything but
    their primary key flushes first.
    """

    session: Session
    unsettled: set[str] = field(default_factory=set)
    """Call ids whose facts changed: their end and outcome follow from facts of several files (see `settle`)."""
    open_intervals: dict[str, list[AgentInterval]] = field(default_factory=dict)
    """Of the agents whom this batch has told of: their intervals without an end."""
    _rows: dict[tuple[type[Base], Any], Base] = field(default_factory=dict)

    def find(self, model: type[Row], key: Any) -> Row | None:
        """The row with that primary key, also when this batch has made it."""
        known = self._rows.get((model, key))
        if known is None:
            known = self.session.get(model, key)
            if known is not None:
                self._rows[model, key] = known
        assert known is None or isinstance(known, model)
        return known

    def find_or_make(self, model: type[Row], key: Any, make: Callable[[], Row]) -> Row:
        """The row with that primary key; made, when it is not there yet: another file may have told of it first."""
        row = self.find(model, key)
        if row is None:
            row = make()
            self.session.add(row)
            self._rows[model, key] = row
        return row
