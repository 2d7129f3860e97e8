"""The ledger says what the journal says, whatever the journal was cut into."""

import json
from math import exp
from typing import Any

import pytest

from acd import ledger as ledger_module
from acd.estimate import PATIENCE_MEMORY
from acd.events import (
    AgentAsked,
    CallerJoined,
    CallerLeft,
    OfferAnswered,
    OfferFailed,
    RestoredAgent,
    RestoredContact,
    RestoredTalk,
    TalkChanged,
    TalkEnded,
)
from acd.ledger import Ledger
from acd.model import AgentState, EnteredVia, OfferOutcome
from acd.testing import Rehearsal
from tests.unit.acd.floors import floor_of, seen


def line(verb: str, at: float = 100.0, **fields: Any) -> dict[str, Any]:
    return {"at": at, "verb": verb, **fields}


def entered(visit_id: str = "zhang", **fields: Any) -> dict[str, Any]:
    told = {"call_id": f"call-{visit_id}", "queue": "orders", "caller_number": "138", "requirement": {"b": 2, "a": 1}}
    return line("ENTERQUEUE", visit_id=visit_id, priority=1, arrived_at=90.0, **(told | fields))


OFFER = line("OFFER", offer_id="offer-1", visit_id="zhang", agent_id="1001")
ANSWERED = line("OFFEREND", 105.0, offer_id="offer-1", visit_id="zhang", agent_id="1001", outcome="answered")
CONNECT = line("CONNECT", 105.0, offer_id="offer-1", visit_id="zhang", agent_id="1001")


def agent_state(state: str, previous: str, at: float, reason: str = "") -> dict[str, Any]:
    return line("AGENTSTATE", at, agent_id="1001", state=state, previous=previous, reason=reason)


def busy_day() -> list[dict[str, Any]]:
    """The journal of an engine with one visit of each kind: ended, in talk, ringing, waiting."""
    agents = {"1001": {"chinese": 3}, "1002": {"chinese": 3}, "1003": {"chinese": 3}}
    day = Rehearsal(floor_of(agents))
    day.handle(seen(agents))
    for agent_id in agents:
        day.pass_time(day.now + 1.0)
        day.handle(AgentAsked(agent_id, AgentState.READY))
    for name in ("ended", "talking", "ringing", "waiting"):
        day.pass_time(day.now + 1.0)
        day.handle(CallerJoined(name, f"call-{name}", "orders", f"number-{name}"))
    day.handle(OfferAnswered("ended", "1001"))
    day.handle(OfferAnswered("talking", "1002"))
    day.pass_time(day.now + 5.0)
    day.handle(TalkEnded("ended", by_agent=True))
    day.handle(OfferFailed("offer-3", "ringing", OfferOutcome.RNA))
    day.handle(TalkChanged("talking", "hold"))
    day.handle(CallerJoined("desk", "call-desk", "orders", "", consulting_agent_id="1002"))
    return day.journal


def test_restored_visit_is_what_was_entered() -> None:
    """A visit keeps its arrival, class and priority; times come on the engine's clock."""
    (visit,) = Ledger.fold([entered()]).restored(-50.0).visits
    assert (visit.visit_id, visit.call_id, visit.queue_id, visit.caller_number) == (
        "zhang",
        "call-zhang",
        "orders",
        "138",
    )
    assert (visit.requirement, visit.priority, visit.arrived) == ("a and b >= 2", 1, 40.0)
    assert (visit.offers, visit.agent_id, visit.connected) == ((), None, None)


def test_offer_is_open_until_it_ends() -> None:
    """An offer is restored while nothing says that it came to nothing."""
    failed = ANSWERED | {"outcome": "rna"}
    assert Ledger.fold([entered(), OFFER]).restored(0.0).visits[0].offers == (("offer-1", "1001", 100.0),)
    assert Ledger.fold([entered(), OFFER, failed]).restored(0.0).visits[0].offers == ()


