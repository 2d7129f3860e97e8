"""What callers do by themselves: members' points, prices, orders by phone. The site's `backends.yaml` asks for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from db.schema import Base

QUANTITY_MAX = 10
"""of one order by phone"""


class Member(Base):
    """A buyer with a card."""

    __tablename__ = "members"

    card: Mapped[str] = mapped_column(primary_key=True)
    """Digits only."""
    pin: Mapped[str]
    """As it is keyed: a demonstration. A shop with real members has a service that checks PINs, and a `url` backend."""
    points: Mapped[int]


class Product(Base):
    """Something that is for sale, or was."""

    __tablename__ = "products"

    number: Mapped[str] = mapped_column(primary_key=True)
    """Four digits."""
    price_cents: Mapped[int]
    sold: Mapped[bool]
    """Whether it can be ordered now."""


class PhoneOrder(Base):
    """An order that a caller has keyed and confirmed."""

    __tablename__ = "phone_orders"
    __table_args__ = (CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", name="phone_order_quantity"),)

    phone_order_id: Mapped[int] = mapped_column(primary_key=True)
    """Told to the caller."""
    product: Mapped[str]
    quantity: Mapped[int]
    total_cents: Mapped[int]
    caller_number: Mapped[str]
    placed_at: Mapped[datetime] = mapped_column(server_default=func.now())
