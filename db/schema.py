"""The tables that reports read.

Facts come from several files that are read independently, so rows appear in any order: there are no foreign keys, and
whatever another file may know first is nullable. `shop` adds its tables to the same `Base`.

Outcomes and states are words of ARCHITECTURE.md, checked when a line is applied (`db/fields.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.moments import Moment

# Every constraint has a name, the same on both databases: a later migration can then drop it.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative root of every table of Hotline."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: Moment,
        str: Text,
        dict[str, Any]: JSON,
    }


class Call(Base):
    """Everything that hangs on one linkedid, from CALLSTART to the hang-up of the caller's own channel."""

    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "started_at"),
        Index(None, "ended_at"),
        Index(None, "caller_number"),
        Index(None, "version"),
    )

    call_id: Mapped[str] = mapped_column(primary_key=True)
    """Asterisk's linkedid, which is the uniqueid of the caller's channel."""
    channel: Mapped[str | None]
    """None until CALLSTART is applied: the row was made by another file's line."""
    caller_number: Mapped[str | None]
    called_number: Mapped[str | None]
    language: Mapped[str | None]
    language_at: Mapped[datetime | None]
    """When the caller chose `language`; None while it is the one the call started in."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ivr_outcome: Mapped[str | None]
    """What the last IVREND said."""
    ivr_node: Mapped[str | None]
    ivr_ended_at: Mapped[datetime | None]
    version: Mapped[str | None]
    """Of the site, as the call began; None for calls that no menu met."""


class Leg(Base):
    """One CDR: one channel's time with one other party."""

    __tablename__ = "legs"
    __table_args__ = (UniqueConstraint("uniqueid", "sequence"), Index(None, "linkedid"), Index(None, "started_at"))

    leg_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    uniqueid: Mapped[str]
    sequence: Mapped[int] = mapped_column(BigInteger)
    linkedid: Mapped[str]
    channel: Mapped[str]
    destination_channel: Mapped[str]
    source: Mapped[str]
    destination: Mapped[str]
    context: Mapped[str]
    last_app: Mapped[str]
    last_data: Mapped[str]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    cdr_disposition: Mapped[str]


class QueueVisit(Base):
    """One caller's stay in one queue, from entry to its outcome."""

    __tablename__ = "queue_visits"
    __table_args__ = (
        Index(None, "arrived_at"),
        Index(None, "call_id"),
        Index(None, "ended_at"),
        Index(None, "agent_id", "connected_at"),
        Index(None, "connected_at"),
    )

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str | None]
    queue: Mapped[str | None]
    """None when the ENTERQUEUE line was lost and only later lines of the visit arrived."""
    caller_number: Mapped[str | None]
    requirement: Mapped[str]
    """Asked for on arrival, as an expression over skills; empty: nothing."""
    priority: Mapped[int]
    arrived_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    agent_id: Mapped[str | None]
    offer_id: Mapped[str | None]
    """The offer that was answered."""
    wait_seconds: Mapped[float | None]
    """From entry to connect, or to the end of a visit without one."""
    ring_seconds: Mapped[float | None]
    talk_seconds: Mapped[float | None]
    recovered: Mapped[bool] = mapped_column(default=False)
    """The end was learned late; `ended_at` is corrected from the legs when they are known."""
    cause: Mapped[str | None]
    head_start_seconds: Mapped[float]
    """By which the place was better than the arrival; like the priority, as it was in the end."""
    segment: Mapped[str | None]
    entered_via: Mapped[str] = mapped_column(default="menu", server_default="menu")
    """`menu`, `transfer`, or `consult`: an agent's own call, which no report counts as a caller's."""
    from_visit_id: Mapped[str | None]
    """The caller's visit before this one; of a consult the visit in which the agent consulted."""
    call_arrived_at: Mapped[datetime | None]
    """When the caller first entered a queue in this call."""
    hold_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    consult_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """Of `talk_seconds`: on hold by the agent, and while the agent consulted somebody."""
    destination_kind: Mapped[str | None]
    destination: Mapped[str | None]
    """Where the agent sent the caller: a queue, an agent, `menu.node` or a number outside."""
    resumed_visit_id: Mapped[str | None]
    """The abandoned visit whose place in the line this one took back."""