def test_answer_cut_off_from_its_connect_keeps_the_offer() -> None:
    """Killed between OFFEREND and CONNECT: the next process holds the offer open and asks Asterisk who talks."""
    assert Ledger.fold([entered(), OFFER, ANSWERED]).restored(0.0).visits[0].offers
    (visit,) = Ledger.fold([entered(), OFFER, ANSWERED, CONNECT]).restored(0.0).visits
    assert (visit.offers, visit.agent_id, visit.connected) == ((), "1001", 105.0)


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (line("COMPLETEAGENT", visit_id="zhang"), "completed_by_agent"),
        (line("COMPLETECALLER", visit_id="zhang"), "completed_by_caller"),
        (line("BLINDTRANSFER", visit_id="zhang"), "transferred"),
        (line("ATTENDEDTRANSFER", visit_id="zhang"), "transferred"),
        (line("ABANDON", visit_id="zhang", stage="waiting"), "abandoned_waiting"),
        (line("ABANDON", visit_id="zhang", stage="ringing"), "abandoned_ringing"),
        (line("EXITWITHTIMEOUT", visit_id="zhang"), "timed_out"),
        (line("SYSTEMERROR", visit_id="zhang", cause="switch_lost"), "switch_lost"),
        (line("SYSTEMERROR", visit_id="zhang", cause="disk"), "system_error"),
    ],
)
def test_end_closes_the_visit(end: dict[str, Any], outcome: str) -> None:
    """Every terminal verb closes the visit and leaves its outcome; the call has no open visit any more."""
    ledger = Ledger.fold([entered()])
    assert ledger.visit_of_call == {"call-zhang": "zhang"}
    ledger.apply(end)
    assert (ledger.visits, ledger.visit_of_call, dict(ledger.ended)) == ({}, {}, {"zhang": outcome})


def test_idle_time_survives_an_offer_that_came_to_nothing() -> None:
    """Idle since is the time of becoming ready, not of the offer or of its end; a talk sets it anew."""
    lines = [
        agent_state("ready", "logged_off", 10.0),
        agent_state("offered", "ready", 20.0),
        agent_state("ready", "offered", 30.0),
    ]
    assert Ledger.fold(lines).restored(0.0).agents["1001"] == RestoredAgent(
        AgentState.READY, "", 30.0, 10.0, occupancy=pytest.approx(1 - exp(-10 / 1800))
    )
    lines += [agent_state("not_ready", "ready", 40.0, "lunch"), agent_state("ready", "not_ready", 50.0)]
    assert Ledger.fold(lines).restored(0.0).agents["1001"].idle_since == 50.0


def test_last_agent_is_who_connected() -> None:
    """A caller with a number has the agent of the last connect; one without is nobody's."""
    assert dict(Ledger.fold([entered(), OFFER, CONNECT]).last_agents) == {"138": "1001"}
    assert dict(Ledger.fold([entered(caller_number=""), OFFER, CONNECT]).last_agents) == {}


