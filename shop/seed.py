"""What the demonstration shop has: orders, members, products."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shop.counter import Member, Product
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


# card, PIN, points
DEMO_MEMBERS = (("80001", "246810", 1280), ("80002", "135791", 35))
# number, price, whether it is sold
DEMO_PRODUCTS = (("1001", 9850, True), ("1002", 1999, True), ("1003", 128000, True), ("1009", 500, False))


def seed(session_factory: sessionmaker[Session]) -> int:
    """Add what is missing and return how many orders that were; what is there stays as it is."""
    with session_factory() as session, session.begin():
        known = set(session.scalars(select(Order.number)))
        missing = [_order(*row) for row in DEMO_ORDERS if row[0] not in known]
        session.add_all(missing)
        cards, numbers = set(session.scalars(select(Member.card))), set(session.scalars(select(Product.number)))
        session.add_all(
            Member(card=card, pin=pin, points=points) for card, pin, points in DEMO_MEMBERS if card not in cards
        )
        session.add_all(
            Product(number=number, price_cents=cents, sold=sold)
            for number, cents, sold in DEMO_PRODUCTS
            if number not in numbers
        )
        return len(missing)


def _order(number: str, stage: Stage, department: Department, member: str | None, day: str) -> Order:
    placed_at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Order(number=number, stage=stage, department=department, member=member, placed_at=placed_at)
