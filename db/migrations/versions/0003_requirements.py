"""What callers asked for is text, an expression over skills; what their place was worth is told beside the priority."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003_requirements"
down_revision = "0002_agents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Turn `{skill: level}` into the expression that says the same."""
    with op.batch_alter_table("queue_visits") as visits:
        visits.add_column(sa.Column("asked", sa.Text(), nullable=False, server_default=""))
        visits.add_column(sa.Column("head_start_seconds", sa.Double(), nullable=False, server_default="0"))
        visits.add_column(sa.Column("segment", sa.Text()))
    _rewrite("requirement", "asked", _as_text)
    with op.batch_alter_table("queue_visits") as visits:
        visits.drop_column("requirement")
        visits.alter_column("asked", new_column_name="requirement", server_default=None)
        visits.alter_column("head_start_seconds", server_default=None)


def downgrade() -> None:
    """Go back to levels; an expression that is more than a list of them is kept in no column."""
    with op.batch_alter_table("queue_visits") as visits:
        visits.add_column(sa.Column("levels", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("queue_visits") as visits:
        visits.drop_column("requirement")
        visits.drop_column("head_start_seconds")
        visits.drop_column("segment")
        visits.alter_column("levels", new_column_name="requirement", server_default=None)


def _rewrite(source: str, target: str, convert: Any) -> None:
    """Convert each value that occurs once: there are few, however many visits there are."""
    connection = op.get_bind()
    for (written,) in connection.execute(sa.text(f"SELECT DISTINCT CAST({source} AS TEXT) FROM queue_visits")).all():
        connection.execute(
            sa.text(f"UPDATE queue_visits SET {target} = :new WHERE CAST({source} AS TEXT) = :old"),
            {"new": convert(json.loads(written)), "old": written},
        )


def _as_text(levels: dict[str, int]) -> str:
    needs = (skill if level == 1 else f"{skill} >= {level}" for skill, level in levels.items() if level > 0)
    return " and ".join(sorted(needs))
