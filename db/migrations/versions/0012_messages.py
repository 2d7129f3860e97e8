"""Messages that callers have left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_messages"
down_revision = "0011_backends"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "messages",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("caller_number", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("file", name="pk_messages"),
    )
    op.create_index("ix_messages_begun_at", "messages", ["begun_at"])
    op.create_index("ix_messages_call_id", "messages", ["call_id"])


def downgrade() -> None:
    """Drop it; the files stay."""
    op.drop_table("messages")
