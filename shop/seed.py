"""The orders of the demonstration shop."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shop.orders import Department, Order, Stage

# number, stage, department, member, day of the order
DEMO_ORDERS = (
    ("20260001", Stage.SHIPPED, Department.DELIVERY, "10001", "2026-01-05"),
    ("20260002", Stage.PACKED, Department.WAREHOUSE, "10002", "2026-01-06"),
    ("20260003", Stage.PLACED, Department.SALES, "10003", "2026-01-07"),
    ("20260004", Stage.PAID, Department.FINANCE, "10001", "2026-01-08"),
    ("20260005", Stage.DELIVERED, Department.DELIVERY, "10004", "2026-01-09"),
    ("20260006", Stage.CANCELLED, Department.SALES, None, "2026-01-10"),
    ("20260007", Stage.RETURNED, Department.AFTER_SALES, "10002", "2026-01-11"),
)


def seed(session_factory: sessionmaker[Session]) -> int:
    """Add the demonstration orders that are missing and return how many; what is there stays as it is."""
    with session_factory() as session, session.begin():
        known = set(session.scalars(select(Order.number)))
        missing = [_order(*row) for row in DEMO_ORDERS if row[0] not in known]
        session.add_all(missing)
        return len(missing)


def _order(number: str, stage: Stage, department: Department, member: str | None, day: str) -> Order:
    placed_at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Order(number=number, stage=stage, department=department, member=member, placed_at=placed_at)
