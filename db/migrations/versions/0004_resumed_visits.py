"""Visits know whose place in the line they took back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_resumed_visits"
down_revision = "0003_requirements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("queue_visits") as table:
        table.add_column(sa.Column("resumed_visit_id", sa.Text()))


def downgrade() -> None:
    """Drop it, and what is in it."""
    with op.batch_alter_table("queue_visits") as table:
        table.drop_column("resumed_visit_id")
