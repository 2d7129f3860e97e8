"""The reports on the menus: ways, nodes, goals and faults, from the lines that the IVR writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.reports import Report, faults, goals, nodes, paths
from db.schema import IvrStep
from tests.unit.db.story import T0, Desk, call_start, line, moment

START, END = moment(0), moment(3600)
VERSION = "0a1b2c3d4e5f"


def step(call: str, number: int, node: str, kind: str = "say", result: str = "said", **more: Any) -> bytes:
    """The line of a step that lasts two seconds and begins at its number times ten."""
    began = number * 10.0
    told = {"language": "zh", "attempts": 1, "input": "", "no_input": 0, "no_match": 0, "barge_in": False}
    place = {"call_id": call, "step_id": f"{call}:{number}", "menu": "m", "node": node, "kind": kind}
    fields = {**told, "version": VERSION, "task": None, "unplayed": 0, **more}
    return line("IVRSTEP", began + 2, **place, started_at=T0 + began, result=result, **fields)


def end(call: str, at: float, outcome: str) -> bytes:
    return line("IVREND", at, call_id=call, node="m.x", outcome=outcome)


def cells(report: Report, *columns: str) -> list[tuple[object, ...]]:
    """These columns of every row."""
    places = [report.columns.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in report.rows]


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Three calls: one is answered at the second attempt and completes its task; one goes to a person; one leaves."""
    desk.write(
        "ivr",
        *(call_start("a"), step("a", 1, "hello"), step("a", 2, "ask", "menu", "matched", no_input=1, attempts=2)),
        *(step("a", 3, "sort", "switch", "matched"), step("a", 4, "order", "query", "found", task="order")),
        *(step("a", 5, "bye", "hangup", "hung_up"), end("a", 60, "hung_up")),
        *(call_start("b"), step("b", 1, "hello", barge_in=True), step("b", 2, "ask", "menu", "matched", barge_in=True)),
        *(step("b", 4, "order", "query", "failed", task="order"), step("b", 5, "person", "queue", "queue")),
        end("b", 60, "queue"),
        *(call_start("c"), step("c", 1, "hello"), step("c", 2, "ask", "menu", "left_in_menu", no_match=2)),
        *(step("c", 3, "note", "set", "set"), end("c", 32, "left_in_menu")),
    )
    desk.apply()
    return desk


def test_a_step_is_kept_with_all_that_the_line_tells(desk: Desk) -> None:
    """Each field has its column; a line of an earlier version, or of a script, leaves them empty."""
    desk.write("ivr", step("a", 1, "ask", "menu", "matched", no_input=1, no_match=2, barge_in=True, task="t"))
    old = {"menu": "m", "node": "n", "kind": "menu", "language": "zh", "attempts": 1, "input": None, "result": "x"}
    desk.write("ivr", line("IVRSTEP", 90, call_id="a", step_id="a:2", started_at=T0 + 80, **old))
    desk.apply()
    new, before = desk.rows(IvrStep)
    assert (new.version, new.task, new.no_input, new.no_match, new.barge_in, new.unplayed) == (
        *(VERSION, "t", 1, 2, True, 0),
    )
    assert (before.version, before.task, before.no_input, before.barge_in) == (None, None, None, None)


def test_paths_are_counted_with_their_exit(told: Desk) -> None:
    """What nobody notices is no part of a way, nor is what was done after the caller had gone."""
    assert cells(paths(told.engine, START, END), "path", "exit", "calls", "share", "seconds_mean") == [
        ("m.hello > m.ask", "left_in_menu", 1, 33.3, 6.0),
        ("m.hello > m.ask > m.order > m.bye", "hung_up", 1, 33.3, 10.0),
        ("m.hello > m.ask > m.order > m.person", "queue", 1, 33.3, 8.0),
    ]


def test_nodes_tell_who_answered_failed_and_left(told: Desk) -> None:
    """Attempts are counted apart by their kind, and shares are of the steps; who was asked nothing answers nothing."""
    report = nodes(told.engine, START, END)
    counted = {row[0]: row[1:] for row in report.rows}
    assert counted["m.ask"] == (VERSION, "menu", 3, 3, 2, 66.7, 1, 2, 0, 1, 33.3, 33.3, 2.0)
    assert counted["m.hello"] == (VERSION, "say", 3, 3, None, None, 0, 0, 0, 0, 0.0, 33.3, 2.0)


def test_nodes_are_told_by_version(desk: Desk) -> None:
    """After a publication the numbers of before and after stand beside each other."""
    desk.write("ivr", step("a", 1, "ask", "menu", "matched"), step("b", 1, "ask", "menu", "matched", version=None))
    desk.apply()
    assert cells(nodes(desk.engine, START, END), "node", "version", "steps") == [
        ("m.ask", "", 1),
        ("m.ask", VERSION, 1),
    ]


def test_goals_tell_what_came_of_tasks(told: Desk) -> None:
    """Two began, one completed without an agent, one failed and went to a queue; of three calls one was contained."""
    report = goals(told.engine, START, END)
    assert report.rows == (("order", 2, 1, 50.0, 1, 1, 0, 1, 2.0),)
    by_language, calls = report.further
    assert by_language.rows == (("order", "zh", 2, 1, 50.0, 1, 1, 0, 1, 2.0),)
    assert calls.rows == ((3, 2, 1, 33.3),)


def test_a_task_is_as_its_last_step_ended(desk: Desk) -> None:
    """An entry and a lookup of one name are one task: found in the end it is completed, also after a key for again."""
    entry = {"kind": "collect", "task": "order"}
    desk.write(
        "ivr", step("a", 1, "number", result="repeat", **entry), step("a", 2, "number", result="matched", **entry)
    )
    desk.write(
        "ivr", step("b", 1, "number", result="matched", **entry), step("b", 2, "number", result="person", **entry)
    )
    desk.apply()
    assert cells(goals(desk.engine, START, END), "task", "started", "completed") == [("order", 2, 1)]


def test_faults_are_counted_with_a_call_to_look_at(told: Desk) -> None:
    """The most frequent first, each with the last call in which it was; a sound that was not played is one as well."""
    told.write("ivr", step("d", 7, "order", "query", "failed", unplayed=2), end("d", 80, "hung_up"))
    told.apply()
    assert cells(faults(told.engine, START, END), "node", "fault", "steps", "calls", "sample_call") == [
        ("m.order", "failed", 2, 2, "d"),
        ("m.order", "not_played", 1, 1, "d"),
    ]


@pytest.mark.parametrize("report", [paths, nodes, goals, faults])
def test_another_span_has_nothing(told: Desk, report: Any) -> None:
    """What began before the span is of another report."""
    assert report(told.engine, END, END + timedelta(days=1)).rows == ()
