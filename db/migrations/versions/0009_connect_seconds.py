"""Offers tell the time between the agent's answer and the connect apart from the ringing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_connect_seconds"
down_revision = "0008_callbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("offers") as table:
        table.add_column(sa.Column("connect_seconds", sa.Double()))


def downgrade() -> None:
    """Drop it, and what is in it."""
    with op.batch_alter_table("offers") as table:
        table.drop_column("connect_seconds")
