"""Transfers in the records: each visit by itself, the call as one, and no consult among the callers."""

from __future__ import annotations

from typing import Any

import pytest

from db.reports import calls, daily
from db.reports.traffic import queue_histories
from db.schema import Call, QueueVisit
from tests.unit.db.story import T0, Desk, call_start, enter_queue, leg, line, moment

DAY = (moment(0), moment(86_400))


def entered(visit_id: str, at: float, queue: str, *, call: str = "c", **told: Any) -> bytes:
    fields = {"caller_number": "138", "requirement": {}, "priority": 0, "arrived_at": T0 + at}
    return line("ENTERQUEUE", at, visit_id=visit_id, call_id=call, queue=queue, **fields, **told)


def connected(visit_id: str, at: float, agent: str, wait: float, offer: str | None = "o") -> bytes:
    offer_id = None if offer is None else f"{offer}-{visit_id}"
    return line("CONNECT", at, visit_id=visit_id, offer_id=offer_id, agent_id=agent, wait_seconds=wait, ring_seconds=1)


def ended(verb: str, visit_id: str, at: float, agent: str, talk: float, **told: Any) -> bytes:
    fields = {"agent_id": agent, "wait_seconds": 5.0, "talk_seconds": talk, "recovered": False}
    return line(verb, at, visit_id=visit_id, **fields, **told)


def aside(visit_id: str, at: float, previous: str, seconds: float) -> bytes:
    told = {"reason": "", "previous": previous, "seconds": seconds}
    return line("TALKCHANGE", at, visit_id=visit_id, agent_id="1001", **told)


def to(kind: str, name: str) -> dict[str, str]:
    return {"destination_kind": kind, "destination": name}


BLIND = [
    entered("v1", 10, "orders"),
    connected("v1", 15, "1001", 5.0),
    aside("v1", 30, "hold", 8.0),
    ended("BLINDTRANSFER", "v1", 75, "1001", 60.0, **to("queue", "support")),
    entered("v2", 75, "support", entered_via="transfer", from_visit_id="v1", call_arrived_at=T0 + 10),
    connected("v2", 85, "1004", 10.0),
    ended("COMPLETECALLER", "v2", 205, "1004", 120.0),
]
"""A call of two visits, the first with 8 s of hold."""


def visits(desk: Desk) -> dict[str, QueueVisit]:
    return {visit.visit_id: visit for visit in desk.rows(QueueVisit)}


def test_a_blind_transfer_is_two_visits_of_one_call(desk: Desk) -> None:
    """Each has its own wait, agent and talk; the first one's are those of before the transfer, and the call ends as the
    last one did."""
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", *BLIND)
    desk.write("legs", leg("c", 0, 206))
    desk.apply()
    first, second = visits(desk).values()
    assert (first.outcome, first.destination_kind, first.destination) == ("transferred", "queue", "support")
    assert (first.wait_seconds, first.talk_seconds, first.hold_seconds) == (5.0, 60.0, 8.0)
    assert (second.entered_via, second.from_visit_id, second.call_arrived_at) == ("transfer", "v1", moment(10))
    assert first.call_arrived_at == moment(10)
    assert desk.row(Call).outcome == "completed_by_caller"


def test_reports_tell_entries_and_contacts(desk: Desk) -> None:
    """Per queue both visits count, per contact the call counts once and its waits add up; the chain is in its row."""
    desk.write("ivr-1", call_start("c"))
    desk.write("acd", *BLIND)
    desk.apply()
    report = daily(desk.engine, *DAY)
    rows = {row[1]: dict(zip(report.columns, row, strict=True)) for row in report.rows}
    assert [(name, row["transferred_in"], row["transferred_out"]) for name, row in rows.items()] == [
        ("orders", 0, 1),
        ("support", 1, 0),
    ]
    assert (rows["orders"]["talk_mean_seconds"], rows["orders"]["hold_mean_seconds"]) == (60.0, 8.0)
    _, contacts = report.further
    assert dict(zip(contacts.columns, contacts.rows[0], strict=True)) == {
        "day": "2026-01-01",
        "contacts": 1,
        "answered": 1,
        "transferred": 1,
        "abandoned": 0,
        "abandon_percent": 0.0,
        "wait_mean_seconds": 15.0,
        "talk_mean_seconds": 180.0,
    }
    (row,) = calls(desk.engine, *DAY).rows
    told = dict(zip(calls(desk.engine, *DAY).columns, row, strict=True))
    assert (told["queue"], told["agent_id"], told["transferred_to"]) == ("orders > support", "1001 > 1004", "support")
    assert (told["wait_seconds"], told["talk_seconds"], told["hold_seconds"]) == (15.0, 180.0, 8.0)


