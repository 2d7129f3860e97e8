"""Tables of what is known about a talk beside the talk: recordings, supervisors' acts, answers to surveys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from db.schema import Base


class Recording(Base):
    """One file of sound of one agent's part in a talk."""

    __tablename__ = "recordings"
    __table_args__ = (Index(None, "visit_id"), Index(None, "started_at"))

    file: Mapped[str] = mapped_column(primary_key=True)
    """Below the folder of recordings, `2026/11/22/<visit_id>-<epoch seconds>.wav`."""
    visit_id: Mapped[str]
    agent_id: Mapped[str]
    """Empty where it was made while there was no ACD, and the visit was over when it came back."""
    channels: Mapped[str]
    """Who is on which channel."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
    """Of sound; less than the time between where the disk was full."""
    fault: Mapped[str | None]
    """`not_written short unfinished`; None where nothing went wrong."""
    deleted_at: Mapped[datetime | None]
    """The file is not there any more: its days were over."""


class RecordingPause(Base):
    """A stretch of silence in a recording: card data was said."""

    __tablename__ = "recording_pauses"
    __table_args__ = (Index(None, "file"),)

    pause_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    by: Mapped[str]
    """Who asked: an agent, `command`, or `restart` where a restarted ACD made sure."""


class SupervisorAct(Base):
    """What a supervisor did, or was refused."""

    __tablename__ = "supervisor_acts"
    __table_args__ = (Index(None, "started_at"), Index(None, "visit_id"), Index(None, "ended_at"))

    act_id: Mapped[str] = mapped_column(primary_key=True)
    supervisor_id: Mapped[str]
    """Whose phone it was; empty where it was nobody's."""
    agent_id: Mapped[str]
    visit_id: Mapped[str | None]
    mode: Mapped[str]
    route: Mapped[str]
    """`phone`, `key` while listening, or `command`."""
    refused: Mapped[str | None]
    """Why it was not done; None where it was."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SurveyAnswer(Base):
    """One answer; a caller who goes back and answers again has one row for each question, with the last answer."""

    __tablename__ = "survey_answers"
    __table_args__ = (Index(None, "answered_at"),)

    call_id: Mapped[str] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]
    answered_at: Mapped[datetime]
