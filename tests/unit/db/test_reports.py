"""Reports: the numbers of a small day that can be counted by hand, on each database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from db.last_agents import last_agents
from db.reports import Report, agents, calls, daily, steps
from db.reports.report import mean, percent, percentile
from tests.unit.db.story import T0, Desk, answered, call_start, enter_queue, leg, line, moment

SHANGHAI = timezone(timedelta(hours=8), "CST")
DAY = (moment(0), moment(86_400))


def column(report: Report, name: str) -> list[Any]:
    """The cells of one column."""
    return [row[report.columns.index(name)] for row in report.rows]


def abandon(call: str, at: float, wait: float, stage: str = "waiting") -> list[bytes]:
    """The ACD's lines of a visit whose caller gives up."""
    end = line("ABANDON", at + wait, visit_id=f"v-{call}", stage=stage, wait_seconds=wait, recovered=False)
    return [enter_queue(call, at), end]


def state(agent: str, at: float, name: str) -> bytes:
    """An AGENTSTATE line."""
    return line("AGENTSTATE", at, agent_id=agent, state=name, reason=None, previous="x")


@pytest.fixture
def day(desk: Desk) -> Desk:
    """Two answered calls (60 and 120 s, the first with 10 s of wrap-up), four other ends, one that goes on."""
    desk.write("acd", state("1001", 0, "ready"), *answered("a", 100, 60)[:-1], state("1001", 105, "on_call"))
    desk.write("acd", answered("a", 100, 60)[-1], state("1001", 165, "wrap_up"), state("1001", 175, "ready"))
    desk.write("acd", *answered("b", 200, 120), state("1001", 400, "logged_off"))
    desk.write("acd", *abandon("c", 300, 3), *abandon("d", 310, 30, "ringing"))
    desk.write("acd", enter_queue("e", 320), line("EXITWITHTIMEOUT", 380, visit_id="v-e", wait_seconds=60, cause="max"))
    desk.write("acd", enter_queue("f", 330), line("SYSTEMERROR", 331, visit_id="v-f", wait_seconds=1, cause="bug"))
    desk.write("acd", enter_queue("g", 86_000), line("OFFER", 86_001, visit_id="v-g", offer_id="o-g", agent_id="1002"))
    ringing = {"visit_id": "v-d", "offer_id": "o-d", "agent_id": "1001"}
    desk.write("acd", line("OFFER", 330, **ringing))
    desk.write("acd", line("OFFEREND", 340, outcome="cancel_caller", ring_seconds=10, **ringing))
    beaten = {"visit_id": "v-b", "offer_id": "o-b2", "agent_id": "1001"}
    desk.write("acd", line("OFFER", 201, **beaten))
    desk.write("acd", line("OFFEREND", 205, outcome="cancel_other_won", ring_seconds=4, **beaten))
    desk.write("ivr-1", call_start("a", 90), call_start("menu", 50), call_start("served", 60), call_start("open", 70))
    step = {"menu": "main", "kind": "menu", "language": "zh", "attempts": 1, "input": "2", "result": "person"}
    for number, node in enumerate(("welcome", "main")):
        desk.write(
            "ivr-1",
            line("IVRSTEP", 92, call_id="a", step_id=f"s{number}", node=node, started_at=T0 + 90 + number, **step),
        )
    desk.write("ivr-1", line("IVREND", 55, call_id="menu", node="main.main", outcome="left_in_menu"))
    desk.write("ivr-1", line("IVREND", 66, call_id="served", node="main.bye", outcome="hung_up"))
    desk.write("legs", leg("a", 90, 166), leg("menu", 50, 55), leg("served", 60, 66))
    desk.apply()
    return desk


def test_the_daily_report_counts_every_visit_once(day: Desk) -> None:
    """offered = answered + abandoned + timed out + failed + open, and the averages are those counted by hand."""
    report = daily(day.engine, *DAY)
    assert dict(zip(report.columns, report.rows[0], strict=True)) == {
        "day": "2026-01-01",
        "queue": "orders",
        "offered": 7,
        "transferred_in": 0,
        "transferred_out": 0,
        "answered": 2,
        "abandoned_waiting": 1,
        "abandoned_ringing": 1,
        "timed_out": 1,
        "turned_away": 0,
        "moved_on": 0,
        "callback_taken": 0,
        "failed": 1,
        "open": 1,
        "service_level_percent": 66.7,  # 2 / (2 + the one who left after 30 s)
        "abandon_percent": 28.6,
        "asa_seconds": 5.0,
        "wait_p50_seconds": 5.0,
        "wait_p95_seconds": 5.0,
        "wait_max_seconds": 60.0,
        "talk_mean_seconds": 90.0,
        "hold_mean_seconds": 0.0,
        "aht_seconds": 95.0,
    }