def test_memories_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended visits are forgotten, the oldest first."""
    monkeypatch.setattr(ledger_module, "_ENDED_MEMORY", 1)
    lines = [line("EXITWITHTIMEOUT", visit_id=visit_id) for visit_id in ("a", "b")]
    assert list(Ledger.fold(lines).ended) == ["b"]


def test_news_of_unknown_visits_changes_nothing() -> None:
    """Lines about visits that a damaged ENTERQUEUE never opened are passed over."""
    widen = {"verb": "WIDEN", "at": 2.0, "visit_id": CONNECT["visit_id"]}
    assert Ledger.fold([OFFER, ANSWERED, CONNECT, widen]) == Ledger()


def test_damaged_and_foreign_lines_are_left_out() -> None:
    """A line without its fields is left out and the rest counts, as does a verb of another room."""
    lines = [
        line("ENTERQUEUE", visit_id="li"),
        {},
        line("IVRSTEP"),
        line("CARRY", agents={"1001": {"bad": 1}}),
        entered(),
    ]
    assert Ledger.fold(lines) == Ledger.fold([entered()])


CONSULT = entered("desk", entered_via="consult", from_visit_id="zhang", caller_number="", call_arrived_at=90.0)
HANDOVER = line(
    "HANDOVER",
    120.0,
    visit_id="desk",
    call_id="call-zhang",
    from_visit_id="zhang",
    caller_number="138",
    head_start_seconds=30.0,
    call_arrived_at=80.0,
)


def test_a_consult_is_nobodys_visit_until_it_is_handed_over() -> None:
    """It is open like any, but no call's; then it is the caller's, who waits in it since the handover."""
    ledger = Ledger.fold([entered(), CONSULT])
    assert ledger.visit_of_call == {"call-zhang": "zhang"}
    for one in (line("ATTENDEDTRANSFER", visit_id="zhang"), HANDOVER):
        ledger.apply(one)
    assert ledger.visit_of_call["call-zhang"] == "desk"
    (visit,) = ledger.restored(0.0).visits
    assert (visit.entered_via, visit.arrived, visit.first_arrived) == (EnteredVia.TRANSFER, 120.0, 80.0)
    assert ledger.restored(-10.0).contacts == {"call-zhang": RestoredContact("desk", 70.0)}
    assert dict(ledger.last_agents) == {}


def test_a_consult_that_was_answered_brings_its_agent_along() -> None:
    """Nobody waited for that agent: arrived when they were connected, and the last agent of the caller from then on."""
    answered = [{**one, "visit_id": "desk"} for one in (OFFER, CONNECT)]
    ledger = Ledger.fold([CONSULT, *answered, HANDOVER])
    assert dict(ledger.last_agents) == {"138": "1001"}
    assert ledger.restored(0.0).visits[0].arrived == 105.0


def test_a_consult_that_was_handed_over_is_known_by_both_calls_until_its_end() -> None:
    """A phone that rings for it is in the agent's call for Asterisk, and the caller's for us; also in a new segment."""
    ledger = Ledger.fold([entered(), {**CONSULT, "call_id": "call-a2"}])
    assert ledger.call_of("call-a2") == "call-a2"
    for one in (line("ATTENDEDTRANSFER", visit_id="zhang"), HANDOVER):
        ledger.apply(one)
    for known in (ledger, Ledger.fold([line("CARRY", **json.loads(json.dumps(ledger.carry())))])):
        assert known.visit_of_call == {"call-zhang": "desk", "call-a2": "desk"}
        assert [*map(known.call_of, ("call-a2", "call-zhang", "call-li"))] == ["call-zhang", "call-zhang", "call-li"]
        known.apply(line("ABANDON", visit_id="desk", stage="ringing", wait_seconds=1.0))
        assert known.visit_of_call == {}


def test_a_consult_by_keys_has_been_in_the_callers_call_all_along() -> None:
    """Its end leaves nothing behind."""
    consult = {**CONSULT, "call_id": "call-zhang"}
    ledger = Ledger.fold([entered(), consult, line("ATTENDEDTRANSFER", visit_id="zhang"), HANDOVER])
    assert ledger.visit_of_call == {"call-zhang": "desk"}
    ledger.apply(line("ABANDON", visit_id="desk", stage="waiting", wait_seconds=1.0))
    assert ledger.visit_of_call == {}


def test_a_hold_lasts_until_the_agent_is_back() -> None:
    """What keeps the agent from the caller, and since when."""
    told = {"visit_id": "zhang", "agent_id": "1001", "previous": "", "seconds": 0.0}
    ledger = Ledger.fold([entered(), OFFER, CONNECT, line("TALKCHANGE", 110.0, reason="hold", **told)])
    assert ledger.restored(0.0).visits[0].aside == ("hold", 110.0)
    ledger.apply(line("TALKCHANGE", 120.0, reason="", **told))
    assert ledger.restored(0.0).visits[0].aside is None


def test_news_of_unknown_talks_changes_nothing() -> None:
    """A handover or a hold of a visit whose entry was damaged is passed over."""
    assert Ledger.fold([HANDOVER, line("TALKCHANGE", visit_id="desk", reason="hold")]) == Ledger()


def test_switch_start_is_kept() -> None:
    """The start of the Asterisk seen last is known after a restart."""
    assert Ledger.fold([line("SWITCHSTART", started_at=77.0)]).switch_started_at == 77.0


@pytest.mark.parametrize("cut", range(len(busy_day())))
def test_carry_equals_what_it_replaces(cut: int) -> None:
    """Wherever a journal is cut into segments, a CARRY line read back from JSON gives the same ledger."""
    lines = busy_day()
    before = Ledger.fold(lines[:cut])
    carry = json.loads(json.dumps(line("CARRY", **before.carry())))
    assert Ledger.fold([carry, *lines[cut:]]) == Ledger.fold(lines)


def abandoned(visit_id: str, at: float, verb: str = "ABANDON") -> dict[str, Any]:
    return line(verb, at, visit_id=visit_id, stage="waiting", cause="switch_lost")


@pytest.mark.parametrize("verb", ["ABANDON", "SYSTEMERROR"])
def test_a_place_that_was_left_is_kept(verb: str) -> None:
    """Queue and number lead to the place, less the head start; a carried ledger knows it as well."""
    ledger = Ledger.fold([entered(head_start_seconds=30.0), abandoned("zhang", 110.0, verb)])
    carried = Ledger.fold(json.loads(json.dumps([line("CARRY", **ledger.carry())])))
    for one in (ledger, carried):
        assert one.restored(-50.0).abandoned == {("orders", "138"): ("zhang", 10.0, 60.0)}


def test_a_place_taken_back_is_gone() -> None:
    """It is given once; a refused entry says nothing of it and takes nothing."""
    taken = entered("again", resumed_visit_id="zhang")
    assert Ledger.fold([entered(), abandoned("zhang", 110.0), taken]).abandoned == {}
    refused = entered("again", resumed_visit_id="")
    assert len(Ledger.fold([entered(), abandoned("zhang", 110.0), refused]).abandoned) == 1


@pytest.mark.parametrize("lines", [[entered(caller_number="")], [entered(), OFFER, ANSWERED, CONNECT]])
def test_no_place_is_kept_of_whom_nobody_knows_or_who_talked(lines: list[dict[str, Any]]) -> None:
    """An anonymous caller has none, nor has a talk that its switch has cut."""
    assert Ledger.fold([*lines, abandoned("zhang", 110.0, "SYSTEMERROR")]).abandoned == {}


def test_where_a_key_led_outlives_the_process() -> None:
    """A caller who was not let go before the process died still is, to the same place."""
    ledger = Ledger.fold([entered(), line("EXITWITHKEY", 95.0, visit_id="zhang", key="9", to="main.record")])
    carried = Ledger.fold(json.loads(json.dumps([line("CARRY", **ledger.carry())])))
    assert carried.restored(0.0).exits == {"zhang": "main.record"}
    assert carried.restored(0.0).ended == {"zhang": "key_exit"}


def test_a_segment_from_before_these_memories_is_read() -> None:
    """A CARRY line of an older version lacks them."""
    old = {name: value for name, value in Ledger().carry().items() if name not in ("abandoned", "exits")}
    assert Ledger.fold([line("CARRY", **old), entered()]).visits.keys() == {"zhang"}


def test_each_offer_of_a_ring_ends_by_itself() -> None:
    """Of three offers of one visit one failed; killed among the records of the answer, the winner's is still open."""
    offers = [line("OFFER", offer_id=f"o{n}", visit_id="zhang", agent_id=f"100{n}") for n in (1, 2, 3)]
    ends = [
        line("OFFEREND", 102.0, offer_id="o2", visit_id="zhang", agent_id="1002", outcome="reject"),
        line("OFFEREND", 105.0, offer_id="o1", visit_id="zhang", agent_id="1001", outcome="cancel_other_won"),
        line("OFFEREND", 105.0, offer_id="o3", visit_id="zhang", agent_id="1003", outcome="answered"),
    ]
    ledger = Ledger.fold([entered(), *offers, ends[0]])
    again = Ledger.fold([line("CARRY", **json.loads(json.dumps(ledger.carry())))])
    for one in (ledger, again):
        assert one.restored(0.0).visits[0].offers == (("o1", "1001", 100.0), ("o3", "1003", 100.0))
    assert Ledger.fold([entered(), *offers, *ends]).restored(0.0).visits[0].offers == (("o3", "1003", 100.0),)


