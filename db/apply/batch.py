"""One transaction's worth of lines being applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.schema import AgentInterval, Base, Leg

Row = TypeVar("Row", bound=Base)

Key = tuple[type[Base], str]
"""A table, and what its rows are looked up by: the primary key, but for the tables of `_LOADERS`."""

_KEYS_PER_QUERY = 500


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
    """Of the agents whom this batch tells of: their intervals without an end."""
    legs: set[tuple[str, int]] = field(default_factory=set)
    """uniqueid and sequence of the legs that are known, of the channels whom this batch tells of."""
    _unwatched: list[Base] = field(default_factory=list)
    _rows: dict[tuple[type[Base], Any], Base | None] = field(default_factory=dict)
    """By table and primary key; None: looked for, and not there."""

    def expect(self, keys: Iterable[Key]) -> None:
        """Look up all that the lines to come are about: a query a table instead of one a row."""
        wanted: defaultdict[type[Base], set[str]] = defaultdict(set)
        for model, key in keys:
            wanted[model].add(key)
        for model, found_by in wanted.items():
            ordered = sorted(found_by)
            for start in range(0, len(ordered), _KEYS_PER_QUERY):
                _LOADERS.get(model, Batch._load_rows)(self, model, ordered[start : start + _KEYS_PER_QUERY])

    def find(self, model: type[Row], key: Any) -> Row | None:
        """The row with that primary key, also when this batch has made it."""
        if (model, key) not in self._rows:
            self._rows[model, key] = self.session.get(model, key)
        known = self._rows[model, key]
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

    def insert_unwatched(self, row: Base) -> None:
        """Insert this row when the batch is written, and not before; it may be changed until then. Cheaper without the
        session's watch over its fields: for rows that nothing in the batch asks the database for."""
        self._unwatched.append(row)

    def write(self) -> None:
        """Send all that the batch has made and changed."""
        self.session.flush()
        self.session.bulk_save_objects(self._unwatched)
        self._unwatched.clear()

    def _load_rows(self, model: type[Base], keys: Sequence[str]) -> None:
        column = model.__mapper__.primary_key[0]
        self._rows.update({(model, key): None for key in keys})
        for row in self.session.scalars(select(model).where(column.in_(keys))):
            self._rows[model, getattr(row, column.name)] = row

    def _load_legs(self, model: type[Base], uniqueids: Sequence[str]) -> None:
        known = select(Leg.uniqueid, Leg.sequence).where(Leg.uniqueid.in_(uniqueids))
        self.legs.update((uniqueid, sequence) for uniqueid, sequence in self.session.execute(known))

    def _load_open_intervals(self, model: type[Base], agent_ids: Sequence[str]) -> None:
        self.open_intervals.update({agent_id: [] for agent_id in agent_ids})
        still_open = select(AgentInterval).where(
            AgentInterval.agent_id.in_(agent_ids), AgentInterval.ended_at.is_(None)
        )
        for interval in self.session.scalars(still_open):
            self.open_intervals[interval.agent_id].append(interval)


_LOADERS: dict[type[Base], Callable[[Batch, type[Base], Sequence[str]], None]] = {
    Leg: Batch._load_legs,
    AgentInterval: Batch._load_open_intervals,
}
"""Tables that are not looked up by their primary key: a channel has several legs, an agent several intervals."""
