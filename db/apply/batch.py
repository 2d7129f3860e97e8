"""One transaction's worth of lines being applied.

Rows are plain objects here, compared with what was stored when they are written, in as few statements as there are
sets of columns that changed. SQLAlchemy's session, which watches every field of every object and orders what it
writes, cost half of the writer's time; what is applied here has no order to keep, for there are no foreign keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, Update, bindparam, insert, select, tuple_, update

from db.schema import AgentInterval, Base, Leg

Row = TypeVar("Row", bound=Base)
Values = dict[str, Any]

Key = tuple[type[Base], str]
"""A table, and what its rows are looked up by: the primary key, but for the tables of `_LOADERS`."""

_KEYS_PER_QUERY = 500


@dataclass
class Batch:
    """The connection of the transaction, the rows that it has touched, and the calls to settle before it is committed.

    What is changed here reaches the database with `write`, or before rows are asked for by anything but their primary
    key.
    """

    connection: Connection
    unsettled: set[str] = field(default_factory=set)
    """Call ids whose facts changed: their end and outcome follow from facts of several files (see `settle`)."""
    open_intervals: dict[str, list[AgentInterval]] = field(default_factory=dict)
    """Of the agents whom this batch tells of: their intervals without an end."""
    legs: set[tuple[str, int]] = field(default_factory=set)
    """uniqueid and sequence of the legs that are known, of the channels whom this batch tells of."""
    _rows: defaultdict[type[Base], dict[Any, Any]] = field(default_factory=partial(defaultdict, dict))
    """By table and primary key; None: looked for, and not there."""
    _stored: defaultdict[type[Base], dict[Any, Values]] = field(default_factory=partial(defaultdict, dict))
    """What the database has of those rows; nothing of a row that is to be inserted."""
    _unnumbered: defaultdict[type[Base], list[Base]] = field(default_factory=partial(defaultdict, list))
    """To be inserted; the database gives them their numbers, which nobody here learns."""

    def expect(self, keys: Iterable[Key]) -> None:
        """Look up all that the lines to come are about: a query a table instead of one a row."""
        wanted: defaultdict[type[Base], set[str]] = defaultdict(set)
        for model, key in keys:
            wanted[model].add(key)
        for model, found_by in wanted.items():
            ordered, load = sorted(found_by), _LOADERS.get(model, _BY_KEY)
            for start in range(0, len(ordered), _KEYS_PER_QUERY):
                load(self, model, ordered[start : start + _KEYS_PER_QUERY])

    def find(self, model: type[Row], key: Any) -> Row | None:
        """The row with that primary key, also when this batch has made it."""
        if key not in self._rows[model]:
            self.look_up(model, [key])
        known = self._rows[model][key]
        assert known is None or isinstance(known, model)
        return known

    def find_or_make(self, model: type[Row], key: Any, **told: Any) -> Row:
        """The row with that primary key; made of what is told, when it is not there yet: another file may have told of
        it first."""
        row = self.find(model, key)
        if row is None:
            row = self._rows[model][key] = _made(model, {**_keyed(model, key), **told})
        return row

    def insert(self, model: type[Row], **told: Any) -> Row:
        """A new row whose number the database gives. It may be changed until the batch is written, or rows of its
        table are asked for."""
        row = _made(model, told)
        self._unnumbered[model].append(row)
        return row

    def query(self, model: type[Row], *criteria: ColumnElement[bool], order_by: Sequence[Any] = ()) -> list[Row]:
        """Rows by what this batch has made of them. Other tables that the criteria speak of are as last written."""
        self._write_rows(model)
        found = self.connection.execute(select(_table(model)).where(*criteria).order_by(*order_by))
        return [self._known(model, dict(values)) for values in found.mappings()]

    def write(self) -> None:
        """Send all that the batch has made and changed."""
        for model in {**self._rows, **self._unnumbered}:
            self._write_rows(model)

    def _write_rows(self, model: type[Base]) -> None:
        """One statement for all new rows of a table, and one for each set of columns that changed."""
        stored, names = self._stored[model], _names(model)
        new: list[Values] = []
        changed: defaultdict[tuple[str, ...], list[Values]] = defaultdict(list)
        for key, row in self._rows[model].items():
            if row is None:
                continue
            now, before = row.__dict__, stored.get(key)
            if before is None:
                new.append(stored.setdefault(key, _values(row)))
            elif not before.items() <= now.items():
                difference = {name: now[name] for name in names if now[name] != before[name]}
                changed[tuple(difference)].append(difference | _keyed(model, key, "key_"))
                before.update(difference)
        new += map(_values, self._unnumbered.pop(model, ()))
        if new:
            self.connection.execute(insert(_table(model)), new)
        for several in changed.values():
            self.connection.execute(_update(model), several)

    def _known(self, model: type[Row], values: Values) -> Row:
        """The batch's own object for a row that the database told."""
        key = _key_of(model, values)
        row = self._rows[model].get(key)
        if row is None:
            row = self._rows[model][key] = _row(model, values)
            self._stored[model][key] = values
        assert isinstance(row, model)
        return row

    def look_up(self, model: type[Base], keys: Iterable[Any]) -> None:
        """Have these rows at hand for `find`, by one query."""
        known = self._rows[model]
        unknown = [key for key in keys if key not in known]
        if not unknown:
            return
        columns = _key_columns(model)
        by_key = columns[0] if len(columns) == 1 else tuple_(*columns)
        found = self.connection.execute(select(_table(model)).where(by_key.in_(unknown)))
        known.update(dict.fromkeys(unknown))
        for values in found.mappings():
            self._known(model, dict(values))

    def _load_legs(self, model: type[Base], uniqueids: Sequence[str]) -> None:
        known = select(Leg.uniqueid, Leg.sequence).where(Leg.uniqueid.in_(uniqueids))
        self.legs.update((uniqueid, sequence) for uniqueid, sequence in self.connection.execute(known))

    def _load_open_intervals(self, model: type[Base], agent_ids: Sequence[str]) -> None:
        self.open_intervals.update({agent_id: [] for agent_id in agent_ids})
        still_open = (AgentInterval.agent_id.in_(agent_ids), AgentInterval.ended_at.is_(None))
        for interval in self.query(AgentInterval, *still_open):
            self.open_intervals[interval.agent_id].append(interval)