def test_wish_of_an_unknown_agent_is_left_out() -> None:
    """A wish whose agent has no state in the journal, after a damaged line, wishes nothing."""
    wish = line("AGENTWISH", agent_id="1001", state="not_ready", reason="lunch")
    assert Ledger.fold([wish]).agents == {}


def test_wishes_and_place_of_a_caller_survive() -> None:
    """What was asked for, the segment, the agent asked for by name, and the place as it was changed last."""
    told = {"requires": "b and a", "head_start_seconds": 30.0, "segment": "vip", "named_agent_id": "1003"}
    ranked = line("RERANK", visit_id="zhang", priority=4, head_start_seconds=90.0)
    lines = [entered(requirement="a and b and c", **told), ranked, line("RERANK", visit_id="gone", priority=1)]
    (visit,) = Ledger.fold(lines).restored(0.0).visits
    assert (visit.requirement, visit.requires) == ("a and b and c", "a and b")
    assert (visit.priority, visit.head_start_seconds, visit.segment) == (4, 90.0, "vip")
    assert visit.named_agent_id == "1003"


def test_requirement_that_cannot_be_read_costs_nobody_their_place() -> None:
    """A damaged expression asks for nothing; the caller waits on."""
    (visit,) = Ledger.fold([entered(requirement="a and", requires="or")]).restored(0.0).visits
    assert (visit.requirement, visit.requires) == ("", "")


