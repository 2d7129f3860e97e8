"""The rows of one transaction: what is sent to the database, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from db.apply.batch import Batch
from db.schema import AgentInterval, AgentStay, Call, Disposition
from tests.unit.db.story import Desk, moment


@pytest.fixture
def batch(desk: Desk) -> Iterator[Batch]:
    """A batch on an empty database."""
    with desk.engine.begin() as connection:
        yield Batch(connection)


@contextmanager
def statements(batch: Batch) -> Iterator[list[str]]:
    """What is sent to the database meanwhile: the first two words of each statement."""
    sent: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(" ".join(statement.split()[:2]))

    event.listen(batch.connection, "before_cursor_execute", hear)
    yield sent
    event.remove(batch.connection, "before_cursor_execute", hear)


def test_rows_are_written_in_one_statement_a_table_and_set_of_columns(batch: Batch) -> None:
    """Twenty new calls are one statement, twenty changed alike another, and what did not change is not sent again."""
    keys = [f"c{number}" for number in range(20)]
    batch.look_up(Call, keys)
    with statements(batch) as sent:
        calls = [batch.find_or_make(Call, key, started_at=moment(0)) for key in keys]
        batch.write()
        for call in calls:
            call.language = "zh"
        batch.write()
        batch.write()
    assert sent == ["INSERT INTO", "UPDATE calls"]
    assert set(batch.connection.scalars(select(Call.language))) == {"zh"}


def test_only_columns_that_changed_are_set(batch: Batch) -> None:
    """Of two rows that change differently each keeps the rest; a key of several columns finds its row."""
    for visit_id in ("v1", "v2"):
        batch.find_or_make(Disposition, (visit_id, "1001"), code="sold", given_at=moment(1))
    batch.write()
    later = Batch(batch.connection)
    first, second = (later.find(Disposition, (visit_id, "1001")) for visit_id in ("v1", "v2"))
    assert first is not None and second is not None
    first.code, second.given_at = "lost", moment(2)
    later.write()
    rows = batch.connection.execute(select(Disposition.code, Disposition.given_at).order_by(Disposition.visit_id))
    assert [tuple(row) for row in rows] == [("lost", moment(1)), ("sold", moment(2))]


def test_what_is_asked_for_is_as_this_batch_has_made_it(batch: Batch) -> None:
    """A query sees rows that were made and changed before it, and gives the batch's own objects."""
    call = batch.find_or_make(Call, "c1", started_at=moment(0))
    batch.insert(AgentStay, agent_id="1001", phones=["2001"], started_at=moment(0))
    call.ended_at = moment(9)
    assert batch.query(Call, Call.ended_at == moment(9)) == [call]
    (stay,) = batch.query(AgentStay, AgentStay.ended_at.is_(None))
    stay.ended_at = moment(5)
    assert batch.query(AgentStay, AgentStay.ended_at.is_(None)) == []


def test_a_row_without_a_number_may_change_until_it_is_written(batch: Batch) -> None:
    """An interval that opens and closes within a batch is one statement."""
    with statements(batch) as sent:
        interval = batch.insert(AgentInterval, agent_id="1001", state="ready", started_at=moment(0))
        interval.ended_at = moment(1)
        batch.write()
    assert sent == ["INSERT INTO"]
    assert batch.connection.scalar(select(AgentInterval.ended_at)) == moment(1)


def test_no_column_is_invented(batch: Batch) -> None:
    """A fact that the table has no column for is a bug, and not lost in silence."""
    with pytest.raises(AssertionError, match="colour"):
        batch.insert(AgentInterval, agent_id="1001", state="ready", started_at=moment(0), colour="red")
