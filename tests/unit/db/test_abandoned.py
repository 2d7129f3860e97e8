"""The list of callers to ring back."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

from db.reports import abandoned
from tests.unit.db.story import Desk, answered, call_start, enter_queue, line, moment

ANN, BOB, CHO, DAN, EVE = (f"1380000000{n}" for n in range(1, 6))


def abandon(visit_id: str, at: float, wait: float, stage: str = "waiting") -> bytes:
    return line("ABANDON", at, visit_id=visit_id, stage=stage, wait_seconds=wait, recovered=False)


def told(desk: Desk, start: float = 0, end: float = 10_000) -> list[dict[str, Any]]:
    """The report's rows."""
    desk.apply()
    report = abandoned(desk.engine, moment(start), moment(end))
    return [dict(zip(report.columns, row, strict=True)) for row in report.rows]


def test_an_abandon_is_a_row_with_all_that_a_call_back_needs(desk: Desk) -> None:
    """Number, queue, when, how long, who was ahead: three of the queue, one by priority, one with a head start and one
    who had come before; not the one behind, nor one of another queue, nor who had been answered or had left by then."""
    visits = [
        enter_queue("old", 0, caller_number=DAN),
        abandon("v-old", 20, 20),
        *answered("served", 1, 600),
        enter_queue("first", 10, caller_number="1"),
        enter_queue("mine", 30, caller_number=ANN),
        enter_queue("moved", 40, caller_number="2", head_start_seconds=20.0),
        enter_queue("vip", 50, caller_number="3", priority=5),
        enter_queue("behind", 55, caller_number="4"),
        enter_queue("other", 5, queue="support", caller_number="5"),
        abandon("v-mine", 90, 60, "ringing"),
    ]
    desk.write("acd", *visits)
    _, row = told(desk)
    assert row == {
        "left_at": moment(90),
        "caller_number": ANN,
        "queue": "orders",
        "wait_seconds": 60.0,
        "position": 4,
        "outcome": "abandoned_ringing",
        "called_again_at": None,
        "served_at": None,
        "callback": None,
        "ring_back": "yes",
        "call_id": "mine",
    }


def test_who_called_again_or_was_served_need_not_be_rung(desk: Desk) -> None:
    """Ann called again and gave up again: of her two rows the last is to be rung. Bob was served later, in a call that
    no IVR saw; a talk or a call before the abandon counts for nothing."""
    desk.write("ivr", call_start("a0", -50, ANN), call_start("a1", 0, ANN), call_start("a2", 100, ANN))
    desk.write("acd", enter_queue("a1", 1, caller_number=ANN), abandon("v-a1", 11, 10))
    desk.write("acd", enter_queue("a2", 101, caller_number=ANN), abandon("v-a2", 131, 30))
    desk.write("acd", enter_queue("b1", 140, caller_number=BOB), abandon("v-b1", 150, 10))
    connect = {"visit_id": "v-b2", "offer_id": None, "agent_id": "1001", "wait_seconds": 20.0, "ring_seconds": 0.0}
    desk.write("acd", enter_queue("b2", 200, caller_number=BOB), line("CONNECT", 220, **connect))
    first, second, bob = told(desk)
    assert (first["called_again_at"], first["served_at"], first["ring_back"]) == (moment(100), None, "no")
    assert (second["called_again_at"], second["ring_back"]) == (None, "yes")
    assert (bob["called_again_at"], bob["served_at"], bob["ring_back"]) == (moment(200), moment(220), "no")


def test_a_callback_that_waits_is_no_second_one(desk: Desk) -> None:
    """Cho asked for one in a later call and waits; Dan's came to nothing, so that somebody should ring him; Eve's was
    over before she gave up. A callback stands in the line since it was asked for."""
    taken = {"wait_seconds": 5.0, "number": CHO}
    desk.write("acd", enter_queue("c1", 0, caller_number=CHO), abandon("v-c1", 10, 10))
    desk.write("acd", enter_queue("c2", 20, caller_number=CHO))
    desk.write("acd", line("CALLBACKTAKEN", 30, visit_id="v-c2", callback_id="cb-c", **taken))
    failed = {"outcome": "callback_failed", "cause": "attempts", "wait_seconds": 60.0}
    desk.write("acd", enter_queue("d1", 40, caller_number=DAN))
    desk.write("acd", line("CALLBACKTAKEN", 45, visit_id="v-d1", callback_id="cb-d", **{**taken, "number": DAN}))
    desk.write("acd", enter_queue("e1", 46, caller_number=EVE))
    desk.write("acd", line("CALLBACKTAKEN", 47, visit_id="v-e1", callback_id="cb-e", **{**taken, "number": EVE}))
    desk.write("acd", enter_queue("d2", 50, caller_number=DAN), abandon("v-d2", 60, 10))
    desk.write("acd", line("CALLBACKEND", 70, callback_id="cb-d", **failed))
    desk.write("acd", line("CALLBACKEND", 75, callback_id="cb-e", **failed))
    desk.write("acd", enter_queue("e2", 80, caller_number=EVE), abandon("v-e2", 90, 10))
    cho, dan, eve = told(desk)
    assert (cho["callback"], cho["ring_back"], cho["position"]) == ("open", "no", 1)
    assert (dan["callback"], dan["ring_back"], dan["position"]) == ("callback_failed", "yes", 4)
    assert (eve["callback"], eve["ring_back"], eve["position"]) == (None, "yes", 2)


def test_nobody_can_ring_whom_nobody_knows(desk: Desk) -> None:
    """An abandon without a number is told, and is no other anonymous caller's."""
    desk.write("acd", enter_queue("x1", 0, caller_number=""), abandon("v-x1", 10, 10))
    desk.write("acd", enter_queue("x2", 20, caller_number=""), abandon("v-x2", 30, 10))
    for row in told(desk):
        assert (row["called_again_at"], row["served_at"], row["callback"], row["ring_back"]) == (None, None, None, "no")


def test_other_ends_consults_and_other_days_are_no_abandons(desk: Desk) -> None:
    """Only a caller's hang-up before connect, of visits that arrived in the span; times are in the zone asked for."""
    desk.write("acd", *answered("a", 0, 10))
    desk.write("acd", enter_queue("t", 0), line("EXITWITHTIMEOUT", 60, visit_id="v-t", wait_seconds=60.0))
    desk.write("acd", enter_queue("n", 0, entered_via="consult"), abandon("v-n", 5, 5))
    desk.write("acd", enter_queue("now", 0), abandon("v-now", 0, 0))
    desk.write("acd", enter_queue("early", -100), abandon("v-early", 10, 110))
    assert [row["call_id"] for row in told(desk)] == ["now"]
    beijing = timezone(timedelta(hours=8))
    ((left_at, *_),) = abandoned(desk.engine, moment(0), moment(10), tz=beijing).rows
    assert left_at.isoformat() == "2026-01-01T08:00:00+08:00"
