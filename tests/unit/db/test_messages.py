"""Messages as rows: each once, whatever is told twice; how their calls and transfers by menus end; the report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.messages import Message, mark_done, messages_left
from db.reports import messages
from db.schema import Call
from tests.unit.db.story import Desk, call_start, leg, line, moment

START, END = moment(0), moment(86_400)
FILE = "2026/01/01/c1-2.wav"


def told(verb: str, at: float, file: str = FILE, **more: Any) -> bytes:
    fields = {"file": file, "call_id": "c1", "kind": "complaint", "node": "m.leave", "language": "zh"}
    return line(verb, at, **{**fields, "caller_number": "138", **more})


def left(at: float, file: str = FILE, **more: Any) -> bytes:
    return told("MESSAGE", at, file, **{"seconds": 4.5, "pages": 0, **more})


def step(at: float, kind: str, result: str) -> bytes:
    fields = {"call_id": "c1", "step_id": f"c1:{at:.0f}", "menu": "m", "node": "leave", "kind": kind, "language": "zh"}
    return line("IVRSTEP", at, **fields, started_at=moment(at).timestamp(), attempts=1, input="", result=result)


def test_a_message_has_one_row(desk: Desk) -> None:
    """Begun and left, each told twice: one row, with its length; a process that died since does not take it back."""
    desk.write("ivr", told("MESSAGEBEGIN", 1), told("MESSAGEBEGIN", 3), left(9), left(12, seconds=0.0))
    desk.write("ivr", line("MESSAGEDROP", 13, file=FILE))
    desk.apply()
    (row,) = desk.rows(Message)
    assert (row.begun_at, row.left_at, row.seconds, row.pages, row.dropped_at) == (
        moment(1),
        moment(9),
        4.5,
        None,
        None,
    )


def test_what_is_taken_back_is_none(desk: Desk) -> None:
    """Dropped: not in the list, and not left by a line that comes late; dropping what nobody began is nothing."""
    desk.write(
        "ivr", told("MESSAGEBEGIN", 1), line("MESSAGEDROP", 5, file=FILE), left(6), line("MESSAGEDROP", 7, file="x")
    )
    desk.apply()
    (row,) = desk.rows(Message)
    assert (row.dropped_at, row.left_at) == (moment(5), None)
    assert messages_left(desk.engine) == []


def test_a_message_whose_end_nobody_told_counts_when_the_call_is_over(desk: Desk) -> None:
    """The menus died, and the caller hung up before they were back: what was said is not forgotten."""
    desk.write("ivr", call_start("c1"), told("MESSAGEBEGIN", 1))
    desk.apply()
    assert messages_left(desk.engine) == []
    desk.write("legs", leg("c1", 0, 20, context="ivr", to=""))
    desk.apply()
    assert [one.file for one in messages_left(desk.engine)] == [FILE]


def test_somebody_sees_to_a_message(desk: Desk) -> None:
    """Who is first stands; it is out of the list, and still among all."""
    desk.write("ivr", told("MESSAGEBEGIN", 1), left(9))
    desk.apply()
    assert mark_done(desk.engine, FILE, "1006", moment(3600))
    assert mark_done(desk.engine, FILE, "1001", moment(7200))
    assert not mark_done(desk.engine, "x", "1006", moment(3600))
    assert messages_left(desk.engine) == []
    assert [(one.done_by, one.done_at) for one in messages_left(desk.engine, every=True)] == [("1006", moment(3600))]


def test_the_report_tells_what_became_of_each(desk: Desk) -> None:
    """A row for each message begun in the span, the oldest first, and how long people took."""
    desk.write("ivr", told("MESSAGEBEGIN", 1), left(9))
    fax = {"file": "2026/01/01/c2-1.tif", "kind": "fax"}
    desk.write("ivr", told("MESSAGEBEGIN", 20, **fax), left(30, **fax, seconds=0.0, pages=3))
    desk.apply()
    mark_done(desk.engine, FILE, "1006", moment(9) + timedelta(hours=2))
    rows = [row[1:] for row in messages(desk.engine, START, END).rows]
    assert rows == [
        ("complaint", "138", "zh", "m.leave", "done", 4.5, None, 2.0, FILE),
        ("fax", "138", "zh", "m.leave", "new", None, 3, None, fax["file"]),
    ]
    assert messages(desk.engine, END, END + timedelta(days=1)).rows == ()


@pytest.mark.parametrize(
    ("kind", "result", "outcome"),
    [
        ("record", "sent", "self_served"),
        ("record", "too_short", "left_in_menu"),
        ("fax_send", "sent", "self_served"),
        ("fax_receive", "received", "self_served"),
        ("fax_receive", "failed", "left_in_menu"),
    ],
)
def test_who_has_left_a_message_was_served(desk: Desk, kind: str, result: str, outcome: str) -> None:
    """A caller who hangs up after what they called for has served themselves."""
    end = line("IVREND", 8, call_id="c1", node="m.leave", outcome="left_in_menu")
    desk.write("ivr", call_start("c1"), step(2, kind, result), end)
    desk.write("legs", leg("c1", 0, 8, context="ivr", to=""))
    desk.apply()
    assert [call.outcome for call in desk.rows(Call)] == [outcome]


@pytest.mark.parametrize(
    ("disposition", "end", "outcome"),
    [
        ("ANSWERED", "transfer", "transferred"),
        ("ANSWERED", "hung_up", "transferred"),
        ("NO ANSWER", "transfer", "left_in_menu"),
        ("NO ANSWER", "hung_up", "self_served"),
    ],
)
def test_a_call_that_a_menu_sent_on_was_transferred(desk: Desk, disposition: str, end: str, outcome: str) -> None:
    """The legs tell whether anybody answered, whoever was alive to see it; who leaves while it rings has left."""
    desk.write("ivr", call_start("c1"), line("IVREND", 5, call_id="c1", node="m.onward", outcome=end))
    desk.write("legs", leg("c1", 0, 60, context="onward", to="PJSIP/trunk-local-2", disposition=disposition))
    desk.apply()
    assert [call.outcome for call in desk.rows(Call)] == [outcome]


def test_a_talk_after_the_queue_is_what_counts(desk: Desk) -> None:
    """The queue was full, and the menu sent the caller on: transferred. In a queue afterwards: what came of that."""
    visit = {"visit_id": "v1", "call_id": "c1", "queue": "orders"}
    desk.write("acd", line("ENTERQUEUE", 2, **visit), line("OVERFLOW", 2, visit_id="v1", wait_seconds=0, cause="full"))
    desk.write("ivr", call_start("c1"), line("IVREND", 5, call_id="c1", node="m.onward", outcome="transfer"))
    desk.write("legs", leg("c1", 0, 60, context="onward", to="PJSIP/1001-2"))
    desk.apply()
    assert [call.outcome for call in desk.rows(Call)] == ["transferred"]
    desk.write("acd", line("ENTERQUEUE", 61, **{**visit, "visit_id": "v2"}))
    desk.write("acd", line("ABANDON", 70, visit_id="v2", stage="waiting", wait_seconds=9))
    desk.apply()
    assert [call.outcome for call in desk.rows(Call)] == ["abandoned_waiting"]
