"""Offers know at which step of relaxation they were made, and to whom of those who could serve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_offer_steps"
down_revision = "0006_transfers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns."""
    with op.batch_alter_table("offers") as table:
        table.add_column(sa.Column("step", sa.Integer()))
        table.add_column(sa.Column("tier", sa.Integer()))


def downgrade() -> None:
    """Drop them, and what is in them."""
    with op.batch_alter_table("offers") as table:
        table.drop_column("tier")
        table.drop_column("step")
