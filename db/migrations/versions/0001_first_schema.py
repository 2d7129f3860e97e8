"""The first schema: calls and what hangs on them, the writer's own books, and the shop's orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Not db.moments.Moment: a migration must stay what it was when the code moves on.
MOMENT = sa.DateTime(timezone=True)
STAGES = ("placed", "paid", "packed", "shipped", "delivered", "cancelled", "returned")
DEPARTMENTS = ("sales", "finance", "warehouse", "delivery", "after_sales")


def upgrade() -> None:
    """Make every table."""
    _make_calls()
    _make_legs()
    _make_queue_visits()
    _make_offers()
    _make_agent_intervals()
    _make_ivr_steps()
    _make_switch_runs()
    _make_journal_positions()
    _make_rejected_records()
    _make_orders()


def downgrade() -> None:
    """Drop every table, and what is in it."""
    for table in (
        "orders",
        "rejected_records",
        "journal_positions",
        "switch_runs",
        "ivr_steps",
        "agent_intervals",
        "offers",
        "queue_visits",
        "legs",
        "calls",
    ):
        op.drop_table(table)


def _make_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("caller_number", sa.Text()),
        sa.Column("called_number", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("language_at", MOMENT),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.Column("ivr_outcome", sa.Text()),
        sa.Column("ivr_node", sa.Text()),
        sa.Column("ivr_ended_at", MOMENT),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_index("ix_calls_caller_number", "calls", ["caller_number"])
    op.create_index("ix_calls_ended_at", "calls", ["ended_at"])
    op.create_index("ix_calls_started_at", "calls", ["started_at"])


def _make_legs() -> None:
    op.create_table(
        "legs",
        sa.Column("leg_id", sa.Integer(), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("linkedid", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("destination_channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("last_app", sa.Text(), nullable=False),
        sa.Column("last_data", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("cdr_disposition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("leg_id", name="pk_legs"),
        sa.UniqueConstraint("uniqueid", "sequence", name="uq_legs_uniqueid_sequence"),
    )
    op.create_index("ix_legs_linkedid", "legs", ["linkedid"])
    op.create_index("ix_legs_started_at", "legs", ["started_at"])


def _make_queue_visits() -> None:
    op.create_table(
        "queue_visits",
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("caller_number", sa.Text()),
        sa.Column("requirement", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("connected_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.Column("agent_id", sa.Text()),
        sa.Column("offer_id", sa.Text()),
        sa.Column("wait_seconds", sa.Double()),
        sa.Column("ring_seconds", sa.Double()),
        sa.Column("talk_seconds", sa.Double()),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text()),
        sa.PrimaryKeyConstraint("visit_id", name="pk_queue_visits"),
    )
    op.create_index("ix_queue_visits_agent_id_connected_at", "queue_visits", ["agent_id", "connected_at"])
    op.create_index("ix_queue_visits_arrived_at", "queue_visits", ["arrived_at"])
    op.create_index("ix_queue_visits_call_id", "queue_visits", ["call_id"])
    op.create_index("ix_queue_visits_connected_at", "queue_visits", ["connected_at"])
    op.create_index("ix_queue_visits_ended_at", "queue_visits", ["ended_at"])


def _make_offers() -> None:
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.Column("ring_seconds", sa.Double()),
        sa.PrimaryKeyConstraint("offer_id", name="pk_offers"),
    )
    op.create_index("ix_offers_agent_id_created_at", "offers", ["agent_id", "created_at"])
    op.create_index("ix_offers_ended_at", "offers", ["ended_at"])
    op.create_index("ix_offers_visit_id", "offers", ["visit_id"])


def _make_agent_intervals() -> None:
    op.create_table(
        "agent_intervals",
        sa.Column("interval_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("interval_id", name="pk_agent_intervals"),
    )
    op.create_index("ix_agent_intervals_agent_id_started_at", "agent_intervals", ["agent_id", "started_at"])
    op.create_index("ix_agent_intervals_ended_at", "agent_intervals", ["ended_at"])
    op.create_index("ix_agent_intervals_started_at", "agent_intervals", ["started_at"])


def _make_ivr_steps() -> None:
    op.create_table(
        "ivr_steps",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("menu", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("input", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.PrimaryKeyConstraint("step_id", name="pk_ivr_steps"),
    )
    op.create_index("ix_ivr_steps_call_id_started_at", "ivr_steps", ["call_id", "started_at"])
    op.create_index("ix_ivr_steps_started_at", "ivr_steps", ["started_at"])


def _make_switch_runs() -> None:
    op.create_table(
        "switch_runs",
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("lost_at", MOMENT),
        sa.Column("previous_lost_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("started_at", name="pk_switch_runs"),
    )


def _make_journal_positions() -> None:
    op.create_table(
        "journal_positions",
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("segment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journal", "segment", name="pk_journal_positions"),
    )


def _make_rejected_records() -> None:
    op.create_table(
        "rejected_records",
        sa.Column("rejected_id", sa.Integer(), nullable=False),
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("rejected_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("rejected_id", name="pk_rejected_records"),
    )
    op.create_index("ix_rejected_records_journal_segment_offset", "rejected_records", ["journal", "segment", "offset"])


def _make_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(*STAGES, name="order_stage", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column(
            "department",
            sa.Enum(*DEPARTMENTS, name="order_department", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("member", sa.Text()),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_orders"),
        sa.UniqueConstraint("number", name="uq_orders_number"),
    )
    op.create_index("ix_orders_member", "orders", ["member"])
