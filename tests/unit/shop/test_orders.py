"""Orders: found by their number, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from db.engine import open_engine
from shop.orders import Department, Stage, find_order
from shop.seed import DEMO_ORDERS, seed


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """A shop with the demonstration orders."""
    engine = open_engine(database_url, writing=True)
    factory = sessionmaker(engine)
    seed(factory)
    yield factory
    engine.dispose()


def test_an_order_is_found_by_its_number(sessions: sessionmaker[Session]) -> None:
    """Stage and department come back as words of their closed sets, usable after the session ended."""
    order = find_order(sessions, "20260001")
    assert order is not None
    assert (order.stage, order.department) == (Stage.SHIPPED, Department.DELIVERY)
    assert order.placed_at.tzinfo is not None


@pytest.mark.parametrize(
    "number",
    ["", "99999999", "2026000", "' OR 1=1 --", "20260001 ", "２０２６０００１", "20260001\n", "-1", "²", "9" * 21],
)
def test_what_is_no_number_is_no_order(sessions: sessionmaker[Session], number: str) -> None:
    """Quotes, spaces, digits of other scripts and too many digits find nothing."""
    assert find_order(sessions, number) is None


def test_what_cannot_be_a_number_does_not_reach_the_database(sessions: sessionmaker[Session]) -> None:
    """A caller who keys a thousand digits costs no query."""
    queries: list[str] = []
    event.listen(sessions.kw["bind"], "before_cursor_execute", lambda *arguments: queries.append(arguments[2]))
    assert find_order(sessions, "1" * 1000) is None
    assert queries == []


def test_seeding_again_adds_nothing(sessions: sessionmaker[Session]) -> None:
    """The second seed leaves the orders as they are; every stage and department of the shop is shown."""
    assert seed(sessions) == 0
    assert {row[1] for row in DEMO_ORDERS} == set(Stage)
    assert {row[2] for row in DEMO_ORDERS} == set(Department)


def test_the_database_refuses_other_stages(sessions: sessionmaker[Session]) -> None:
    """The closed set holds also for those who write SQL themselves."""
    with pytest.raises(IntegrityError), sessions() as session:
        session.execute(text("UPDATE orders SET stage = 'lost'"))


def test_two_orders_cannot_share_a_number(sessions: sessionmaker[Session]) -> None:
    """A number names one order."""
    with pytest.raises(IntegrityError), sessions() as session:
        session.execute(text("UPDATE orders SET number = '1'"))
