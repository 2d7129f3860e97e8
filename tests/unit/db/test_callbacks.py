"""What the lines about callbacks make of the rows, and what the reports say of them."""

from __future__ import annotations

import itertools

import pytest

from db.reports import callbacks, daily
from db.reports.traffic import queue_histories
from db.schema import Call, Callback, CallbackAttempt, QueueVisit, RejectedRecord
from tests.unit.db.story import Desk, answered, call_start, enter_queue, leg, line, moment
from tests.unit.db.test_reports import column


def taken(call_id: str, at: float, callback_id: str, number: str = "139") -> bytes:
    return line("CALLBACKTAKEN", at, visit_id=call_id, callback_id=callback_id, number=number, wait_seconds=5.0)


def attempt(callback_id: str, at: float, number: int, outcome: str, agent: str = "1001") -> list[bytes]:
    ids = {"callback_id": callback_id, "attempt_id": f"{callback_id}-{number}"}
    return [
        line("CALLBACKATTEMPT", at, **ids, agent_id=agent, number="139"),
        line("CALLBACKATTEMPTEND", at + 10, **ids, outcome=outcome, attempts=number, retry_seconds=0.0),
    ]


STORY = [
    enter_queue("c1", 0, "v1"),
    taken("v1", 5, "cb1"),
    *attempt("cb1", 60, 1, "busy"),
    line("OFFER", 350, offer_id="cb1-2", visit_id="cb1", agent_id="1001"),
    *attempt("cb1", 360, 2, "answered"),
    line("CONNECT", 370, visit_id="cb1", offer_id="cb1-2", agent_id="1001", wait_seconds=370.0, ring_seconds=20.0),
    line("COMPLETEAGENT", 400, visit_id="cb1", agent_id="1001", wait_seconds=370.0, talk_seconds=30.0),
]


def test_a_callback_has_its_rows(desk: Desk) -> None:
    """The visit on the line ends as callback_taken; the callback is asked, tried, answered; its talk is a visit of the
    same id, in the same queue, since the same arrival, on the call of the attempt that was answered."""
    desk.write("acd", *STORY)
    desk.apply()
    callback = desk.row(Callback)
    assert (callback.visit_id, callback.number, callback.queue) == ("v1", "139", "orders")
    assert (callback.asked_at, callback.ended_at, callback.outcome) == (moment(5), moment(370), "answered")
    tries = [(one.agent_id, one.started_at, one.ended_at, one.outcome) for one in desk.rows(CallbackAttempt)]
    assert tries == [("1001", moment(60), moment(70), "busy"), ("1001", moment(360), moment(370), "answered")]
    on_line, called = sorted(desk.rows(QueueVisit), key=lambda visit: visit.visit_id, reverse=True)
    assert (on_line.outcome, on_line.ended_at) == ("callback_taken", moment(5))
    assert (called.queue, called.caller_number, called.arrived_at) == ("orders", "139", moment(0))
    assert (called.outcome, called.agent_id, called.talk_seconds) == ("completed_by_agent", "1001", 30.0)
    assert called.call_id == "cb1-2"


def test_lines_that_come_twice_change_nothing(desk: Desk) -> None:
    """Applied in two batches with every line told again, the rows are the same."""
    desk.write("acd", *STORY)
    desk.apply()
    before = list(desk.dump(Callback, CallbackAttempt, QueueVisit))
    desk.write("acd", *STORY, number=2)
    desk.apply()
    assert list(desk.dump(Callback, CallbackAttempt, QueueVisit)) == before


def test_a_number_that_asks_again_has_one_callback(desk: Desk) -> None:
    """A second visit that is promised the callback which waits already makes no row but its own end."""
    desk.write("acd", enter_queue("c1", 0, "v1"), taken("v1", 5, "cb1"))
    desk.write("acd", enter_queue("c2", 10, "v2"), taken("v2", 15, "cb1"), number=2)
    desk.apply()
    assert desk.row(Callback).visit_id == "v1"
    assert {visit.visit_id: visit.outcome for visit in desk.rows(QueueVisit)} == {
        "v1": "callback_taken",
        "v2": "callback_taken",
        "cb1": None,
    }


def test_a_callback_that_comes_to_nothing(desk: Desk) -> None:
    """Given up or taken back: the callback and its visit end so, once; a late line about it is an echo."""
    ends = {"cb1": ("callback_failed", "attempts"), "cb2": ("callback_cancelled", "rang_in")}
    for number, (callback_id, (outcome, cause)) in enumerate(ends.items(), start=1):
        told = {"callback_id": callback_id, "outcome": outcome, "cause": cause, "wait_seconds": 50.0}
        desk.write(
            "acd", enter_queue(f"c{number}", 0, f"v{number}"), taken(f"v{number}", 5, callback_id), number=number
        )
        desk.write("acd", line("CALLBACKEND", 50, **told), line("CALLBACKEND", 60, **told), number=number + 10)
    desk.apply()
    found = {one.callback_id: (one.outcome, one.cause, one.ended_at) for one in desk.rows(Callback)}
    assert found == {callback_id: (*told, moment(50)) for callback_id, told in ends.items()}
    visits = {one.visit_id: one.outcome for one in desk.rows(QueueVisit) if one.visit_id in ends}
    assert visits == {callback_id: outcome for callback_id, (outcome, _) in ends.items()}


def test_what_was_told_before_is_made_up(desk: Desk) -> None:
    """Where the lines before were lost, an attempt and an end make the rows that they are about."""
    desk.write("acd", *attempt("cb1", 60, 1, "answered"))
    desk.apply()
    assert (desk.row(Callback).outcome, desk.row(Callback).number) == ("answered", None)
    assert desk.row(CallbackAttempt).outcome == "answered"