def test_the_menus_stand_beside_the_queues(day: Desk) -> None:
    """Each call is in a queue, self-served, left in a menu, lost or open."""
    menus, _ = daily(day.engine, *DAY).further
    assert dict(zip(menus.columns, menus.rows[0], strict=True)) == {
        "day": "2026-01-01",
        "calls": 10,
        "to_queue": 7,
        "self_served": 1,
        "left_in_menu": 1,
        "switch_lost": 0,
        "open": 1,
        "self_served_percent": 11.1,
    }


def test_the_service_level_is_formula_4_of_the_published_vector(desk: Desk) -> None:
    """answered 1000 with 860 in time, abandoned 60 with 20 in time: 860 / 1040 = 82.7 %; scaled down by 20."""
    lines, number = [], 0
    for count, wait, ends in [(43, 5, "answer"), (7, 30, "answer"), (1, 5, "leave"), (2, 30, "leave")]:
        for _ in range(count):
            number += 1
            visit = {"visit_id": f"v-{number}", "wait_seconds": wait}
            answer = line("CONNECT", number + wait, offer_id=f"o{number}", agent_id="1", ring_seconds=1, **visit)
            leave = line("ABANDON", number + wait, stage="waiting", recovered=False, **visit)
            lines += [enter_queue(str(number), number), answer if ends == "answer" else leave]
    desk.write("acd", *lines)
    desk.apply()
    assert column(daily(desk.engine, *DAY), "service_level_percent") == [round(100 * 43 / 52, 1)] == [82.7]
    assert column(daily(desk.engine, *DAY, service_seconds=30), "service_level_percent") == [100.0]


def test_intervals_are_half_open_and_days_are_those_of_the_zone(desk: Desk) -> None:
    """What arrives at the very end belongs to the next report; 17:00 UTC is the next day in Shanghai."""
    desk.write("acd", enter_queue("a", 0), enter_queue("b", 17 * 3600), enter_queue("c", 86_400))
    desk.apply()
    assert column(daily(desk.engine, *DAY), "offered") == [2]
    report = daily(desk.engine, *DAY, tz=SHANGHAI)
    assert list(zip(column(report, "day"), column(report, "offered"), strict=True)) == [
        ("2026-01-01", 1),
        ("2026-01-02", 1),
    ]
    assert report.title == "Queues from 2026-01-01 08:00 to before 2026-01-02 08:00 CST"


def test_the_calls_report_has_a_row_for_every_call(day: Desk) -> None:
    """Times in the zone asked for, the way through the menu, queue, wait, agent, talk and outcome."""
    report = calls(day.engine, *DAY, tz=SHANGHAI)
    assert column(report, "call_id") == ["menu", "served", "open", "a", "b", "c", "d", "e", "f", "g"]
    answered_call = dict(zip(report.columns, report.rows[3], strict=True))
    assert answered_call == {
        "started_at": datetime(2026, 1, 1, 8, 1, 30, tzinfo=SHANGHAI),
        "caller_number": "13800000000",
        "called_number": "400",
        "language": "zh",
        "ivr_path": "main.welcome > main.main",
        "queue": "orders",
        "wait_seconds": 5.0,
        "agent_id": "1001",
        "talk_seconds": 60.0,
        "hold_seconds": 0.0,
        "transferred_to": "",
        "outcome": "completed_by_caller",
        "ended_at": datetime(2026, 1, 1, 8, 2, 46, tzinfo=SHANGHAI),
        "call_id": "a",
    }
    assert column(report, "outcome")[:3] == ["left_in_menu", "self_served", "open"]


def test_the_agents_report_divides_their_time(day: Desk) -> None:
    """States sum up to the time logged on; offers are counted by how they ended; neither a caller's hang-up nor
    another agent's answer is their fault."""
    report = agents(day.engine, *DAY, now=moment(86_100))
    assert dict(zip(report.columns, report.rows[0], strict=True)) == {
        "agent_id": "1001",
        "logged_seconds": 400.0,
        "ready_seconds": 330.0,
        "offered_seconds": 0.0,
        "on_call_seconds": 60.0,
        "wrap_up_seconds": 10.0,
        "external_seconds": 0.0,
        "not_ready_seconds": 0.0,
        "occupancy_percent": 17.5,
        "offers": 4,
        "answered": 2,
        "rna": 0,
        "reject": 0,
        "answer_percent": 100.0,
        "ring_mean_seconds": 3.0,
        "connect_mean_seconds": None,
        "talk_seconds": 180.0,
        "dispositions": 0,
    }
    assert report.rows[1][:2] == ("1002", 0)
    assert column(report, "offers") == [4, 1]