_Loader = Callable[[Batch, type[Base], Sequence[str]], None]
_BY_KEY: _Loader = Batch.look_up
_LOADERS: dict[type[Base], _Loader] = {
    Leg: Batch._load_legs,
    AgentInterval: Batch._load_open_intervals,
}
"""Tables that are not looked up by their primary key: a channel has several legs, an agent several intervals."""


def _row(model: type[Row], values: Values) -> Row:
    """An object with these columns; the mapped class's own constructor would set them one by one."""
    row = model()
    row.__dict__.update(values)
    return row


def _made(model: type[Row], told: Values) -> Row:
    """A new row: of what is not told the table has a default, and be it None, but for a number that it gives itself."""
    assert told.keys() <= set(_names(model)), f"{model.__name__} has no such column: {told}"
    return _row(model, {**_defaults(model), **told})


def _values(row: Base) -> Values:
    """Of all columns, but for the number that the database is to give."""
    told = row.__dict__
    return {name: told[name] for name in _names(type(row)) if name in told}


def _table(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table), "mapped to a table"
    return model.__table__


@cache
def _names(model: type[Base]) -> tuple[str, ...]:
    return tuple(column.name for column in _table(model).columns)


@cache
def _key_columns(model: type[Base]) -> tuple[Column[Any], ...]:
    return tuple(_table(model).primary_key.columns)


def _key_of(model: type[Base], values: Values) -> Any:
    columns = _key_columns(model)
    return values[columns[0].name] if len(columns) == 1 else tuple(values[column.name] for column in columns)


def _keyed(model: type[Base], key: Any, prefix: str = "") -> Values:
    columns = _key_columns(model)
    parts = (key,) if len(columns) == 1 else key
    return {prefix + column.name: part for column, part in zip(columns, parts, strict=True)}


@cache
def _defaults(model: type[Base]) -> Values:
    told = [column for column in _table(model).columns if column is not _table(model).autoincrement_column]
    return {column.name: getattr(column.default, "arg", None) for column in told}


@cache
def _update(model: type[Base]) -> Update:
    """The columns to be set follow from the parameters."""
    keys = (column == bindparam(f"key_{column.name}") for column in _key_columns(model))
    return update(_table(model)).where(*keys)