def test_a_dead_switch_takes_no_callback_along(desk: Desk) -> None:
    """Another Asterisk: the caller on the line is lost, the one who waits to be called is not."""
    desk.write("acd", line("SWITCHSTART", -100, started_at=moment(-100).timestamp()))
    desk.write("acd", enter_queue("c1", 0, "v1"), taken("v1", 5, "cb1"), enter_queue("c2", 6, "v2"), number=2)
    desk.write("acd", line("SWITCHSTART", 60, started_at=moment(55).timestamp()), number=3)
    desk.apply()
    outcomes = {one.visit_id: one.outcome for one in desk.rows(QueueVisit)}
    assert outcomes == {"v1": "callback_taken", "cb1": None, "v2": "switch_lost"}


def test_callbacks_have_a_report_of_their_own(desk: Desk) -> None:
    """Asked, answered, given up, taken back, open, and their attempts; the daily report counts the caller on the line
    and no abandon, the service level of the line knows nothing of callbacks, nor does a forecast."""
    desk.write("acd", *STORY, *answered("c9", 20, 30))
    later = itertools.chain.from_iterable(
        (enter_queue(f"c{number}", 30, f"v{number}"), taken(f"v{number}", 35, f"cb{number}")) for number in (2, 3, 4)
    )
    failed = {"outcome": "callback_failed", "cause": "attempts", "wait_seconds": 60.0}
    cancelled = {"outcome": "callback_cancelled", "cause": "cancelled", "wait_seconds": 60.0}
    desk.write("acd", *later, *attempt("cb2", 50, 1, "no_answer", agent=""), number=2)
    desk.write("acd", line("CALLBACKEND", 90, callback_id="cb2", **failed), number=3)
    desk.write("acd", line("CALLBACKEND", 90, callback_id="cb3", **cancelled), number=4)
    desk.apply()
    report = callbacks(desk.engine, moment(-100), moment(1000))
    told = {name: column(report, name)[0] for name in report.columns[2:]}
    assert told == {
        "asked": 4,
        "answered": 1,
        "failed": 1,
        "cancelled": 1,
        "open": 1,
        "attempts": 3,
        "service_level_percent": 50.0,
        "wait_mean_seconds": 365.0,
        "wait_p95_seconds": 365.0,
    }
    (attempts,) = report.further
    assert [column(attempts, name)[0] for name in ("answered", "no_answer", "busy", "open")] == [1, 1, 1, 0]
    line_report = daily(desk.engine, moment(-100), moment(1000))
    assert [column(line_report, name)[0] for name in ("offered", "answered", "callback_taken")] == [5, 1, 4]
    assert column(line_report, "abandon_percent") == [0.0]
    assert column(line_report, "service_level_percent") == [100.0]
    history = queue_histories(desk.engine, moment(-100), moment(1000))["orders"]
    assert sum(history.arrivals.values()) == 5


def test_a_report_over_no_callbacks_is_empty(desk: Desk) -> None:
    """No rows, and no table that is missing."""
    desk.apply()
    assert callbacks(desk.engine, moment(0), moment(10)).rows == ()


def test_who_is_asked_by_a_menu_is_a_call_like_any(desk: Desk) -> None:
    """One takes a callback without having waited, one hangs up in the dialogue: the first is to be called, the second
    has left in the menu; a number that is refused is in the journal and in no row."""
    for call_id in ("c1", "c2"):
        desk.write("ivr", call_start(call_id), line("IVREND", 2, call_id=call_id, node="m.call_me", outcome="callback"))
    refused = line("CALLBACKREFUSED", 3, call_id="c2", queue="orders", number="110", cause="denied")
    desk.write("acd", enter_queue("c1", 5, "v1"), taken("v1", 5, "cb1"), refused)
    desk.write("legs", leg("c1", 0, 8), leg("c2", 0, 4))
    desk.apply()
    assert {one.call_id: one.outcome for one in desk.rows(Call)} == {"c1": "callback_taken", "c2": "left_in_menu"}
    assert desk.rows(RejectedRecord) == []


@pytest.mark.parametrize("legs_first", [True, False])
@pytest.mark.parametrize("by_agent", [True, False])
def test_who_hung_up_a_callback_while_nobody_saw_is_known_from_the_legs(
    desk: Desk, legs_first: bool, by_agent: bool
) -> None:
    """The ACD died in the talk and was back at 400 s; it was over at 390 s. A caller whose agent has hung up is led
    on by the dialplan; one who hangs up leaves the agent's channel alone."""
    dialled = leg("cb1-2", 350, 390, channel="PJSIP/1001-2", to="PJSIP/trunk-1", context="callback-agent")
    led_on = leg("cb1-2", 390, 390.5, uniqueid="u", to="", context="survey")
    alone = leg("cb1-2", 390, 390.5, channel="PJSIP/1001-2", to="", context="callback-agent", sequence=2)
    end = line(
        "COMPLETECALLER", 400, visit_id="cb1", agent_id="1001", wait_seconds=370.0, talk_seconds=30.0, recovered=True
    )
    files = [("acd", [*STORY[:-1], end]), ("legs", [dialled]), ("legs", [led_on if by_agent else alone])]
    for file, lines in [*files[1:], files[0]] if legs_first else files:
        desk.write(file, *lines)
        desk.apply()
    called = next(visit for visit in desk.rows(QueueVisit) if visit.visit_id == "cb1")
    assert called.outcome == ("completed_by_agent" if by_agent else "completed_by_caller")
    assert (called.ended_at, called.talk_seconds) == (moment(390), 20.0)
