"""What a hold session reads from the dialplan, and what it makes of a Dial."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest

from acd.commands import RingAgents
from acd.distributor import Errand
from acd.events import CallerHandedOver, CallerLeft, OfferAnswered, OfferFailed, TalkEnded
from acd.hold import Holder
from acd.hold_entry import Entry, read_entry
from acd.model import OfferOutcome, VisitOutcome, VisitState
from pbx.fastagi import AgiServer
from tests.unit.acd.shell import AGENTS, Desk
from tests.unit.pbx.peers import AgiPeer, agi_call, agi_header, parse_args, until

CHANNEL = "PJSIP/a-00000001"
"""The caller's, as the AGI header of `agi_call` names it."""
SECOND_LINE = "PJSIP/1001-00000002"
"""An agent's own call into a queue."""
GIVEN = {
    "CHANNEL(linkedid)": "1795328729.5",
    "CALLERID(num)": "13800000001",
    "ACD_QUEUE": "orders",
    "ACD_SKILLS": "",
    "ACD_PRIORITY": "",
    "ACD_REQUIRES": "",
    "ACD_HEAD_START": "",
    "ACD_SEGMENT": "",
    "ACD_AGENT": "",
    "ACD_VISIT": "",
    "ACD_ARRIVED": "",
    "CHANNEL(musicclass)": "default",
    "ACD_WAITED": "",
    "ACD_OUTCOMES": "",
    "ACD_TOLD": "",
    "HOTLINE_CALLED": "",
    "ACD_NOTICED": "",
    "ACD_RECORD_PAUSED": "",
}


def entry(**changes: str) -> Entry:
    return read_entry({**GIVEN, **changes}, lambda: "new", at=1000.0)


def test_a_first_entry_gets_a_new_visit_and_has_not_waited():
    """Without ACD_VISIT the visit is new and begins now."""
    first = entry()
    assert (first.is_new, first.joined.visit_id, first.joined.waited_seconds) == (True, "new", 0.0)


def test_who_is_back_at_once_has_no_head_start_and_a_record():
    """A blind transfer to nobody within a second: the dialplan's whole seconds lie before the arrival, and records of
    less than nothing are refused."""
    assert entry(ACD_HEAD_START="-0.138").joined.head_start_seconds == 0.0


def test_a_re_entry_keeps_its_visit_and_its_wait():
    """ACD_VISIT and ACD_ARRIVED, set before a restart, bring the caller back to the same visit and place."""
    again = entry(ACD_VISIT="v1", ACD_ARRIVED="940.250")
    assert (again.is_new, again.joined.visit_id, again.joined.waited_seconds) == (False, "v1", 59.75)


def test_a_caller_who_came_while_the_acd_was_away_has_waited():
    """The dialplan has set ACD_ARRIVED and there is no visit yet: a new one, with the wait since then."""
    late = entry(ACD_ARRIVED="998.500")
    assert (late.is_new, late.joined.visit_id, late.joined.waited_seconds) == (True, "new", 1.5)


def test_an_arrival_in_the_future_is_a_wait_of_nothing():
    """A clock that was set back gives no negative wait."""
    assert entry(ACD_VISIT="v1", ACD_ARRIVED="2000").joined.waited_seconds == 0.0


def test_a_menu_may_ask_for_more_skills():
    """ACD_SKILLS holds skill:level words."""
    assert entry(ACD_SKILLS="mandarin:3 vip:1").joined.skills == {"mandarin": 3, "vip": 1}


@pytest.mark.parametrize("garbage", ["mandarin", ":3", "mandarin:x", "mandarin:-1", '"', "mandarin:3.5"])
def test_a_malformed_requirement_costs_the_caller_nothing(garbage: str):
    """A word that is not skill:level is left out; the caller is held all the same."""
    assert entry(ACD_SKILLS=garbage).joined.skills == {}


def test_who_the_caller_is_and_knows_crosses_the_dialplan() -> None:
    """The expression in its canonical words, head start, segment and the agent asked for by name."""
    joined = entry(
        ACD_REQUIRES="orders>=5 and english", ACD_HEAD_START="60", ACD_SEGMENT="vip", ACD_AGENT="1003"
    ).joined
    assert (joined.requires, joined.head_start_seconds) == ("english and orders >= 5", 60.0)
    assert (joined.segment, joined.named_agent_id) == ("vip", "1003")


