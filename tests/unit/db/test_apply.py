"""What becomes of each verb, in whatever order the files are read."""

from __future__ import annotations

import itertools

import pytest

from db.schema import (
    AgentInterval,
    AgentStay,
    Call,
    Disposition,
    IvrStep,
    Leg,
    Offer,
    QueueVisit,
    RejectedRecord,
    SwitchRun,
)
from tests.unit.db.story import T0, Desk, answered, call_start, enter_queue, leg, line, moment


def test_an_answered_call_is_told_by_three_files(desk: Desk) -> None:
    """Call, visit, offer and leg carry what the IVR, the ACD and Asterisk wrote."""
    desk.write("ivr-1", call_start("c1"), line("IVREND", 9, call_id="c1", node="main.person", outcome="queue"))
    desk.write("acd", *answered("c1", 10.25, 60))
    desk.write("legs", leg("c1", 0, 76))
    assert desk.apply() == 8
    call, visit, offer = desk.row(Call), desk.row(QueueVisit), desk.row(Offer)
    assert (call.started_at, call.ended_at, call.outcome) == (moment(0), moment(76), "completed_by_caller")
    assert (visit.queue, visit.requirement, visit.agent_id) == ("orders", "mandarin >= 3", "1001")
    assert (visit.arrived_at, visit.connected_at, visit.ended_at) == (moment(10.25), moment(15.25), moment(75.25))
    assert (visit.wait_seconds, visit.ring_seconds, visit.talk_seconds) == (5.0, 3.0, 60.0)
    assert (offer.created_at, offer.ended_at, offer.outcome) == (moment(12.25), moment(15.25), "answered")
    assert desk.row(Leg).last_data == "agi://127.0.0.1/hold,with,commas"


def test_the_order_of_the_files_does_not_matter(desk: Desk) -> None:
    """ACD before IVR, legs before both: the rows are those of the natural order."""
    files = {
        "ivr-1": [call_start("c1"), line("LANGUAGE", 1, call_id="c1", language="en")],
        "ivr-2": [line("IVREND", 9, call_id="c1", node="main.person", outcome="queue")],
        "acd": answered("c1", 10, 60),
        "legs": [leg("c1", 0, 76)],
    }
    dumps = set()
    for order in itertools.permutations(files):
        for name in order:
            lines = [content.replace(b"c1", f"c-{'-'.join(order)}".encode()) for content in files[name]]
            desk.write(name, *lines)
            desk.apply()
    for call, visit in zip(desk.rows(Call), desk.rows(QueueVisit), strict=True):
        dumps.add((call.started_at, call.ended_at, call.outcome, call.language, call.channel, visit.outcome))
    assert dumps == {(moment(0), moment(76), "completed_by_caller", "en", "PJSIP/trunk-1", "completed_by_caller")}


def test_a_second_call_start_tells_nothing_new(desk: Desk) -> None:
    """A restarted IVR tells the call again: the first beginning and the chosen language stand."""
    desk.write("ivr-1", call_start("c1"), line("LANGUAGE", 2, call_id="c1", language="en"), call_start("c1", 30))
    desk.apply()
    call = desk.row(Call)
    assert (call.started_at, call.language) == (moment(0), "en")


@pytest.mark.parametrize(
    ("ivr", "outcome"),
    [
        ("hung_up", "self_served"),
        ("script", "self_served"),
        ("left_in_menu", "left_in_menu"),
        ("switch_lost", "switch_lost"),
        ("queue", "abandoned_waiting"),  # the ACD was away: no visit ever began
    ],
)
def test_outcome_of_a_call_without_a_visit(desk: Desk, ivr: str, outcome: str) -> None:
    """The IVR's last word decides, once the caller's channel is gone."""
    desk.write("ivr-1", call_start("c1"), line("IVREND", 9, call_id="c1", node="main.x", outcome=ivr))
    desk.apply()
    assert desk.row(Call).outcome is None
    desk.write("legs", leg("c1", 0, 9))
    desk.apply()
    assert desk.row(Call).outcome == outcome


