"""Votes of callers, one of each number in each ballot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_votes"
down_revision = "0009_connect_seconds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "votes",
        sa.Column("ballot", sa.Text(), nullable=False),
        sa.Column("caller_number", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ballot", "caller_number", name="pk_votes"),
    )
    op.create_index("ix_votes_voted_at", "votes", ["voted_at"])


def downgrade() -> None:
    """Drop it, and what is in it."""
    op.drop_table("votes")