@pytest.mark.parametrize("garbage", ["orders >=", "(", "orders >= 11"])
def test_an_expression_that_cannot_be_read_costs_the_caller_nothing(garbage: str) -> None:
    """The caller is held as one who asks for nothing more than the queue."""
    assert entry(ACD_REQUIRES=garbage).joined.requires == ""


@pytest.mark.parametrize("garbage", ["high", "1e", "--2", "nan", "inf"])
def test_a_malformed_priority_counts_as_not_given(garbage: str):
    """Text that is no number is priority 0 and no wait."""
    joined = entry(ACD_PRIORITY=garbage, ACD_VISIT="v1", ACD_ARRIVED=garbage).joined
    assert (joined.priority, joined.waited_seconds) == (0, 0.0)


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous", "unknown", "Restricted"])
def test_a_withheld_number_is_no_number(number: str):
    """Nobody is taken for the last anonymous caller."""
    assert entry(**{"CALLERID(num)": number}).joined.caller_number == ""


class HeldLine:
    """Asterisk's end of one hold session, and the distributor behind it."""

    def __init__(self, desk: Desk, peer: AgiPeer, server: AgiServer) -> None:
        self.desk = desk
        self.peer = peer
        self.server = server

    async def enter(self, **values: str) -> None:
        """Answer what a session asks when it begins; a new visit is kept on the channel."""
        given = {**GIVEN, **values}
        await self.peer.answer(told("|".join(quote(given[name], safe="") for name in GIVEN)))
        if not given["ACD_VISIT"]:
            assert parse_args(await self.peer.answer("200 result=0"))[:2] == ["EXEC", "MSet"]

    async def dialled(self) -> str:
        """The target of the Dial that is on the wire now."""
        verb, application, target = parse_args(await self.peer.command())
        assert (verb, application) == ("EXEC", "Dial")
        return target

    async def let_go(self) -> list[str]:
        """The last command of a session."""
        return parse_args(await self.peer.answer("200 result=1"))

    async def ended(self) -> list[str]:
        """Outcomes of visits, once there is one."""
        await until(lambda: self.desk.engine.ended, "the visit ends")
        return list(self.desk.engine.ended.values())


def told(value: str) -> str:
    """The reply to a GET FULL VARIABLE in base64, as pbx asks for it."""
    return f"200 result=1 ({b64encode(f'.{value}'.encode()).decode()})"


@pytest.fixture
async def line() -> AsyncIterator[HeldLine]:
    """A new caller's channel at the door of `hold`; both agents' phones are idle."""
    async with held_line() as held:
        yield held


@asynccontextmanager
async def held_line(channel: str = CHANNEL) -> AsyncIterator[HeldLine]:
    desk = Desk()
    desk.see_phones()
    server = AgiServer({"hold": Holder(desk.distributor, lambda: "zhang").hold})
    async with agi_call(await server.start("127.0.0.1", 0), agi_header(agi_channel=channel)) as peer:
        yield HeldLine(desk, peer, server)
    await server.close()


@pytest.fixture
async def consult() -> AsyncIterator[HeldLine]:
    """Agent 1001 talks to li, asks the queue on a second line about it, and 1002 has answered that: the visit zhang."""
    async with held_line(SECOND_LINE) as held:
        held.desk.ready("1001")
        held.desk.join("li")
        held.desk.distributor.post(OfferAnswered("li", "1001"))
        held.desk.ready("1002")
        await held.enter(**{"CALLERID(num)": "1001", "CHANNEL(linkedid)": "call-desk"})
        await held.dialled()
        held.desk.distributor.post(OfferAnswered("zhang", "1002"))
        yield held


async def test_a_caller_is_dialled_through_and_let_go(line: HeldLine) -> None:
    """Entry, Dial on the caller's own channel, talk, and ACD_DONE with the outcome as the last command."""
    line.desk.ready("1001")
    await line.enter()
    assert await line.dialled() == "PJSIP/1001,20,gtm(default)"
    line.desk.distributor.post(OfferAnswered("zhang", "1001"))
    line.peer.say("200 result=0")
    await line.peer.answer(told("|s"))
    assert await line.let_go() == ["SET", "VARIABLE", "ACD_DONE", "completed_by_agent"]
    assert await line.peer.closed()