def test_a_caller_who_leaves_after_a_finished_script_was_served(desk: Desk) -> None:
    """Who got what they rang for and hangs up in the menu behind it did not give up."""
    step = {"menu": "main", "node": "status", "kind": "script", "language": "zh", "attempts": 1, "input": None}
    desk.write("ivr-1", call_start("c1"))
    desk.write("ivr-1", line("IVRSTEP", 8, call_id="c1", step_id="s1", started_at=T0 + 2, result="done", **step))
    desk.write("ivr-1", line("IVREND", 9, call_id="c1", node="main.main", outcome="left_in_menu"))
    desk.write("legs", leg("c1", 0, 9))
    desk.apply()
    assert desk.row(Call).outcome == "self_served"
    assert (desk.row(IvrStep).started_at, desk.row(IvrStep).ended_at) == (moment(2), moment(8))


@pytest.mark.parametrize(("kind", "outcome"), [("script", "self_served"), ("menu", "left_in_menu")])
def test_a_step_that_is_read_after_the_calls_end(desk: Desk, kind: str, outcome: str) -> None:
    """A finished script's changes how the call went, and a menu's does not; both are recorded."""
    desk.write("ivr-1", call_start("c1"), line("IVREND", 9, call_id="c1", node="main.main", outcome="left_in_menu"))
    desk.write("legs", leg("c1", 0, 9))
    desk.apply()
    step = {"menu": "main", "node": "status", "kind": kind, "language": "zh", "attempts": 1, "input": None}
    desk.write("ivr-1", line("IVRSTEP", 8, call_id="c1", step_id="s1", started_at=T0 + 2, result="done", **step))
    desk.apply()
    assert desk.row(Call).outcome == outcome
    assert desk.row(IvrStep).kind == kind


def test_the_last_visit_decides_the_outcome(desk: Desk) -> None:
    """A caller who timed out in one queue and left the next abandoned."""
    desk.write("acd", enter_queue("c1", 5), line("EXITWITHTIMEOUT", 35, visit_id="v-c1", wait_seconds=30, cause=None))
    desk.write("acd", enter_queue("c1", 36, "v2"))
    desk.write("acd", line("ABANDON", 40, visit_id="v2", stage="ringing", wait_seconds=4, recovered=False))
    desk.write("legs", leg("c1", 0, 40))
    desk.apply()
    assert desk.row(Call).outcome == "abandoned_ringing"
    outcomes = {visit.visit_id: visit.outcome for visit in desk.rows(QueueVisit)}
    assert outcomes == {"v-c1": "timed_out", "v2": "abandoned_ringing"}


@pytest.mark.parametrize(
    ("verb", "outcome"),
    [
        ("EXITWITHTIMEOUT", "timed_out"),
        ("EXITEMPTY", "no_agents"),
        ("EXITCLOSED", "closed"),
        ("SYSTEMERROR", "system_error"),
    ],
)
def test_other_ends_of_a_visit(desk: Desk, verb: str, outcome: str) -> None:
    """Each exit verb has its outcome, keeps its cause, and comes too late after the first end."""
    desk.write("acd", enter_queue("c1", 5), line(verb, 35, visit_id="v-c1", wait_seconds=30, cause="why"))
    desk.write("acd", line("ABANDON", 36, visit_id="v-c1", stage="waiting", wait_seconds=31, recovered=False))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.outcome, visit.cause, visit.ended_at, visit.wait_seconds) == (outcome, "why", moment(35), 30.0)


def test_a_visit_whose_beginning_was_lost_is_still_counted(desk: Desk) -> None:
    """CONNECT and COMPLETEAGENT alone make a visit with the times that follow from their durations."""
    complete = {"agent_id": "1001", "wait_seconds": 5, "talk_seconds": 60, "recovered": False}
    desk.write("acd", line("COMPLETEAGENT", 65, visit_id="v1", **complete))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.arrived_at, visit.connected_at, visit.outcome) == (moment(0), moment(5), "completed_by_agent")


