"""Where agents were, and the codes that they gave their talks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_agents"
down_revision = "0001"
branch_labels = None
depends_on = None

# Not db.moments.Moment: a migration must stay what it was when the code moves on.
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "agent_stays",
        sa.Column("stay_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("phones", sa.JSON(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("stay_id", name="pk_agent_stays"),
    )
    op.create_index("ix_agent_stays_agent_id_started_at", "agent_stays", ["agent_id", "started_at"])
    op.create_index("ix_agent_stays_ended_at", "agent_stays", ["ended_at"])
    op.create_table(
        "dispositions",
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "agent_id", name="pk_dispositions"),
    )
    op.create_index("ix_dispositions_agent_id_given_at", "dispositions", ["agent_id", "given_at"])


def downgrade() -> None:
    """Drop both, and what is in them."""
    op.drop_table("dispositions")
    op.drop_table("agent_stays")