def test_a_consult_is_no_callers_visit(desk: Desk) -> None:
    """It makes no call, and stands in no report and no forecast."""
    told = {"entered_via": "consult", "from_visit_id": "v1"}
    desk.write("acd", *BLIND[:3], entered("desk", 40, "support", call="a2", **told))
    desk.write("acd", line("ABANDON", 50, visit_id="desk", stage="waiting", wait_seconds=10, recovered=False))
    desk.apply()
    assert [call.call_id for call in desk.rows(Call)] == ["c"]
    assert visits(desk)["desk"].outcome == "abandoned_waiting"
    assert [row[1] for row in daily(desk.engine, *DAY).rows] == ["orders"]
    assert [*queue_histories(desk.engine, *DAY)] == ["orders"]


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_consult_that_was_handed_over_is_the_callers_from_then_on(desk: Desk, is_answered: bool) -> None:
    """Who was answered before has not waited; who takes the consult's place waits since the handover."""
    answer = [connected("desk", 45, "1004", 5.0)] if is_answered else []
    over = {"call_id": "c", "from_visit_id": "v1", "caller_number": "138", "call_arrived_at": T0 + 10}
    desk.write("acd", *BLIND[:3], aside("v1", 60, "consult", 20.0))
    desk.write("acd", entered("desk", 40, "support", call="a2", entered_via="consult", from_visit_id="v1"), *answer)
    desk.write("acd", ended("ATTENDEDTRANSFER", "v1", 60, "1001", 45.0, **to("queue", "support")))
    desk.write("acd", line("HANDOVER", 60, visit_id="desk", **over))
    desk.apply()
    first, onward = visits(desk)["v1"], visits(desk)["desk"]
    assert (first.outcome, first.consult_seconds) == ("transferred", 20.0)
    assert (onward.call_id, onward.entered_via, onward.from_visit_id) == ("c", "transfer", "v1")
    assert (onward.arrived_at, onward.wait_seconds) == ((moment(45), 0.0) if is_answered else (moment(60), None))


def test_a_colleague_who_was_never_offered_the_caller_has_a_talk(desk: Desk) -> None:
    """Handed over on a second line: connected without an offer."""
    desk.write("acd", entered("v3", 60, "orders", entered_via="transfer", from_visit_id="v1"))
    desk.write("acd", connected("v3", 60, "1002", 0.0, offer=None), ended("COMPLETEAGENT", "v3", 90, "1002", 30.0))
    desk.apply()
    (visit,) = visits(desk).values()
    assert (visit.offer_id, visit.agent_id, visit.talk_seconds) == (None, "1002", 30.0)


@pytest.mark.parametrize(
    ("destination", "ivr_outcome", "outcome"),
    [
        (to("outside", "13900001111"), "queue", "transferred"),
        (to("menu", "main.main"), "hung_up", "self_served"),
        (to("menu", "main.main"), "left_in_menu", "left_in_menu"),
        (to("queue", "support"), "queue", "abandoned_waiting"),
    ],
)
def test_a_call_ends_with_what_came_after_the_transfer(
    desk: Desk, destination: dict[str, str], ivr_outcome: str, outcome: str
) -> None:
    """Outside it is over for us; a menu has the last word; a caller who never got to the next queue gave up."""
    desk.write("acd", *BLIND[:3], ended("BLINDTRANSFER", "v1", 75, "1001", 60.0, **destination))
    desk.write("ivr-1", call_start("c"), line("IVREND", 80, call_id="c", node="main.main", outcome=ivr_outcome))
    desk.write("legs", leg("c", 0, 90))
    desk.apply()
    assert desk.row(Call).outcome == outcome