@pytest.mark.parametrize("legs_first", [True, False])
def test_a_recovered_end_is_corrected_from_the_legs(desk: Desk, legs_first: bool) -> None:
    """The ACD was away and learned of the end at 90 s; Asterisk's leg says 76 s."""
    complete = {"agent_id": "1001", "wait_seconds": 5, "talk_seconds": 75, "recovered": True}
    recovered = [*answered("c1", 10, 60)[:-1], line("COMPLETECALLER", 90, visit_id="v-c1", **complete)]
    if legs_first:
        desk.write("legs", leg("c1", 0, 12), leg("c1", 12, 76, sequence=2))
        desk.apply()
    desk.write("ivr-1", call_start("c1"))
    desk.write("acd", *recovered)
    desk.apply()
    desk.write("legs", *([] if legs_first else [leg("c1", 0, 12), leg("c1", 12, 76, sequence=2)]))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.ended_at, visit.talk_seconds, visit.recovered) == (moment(76), 61.0, True)


@pytest.mark.parametrize("legs_first", [True, False])
@pytest.mark.parametrize(
    ("who_hung_up", "outcome"), [("caller", "completed_by_caller"), ("agent", "completed_by_agent")]
)
def test_a_talk_that_nobody_saw_is_no_abandon(desk: Desk, who_hung_up: str, outcome: str, legs_first: bool) -> None:
    """Answered and ended while the ACD was away: the legs tell of the talk and, by what the caller's channel did next,
    who hung up; the ACD could only tell that the caller was gone."""
    legs = [leg("c1", 0, 40)]
    legs += [leg("c1", 40, 41, sequence=2)] if who_hung_up == "agent" else []
    offer = {"offer_id": "o-c1", "visit_id": "v-c1", "agent_id": "1001"}
    told = [enter_queue("c1", 5), line("OFFER", 8, **offer)]
    told += [line("OFFEREND", 60, outcome="cancel_caller", ring_seconds=52, **offer)]
    told += [line("ABANDON", 60, visit_id="v-c1", stage="ringing", wait_seconds=55, recovered=True)]
    for name, lines in (("legs", legs), ("acd", told)) if legs_first else (("acd", told), ("legs", legs)):
        desk.write(name, *lines)
        desk.apply()
    visit, ring = desk.row(QueueVisit), desk.row(Offer)
    assert (visit.outcome, visit.agent_id, visit.offer_id, visit.recovered) == (outcome, "1001", "o-c1", True)
    assert (visit.connected_at, visit.ended_at, visit.talk_seconds) == (moment(8), moment(40), 32.0)
    assert (ring.outcome, desk.row(Call).outcome) == ("answered", outcome)


def test_a_talk_that_nobody_saw_is_one_agents(desk: Desk) -> None:
    """Three rang at once while the ACD died, one of them answered: the legs tell which; the others were not first."""
    told = [enter_queue("c1", 5)]
    rung = ("1000", "1001", "1002")
    offers = [{"offer_id": f"o{agent_id}", "visit_id": "v-c1", "agent_id": agent_id} for agent_id in rung]
    told += [line("OFFER", 8, **offer) for offer in offers]
    told += [line("OFFEREND", 60, outcome="cancel_caller", ring_seconds=52, **offer) for offer in offers]
    told += [line("ABANDON", 60, visit_id="v-c1", stage="ringing", wait_seconds=55, recovered=True)]
    desk.write("acd", *told)
    desk.write("legs", leg("c1", 0, 40))  # to 1001
    desk.apply()
    assert desk.row(QueueVisit).agent_id == "1001"
    outcomes = {offer.agent_id: offer.outcome for offer in desk.rows(Offer)}
    assert outcomes == {"1000": "cancel_other_won", "1001": "answered", "1002": "cancel_other_won"}


def test_a_phone_that_rang_in_vain_while_nobody_saw_is_an_abandon(desk: Desk) -> None:
    """The same without an answer: Asterisk's disposition tells the two apart."""
    offer = {"offer_id": "o-c1", "visit_id": "v-c1", "agent_id": "1001"}
    desk.write("acd", enter_queue("c1", 5), line("OFFER", 8, **offer))
    desk.write("acd", line("OFFEREND", 60, outcome="cancel_caller", ring_seconds=52, **offer))
    desk.write("acd", line("ABANDON", 60, visit_id="v-c1", stage="ringing", wait_seconds=55, recovered=True))
    desk.write("legs", leg("c1", 0, 40, disposition="NO ANSWER"))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.outcome, visit.ended_at, visit.wait_seconds) == ("abandoned_ringing", moment(40), 35.0)


