"""Facts of recordings and supervisors, as the ACD tells them, and of surveys, as the IVR does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply.batch import Batch
from db.oversight import Recording, RecordingPause, SupervisorAct, SurveyAnswer

Fields = dict[str, Any]


def begin_recording(batch: Batch, at: datetime, fields: Fields) -> None:
    """RECORDING. Of a file that is known already nothing changes."""
    told = dict(fields)
    batch.find_or_make(Recording, told.pop("file"), **told)


def end_recording(batch: Batch, at: datetime, fields: Fields) -> None:
    """RECORDINGEND. A pause that lasts ends with the recording."""
    row = batch.find(Recording, fields["file"])
    if row is None or row.ended_at is not None:
        return
    row.ended_at, row.seconds, row.fault = fields["ended_at"], fields["seconds"], fields["fault"] or None
    _end_pauses(batch, fields["file"], row.ended_at)


def pause(batch: Batch, at: datetime, fields: Fields) -> None:
    """RECORDINGPAUSE. Asked for twice it is one pause."""
    if not _open_pauses(batch, fields["file"]):
        batch.insert(RecordingPause, file=fields["file"], started_at=at, by=fields["by"])


def resume(batch: Batch, at: datetime, fields: Fields) -> None:
    """RECORDINGRESUME."""
    _end_pauses(batch, fields["file"], at)


def begin_act(batch: Batch, at: datetime, fields: Fields) -> None:
    """SUPERVISE. What was refused, and what needs no leg, is over at once."""
    over = bool(fields["refused"]) or not fields["channel_id"]
    told = {name: fields[name] for name in ("supervisor_id", "agent_id", "mode", "route")}
    told |= {name: fields[name] or None for name in ("visit_id", "refused")}
    batch.find_or_make(SupervisorAct, fields["act_id"], started_at=at, ended_at=at if over else None, **told)


def end_act(batch: Batch, at: datetime, fields: Fields) -> None:
    """SUPERVISEEND."""
    row = batch.find(SupervisorAct, fields["act_id"])
    if row is not None and row.ended_at is None:
        row.ended_at = at


def answer(batch: Batch, at: datetime, fields: Fields) -> None:
    """SURVEY. The last answer to a question counts."""
    key = (fields["call_id"], fields["visit_id"] or "", fields["question"])
    row = batch.find_or_make(SurveyAnswer, key, answer=fields["answer"], answered_at=at)
    if at >= row.answered_at:
        row.answer, row.answered_at = fields["answer"], at


def _open_pauses(batch: Batch, file: str) -> list[RecordingPause]:
    return batch.query(RecordingPause, RecordingPause.file == file, RecordingPause.ended_at.is_(None))


def _end_pauses(batch: Batch, file: str, at: datetime) -> None:
    for row in _open_pauses(batch, file):
        row.ended_at = max(at, row.started_at)
