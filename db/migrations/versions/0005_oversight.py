"""Recordings with their pauses, supervisors' acts, and answers to surveys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_oversight"
down_revision = "0004_resumed_visits"
branch_labels = None
depends_on = None

# Not db.moments.Moment: a migration must stay what it was when the code moves on.
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make_recordings()
    _make_supervisor_acts()
    _make_survey_answers()


def downgrade() -> None:
    """Drop them, and what is in them; the sound files stay."""
    for table in ("survey_answers", "supervisor_acts", "recording_pauses", "recordings"):
        op.drop_table(table)


def _make_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("seconds", sa.Double()),
        sa.Column("fault", sa.Text()),
        sa.Column("deleted_at", MOMENT),
        sa.PrimaryKeyConstraint("file", name="pk_recordings"),
    )
    op.create_index("ix_recordings_visit_id", "recordings", ["visit_id"])
    op.create_index("ix_recordings_started_at", "recordings", ["started_at"])
    op.create_table(
        "recording_pauses",
        sa.Column("pause_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pause_id", name="pk_recording_pauses"),
    )
    op.create_index("ix_recording_pauses_file", "recording_pauses", ["file"])


def _make_supervisor_acts() -> None:
    op.create_table(
        "supervisor_acts",
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("supervisor_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text()),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("act_id", name="pk_supervisor_acts"),
    )
    op.create_index("ix_supervisor_acts_ended_at", "supervisor_acts", ["ended_at"])
    op.create_index("ix_supervisor_acts_started_at", "supervisor_acts", ["started_at"])
    op.create_index("ix_supervisor_acts_visit_id", "supervisor_acts", ["visit_id"])


def _make_survey_answers() -> None:
    op.create_table(
        "survey_answers",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "visit_id", "question", name="pk_survey_answers"),
    )
    op.create_index("ix_survey_answers_answered_at", "survey_answers", ["answered_at"])
