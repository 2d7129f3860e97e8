"""Transfers: how a visit hangs on the one before it, where its caller was sent, and what of the talk was hold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006_transfers"
down_revision = "0005_oversight"
branch_labels = None
depends_on = None

# Not db.moments.Moment: a migration must stay what it was when the code moves on.
MOMENT = sa.DateTime(timezone=True)
COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any], str | None], ...] = (
    ("entered_via", sa.Text(), "menu"),
    ("from_visit_id", sa.Text(), None),
    ("call_arrived_at", MOMENT, None),
    ("hold_seconds", sa.Double(), "0"),
    ("consult_seconds", sa.Double(), "0"),
    ("destination_kind", sa.Text(), None),
    ("destination", sa.Text(), None),
)
"""Name, type, and what the visits of before have; None: nothing."""


def upgrade() -> None:
    """Add the columns."""
    for name, kind, default in COLUMNS:
        op.add_column("queue_visits", sa.Column(name, kind, nullable=default is None, server_default=default))


def downgrade() -> None:
    """Drop them."""
    for name, _, _ in COLUMNS:
        op.drop_column("queue_visits", name)