@pytest.mark.parametrize("legs_first", [True, False])
def test_a_caller_whom_no_ivr_met_has_a_call(desk: Desk, legs_first: bool) -> None:
    """Came and went while the IVR was away: the leg alone tells of the call; where the IVR tells of it too, its words
    stand."""
    desk.write("legs", leg("c1", 0, 3))
    desk.apply()
    call = desk.row(Call)
    assert (call.caller_number, call.started_at, call.ended_at) == ("13800000000", moment(0), moment(3))
    assert call.outcome == "left_in_menu"
    for name, told in (("legs", leg("c2", 20, 29)), ("ivr-1", call_start("c2", 21, "139")))[:: 1 if legs_first else -1]:
        desk.write(name, told)
        desk.apply()
    met = next(call for call in desk.rows(Call) if call.call_id == "c2")
    assert (met.caller_number, met.started_at, met.called_number) == ("139", moment(21), "400")


def test_who_leaves_after_a_ringing_in_vain_was_there_until_then(desk: Desk) -> None:
    """Asterisk's last CDR ends with the Dial that failed at 20 s, the caller waited on until 33 s: so did the call."""
    desk.write("ivr-1", call_start("c1"))
    desk.write("acd", enter_queue("c1", 5), line("ABANDON", 33, visit_id="v-c1", stage="waiting", wait_seconds=28))
    desk.write("legs", leg("c1", 0, 20, disposition="BUSY"))
    desk.apply()
    assert (desk.row(Call).outcome, desk.row(Call).ended_at) == ("abandoned_waiting", moment(33))


def test_an_agents_leg_alone_makes_no_call(desk: Desk) -> None:
    """An agent's feature code has legs and is no caller's call; the same leg twice is one."""
    agents = [leg("f1", 0, 3, channel="PJSIP/1001-00000001")] * 2
    desk.write("legs", *agents)
    assert desk.apply() == 2
    assert desk.rows(Call) == []
    assert len(desk.rows(Leg)) == 1


def test_an_agents_states_follow_each_other_without_gaps(desk: Desk) -> None:
    """Each AGENTSTATE closes the open interval at its own time; logging off opens none."""
    for at, state, reason in [
        (0, "not_ready", "log_in"),
        (5, "ready", None),
        (9, "on_call", None),
        (20, "logged_off", None),
    ]:
        desk.write("acd", line("AGENTSTATE", at, agent_id="1001", state=state, reason=reason, previous="x"))
    desk.write("acd", line("AGENTSTATE", 3, agent_id="1002", state="ready", reason=None, previous="x"))
    desk.apply()
    found = [(row.agent_id, row.state, row.reason, row.started_at, row.ended_at) for row in desk.rows(AgentInterval)]
    assert found == [
        ("1001", "not_ready", "log_in", moment(0), moment(5)),
        ("1001", "ready", None, moment(5), moment(9)),
        ("1001", "on_call", None, moment(9), moment(20)),
        ("1002", "ready", None, moment(3), None),
    ]


def test_an_agents_stay_at_their_phones_is_a_row(desk: Desk) -> None:
    """A log-in opens a stay, a move to another phone the next one, logging off closes; other states leave it be."""
    told = [
        (0, "not_ready", ["1001", "2001"]),
        (5, "ready", None),
        (9, "not_ready", ["2002"]),
        (20, "logged_off", None),
    ]
    for at, state, phones in told:
        more = {} if phones is None else {"phones": phones}
        desk.write("acd", line("AGENTSTATE", at, agent_id="1001", state=state, reason="", previous="x", **more))
    desk.apply()
    assert [(row.phones, row.started_at, row.ended_at) for row in desk.rows(AgentStay)] == [
        (["1001", "2001"], moment(0), moment(9)),
        (["2002"], moment(9), moment(20)),
    ]