async def test_a_caller_who_was_sent_on_is_not_hung_up_on(line: HeldLine) -> None:
    """Dial came back because the agent transferred the caller: BLINDTRANSFER says so, EXTEN where to, AMI or not."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.desk.distributor.post(OfferAnswered("zhang", "1001"))
    line.peer.say("200 result=0")
    await line.peer.answer(told("PJSIP%2F1001-00000001|1002"))
    assert await line.let_go() == ["SET", "VARIABLE", "ACD_DONE", "transferred"]
    (transfer,) = (one for one in line.desk.journal.lines if one["verb"] == "BLINDTRANSFER")
    assert (transfer["destination_kind"], transfer["destination"]) == ("agent", "1002")


async def test_a_session_whose_caller_went_on_in_another_visit_ends_that_one(line: HeldLine) -> None:
    """Handed over inside the same Dial: when it comes back it is the colleague who has hung up, and a survey is about
    their talk."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.desk.distributor.post(OfferAnswered("zhang", "1001"))
    line.desk.distributor.post(CallerHandedOver("zhang", "call", agent_id="1002"))
    line.peer.say("200 result=0")
    await line.peer.answer(told("|s"))
    survey_about = await line.let_go()
    (end,) = (one for one in line.desk.journal.lines if one["verb"] == "COMPLETEAGENT")
    assert (survey_about, end["agent_id"]) == (["SET", "VARIABLE", "ACD_VISIT", end["visit_id"]], "1002")
    assert await line.let_go() == ["SET", "VARIABLE", "ACD_DONE", "completed_by_agent"]


@pytest.mark.parametrize("is_told_first", [True, False], ids=["after AMI has told", "before AMI tells"])
@pytest.mark.parametrize("has_session", [True, False], ids=["held", "held before a restart"])
async def test_a_talk_that_was_handed_over_outlives_the_agents_leg(
    consult: HeldLine, is_told_first: bool, has_session: bool
) -> None:
    """Asterisk takes the second line out of its Dial without a hang-up: the caller, who talks on with the colleague,
    has lost nothing, whether AMI or the session is faster."""
    distributor, callers = consult.desk.distributor, list[Errand]()
    if has_session:
        distributor.attach("li", callers.append)
    over = CallerHandedOver("li", "call-li", "zhang", "1002")
    if is_told_first:
        distributor.post(over)
    consult.peer.say("200 result=0")
    await consult.peer.answer(told(SECOND_LINE))
    if not is_told_first:
        distributor.post(over)
    consult.peer.say("HANGUP")
    assert await consult.peer.closed()
    await until(lambda: consult.server.sessions == 0, "the second line's session ends")
    talk = consult.desk.engine.visits["zhang"]
    assert (talk.state, talk.agent_id, talk.call_id) == (VisitState.CONNECTED, "1002", "call-li")
    distributor.post(CallerLeft("zhang"))
    assert consult.desk.engine.ended["zhang"] is VisitOutcome.COMPLETED_BY_CALLER
    assert [type(errand).__name__ for errand in callers] == ["FollowCaller", "ReleaseCaller"] * has_session


async def test_a_consult_that_the_colleague_ends_lets_the_agent_go(consult: HeldLine) -> None:
    """The session leaves the end to AMI, and goes by what that tells."""
    consult.peer.say("200 result=0")
    await consult.peer.answer(told(SECOND_LINE))
    await until(lambda: not consult.desk.engine.visits["zhang"].attached, "the session has seen the end of its Dial")
    consult.desk.distributor.post(TalkEnded("zhang", by_agent=True))
    assert parse_args(await consult.peer.command()) == ["SET", "VARIABLE", "ACD_DONE", "completed_by_agent"]


async def test_a_caller_who_waited_on_in_the_agents_place_is_a_caller() -> None:
    """Handed over while the phone rang, the caller's channel is in the second line's session: when that Dial is over
    the colleague has hung up, and the session tells it."""
    async with held_line(SECOND_LINE) as line:
        line.desk.ready("1002")
        await line.enter(**{"CALLERID(num)": "1001", "CHANNEL(linkedid)": "call-desk"})
        await line.dialled()
        line.desk.distributor.post(CallerHandedOver("", "call-li", "zhang"))
        line.desk.distributor.post(OfferAnswered("zhang", "1002"))
        line.peer.say("200 result=0")
        await line.peer.answer(told(CHANNEL))
        await line.peer.answer(told("|s"))
        assert await line.let_go() == ["SET", "VARIABLE", "ACD_DONE", "completed_by_agent"]