def test_agents_time_is_cut_at_the_edges_and_at_now(desk: Desk) -> None:
    """An interval that began before counts from the start, one that lasts counts up to now, never into the future."""
    desk.write("acd", state("1001", -100, "ready"), state("1002", 50, "not_ready"))
    desk.apply()
    assert column(agents(desk.engine, *DAY, now=moment(80)), "logged_seconds") == [80.0, 30.0]
    assert column(agents(desk.engine, moment(60), moment(70), now=moment(80)), "logged_seconds") == [10.0, 10.0]


def test_calls_of_their_own_and_dispositions_are_counted(desk: Desk) -> None:
    """External time is in the time logged on and not in the occupancy; a replaced disposition is still one."""
    desk.write("acd", state("1001", 0, "external"), state("1001", 30, "ready"), state("1001", 50, "on_call"))
    for at, visit_id, code in ((60, "a", "sold"), (61, "a", "refund"), (70, "b", "sold")):
        desk.write("acd", line("DISPOSITION", at, visit_id=visit_id, agent_id="1001", code=code))
    desk.apply()
    report = agents(desk.engine, *DAY, now=moment(80))
    told = dict(zip(report.columns, report.rows[0], strict=True))
    assert (told["logged_seconds"], told["external_seconds"], told["dispositions"]) == (80.0, 30.0, 2)
    assert told["occupancy_percent"] == 60.0


def test_reports_over_nothing_are_empty(desk: Desk) -> None:
    """No rows, no division by zero."""
    assert daily(desk.engine, *DAY).rows == calls(desk.engine, *DAY).rows == agents(desk.engine, *DAY).rows == ()


def test_every_column_that_measures_is_defined(desk: Desk) -> None:
    """Each column name is explained, or is a plain name of something."""
    plain = {"queue", "agent_id", "caller_number", "called_number", "call_id", "day", "answered", "reject"}
    plain |= {"ready_seconds", "wrap_up_seconds", "not_ready_seconds"}
    for report in (
        queues := daily(desk.engine, *DAY),
        *queues.further,
        calls(desk.engine, *DAY),
        agents(desk.engine, *DAY),
    ):
        words = " ".join(report.definitions)
        assert [name for name in report.columns if name not in words and name not in plain] == []


def test_the_last_agent_of_each_caller(desk: Desk) -> None:
    """The latest talk counts; older ones than `since` and callers without a number do not."""
    desk.write("acd", *answered("a", 100, 60, "1001"), *answered("b", 300, 60, "1002"))
    hidden = {"visit_id": "v-x", "offer_id": "o-x", "agent_id": "1003"}
    desk.write("acd", line("ENTERQUEUE", 1, visit_id="v-x", call_id="x", queue="orders", caller_number=""))
    desk.write("acd", line("CONNECT", 500, wait_seconds=1, ring_seconds=1, **hidden))
    desk.apply()
    assert last_agents(desk.engine, moment(0)) == {"13800000000": ("1002", moment(305))}
    assert last_agents(desk.engine, moment(400)) == {}


def test_arithmetic_over_nothing_and_little() -> None:
    """Averages of nothing are None; a percentile is one of the values."""
    assert (percent(1, 0), mean([]), percentile([], 0.5)) == (None, None, None)
    values = [float(value) for value in range(1, 11)]
    assert [percentile(values, share) for share in (0.5, 0.8, 0.95, 1.0)] == [5.0, 8.0, 10.0, 10.0]


def test_steps_tell_how_far_requirements_were_relaxed(desk: Desk) -> None:
    """Two callers served, one at the first step by the second tier after 15 s; an offer before it rang out."""

    def offer(call: str, at: float, outcome: str, **told: Any) -> list[bytes]:
        known = {"visit_id": f"v-{call}", "offer_id": f"o-{call}-{at}", "agent_id": "1001"}
        end = line("OFFEREND", at + 3, outcome=outcome, ring_seconds=3.0, **known)
        return [line("OFFER", at, **known, **told), end]

    desk.write("acd", *answered("a", 100, 60), enter_queue("b", 200), *offer("b", 202, "rna", step=0, tier=0))
    desk.write("acd", *offer("b", 212, "answered", step=1, tier=1))
    won = {"visit_id": "v-b", "offer_id": "o-b-212", "agent_id": "1001"}
    desk.write("acd", line("CONNECT", 215, wait_seconds=15.0, ring_seconds=3.0, **won))
    desk.apply()
    report = steps(desk.engine, *DAY)
    assert report.rows == (
        ("orders", None, None, 1, 1, 50.0, 5.0, 5.0),
        ("orders", 0, 1, 1, 0, 0.0, None, None),
        ("orders", 1, 2, 1, 1, 50.0, 15.0, 15.0),
    )
    assert steps(desk.engine, moment(500), moment(86_400)).rows == ()
