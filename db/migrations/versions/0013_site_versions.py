"""Published versions of the site with their files, and which version each call went through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_site_versions"
down_revision = "0012_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the column of the calls: empty for those of before."""
    op.create_table(
        "site_versions",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_site_versions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_site_versions_version", "site_versions", ["version"])
    op.create_table(
        "site_files",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_site_files"),
    )
    op.add_column("calls", sa.Column("version", sa.Text(), nullable=True))
    op.create_index("ix_calls_version", "calls", ["version"])


def downgrade() -> None:
    """Drop them, and what is in them."""
    op.drop_index("ix_calls_version", "calls")
    op.drop_column("calls", "version")
    op.drop_table("site_files")
    op.drop_table("site_versions")
