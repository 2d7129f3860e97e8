"""What menus do by backends: actions that were done, wrong PINs of accounts; and what the shop keeps for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_backends"
down_revision = "0010_votes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "done_actions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_done_actions"),
    )
    op.create_index("ix_done_actions_done_at", "done_actions", ["done_at"])
    op.create_table(
        "account_tries",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name="pk_account_tries"),
    )
    op.create_index("ix_account_tries_failed_at", "account_tries", ["failed_at"])
    op.create_table(
        "members",
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("pin", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("card", name="pk_members"),
    )
    op.create_table(
        "products",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_products"),
    )
    op.create_table(
        "phone_orders",
        sa.Column("phone_order_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("caller_number", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("phone_order_id", name="pk_phone_orders"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10", name="phone_order_quantity"),
    )


def downgrade() -> None:
    """Drop them, and what is in them."""
    for table in ("phone_orders", "products", "members", "account_tries", "done_actions"):
        op.drop_table(table)