def test_the_last_disposition_of_a_visit_stands(desk: Desk) -> None:
    """A code replaces the one before it by its time, and another agent's stands beside it."""
    for at, agent_id, code in ((5, "1001", "sold"), (9, "1001", "refund"), (7, "1001", "sold"), (8, "1002", "sold")):
        desk.write("acd", line("DISPOSITION", at, visit_id="v", agent_id=agent_id, code=code))
    desk.apply()
    found = {(row.visit_id, row.agent_id): (row.code, row.given_at) for row in desk.rows(Disposition)}
    assert found == {("v", "1001"): ("refund", moment(9)), ("v", "1002"): ("sold", moment(8))}


def test_a_new_life_of_asterisk_closes_what_the_old_one_left(desk: Desk) -> None:
    """Calls, visits and offers of before end as switch_lost when the link went; agents' time and the new life go on."""
    desk.write("acd", line("SWITCHSTART", 0, started_at=T0 - 100))
    desk.write("ivr-1", call_start("menu", 1), call_start("wait", 2), call_start("talk", 3))
    desk.write("acd", enter_queue("wait", 10), line("OFFER", 12, visit_id="v-wait", offer_id="o1", agent_id="1001"))
    desk.write(
        "acd", *answered("talk", 10, 60)[:-1], line("AGENTSTATE", 1, agent_id="1001", state="ready", reason=None)
    )
    desk.write("acd", line("SWITCHLOST", 50), line("SWITCHSTART", 53, started_at=T0 + 51))
    desk.write("ivr-1", call_start("new", 55))
    desk.apply()
    assert {call.call_id: (call.outcome, call.ended_at) for call in desk.rows(Call)} == {
        "menu": ("switch_lost", moment(50)),
        "wait": ("switch_lost", moment(50)),
        "talk": ("switch_lost", moment(50)),
        "new": (None, None),
    }
    visits = {visit.visit_id: visit for visit in desk.rows(QueueVisit)}
    assert (visits["v-wait"].outcome, visits["v-wait"].wait_seconds) == ("switch_lost", 40.0)
    assert (visits["v-talk"].outcome, visits["v-talk"].talk_seconds) == ("switch_lost", 35.0)
    assert {offer.offer_id: offer.outcome for offer in desk.rows(Offer)} == {"o1": "switch_lost", "o-talk": "answered"}
    assert desk.row(AgentInterval).ended_at is None


def test_a_call_of_the_old_life_that_is_read_late_is_closed_too(desk: Desk) -> None:
    """SWITCHSTART is applied first, the IVR's journal after it: the old call does not stay open for ever."""
    desk.write("acd", line("SWITCHSTART", 0, started_at=T0 - 100))
    desk.write("acd", line("SWITCHLOST", 50), line("SWITCHSTART", 53, started_at=T0 + 51))
    desk.apply()
    desk.write("ivr-1", call_start("old", 1))
    desk.apply()
    assert (desk.row(Call).outcome, desk.row(Call).ended_at) == ("switch_lost", moment(50))


def test_a_lost_link_to_a_living_asterisk_closes_nothing(desk: Desk) -> None:
    """The same start seen again: calls went on, and the loss of the link is forgotten."""
    desk.write("acd", line("SWITCHSTART", 0, started_at=T0 - 100), enter_queue("c1", 10))
    desk.write("acd", line("SWITCHLOST", 20), line("SWITCHSTART", 21, started_at=T0 - 100))
    desk.apply()
    assert desk.row(QueueVisit).ended_at is None
    assert desk.row(SwitchRun).lost_at is None


def test_a_call_in_the_second_of_the_restart_belongs_to_the_old_life(desk: Desk) -> None:
    """Asterisk tells its start in whole seconds: what began in that second, before the link was lost, is lost."""
    desk.write("acd", line("SWITCHSTART", 0, started_at=T0 - 100), enter_queue("c1", 50.2))
    desk.write("acd", line("SWITCHLOST", 50.4), line("SWITCHSTART", 53, started_at=T0 + 50))
    desk.apply()
    assert (desk.row(QueueVisit).outcome, desk.row(QueueVisit).ended_at) == ("switch_lost", moment(50.4))


