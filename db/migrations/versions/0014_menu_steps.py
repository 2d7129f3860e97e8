"""Steps in the menus tell the site's version, the task, what failed in them, and whether a key cut off a prompt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_menu_steps"
down_revision = "0013_site_versions"
branch_labels = None
depends_on = None

_COLUMNS = {
    "version": sa.Text,
    "task": sa.Text,
    "no_input": sa.Integer,
    "no_match": sa.Integer,
    "barge_in": sa.Boolean,
    "unplayed": sa.Integer,
}


def upgrade() -> None:
    """Add the columns; of the steps before nobody knows."""
    with op.batch_alter_table("ivr_steps") as table:
        for name, kind in _COLUMNS.items():
            table.add_column(sa.Column(name, kind()))


def downgrade() -> None:
    """Drop them, and what is in them."""
    with op.batch_alter_table("ivr_steps") as table:
        for name in _COLUMNS:
            table.drop_column(name)