@pytest.mark.parametrize(("name", "goes_on"), [("PJSIP/1001-00000007", True), (CHANNEL, False)])
async def test_a_channel_that_took_anothers_place_is_no_caller_who_left(
    line: HeldLine, name: str, goes_on: bool
) -> None:
    """A caller who is handed over to a queue takes the place of the agent's leg in it: what ends here has its name."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.desk.distributor.post(OfferAnswered("zhang", "1001"))
    line.peer.say("HANGUP")
    line.peer.say("200 result=-1")
    await line.peer.answer(told(name))
    if not goes_on:
        await line.peer.answer(told("|s"))
    assert await line.peer.closed()
    assert ("zhang" in line.desk.engine.visits) is goes_on


async def test_a_session_that_a_blind_transfer_ends_tells_of_the_transfer(line: HeldLine) -> None:
    """Asterisk sends the channel elsewhere by a soft hang-up; where AMI is slower the session reads it as its end."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.desk.distributor.post(OfferAnswered("zhang", "1001"))
    line.peer.say("HANGUP")
    line.peer.say("200 result=-1")
    await line.peer.answer(told(CHANNEL))
    await line.peer.answer(told("PJSIP/1001-00000001|7001"))
    assert await line.peer.closed()
    assert line.desk.engine.ended["zhang"] is VisitOutcome.TRANSFERRED


async def test_an_unanswered_dial_goes_to_the_next_agent(line: HeldLine) -> None:
    """The music is started again, the offer ends as Dial says, and the next Dial follows in the same session."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.desk.ready("1002")
    line.peer.say("200 result=0")
    await line.peer.answer(told("NOANSWER|0||"))
    assert parse_args(await line.peer.answer("200 result=0")) == ["EXEC", "StartMusicOnHold", "default"]
    assert await line.dialled() == "PJSIP/1002,20,gtm(default)"
    (offer_end,) = (one for one in line.desk.journal.lines if one["verb"] == "OFFEREND")
    assert offer_end["outcome"] == "rna"


async def test_a_talk_that_ami_did_not_tell_is_a_talk(line: HeldLine) -> None:
    """Dial answered while AMI was away: the visit is connected for as long as Asterisk says, then complete."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.peer.say("200 result=0")
    await line.peer.answer(told("ANSWER|16|0|PJSIP%2F1001-00000001"))
    assert (await line.let_go())[-1] == "completed_by_agent"
    assert "CONNECT" in line.desk.journal.verbs


@pytest.mark.parametrize(("is_dialled", "outcome"), [(False, "abandoned_waiting"), (True, "abandoned_ringing")])
async def test_a_caller_who_hangs_up_abandons(line: HeldLine, is_dialled: bool, outcome: str) -> None:
    """HANGUP ends the visit at once while the caller waits; while a phone rings, with the Dial that it ends."""
    if is_dialled:
        line.desk.ready("1001")
    await line.enter()
    if is_dialled:
        await line.dialled()
    line.peer.say("HANGUP")
    if is_dialled:
        line.peer.say("200 result=-1")
        await line.peer.answer(told("CANCEL|0||"))
    assert await line.ended() == [outcome]