def test_a_transfer_that_was_learned_late_stays_one(desk: Desk) -> None:
    """The caller's legs correct the ends of talks that nobody saw; a transfer is no hang-up of anybody."""
    late = {"agent_id": "1001", "wait_seconds": 5.0, "talk_seconds": 60.0, "recovered": True}
    desk.write("acd", *BLIND[:2], line("BLINDTRANSFER", 75, visit_id="v1", **late, **to("queue", "support")))
    desk.write("legs", leg("c", 0, 40), leg("c", 40, 90, sequence=2))
    desk.apply()
    assert visits(desk)["v1"].outcome == "transferred"


def test_an_old_line_without_links_is_a_visit_from_a_menu(desk: Desk) -> None:
    """Journals that were written before there were transfers are applied as they are."""
    desk.write("acd", enter_queue("c", 5))
    desk.apply()
    (visit,) = visits(desk).values()
    assert (visit.entered_via, visit.from_visit_id, visit.call_arrived_at) == ("menu", None, moment(5))


def test_a_transfer_that_was_learned_late_ended_with_its_leg(desk: Desk) -> None:
    """The ACD was dead when the agent sent the caller on at 30 s, and learned of it at 40 s."""
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    late = {**to("queue", "support"), "recovered": True}
    desk.write("acd", entered("v1", 10, "orders"), connected("v1", 15, "1001", 5.0))
    fields = {"agent_id": "1001", "wait_seconds": 5.0, "talk_seconds": 25.0, **late}
    desk.write("acd", line("BLINDTRANSFER", 40, visit_id="v1", **fields))
    desk.write("legs", leg("c", 0, 30, context="transfer"), leg("c", 30, 60, sequence=2))
    desk.apply()
    visit = visits(desk)["v1"]
    assert (visit.outcome, visit.destination, visit.talk_seconds) == ("transferred", "support", 15.0)
    assert visit.ended_at == moment(30)


def test_a_talk_that_nobody_saw_and_that_was_sent_on(desk: Desk) -> None:
    """The ACD died while it rang; the agent answered and sent the caller on. The legs tell both, and the caller's next
    visit comes from there."""
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    offer = {"offer_id": "o1", "visit_id": "v1", "agent_id": "1001"}
    desk.write(
        "acd",
        entered("v1", 10, "orders"),
        line("OFFER", 12, **offer, step=0, tier=0),
        line("OFFEREND", 40, **offer, outcome="cancel_caller", ring_seconds=28.0),
        line("ABANDON", 40, visit_id="v1", stage="ringing", wait_seconds=30.0, recovered=True),
        entered("v2", 30, "support", entered_via="menu", from_visit_id="v1", call_arrived_at=T0 + 10),
        line("ABANDON", 60, visit_id="v2", stage="waiting", wait_seconds=30.0, recovered=False),
    )
    desk.write("legs", leg("c", 0, 30, context="transfer"), leg("c", 30, 60, sequence=2))
    desk.apply()
    first, second = visits(desk).values()
    assert (first.outcome, first.agent_id, first.talk_seconds) == ("transferred", "1001", 18.0)
    assert (first.destination_kind, first.destination) == ("queue", "support")
    assert (second.entered_via, second.outcome) == ("transfer", "abandoned_waiting")


RUNG_AT_ONCE = [
    entered("v1", 10, "orders"),
    *(line("OFFER", 12, visit_id="v1", offer_id=f"o-{one}", agent_id=one, step=0, tier=0) for one in ("1004", "1005")),
]
LOST = leg("c", 10, 13, disposition="NO ANSWER", to="PJSIP/1004-1")
"""Of the phone that did not win: over as the other was answered."""


def offers_end(at: float, outcomes: dict[str, str]) -> list[bytes]:
    told = {"visit_id": "v1", "ring_seconds": 1.0}
    return [
        line("OFFEREND", at, offer_id=f"o-{agent}", agent_id=agent, outcome=outcome, **told)
        for agent, outcome in outcomes.items()
    ]


def test_a_phone_that_lost_ends_no_talk(desk: Desk) -> None:
    """Two phones ring as the ACD dies, 1005 answers at 13 s, and the caller leaves at 30 s: the talk is that of the leg
    that was answered, and not over with that of the other phone."""
    left = line("ABANDON", 40, visit_id="v1", stage="ringing", wait_seconds=30.0, recovered=True)
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", *RUNG_AT_ONCE, *offers_end(40, dict.fromkeys(("1004", "1005"), "cancel_caller")), left)
    desk.write("legs", LOST, leg("c", 10, 30, sequence=2, to="PJSIP/1005-1"))
    desk.apply()
    talk = visits(desk)["v1"]
    assert (talk.outcome, talk.agent_id, talk.talk_seconds) == ("completed_by_caller", "1005", 18.0)


