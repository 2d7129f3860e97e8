"""Orders: what the shop knows about a purchase, and looking one up by its number."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from db.schema import Base

NUMBER_DIGITS_MAX = 20


class Stage(StrEnum):
    """How far an order has come; from left to right, or out at the end."""

    PLACED = "placed"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class Department(StrEnum):
    """Who has the order in hand."""

    SALES = "sales"
    FINANCE = "finance"
    WAREHOUSE = "warehouse"
    DELIVERY = "delivery"
    AFTER_SALES = "after_sales"


def _values(enum: type[StrEnum]) -> list[str]:
    return [word.value for word in enum]


def _closed(enum: type[StrEnum], name: str) -> Enum:
    """Text limited to the words of `enum` by a check: a native type would need migrations of its own on PostgreSQL."""
    return Enum(enum, name=name, native_enum=False, create_constraint=True, length=16, values_callable=_values)


class Order(Base):
    """One purchase."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("number"), Index(None, "member"))

    order_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    """Digits only: what is printed on the receipt and read out to its owner."""
    stage: Mapped[Stage] = mapped_column(_closed(Stage, "order_stage"))
    department: Mapped[Department] = mapped_column(_closed(Department, "order_department"))
    member: Mapped[str | None]
    """The buyer's number in the shop, None for a guest."""
    placed_at: Mapped[datetime]


def find_order(session_factory: sessionmaker[Session], number: str) -> Order | None:
    """The order with that number, detached; None where there is none or `number` cannot be one.

    A number is 1 to NUMBER_DIGITS_MAX digits 0-9: anything else never reaches the database, where it could only cost
    time. Raises sqlalchemy.exc.SQLAlchemyError when the database is away.
    """
    if not (0 < len(number) <= NUMBER_DIGITS_MAX and number.isascii() and number.isdigit()):
        return None
    with session_factory() as session:
        order = session.scalar(select(Order).where(Order.number == number))
        if order is not None:
            session.expunge(order)
        return order