class Offer(Base):
    """One attempt to ring an agent for a caller."""

    __tablename__ = "offers"
    __table_args__ = (Index(None, "agent_id", "created_at"), Index(None, "visit_id"), Index(None, "ended_at"))

    offer_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str]
    agent_id: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ring_seconds: Mapped[float | None]
    """Until the phone was picked up, or fell silent."""
    connect_seconds: Mapped[float | None]
    """From then until the two were connected, or one of them hung up: whisper and greeting. None of an offer that is
    older than this column."""
    step: Mapped[int | None]
    """How many relaxations had opened; None of an offer whose OFFER line was lost, or is older than this column."""
    tier: Mapped[int | None]
    """Of the agents who could serve the caller, from 0 for those who are taken first; None likewise."""


class Callback(Base):
    """A caller's wish to be called, from the hang-up to the answer; the talk is the visit of the same id."""

    __tablename__ = "callbacks"
    __table_args__ = (Index(None, "asked_at"),)

    callback_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str | None]
    """The visit in which it was asked for; None when the CALLBACKTAKEN line was lost."""
    number: Mapped[str | None]
    queue: Mapped[str | None]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """`answered`, `callback_failed` or `callback_cancelled`; None while the caller waits to be called."""
    cause: Mapped[str | None]


class CallbackAttempt(Base):
    """One attempt to reach a caller: from the moment at which their phone may ring."""

    __tablename__ = "callback_attempts"
    __table_args__ = (Index(None, "callback_id"),)

    attempt_id: Mapped[str] = mapped_column(primary_key=True)
    """Also the uniqueid of the channel that was asked for, which is the linkedid of the call."""
    callback_id: Mapped[str]
    agent_id: Mapped[str | None]
    """Who waited on the line; None where the caller was called first."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class AgentInterval(Base):
    """An agent's time in one state, [started_at, ended_at); ended_at is None while it lasts. Logged off is no row."""

    __tablename__ = "agent_intervals"
    __table_args__ = (Index(None, "agent_id", "started_at"), Index(None, "started_at"), Index(None, "ended_at"))

    interval_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agent_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AgentStay(Base):
    """An agent's time at the phones where they were rung, from log-in, or move, to log-off."""

    __tablename__ = "agent_stays"
    __table_args__ = (Index(None, "agent_id", "started_at"), Index(None, "ended_at"))

    stay_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agent_id: Mapped[str]
    phones: Mapped[list[str]] = mapped_column(JSON)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Disposition(Base):
    """The code that an agent gave for a visit; of several the last."""

    __tablename__ = "dispositions"
    __table_args__ = (Index(None, "agent_id", "given_at"),)

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    given_at: Mapped[datetime]


class IvrStep(Base):
    """One node that a caller went through, with what was keyed and what came of it."""

    __tablename__ = "ivr_steps"
    __table_args__ = (Index(None, "call_id", "started_at"), Index(None, "started_at"))

    step_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    menu: Mapped[str]
    node: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    attempts: Mapped[int]
    input: Mapped[str | None]
    result: Mapped[str | None]
    version: Mapped[str | None]
    """Of the site that the call ran; None: it was never published."""
    task: Mapped[str | None]
    """What the caller did there, by the site's word `report`."""
    no_input: Mapped[int | None]
    """None: of a line that does not tell it, by a script or an earlier version of this program."""
    no_match: Mapped[int | None]
    barge_in: Mapped[bool | None]
    unplayed: Mapped[int | None]


class SwitchRun(Base):
    """One life of Asterisk, as the ACD learned of it."""

    __tablename__ = "switch_runs"

    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    lost_at: Mapped[datetime | None]
    """When the link to it was lost last; None while it is up."""
    previous_lost_at: Mapped[datetime]
    """The end that the life before this one gives to what was then open: its `lost_at`, else our `started_at`."""


class JournalPosition(Base):
    """How far one file is applied. Moved in the same transaction as the rows that its lines made."""

    __tablename__ = "journal_positions"

    journal: Mapped[str] = mapped_column(primary_key=True)
    segment: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The segment's number; for legs.csv the file's inode."""
    offset: Mapped[int] = mapped_column(BigInteger)


class RejectedRecord(Base):
    """A line that could not be applied, and why; the writer went on with the next."""

    __tablename__ = "rejected_records"
    __table_args__ = (Index(None, "journal", "segment", "offset"),)

    rejected_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    journal: Mapped[str]
    segment: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    line: Mapped[str]
    rejected_at: Mapped[datetime]