@pytest.mark.parametrize("legs_first", [True, False])
def test_a_talk_that_was_over_before_anybody_saw_it_and_the_next(desk: Desk, legs_first: bool) -> None:
    """1005 has answered, and handed the caller to 1004 at 20 s, as a restarted ACD learns at 40 s: each had the caller
    as long as the legs say. The first talk counts from its offer, since nothing tells when it was answered."""
    onward = {"entered_via": "transfer", "from_visit_id": "v1", "call_arrived_at": T0 + 10}
    late = {"agent_id": "1005", "wait_seconds": 2.0, "talk_seconds": 28.0, "recovered": True}
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    seen = [
        *offers_end(40, {"1004": "cancel_other_won", "1005": "answered"}),
        line("CONNECT", 40, visit_id="v1", offer_id="o-1005", agent_id="1005", wait_seconds=2.0, ring_seconds=0.0),
        line("ATTENDEDTRANSFER", 40, visit_id="v1", **late, **to("agent", "1004")),
        entered("v2", 40, "orders", **onward),
        connected("v2", 40, "1004", 0.0, None),
    ]
    legs = [LOST, leg("c", 10, 20, sequence=2, to="PJSIP/1005-1"), leg("c", 20, 60, sequence=3, to="PJSIP/1004-2")]
    legs += [leg("c", 60, 61, sequence=4, context="survey", to="")]
    desk.write("acd", *RUNG_AT_ONCE, *seen)
    if legs_first:
        desk.write("legs", *legs)
    desk.apply()
    desk.write("acd", ended("COMPLETEAGENT", "v2", 60, "1004", 20.0))
    desk.write("legs", *([] if legs_first else legs))
    desk.apply()
    first, second = visits(desk)["v1"], visits(desk)["v2"]
    assert (first.outcome, first.agent_id, first.wait_seconds, first.talk_seconds) == ("transferred", "1005", 2.0, 8.0)
    assert (second.outcome, second.agent_id, second.talk_seconds) == ("completed_by_agent", "1004", 40.0)
    assert (first.ended_at, second.arrived_at) == (moment(20), moment(20))
    assert desk.row(Call).outcome == "completed_by_agent"


def test_a_caller_who_left_while_the_agent_consulted_by_keys(desk: Desk) -> None:
    """Asterisk ends the Dial's CDR with the consult's beginning, and the caller waited on: until 50 s, as the agent's
    own leg says, though the ACD learned of it at 70 s."""
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", entered("v1", 10, "orders"), connected("v1", 15, "1001", 5.0))
    fields = {"agent_id": "1001", "wait_seconds": 5.0, "talk_seconds": 55.0, "recovered": True}
    desk.write("acd", line("COMPLETECALLER", 70, visit_id="v1", **fields))
    desk.write("legs", leg("c", 0, 30), leg("c", 30, 50, uniqueid="a", channel="PJSIP/1001-2"))
    desk.apply()
    visit, call = visits(desk)["v1"], desk.row(Call)
    assert (visit.outcome, visit.talk_seconds) == ("completed_by_caller", 35.0)
    assert (call.ended_at, call.outcome) == (moment(50), "completed_by_caller")


