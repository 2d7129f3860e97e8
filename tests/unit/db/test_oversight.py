"""Recordings, supervisors' acts and answers as rows, and the reports on them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from db.oversight import Recording, RecordingPause, SupervisorAct, SurveyAnswer
from db.reports import recordings, supervision, survey
from db.retire_recordings import retire_recordings
from tests.unit.db.story import T0, Desk, answered, call_start, line, moment

FILE = "2026/01/01/v-a-1767225605.wav"
START, END = moment(0), moment(3600)


def recorded(file: str = FILE, start: float = 5, end: float = 65, fault: str = "") -> list[bytes]:
    """A recording of the visit of call a, with one pause that nobody ended."""
    names = {"file": file, "visit_id": "v-a", "agent_id": "1001", "channels": "agent left, caller right"}
    return [
        line("RECORDING", start, **names, channel_id="x", started_at=T0 + start),
        line("RECORDINGPAUSE", start + 10, file=file, by="1001"),
        line("RECORDINGPAUSE", start + 11, file=file, by="restart"),
        line("RECORDINGRESUME", start + 20, file=file, by="1001"),
        line("RECORDINGPAUSE", end - 5, file=file, by="command"),
        line("RECORDINGSTOP", end - 4, file=file, by="command"),
        line("RECORDINGEND", end, file=file, ended_at=T0 + end, seconds=end - start, fault=fault),
    ]


def act(act_id: str, at: float, *, refused: str = "", channel_id: str = "leg", mode: str = "listen") -> bytes:
    people = {"supervisor_id": "1006", "agent_id": "1001", "visit_id": "v-a" if not refused else ""}
    how = {"mode": mode, "route": "phone", "channel_id": channel_id, "refused": refused}
    return line("SUPERVISE", at, act_id=act_id, **people, **how)


def test_a_recording_is_a_row_with_its_pauses(desk: Desk) -> None:
    """A pause asked for twice is one, one that lasts ends with the recording; a line told twice changes nothing."""
    desk.write("acd", *answered("a", 0, 60), *recorded(), *recorded())
    desk.apply()
    row = desk.row(Recording)
    assert (row.file, row.seconds, row.fault, row.ended_at) == (FILE, 60.0, None, moment(65))
    spans = [(pause.started_at, pause.ended_at, pause.by) for pause in desk.rows(RecordingPause)][:2]
    assert spans == [(moment(15), moment(25), "1001"), (moment(60), moment(65), "command")]


def test_an_end_without_a_beginning_is_no_row(desk: Desk) -> None:
    """The line that names the visit was lost: there is nothing to close."""
    desk.write("acd", recorded()[-1], line("SUPERVISEEND", 3, act_id="lost"))
    desk.apply()
    assert desk.rows(Recording) == desk.rows(SupervisorAct) == []


def test_recordings_are_reported_with_their_calls(desk: Desk) -> None:
    """Queue and caller come from the visit; a fault is named; what began outside of the span is not there."""
    later = "2026/01/01/v-a-1767229300.wav"
    desk.write("acd", *answered("a", 0, 60), *recorded(fault="short"), *recorded(later, 3700, 3800))
    desk.apply()
    report = recordings(desk.engine, START, END)
    (row,) = [dict(zip(report.columns, cells, strict=True)) for cells in report.rows]
    assert (row["queue"], row["caller_number"], row["agent_id"]) == ("orders", "13800000000", "1001")
    assert (row["seconds"], row["pauses"], row["fault"], row["file"]) == (60.0, 2, "short", FILE)


def test_acts_are_reported_with_what_was_refused(desk: Desk) -> None:
    """What goes on has no length yet; what was refused, or needs no leg, is over at once."""
    desk.write(
        "acd",
        *(act("a", 1), act("b", 2, refused="not_allowed"), act("c", 3, mode="log_off", channel_id=""), act("d", 4)),
        line("SUPERVISEEND", 31, act_id="a"),
        line("SUPERVISEEND", 32, act_id="a"),
        line("TAKEOVER", 33, visit_id="v-a", agent_id="1006", from_agent_id="1001"),
    )
    desk.apply()
    report = supervision(desk.engine, START, END)
    columns = [report.columns.index(name) for name in ("mode", "seconds", "refused")]
    assert [tuple(row[index] for index in columns) for row in report.rows] == [
        ("listen", 30.0, None),
        ("listen", 0.0, "not_allowed"),
        ("log_off", 0.0, None),
        ("listen", None, None),
    ]


def test_a_survey_counts_by_queue_and_by_agent(desk: Desk) -> None:
    """Count, mean and distribution; the last answer of a caller counts; words have no mean; no visit, no queue."""
    for call_id, agent in (("a", "1001"), ("b", "1001"), ("c", "1002")):
        desk.write("acd", *answered(call_id, 0, 60, agent))
    answers = (("a", "2"), ("a", "5"), ("b", "4"), ("c", "1"))
    for at, (call_id, given) in enumerate(answers):
        desk.write(
            "ivr",
            call_start(call_id),
            line("SURVEY", 100 + at, call_id=call_id, visit_id=f"v-{call_id}", question="rate", answer=given),
        )
    desk.write("ivr", line("SURVEY", 200, call_id="d", visit_id="", question="why", answer="*"))
    desk.apply()
    assert len(desk.rows(SurveyAnswer)) == 4
    report = survey(desk.engine, START, END)
    assert report.rows == (
        ("rate", "orders", 3, 3.33, "1: 1 (33.3 %), 4: 1 (33.3 %), 5: 1 (33.3 %)"),
        ("why", "?", 1, None, "*: 1 (100.0 %)"),
    )
    assert [row[:5] for row in report.further[0].rows] == [
        ("rate", "orders", "1001", 2, 4.5),
        ("rate", "orders", "1002", 1, 1.0),
        ("why", "?", "?", 1, None),
    ]
    assert survey(desk.engine, END, END + timedelta(days=1)).rows == ()


def test_recordings_whose_days_are_over_are_deleted(desk: Desk, tmp_path: Path) -> None:
    """The file and its empty folders go, the row stays and says when; younger ones, and missing ones, cost nothing."""
    young = "2026/01/02/v-a-1767312000.wav"
    desk.write("acd", *recorded(), *recorded(young, 86_400, 86_500))
    desk.apply()
    folder = tmp_path / "recordings"
    for file in (FILE, young):
        (folder / file).parent.mkdir(parents=True)
        (folder / file).write_bytes(b"x")
    now = moment(86_500 + 3600)
    assert retire_recordings(desk.engine, folder, 1, now) == 1
    assert [row.deleted_at for row in desk.rows(Recording)] == [now, None]
    assert [day.name for day in (folder / "2026" / "01").iterdir()] == ["02"]
    assert retire_recordings(desk.engine, folder, 1, now) == 0
    assert retire_recordings(desk.engine, folder, 1, now + timedelta(days=2)) == 1
    assert list(folder.iterdir()) == []
