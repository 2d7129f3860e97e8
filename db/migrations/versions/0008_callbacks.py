"""Callbacks, and every attempt to reach their callers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_callbacks"
down_revision = "0007_offer_steps"
branch_labels = None
depends_on = None

# Not db.moments.Moment: a migration must stay what it was when the code moves on.
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "callbacks",
        sa.Column("callback_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.Column("cause", sa.Text()),
        sa.PrimaryKeyConstraint("callback_id", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_asked_at", "callbacks", ["asked_at"])
    op.create_table(
        "callback_attempts",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("callback_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_callback_attempts"),
    )
    op.create_index("ix_callback_attempts_callback_id", "callback_attempts", ["callback_id"])


def downgrade() -> None:
    """Drop both, and what is in them."""
    op.drop_table("callback_attempts")
    op.drop_table("callbacks")