@pytest.mark.parametrize("handed_over", [True, False])
@pytest.mark.parametrize("legs_first", [True, False])
def test_a_caller_who_was_handed_over_by_keys_and_left_while_nobody_saw(
    desk: Desk, handed_over: bool, legs_first: bool
) -> None:
    """The ACD died in the consult, which began at 30 s; the agent hung up at 35 s and the caller at 50 s. The caller's
    channel was bridged with the consult's near half: the wait since then is theirs. Without that they waited for the
    agent, and the consult stays nobody's visit. Whichever file is read first."""
    near = "Local/7002@transfer-00000000;1"
    legs = [leg("c", 0, 30), leg("c", 30, 35, uniqueid="a", channel="PJSIP/1001-2", to=near)]
    legs += [leg("c", 30, 50, to=near, sequence=2)] if handed_over else []
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", entered("v1", 10, "orders"), connected("v1", 15, "1001", 5.0))
    desk.write("acd", entered("v2", 30, "support", entered_via="consult", from_visit_id="v1"))
    if legs_first:
        desk.write("legs", *legs)
        desk.apply()
    fields = {"agent_id": "1001", "wait_seconds": 5.0, "talk_seconds": 55.0, "recovered": True}
    desk.write("acd", line("COMPLETECALLER", 70, visit_id="v1", **fields))
    desk.write("acd", line("ABANDON", 70, visit_id="v2", stage="waiting", wait_seconds=40.0, recovered=True))
    if not legs_first:
        desk.apply()
        desk.write("legs", *legs)
    desk.apply()
    first, consult, call = visits(desk)["v1"], visits(desk)["v2"], desk.row(Call)
    assert first.talk_seconds == 20.0
    if not handed_over:
        assert (first.outcome, consult.entered_via) == ("completed_by_caller", "consult")
        return
    assert (first.outcome, first.destination_kind, first.destination) == ("transferred", "queue", "support")
    assert (consult.entered_via, consult.outcome, consult.wait_seconds) == ("transfer", "abandoned_waiting", 15.0)
    assert (consult.arrived_at, consult.ended_at) == (moment(35), moment(50))
    assert (call.outcome, call.ended_at) == ("abandoned_waiting", moment(50))


def handed_over_by_phone(*, answered: bool) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """The agent asks from 30 s on, hands over at 35 s, the caller leaves at 50 s. What the ACD wrote, what
    it wrote after its return at 70 s, and the legs: the consult is a call of its own, its phone is the same."""
    offer = {"offer_id": "o-v2", "visit_id": "v2", "agent_id": "1004"}
    before = [entered("v1", 10, "orders"), connected("v1", 15, "1001", 5.0)]
    before += [entered("v2", 30, "support", call="a", entered_via="consult", from_visit_id="v1")]
    before += [line("OFFER", 31, **offer, step=0, tier=0)]
    late = {"recovered": True, "wait_seconds": 5.0}
    after = [line("COMPLETECALLER", 70, visit_id="v1", agent_id="1001", talk_seconds=55.0, **late)]
    if answered:
        before += [
            line("OFFEREND", 33, **offer, outcome="answered", ring_seconds=2.0),
            connected("v2", 33, "1004", 3.0),
        ]
        after += [line("COMPLETECALLER", 70, visit_id="v2", agent_id="1004", talk_seconds=37.0, **late)]
    else:
        after += [line("OFFEREND", 70, **offer, outcome="cancel_caller", ring_seconds=39.0)]
        after += [line("ABANDON", 70, visit_id="v2", stage="ringing", **late)]
    phone = "PJSIP/1004-0000000c"
    legs = [leg("c", 0, 35), leg("a", 30, 35, channel="PJSIP/1001-3", to=phone), leg("c", 36, 50, sequence=2, to=phone)]
    return before, after, legs


@pytest.mark.parametrize("answered", [False, True], ids=["while it rang", "after the answer"])
@pytest.mark.parametrize("order", ["journal first", "legs first", "the consult's end last", "its legs last"])
def test_a_caller_who_was_handed_over_by_phone_and_left_while_nobody_saw(
    desk: Desk, answered: bool, order: str
) -> None:
    """The caller's channel was bridged with the very phone that the consult had rung: a transfer, and a talk of the one
    who answered. Whichever file is read first, and however it is cut."""
    before, after, legs = handed_over_by_phone(answered=answered)
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", *before)
    parts = {
        "journal first": [("acd", after), ("legs", legs)],
        "legs first": [("legs", legs), ("acd", after)],
        "the consult's end last": [("legs", legs), ("acd", after[:1]), ("acd", after[1:])],
        "its legs last": [("acd", after), ("legs", [legs[0], legs[2]]), ("legs", [legs[1]])],
    }
    for file, lines in parts[order]:
        desk.apply()
        desk.write(file, *lines)
    desk.apply()
    first, onward, call = visits(desk)["v1"], visits(desk)["v2"], desk.row(Call)
    assert (first.outcome, first.talk_seconds, first.destination) == ("transferred", 20.0, "support")
    assert (onward.entered_via, onward.call_id, onward.caller_number) == ("transfer", "c", "138")
    assert (onward.outcome, onward.agent_id, onward.wait_seconds) == ("completed_by_caller", "1004", 0.0)
    assert onward.talk_seconds == (17.0 if answered else 15.0)
    assert (call.outcome, call.ended_at) == ("completed_by_caller", moment(50))