def test_what_the_strategies_count_survives() -> None:
    """Calls answered since log-in, each once; when the last offer was made; how occupied the agent has been."""
    day = [
        agent_state("ready", "logged_off", 10.0),
        entered(),
        OFFER,
        agent_state("offered", "ready", 100.0),
        CONNECT,
        CONNECT,
        agent_state("on_call", "offered", 105.0),
    ]
    agent = Ledger.fold(day).restored(0.0).agents["1001"]
    assert (agent.calls_answered, agent.offered) == (1, 100.0)
    assert agent.occupancy == pytest.approx(1 - exp(-5 / 1800))
    again = [agent_state("logged_off", "on_call", 200.0), agent_state("ready", "logged_off", 300.0)]
    assert Ledger.fold(day + again).restored(0.0).agents["1001"].calls_answered == 0


def test_offer_to_an_agent_of_whom_nothing_is_known() -> None:
    """A journal cut off before the agent's own line still opens the offer, and the talk."""
    assert Ledger.fold([entered(), OFFER]).agents == {}
    ledger = Ledger.fold([entered(), OFFER, CONNECT])
    assert ledger.agents["1001"].visit_id == "zhang"
    assert ledger.visits["zhang"].agent_id == "1001"


def logged_in(*phones: str) -> dict[str, Any]:
    return {**agent_state("not_ready", "logged_off", 90.0, "log_in"), "phones": list(phones)}


def connected(agent_id: str = "1001", at: float = 101.0) -> dict[str, Any]:
    return line("CONNECT", at, visit_id="zhang", offer_id="o1", agent_id=agent_id, wait_seconds=1.0, ring_seconds=1.0)


def test_where_an_agent_is_and_what_a_talk_left_are_kept() -> None:
    """Phones since the log-in, the wrap-up's true end, and the disposition of the last talk, on the engine's clock."""
    wrap_up = {**agent_state("wrap_up", "on_call", 110.0), "wrap_up_seconds": 30.0}
    given = line("DISPOSITION", 112.0, visit_id="zhang", agent_id="1001", code="1")
    agent = Ledger.fold([logged_in("2001"), entered(), connected(), wrap_up, given]).restored(-100.0).agents["1001"]
    assert agent.phones == ("2001",)
    assert agent.wrap_up_deadline == 40.0
    assert agent.talk == RestoredTalk("zhang", "orders", 10.0, "1")