@pytest.mark.parametrize("start_first", [True, False])
@pytest.mark.parametrize("serving", ["acd", "ivr-1"])
def test_a_call_lost_in_the_second_of_the_restart_does_not_stay_open(
    desk: Desk, serving: str, start_first: bool
) -> None:
    """The ACD died with Asterisk, so nobody saw the link go: a call of that second is lost if its own facts say so, and
    lives on if they do not."""
    told = {
        "acd": [
            enter_queue("old", 50.3),
            line("SYSTEMERROR", 53, visit_id="v-old", wait_seconds=1, cause="switch_lost"),
        ],
        "ivr-1": [line("IVREND", 50.4, call_id="old", node="main.welcome", outcome="switch_lost")],
    }
    facts = [
        ("ivr-1", [call_start("old", 50.2), call_start("new", 50.9)]),
        (serving, told[serving]),
    ]
    restart = [("acd", [line("SWITCHSTART", 53, started_at=T0 + 50)])]
    desk.write("acd", line("SWITCHSTART", 0, started_at=T0 - 100))
    for journal, lines in restart + facts if start_first else facts + restart:
        desk.write(journal, *lines)
        desk.apply()
    calls = {call.call_id: (call.outcome, call.ended_at) for call in desk.rows(Call)}
    assert calls == {"old": ("switch_lost", moment(50.2)), "new": (None, None)}


BAD_LINES = {
    b"{not json\n": "not JSON",
    b"[1, 2]\n": "not a JSON object",
    b'{"at": 1767225600}\n': "unknown verb None",
    b'{"at": 1767225600, "verb": ["OFFER"]}\n': "unknown verb",
    line("NOSUCH", 0): "unknown verb 'NOSUCH'",
    b'{"verb": "SWITCHLOST"}\n': "at: missing",
    b'{"verb": "SWITCHLOST", "at": 1767225600000}\n': "at: expected epoch seconds, found 1767225600000",
    b'{"verb": "SWITCHLOST", "at": NaN}\n': "at: expected epoch seconds, found nan",
    b'{"verb": "SWITCHLOST", "at": ' + b"9" * 400 + b"}\n": "at: expected epoch seconds",
    line("OFFER", 0, offer_id="o1", visit_id="v1"): "agent_id: missing",
    line("OFFER", 0, offer_id="", visit_id="v1", agent_id="1"): "offer_id: expected an id, found ''",
    line("OFFER", 0, offer_id=7, visit_id="v1", agent_id="1"): "offer_id: expected text, found 7",
    line("ABANDON", 0, visit_id="v1", stage="sleeping", wait_seconds=1): "stage: expected one of ringing waiting",
    line(
        "ABANDON", 0, visit_id="v1", stage="waiting", wait_seconds=-1
    ): "wait_seconds: expected seconds >= 0, found -1",
    line("ENTERQUEUE", 0, visit_id="v", call_id="c", queue="q", priority=2**40): "priority: expected a whole number",
    line("ENTERQUEUE", 0, visit_id="v", call_id="c", queue="q", requirement=[3]): "requirement: expected text",
    b"\xff\xfe\n": "not JSON",
    b"\n": "not JSON",
}


def test_lines_that_are_none_are_kept_with_their_reason(desk: Desk) -> None:
    """Each broken line lands in rejected_records with file, offset and reason, and the good line behind it counts."""
    desk.write("acd", *BAD_LINES, enter_queue("good", 5))
    assert desk.apply() == len(BAD_LINES) + 1
    assert desk.row(QueueVisit).visit_id == "v-good"
    offset = 0
    for (content, reason), rejected in zip(BAD_LINES.items(), desk.rows(RejectedRecord), strict=True):
        assert rejected.reason.startswith(reason)
        assert (rejected.journal, rejected.segment, rejected.offset) == ("acd", 1, offset)
        offset += len(content)