def test_a_consult_by_phone_that_came_to_nothing_stays_nobodys_visit(desk: Desk) -> None:
    """The ACD died in it, and the caller was never with the phone that it rang."""
    before, after, legs = handed_over_by_phone(answered=False)
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", *before, *after)
    desk.write("legs", leg("c", 0, 50), legs[1])
    desk.apply()
    first, consult = visits(desk)["v1"], visits(desk)["v2"]
    assert (first.outcome, first.talk_seconds) == ("completed_by_caller", 35.0)
    assert (consult.entered_via, consult.call_id) == ("consult", "a")


def test_a_caller_who_was_handed_over_and_left_while_nobody_saw_has_talked_until_then(desk: Desk) -> None:
    """The ACD saw the handover at 35 s, to who had answered at 33 s, and died: the leg of the talk before, which ended
    with the handover, says nothing of the talk after it."""
    before, after, legs = handed_over_by_phone(answered=True)
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    over = {"call_id": "c", "from_visit_id": "v1", "caller_number": "138", "call_arrived_at": T0 + 10}
    seen = ended("ATTENDEDTRANSFER", "v1", 35, "1001", 20.0, **to("queue", "support"))
    desk.write("acd", *before, seen, line("HANDOVER", 35, visit_id="v2", head_start_seconds=3.0, **over), after[1])
    desk.write("legs", *legs)
    desk.apply()
    onward, call = visits(desk)["v2"], desk.row(Call)
    assert (onward.outcome, onward.talk_seconds, call.outcome) == ("completed_by_caller", 17.0, "completed_by_caller")


def test_a_talk_after_a_handover_by_keys_that_nobody_saw_is_found(desk: Desk) -> None:
    """The ACD died while a phone rang for the consult; it was answered, the agent handed over at 35 s, the colleague
    hung up at 50 s. Asterisk takes the consult's halves out of the talk at 36 s: that is no end of it."""
    near, phone = "Local/7002@transfer-00000000;1", "PJSIP/1004-0000000c"
    desk.write("ivr-1", call_start("c"), line("IVREND", 9, call_id="c", node="main.q", outcome="queue"))
    desk.write("acd", entered("v1", 10, "orders"), connected("v1", 15, "1001", 5.0))
    desk.write("acd", entered("v2", 30, "support", entered_via="consult", from_visit_id="v1"))
    offer = {"offer_id": "o-v2", "visit_id": "v2", "agent_id": "1004"}
    late = {"recovered": True, "wait_seconds": 5.0}
    desk.write("acd", line("OFFER", 30, **offer, step=0, tier=0))
    desk.write("acd", line("COMPLETECALLER", 70, visit_id="v1", agent_id="1001", talk_seconds=55.0, **late))
    desk.write("acd", line("OFFEREND", 70, **offer, outcome="cancel_caller", ring_seconds=40.0))
    desk.write("acd", line("ABANDON", 70, visit_id="v2", stage="ringing", **late))
    desk.write(
        "legs",
        leg("c", 0, 30),
        leg("c", 30, 36, uniqueid="far", channel="Local/7002@transfer-00000000;2", to=phone),
        leg("c", 30, 36, sequence=2, to=near),
        leg("c", 30, 35, uniqueid="a", channel="PJSIP/1001-2", to=near),
        leg("c", 35, 50, sequence=3, to=phone),
        leg("c", 50, 50.1, sequence=4, context="survey", to=""),
    )
    desk.apply()
    first, onward, call = visits(desk)["v1"], visits(desk)["v2"], desk.row(Call)
    assert (first.outcome, first.talk_seconds, first.destination) == ("transferred", 20.0, "support")
    assert (onward.outcome, onward.agent_id, onward.talk_seconds) == ("completed_by_agent", "1004", 15.0)
    assert call.outcome == "completed_by_agent"