@pytest.mark.parametrize(("visit_id", "agent_id"), [("other", "1001"), ("zhang", "1009")])
def test_a_disposition_of_another_talk_is_left_out(visit_id: str, agent_id: str) -> None:
    """One that belongs to no agent, or to a talk before the last, changes nothing that is remembered."""
    given = line("DISPOSITION", 112.0, visit_id=visit_id, agent_id=agent_id, code="1")
    agents = Ledger.fold([logged_in("1001"), entered(), connected(), given]).restored(0.0).agents
    assert agents["1001"].talk == RestoredTalk("zhang", "orders", None, "")


def test_offers_and_talks_of_unknown_agents_and_visits_cost_nobody_a_rest() -> None:
    """After a damaged line an offer's end may be all that is left of an agent or a visit."""
    end = line("OFFEREND", 102.0, offer_id="o2", visit_id="li", agent_id="1009", outcome="rna")
    ledger = Ledger.fold([logged_in("1001"), entered(), end, connected("1009")])
    assert ledger.restored(0.0).agents["1001"].offer_ended is None
    assert ledger.restored(0.0).visits[0].failed == {}


def test_no_answers_count_until_the_agent_asks_for_ready() -> None:
    """How the last offer ended, when, and how many were not answered in a row."""
    end = line("OFFEREND", 102.0, offer_id="o2", visit_id="zhang", agent_id="1001", outcome="rna")
    ledger = Ledger.fold([logged_in("1001"), entered(), end])
    agent = ledger.restored(-100.0).agents["1001"]
    assert (agent.offer_ended, agent.rna_in_row) == ((OfferOutcome.RNA, 2.0), 1)
    assert ledger.restored(-100.0).visits[0].failed == {"1001": (OfferOutcome.RNA, 2.0)}
    ledger.apply(agent_state("ready", "not_ready", 103.0))
    assert (ledger.restored(0.0).agents["1001"].offer_ended, ledger.restored(0.0).agents["1001"].rna_in_row) == (
        None,
        0,
    )


@pytest.mark.parametrize(
    ("wish", "granted", "left"),
    [
        ("not_ready", agent_state("not_ready", "wrap_up", 112.0), None),
        ("wrap_up", agent_state("wrap_up", "on_call", 112.0), None),
        ("not_ready", agent_state("wrap_up", "on_call", 112.0), (AgentState.NOT_READY, "lunch")),
    ],
)
def test_a_wish_ends_with_the_state_that_grants_it(
    wish: str, granted: dict[str, Any], left: tuple[AgentState, str] | None
) -> None:
    """What was asked for in a call is kept until the record of the state that it brings."""
    asked = line("AGENTWISH", 110.0, agent_id="1001", state=wish, reason="lunch")
    assert Ledger.fold([logged_in("1001"), asked, granted]).restored(0.0).agents["1001"].wish == left


def test_what_was_learned_of_handling_times_outlives_the_process() -> None:
    """Two talks of 10 and 40 s with 5 s of wrap-up each: the next engine estimates as the one before would have."""
    day = Rehearsal(floor_of({"1001": {"chinese": 3}}))
    day.handle(seen({"1001": {}}))
    day.handle(AgentAsked("1001", AgentState.READY))
    for name, seconds in (("zhang", 10.0), ("li", 40.0)):
        day.handle(CallerJoined(name, f"call-{name}", "orders", ""))
        day.handle(OfferAnswered(name, "1001"))
        day.pass_time(day.now + seconds)
        day.handle(TalkEnded(name, by_agent=True))
        day.pass_time(day.now + 5.0)
        day.handle(AgentAsked("1001", AgentState.READY))
    ledger = Ledger.fold(json.loads(json.dumps(day.journal)))
    assert ledger.handled.samples == {"orders": ((10.0, 40.0), (5.0, 5.0))}
    carried = Ledger.fold([json.loads(json.dumps(line("CARRY", **ledger.carry())))])
    assert carried.handled.samples == ledger.handled.samples

    def estimate() -> float:
        day.handle(CallerJoined("wang", "call-wang", "orders", ""))
        day.handle(CallerJoined("zhou", "call-zhou", "orders", ""))
        outlook = day.engine.outlook("zhou")
        assert outlook is not None and outlook.seconds is not None
        return outlook.seconds

    journal = list(day.journal)
    told = estimate()
    day.journal = journal
    day.restart()
    day.handle(seen({"1001": {}}))
    day.pass_time(day.now + 3.0)
    assert estimate() == pytest.approx(told)