def test_text_that_no_database_can_hold_does_not_cost_the_call(desk: Desk) -> None:
    """NUL and half a surrogate pair in a caller's number become U+FFFD."""
    desk.write("ivr-1", call_start("c1", caller="1\0" + "\ud800" + "2"))
    desk.apply()
    assert desk.row(Call).caller_number.startswith("1\ufffd") and desk.row(Call).caller_number.endswith("2")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'"a","b"\n', "expected 14 columns, found 2"),
        (leg("c1", 0, 3).replace(b'"1",', b'"one",'), "sequence: expected a number"),
        (leg("c1", 0, 3).replace(f"{T0 + 3:.6f}".encode(), b"noon"), "ended_at: expected epoch seconds, found 'noon'"),
        (b'"open\n', "not CSV"),
    ],
)
def test_broken_legs_are_rejected(desk: Desk, content: bytes, reason: str) -> None:
    """A broken CDR line is kept with its reason as well."""
    desk.write("legs", content)
    desk.apply()
    assert desk.row(RejectedRecord).reason.startswith(reason)


@pytest.mark.parametrize("cause", ["full", "estimate_too_long"])
def test_a_line_too_long_names_its_measure(desk: Desk, cause: str) -> None:
    """OVERFLOW has the outcome that its cause says."""
    desk.write("acd", enter_queue("c1", 5), line("OVERFLOW", 5, visit_id="v-c1", wait_seconds=0, cause=cause))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.outcome, visit.wait_seconds) == (cause, 0)


def test_a_key_is_kept_with_where_it_leads(desk: Desk) -> None:
    """EXITWITHKEY ends the visit without an abandon; key and target are its cause."""
    exit_line = line("EXITWITHKEY", 25, visit_id="v-c1", wait_seconds=20, key="9", to="main.record")
    desk.write("acd", enter_queue("c1", 5), exit_line)
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.outcome, visit.cause, visit.wait_seconds) == ("key_exit", "9 main.record", 20)


def test_a_resumed_visit_knows_the_one_before(desk: Desk) -> None:
    """The new visit has its own arrival, and the id of the one whose place it took."""
    told = {"queue": "orders", "caller_number": "138", "arrived_at": T0 + 60, "resumed_visit_id": "v-old"}
    desk.write("acd", line("ENTERQUEUE", 60, visit_id="v-new", call_id="c2", **told))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.resumed_visit_id, visit.arrived_at) == ("v-old", moment(60))


def test_a_requirement_is_text_however_it_was_written(desk: Desk) -> None:
    """An expression is kept as it is; the levels of the first version's lines become the one that says the same."""
    told = {"visit_id": "v1", "call_id": "c1", "queue": "orders", "head_start_seconds": 120.0, "segment": "vip"}
    desk.write("acd", line("ENTERQUEUE", 1, requirement="english >= 7 or mandarin", **told))
    desk.write("acd", line("ENTERQUEUE", 2, visit_id="v2", call_id="c2", queue="orders", requirement={"b": 1, "a": 3}))
    desk.apply()
    first, second = desk.rows(QueueVisit)
    assert (first.requirement, first.segment, first.head_start_seconds) == ("english >= 7 or mandarin", "vip", 120.0)
    assert (second.requirement, second.segment, second.head_start_seconds) == ("a >= 3 and b", None, 0.0)


def test_another_place_is_told(desk: Desk) -> None:
    """RERANK changes the priority and the head start of the visit, and nothing of its times."""
    desk.write("acd", enter_queue("c1", 1), line("RERANK", 9, visit_id="v-c1", priority=2, head_start_seconds=60.0))
    desk.apply()
    visit = desk.row(QueueVisit)
    assert (visit.priority, visit.head_start_seconds, visit.arrived_at) == (2, 60.0, moment(1))


def test_ringing_and_what_is_said_after_it_are_two_times(desk: Desk) -> None:
    """The offer's row has both; where its OFFER line was lost, it began both of them before its end."""
    offer = {"offer_id": "o", "visit_id": "v", "agent_id": "1001", "outcome": "answered"}
    desk.write("acd", line("OFFEREND", 60, ring_seconds=7.0, connect_seconds=3.0, **offer))
    desk.apply()
    (row,) = desk.rows(Offer)
    assert (row.ring_seconds, row.connect_seconds) == (7.0, 3.0)
    assert row.created_at == moment(50)