async def test_a_caller_who_hangs_up_on_an_unheard_answer_has_talked(line: HeldLine) -> None:
    """The caller ends a talk of which AMI did not tell: Dial's own variables, read after the hang-up, say so."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.peer.say("HANGUP")
    line.peer.say("200 result=-1")
    await line.peer.answer(told("ANSWER|16|0|PJSIP%2F1001-00000001"))
    assert await line.ended() == ["completed_by_caller"]


async def test_a_session_that_breaks_off_keeps_the_place(line: HeldLine) -> None:
    """A connection that ends without HANGUP ends no visit: the caller is offered to nobody until they are back, or
    until the switch tells that they are gone."""
    await line.enter()
    await until(lambda: line.desk.engine.visits, "the caller waits")
    await line.peer.hang_up()
    await until(lambda: not line.desk.engine.visits["zhang"].attached, "the session is lost")
    line.desk.ready("1001")
    assert line.desk.engine.visits["zhang"].state is VisitState.WAITING
    line.desk.distributor.post(CallerLeft("zhang"))
    assert await line.ended() == ["abandoned_waiting"]


async def test_an_older_session_that_breaks_off_is_old_news(line: HeldLine) -> None:
    """Where another session holds the caller by now, the caller stays in line."""
    await line.enter()
    await until(lambda: line.desk.engine.visits, "the caller waits")
    newer: list[Errand] = []
    line.desk.distributor.attach("zhang", newer.append)
    await line.peer.hang_up()
    await until(lambda: line.server.sessions == 0, "the older session ends")
    line.desk.ready("1001")
    assert [type(errand) for errand in newer] == [RingAgents]


async def test_several_phones_ring_in_one_dial(line: HeldLine) -> None:
    """With ring_all one Dial rings both agents; unanswered, each offer ends as the Dial did, unless AMI told before."""
    line.desk.ready(*AGENTS)
    await line.enter(ACD_QUEUE="parcels")
    assert await line.dialled() == "PJSIP/1001&PJSIP/1002,20,gtm(default)"
    line.desk.distributor.post(OfferFailed("o1", "zhang", OfferOutcome.REJECT))
    line.peer.say("200 result=0")
    await line.peer.answer(told("NOANSWER|0||"))
    assert parse_args(await line.peer.answer("200 result=0")) == ["EXEC", "StartMusicOnHold", "default"]
    line.peer.say("200 result=0")
    await until(lambda: not line.desk.engine.visits["zhang"].offers, "both offers end")
    ends = [one for one in line.desk.journal.lines if one["verb"] == "OFFEREND"]
    assert [(one["agent_id"], one["outcome"]) for one in ends] == [("1001", "reject"), ("1002", "rna")]


async def test_a_dial_whose_offers_were_taken_back_tells_nothing(line: HeldLine) -> None:
    """Its lease had run out: the music goes on and nothing more is recorded of it."""
    line.desk.ready("1001")
    await line.enter()
    await line.dialled()
    line.desk.distributor.post(OfferFailed("o1", "zhang", OfferOutcome.ERROR))
    line.peer.say("200 result=0")
    assert parse_args(await line.peer.answer("200 result=0")) == ["EXEC", "StartMusicOnHold", "default"]
    assert line.desk.journal.verbs.count("OFFEREND") == 1


async def test_a_late_answer_in_a_ring_of_several(line: HeldLine) -> None:
    """The caller ends a talk of which AMI did not tell: the one who answered has talked, the other was not first."""
    line.desk.ready(*AGENTS)
    await line.enter(ACD_QUEUE="parcels")
    await line.dialled()
    line.peer.say("HANGUP")
    line.peer.say("200 result=-1")
    await line.peer.answer(told("ANSWER|16|0|PJSIP%2F1002-00000001"))
    assert await line.ended() == ["completed_by_caller"]
    ends = [one for one in line.desk.journal.lines if one["verb"] == "OFFEREND"]
    assert [(one["agent_id"], one["outcome"]) for one in ends] == [("1001", "cancel_other_won"), ("1002", "answered")]


async def test_the_one_who_answered_unheard_has_talked(line: HeldLine) -> None:
    """Of two phones that rang while AMI was away, Dial's own variable tells which one answered."""
    line.desk.ready(*AGENTS)
    await line.enter(ACD_QUEUE="parcels")
    await line.dialled()
    line.peer.say("200 result=0")
    await line.peer.answer(told("ANSWER|16|0|PJSIP%2F1002-00000001"))
    assert (await line.let_go())[-1] == "completed_by_agent"
    ends = [one for one in line.desk.journal.lines if one["verb"] == "OFFEREND"]
    assert [(one["agent_id"], one["outcome"]) for one in ends] == [("1001", "cancel_other_won"), ("1002", "answered")]


async def test_a_queue_that_does_not_exist_holds_nobody(line: HeldLine) -> None:
    """The session ends at once, and says so: the dialplan does not enter again."""
    await line.enter(ACD_QUEUE="nowhere")
    assert (await line.let_go())[-1] == "system_error"


async def test_a_visit_that_is_over_is_not_held_again(line: HeldLine) -> None:
    """A caller who re-enters after the end of the visit is let go with its outcome."""
    line.desk.join("li")
    line.desk.distributor.post(CallerLeft("li"))
    await line.enter(ACD_VISIT="li")
    assert (await line.let_go())[-1] == "abandoned_waiting"
    assert line.desk.journal.verbs.count("ENTERQUEUE") == 1


def test_the_menu_may_have_the_talk_begin_in_a_pause():
    """ACD_RECORD_PAUSED and ACD_NOTICED are 1 or not set."""
    assert (entry().record_paused, entry().noticed) == (False, False)
    told = entry(ACD_RECORD_PAUSED="1", ACD_NOTICED="1")
    assert (told.record_paused, told.noticed) == (True, True)