def test_what_was_learned_of_patience_outlives_the_process() -> None:
    """An abandon, an answer, a way out by key and a consult: of the callers alone the next engine knows the same, from
    the records as from a CARRY line; one of before there was any is read."""
    day = Rehearsal(floor_of({"1001": {"chinese": 3}}))
    day.handle(seen({"1001": {}}))
    day.handle(CallerJoined("zhang", "call-zhang", "orders", ""))
    day.handle(CallerJoined("li", "call-li", "orders", ""))
    day.handle(CallerJoined("wang", "call-wang", "orders", "", consulting_agent_id="1001"))
    day.pass_time(day.now + 30.0)
    day.handle(CallerLeft("zhang"))
    day.handle(CallerLeft("wang"))
    day.pass_time(day.now + 10.0)
    day.handle(AgentAsked("1001", AgentState.READY))
    day.handle(OfferAnswered("li", "1001"))
    ledger = Ledger.fold(json.loads(json.dumps(day.journal)))
    seconds = (600.0 * (1 - 1 / PATIENCE_MEMORY) + 30.0) * (1 - 1 / PATIENCE_MEMORY) + 40.0
    assert ledger.handled.patience.seen == {"orders": (pytest.approx(1 - 1 / PATIENCE_MEMORY), pytest.approx(seconds))}
    carry = json.loads(json.dumps(line("CARRY", **ledger.carry())))
    assert Ledger.fold([carry]).restored(0.0).patience == ledger.handled.patience.seen
    assert (
        Ledger.fold([{name: told for name, told in carry.items() if name != "patience"}]).restored(0.0).patience == {}
    )


def test_a_wrap_up_over_a_new_segment_is_measured_whole() -> None:
    """The talk's end is in the old segment, the wrap-up's in the new one; what came before has no such memory."""
    talked = line("COMPLETEAGENT", 110.0, visit_id="zhang", agent_id="1001", wait_seconds=5.0, talk_seconds=5.0)
    first = Ledger.fold([entered(), OFFER, ANSWERED, CONNECT, talked, agent_state("wrap_up", "on_call", 110.0)])
    carry = json.loads(json.dumps(line("CARRY", **first.carry())))
    second = Ledger.fold([carry, agent_state("ready", "wrap_up", 117.0)])
    assert second.handled.samples == {"orders": ((5.0,), (7.0,))}
    old = {name: told for name, told in carry.items() if name not in ("talks", "wrap_ups", "served")}
    assert Ledger.fold([old]).handled.samples == {}


def test_attempts_of_a_callback_that_is_over_are_left_out() -> None:
    """Lines that a damaged journal has without the one that they follow from change nothing."""
    told = {"callback_id": "gone", "attempt_id": "a1", "agent_id": "", "outcome": "busy", "attempts": 1}
    begun, ended = line("CALLBACKATTEMPT", **told), line("CALLBACKATTEMPTEND", retry_seconds=5.0, **told)
    assert Ledger.fold([begun, ended]).visits == {}


def test_a_callback_asked_for_twice_is_the_first_one() -> None:
    """The number has one already, at a better place: the second visit ends, and the callback stays as it was."""
    taken = {"callback_id": "back", "number": "138", "language": "zh", "delay_seconds": 0.0, "wait_seconds": 10.0}
    lines = [entered(), entered("li"), line("CALLBACKTAKEN", visit_id="zhang", **taken)]
    first = Ledger.fold(lines).visits["back"]
    again = Ledger.fold([*lines, line("CALLBACKTAKEN", 110.0, visit_id="li", **taken)])
    assert again.visits == {"back": first}
    assert again.ended["li"] == "callback_taken"
