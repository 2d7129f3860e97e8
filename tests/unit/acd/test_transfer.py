"""What AMI tells of hold, consult and transfer: as seen on Asterisk 22.10, in that order."""

from typing import Any

import pytest

from acd.commands import StopRinging
from acd.events import CallerJoined, CallerLeft, OfferAnswered, SessionLost
from acd.model import AgentState, VisitOutcome, VisitState
from acd.switchboard import Switchboard
from acd.transfer import consulting_agent, dialled_by_keys
from pbx.ami import AmiEvent, LinkUp
from tests.unit.acd.test_switchboard import Room, caller, happened

A1 = "PJSIP/1001-00000001"
A2 = "PJSIP/1001-00000002"
B = "PJSIP/1002-00000003"
NEAR, FAR = "Local/1002@transfer-00000001;1", "Local/1002@transfer-00000001;2"
CALLER = "PJSIP/trunk-00000009"


@pytest.fixture
async def room() -> Room:
    """Agent 1001 talks to the caller zhang, on leg A1; 1002 is logged off at an idle phone."""
    made = Room()
    await made.read(LinkUp(1))
    made.desk.ready("1001")
    made.desk.join("zhang")
    await made.read(channel("Newchannel", A1), answer(CALLER, A1))
    assert made.visits["zhang"].state is VisitState.CONNECTED
    return made


def channel(name: str, of: str, call_id: str = "call-zhang", **headers: str) -> AmiEvent:
    """An event of one channel; its uniqueid is its name here."""
    return happened(name, Channel=of, Uniqueid=of, Linkedid=call_id, **headers)


def answer(by: str, of: str, call_id: str = "call-zhang") -> AmiEvent:
    return happened("DialEnd", DialStatus="ANSWER", Channel=by, DestChannel=of, DestUniqueid=of, DestLinkedid=call_id)


def blind(result: str = "Success", by: str = A1) -> AmiEvent:
    return happened(
        "BlindTransfer", Result=result, TransfererChannel=by, TransfererLinkedid="call-zhang", Extension="7001"
    )


def attended(
    first: tuple[str, str, str], second: tuple[str, str, str], *, result: str = "Success", kind: str = "Bridge"
) -> AmiEvent:
    """Of two talks: linkedid, the agent's channel, the other channel."""
    names = ("OrigTransferer", "Transferee"), ("SecondTransferer", "TransferTarget")
    headers = {"Result": result, "DestType": kind, "SecondTransfererExten": "1002"}
    for (transferer, other), (call_id, own, peer) in zip(names, (first, second), strict=True):
        headers |= {f"{transferer}Channel": own, f"{transferer}Linkedid": call_id, f"{other}Channel": peer}
    return happened("AttendedTransfer", **headers)


TALK = ("call-zhang", A1, CALLER)
CONSULT = ("call-a2", A2, B)


async def consult_by_phone(room: Room) -> None:
    """A1 on hold, a second line to the colleague, who answers."""
    await room.read(
        channel("Hold", A1),
        channel("Newchannel", A2, "call-a2"),
        channel("Newchannel", B, "call-a2"),
        answer(A2, B, "call-a2"),
    )


async def consult_by_keys(room: Room) -> None:
    """A Local channel stands between the agent's one leg and the colleague; all have the caller's linkedid."""
    await room.read(
        channel("Hold", A1),
        *(channel("Newchannel", half) for half in (NEAR, FAR)),
        channel("Newchannel", B),
        answer(FAR, B),
        answer("", NEAR),
    )


def reason(room: Room) -> str:
    assert room.agents["1001"].state is AgentState.ON_CALL
    return room.agents["1001"].reason


async def test_a_held_caller_is_the_agents_with_a_reason(room: Room) -> None:
    """Hold and Unhold of the agent's leg are told; those of a caller's are the caller's own affair."""
    await room.read(channel("Hold", A1))
    assert reason(room) == "hold"
    await room.read(channel("Hold", CALLER), channel("Unhold", CALLER), channel("Unhold", A1))
    assert reason(room) == ""


async def test_a_second_line_is_a_consult_and_its_end_is_none(room: Room) -> None:
    """While the second line is itself on hold the agent talks to the caller; a line that ends leaves the hold."""
    await consult_by_phone(room)
    assert reason(room) == "consult"
    await room.read(channel("Hold", A2, "call-a2"), channel("Unhold", A1))
    assert reason(room) == ""
    await room.read(channel("Hold", A1), channel("Unhold", A2, "call-a2"), channel("Hangup", A2, "call-a2"))
    assert reason(room) == "hold"


async def test_a_blind_transfer_ends_the_talk_and_no_call(room: Room) -> None:
    """The legs' own ends come after it and change nothing; a transfer that failed is no transfer."""
    await room.read(blind(result="Fail"), blind(by=B))
    assert "zhang" in room.visits
    await room.read(blind(), channel("Hangup", A1))
    assert room.ended["zhang"] is VisitOutcome.TRANSFERRED
    assert room.agents["1001"].state is AgentState.WRAP_UP


@pytest.mark.parametrize("legs", [(TALK, CONSULT), (CONSULT, TALK)], ids=["from the caller", "from the colleague"])
async def test_a_colleague_has_the_caller_whichever_leg_the_phone_refers_from(
    room: Room, legs: tuple[tuple[str, str, str], tuple[str, str, str]]
) -> None:
    """The colleague's leg joins the caller's call: their hang-up is the end of their talk."""
    await consult_by_phone(room)
    await room.read(attended(*legs), channel("Hangup", A1), channel("Hangup", A2, "call-a2"))
    assert room.ended["zhang"] is VisitOutcome.TRANSFERRED
    (onward,) = room.visits.values()
    assert (onward.agent_id, onward.from_visit_id) == ("1002", "zhang")
    await room.read(channel("HangupRequest", B))
    assert room.ended[onward.visit_id] is VisitOutcome.COMPLETED_BY_AGENT


async def test_a_failed_attended_transfer_changes_nothing(room: Room) -> None:
    """The caller is still the agent's."""
    await consult_by_phone(room)
    await room.read(attended(TALK, CONSULT, result="Fail"))
    assert room.visits["zhang"].state is VisitState.CONNECTED


async def test_a_colleague_asked_by_keys_is_not_taken_for_a_stray_answer(room: Room) -> None:
    """Their phone rings and answers in the caller's own call; nobody hangs it up."""
    await consult_by_keys(room)
    assert reason(room) == "consult"
    assert not [fields for action, fields in room.ami.actions if action == "Hangup"]


async def test_a_colleague_asked_by_keys_is_on_a_call_of_their_own(room: Room) -> None:
    """They are offered nobody from the first ring on; once the caller is theirs it is a talk like any other."""
    room.desk.ready("1002")
    await room.read(channel("Newchannel", B))
    assert room.agents["1002"].state is AgentState.EXTERNAL
    await consult_by_keys(room)
    assert room.agents["1002"].state is AgentState.EXTERNAL
    await room.read(attended(TALK, ("call-zhang", A1, NEAR)), channel("Hangup", A1), channel("Hangup", NEAR))
    assert room.agents["1002"].state is AgentState.ON_CALL
    await room.read(channel("HangupRequest", B), channel("Hangup", B))
    assert room.agents["1002"].state is AgentState.WRAP_UP
    room.desk.ready("1002")
    assert room.agents["1002"].state is AgentState.READY


async def test_a_colleague_asked_by_keys_who_is_not_needed_is_free_again(room: Room) -> None:
    """Their leg ends in the consult."""
    room.desk.ready("1002")
    await consult_by_keys(room)
    await room.read(channel("Hangup", B))
    assert room.agents["1002"].state is AgentState.READY


async def test_an_agent_who_hangs_up_in_a_consult_by_keys_hands_over(room: Room) -> None:
    """The hang-up is told first, the transfer after it: one end of the visit, and it is the transfer."""
    await consult_by_keys(room)
    await room.read(
        channel("HangupRequest", A1),
        attended(TALK, ("call-zhang", A1, NEAR)),
        channel("Hangup", A1),
        channel("Hangup", NEAR),
    )
    assert room.ended["zhang"] is VisitOutcome.TRANSFERRED
    (onward,) = room.visits.values()
    assert onward.agent_id == "1002"


@pytest.mark.parametrize("target", ["", "PJSIP/x-00000001"])
async def test_a_consult_that_asterisk_does_not_name_is_the_last_one(room: Room, target: str) -> None:
    """While a Local channel is optimized away the transfer's target is missing, or is nobody's."""
    await consult_by_keys(room)
    await room.read(attended(TALK, ("call-zhang", A1, target)), channel("Hangup", A1))
    assert [visit.agent_id for visit in room.visits.values()] == ["1002"]


async def test_a_transfer_that_a_picture_has_shown_is_old_news(room: Room) -> None:
    """The colleague has the caller already: the event that comes after it ends nothing."""
    await consult_by_phone(room)
    await room.read(attended(TALK, CONSULT), attended(TALK, CONSULT))
    assert [visit.agent_id for visit in room.visits.values()] == ["1002"]


async def test_an_agent_who_hands_over_to_a_phone_that_does_not_answer_has_hung_up(room: Room) -> None:
    """Asterisk goes on ringing for them; when that comes to nothing the talk ends, by the agent."""
    await room.read(*(channel("Newchannel", half) for half in (NEAR, FAR)), channel("HangupRequest", A1))
    await room.read(channel("Hangup", A1))
    assert "zhang" in room.visits
    await room.read(channel("Hangup", NEAR))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_AGENT


async def hand_over_while_it_rings(room: Room) -> None:
    """The agent's own leg stays a channel, in no bridge, until Asterisk is done with the transfer."""
    await room.read(
        channel("Hold", A1),
        *(channel("Newchannel", half) for half in (NEAR, FAR)),
        channel("Newchannel", B),
        channel("HangupRequest", A1),
        attended(TALK, ("call-zhang", A1, NEAR)),
    )
    assert reason(room) == "consult"
    assert room.agents["1002"].state is AgentState.LOGGED_OFF


async def test_who_is_handed_a_caller_while_their_phone_rings_has_them_once_they_answer(room: Room) -> None:
    """Nobody talks before; the first agent consults until then, and the talk is the colleague's from the answer on."""
    await hand_over_while_it_rings(room)
    await room.read(answer(FAR, B))
    assert [*room.visits] == ["zhang"]
    await room.read(answer("", NEAR), channel("Hangup", A1), channel("Hangup", NEAR), channel("Hangup", FAR))
    (onward,) = room.visits.values()
    assert (onward.agent_id, onward.from_visit_id) == ("1002", "zhang")
    assert room.ended["zhang"] is VisitOutcome.TRANSFERRED


async def test_a_caller_who_hangs_up_while_the_colleague_rings_talked_to_the_first_agent_alone(room: Room) -> None:
    """One talk, one end, and the colleague has had nobody."""
    await hand_over_while_it_rings(room)
    await room.read(caller("HangupRequest", "zhang"), *(channel("Hangup", one) for one in (A1, FAR, NEAR, B)))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_CALLER
    assert not room.visits
    assert room.agents["1001"].state is AgentState.WRAP_UP
    assert room.agents["1002"].state is AgentState.LOGGED_OFF


@pytest.mark.parametrize("refusals", [0, 1])
async def test_an_agent_who_is_called_back_goes_on_talking(room: Room, refusals: int) -> None:
    """The colleague does not answer: Asterisk rings whoever handed over, on a call of its own, perhaps again and
    again; their answer is no consult, their first leg's end none of the talk, and their hang-up is."""
    await hand_over_while_it_rings(room)
    await room.read(*(channel("Hangup", one) for one in (B, NEAR, FAR)))
    for _ in range(refusals):
        await room.read(channel("Newchannel", A2, "recall"), channel("Hangup", A2, "recall"))
    await room.read(channel("Newchannel", A2, "recall"))
    assert reason(room) == "consult"
    await room.read(answer("", A2, "recall"), channel("Hangup", A1))
    assert reason(room) == ""
    await room.read(channel("HangupRequest", A2), channel("Hangup", A2))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_AGENT
    assert not room.visits


async def test_a_colleague_who_answers_when_asterisk_tries_again_has_the_caller(room: Room) -> None:
    """That try is a call of its own until its near half joins the caller's bridge; nobody tells of the legs."""
    await hand_over_while_it_rings(room)
    await room.read(*(channel("Hangup", one) for one in (B, NEAR, FAR)))
    near, far, again = (name.replace("00000001", "00000002") for name in (NEAR, FAR, B.replace("3", "1")))
    await room.read(*(channel("Newchannel", one, "anew") for one in (near, far, again)))
    await room.read(answer(far, again, "anew"), answer("", near), channel("Hangup", A1))
    (onward,) = room.visits.values()
    assert onward.agent_id == "1002"
    await room.read(channel("Hangup", near), channel("Hangup", far), channel("Hangup", again))
    assert room.ended[onward.visit_id] is VisitOutcome.COMPLETED_BY_AGENT


async def test_an_agent_who_is_not_there_to_be_called_back_has_hung_up(room: Room) -> None:
    """Asterisk gives up, and their first leg ends with that: the talk is over, by the agent."""
    await hand_over_while_it_rings(room)
    await room.read(*(channel("Hangup", one) for one in (B, NEAR, FAR)), channel("Hangup", A1))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_AGENT


async def test_a_picture_shows_a_caller_who_was_handed_over_to_a_phone_that_rings(room: Room) -> None:
    """The near half is in the caller's bridge before anybody has answered: the answer hands over."""
    room.desk.distributor.post(SessionLost("zhang"))
    room.ami.channels = [
        caller("CoreShowChannel", "zhang", ChannelState="6", BridgeId="callers", Context="queue", Application="Dial"),
        channel("CoreShowChannel", A1, ChannelState="6"),
        channel("CoreShowChannel", NEAR, ChannelState="5", BridgeId="callers"),
        channel("CoreShowChannel", B, ChannelState="5"),
    ]
    await room.read(LinkUp(2))
    assert reason(room) == "consult"
    await room.read(answer("", NEAR))
    assert [visit.agent_id for visit in room.visits.values()] == ["1002"]


@pytest.mark.parametrize("session_lives", [True, False])
@pytest.mark.parametrize("agent_is_there", [True, False])
async def test_a_picture_shows_a_caller_who_was_handed_over_to_a_queue_by_keys(
    room: Room, session_lives: bool, agent_is_there: bool
) -> None:
    """The caller is in one bridge with the near half: the consult is theirs, unless the agent is in it as well, which
    makes it a conference. The far half's end is no caller's from then on."""
    await room.read(*(channel("Newchannel", half) for half in (NEAR, FAR)))
    room.desk.distributor.consults[FAR] = "desk"
    room.desk.distributor.post(CallerJoined("desk", "call-zhang", "orders", "1001", consulting_agent_id="1001"))
    if not session_lives:
        room.desk.distributor.post(SessionLost("zhang"))
    up = {"ChannelState": "6"}
    room.ami.channels = [
        caller("CoreShowChannel", "zhang", BridgeId="callers", Context="queue", Application="Dial", **up),
        channel("CoreShowChannel", NEAR, BridgeId="callers", **up),
        channel("CoreShowChannel", FAR, **up),
        *([channel("CoreShowChannel", A1, BridgeId="callers", **up)] if agent_is_there else []),
    ]
    await room.read(LinkUp(2))
    if agent_is_there:
        assert room.visits["zhang"].state is VisitState.CONNECTED
        return
    assert [*room.visits] == ["desk"]
    assert (room.ended["zhang"], room.visits["desk"].from_visit_id) == (VisitOutcome.TRANSFERRED, "zhang")
    await room.read(channel("Hangup", FAR))
    assert [*room.visits] == ["desk"]


@pytest.mark.parametrize("colleague_stays", [True, False])
async def test_who_leaves_a_conference_leaves_the_others_their_talk(room: Room, colleague_stays: bool) -> None:
    """While all three talk the visit is the first agent's; then the colleague's, unless they were gone before."""
    await consult_by_keys(room)
    await room.read(attended(TALK, ("call-zhang", A1, NEAR), kind="Threeway"))
    assert reason(room) == ""
    gone = [] if colleague_stays else [channel("Hangup", B)]
    await room.read(*gone, channel("HangupRequest", A1), channel("Hangup", A1))
    expected = VisitOutcome.TRANSFERRED if colleague_stays else VisitOutcome.COMPLETED_BY_AGENT
    assert room.ended["zhang"] is expected
    assert [visit.agent_id for visit in room.visits.values()] == (["1002"] if colleague_stays else [])


async def consult_queue(room: Room, own: str, call_id: str) -> None:
    """The agent's own call stands in the queue, as a hold session reports it; 1002 answers it."""
    room.desk.distributor.consults[own] = "desk"
    room.desk.distributor.post(CallerJoined("desk", call_id, "orders", "1001", consulting_agent_id="1001"))
    room.desk.ready("1002")
    await room.read(channel("Newchannel", B, call_id))
    room.desk.distributor.post(OfferAnswered("desk", "1002"))


async def test_a_consult_by_keys_whose_caller_has_gone_rings_nobody(room: Room) -> None:
    """The caller hangs up while the agent still keys the queue; a consult that waits by then goes on as it is."""
    room.desk.distributor.post(CallerLeft("zhang"))
    room.desk.distributor.post(CallerJoined("desk", "call-zhang", "orders", "1001", consulting_agent_id="1001"))
    assert room.ended["desk"] is VisitOutcome.ABANDONED_WAITING
    room.desk.distributor.post(CallerJoined("own", "call-a2", "orders", "1001", consulting_agent_id="1001"))
    assert "own" in room.visits


async def test_a_consult_in_a_queue_becomes_the_callers_visit(room: Room) -> None:
    """By phone: the second line's channel names it, and its end afterwards is nobody's hang-up."""
    await room.read(channel("Newchannel", A2, "call-a2"))
    await consult_queue(room, A2, "call-a2")
    assert (reason(room), room.agents["1002"].state) == ("consult", AgentState.ON_CALL)
    await room.read(attended(TALK, CONSULT), channel("Hangup", A1), channel("Hangup", A2, "call-a2"))
    assert room.visits["desk"].call_id == "call-zhang"
    assert room.ended["zhang"] is VisitOutcome.TRANSFERRED
    assert room.desk.distributor.visit_of("call-zhang") == "desk"


async def hand_over_while_a_queue_rings(room: Room) -> None:
    """A phone of the queue rings for the second line when the agent hands over: the caller's channel takes that line's
    place, and the phone's leg keeps the linkedid of the agent's call until it is bridged."""
    await room.read(channel("Newchannel", A2, "call-a2"))
    room.desk.distributor.consults[A2] = "desk"
    room.desk.ready("1002")
    room.desk.distributor.post(CallerJoined("desk", "call-a2", "orders", "1001", consulting_agent_id="1001"))
    await room.read(channel("Newchannel", B, "call-a2"))
    waiting_in = ("call-a2", A2, "")
    await room.read(attended(TALK, waiting_in, kind="App"), channel("Hangup", A1), channel("Hangup", A2, "call-a2"))
    assert (room.visits["desk"].state, room.ended["zhang"]) == (VisitState.OFFERED, VisitOutcome.TRANSFERRED)


def picture_of_the_ringing(caller_is_in: str = "") -> list[AmiEvent]:
    """Asterisk's list of channels after that."""
    return [
        caller("CoreShowChannel", "zhang", ChannelState="6", Context="queue", BridgeId=caller_is_in),
        channel("CoreShowChannel", B, "call-a2", ChannelState="5"),
    ]


async def test_who_is_handed_a_caller_while_a_queue_rings_talks_from_the_answer_on(room: Room) -> None:
    """The answer is told of the agent's call, which is over: it is heard all the same, and so is who hangs up."""
    await hand_over_while_a_queue_rings(room)
    await room.read(channel("Newstate", B, "call-a2", ChannelState="6"), answer(CALLER, B, "call-a2"))
    assert (room.visits["desk"].state, room.visits["desk"].agent_id) == (VisitState.CONNECTED, "1002")
    await room.read(caller("HangupRequest", "zhang"), channel("Hangup", B))
    assert room.ended["desk"] is VisitOutcome.COMPLETED_BY_CALLER


async def test_the_end_of_the_agents_call_that_is_told_after_a_picture_is_not_the_callers(room: Room) -> None:
    """The handover fell between login and snapshot: the picture knows that channel no more, its end comes later."""
    await hand_over_while_a_queue_rings(room)
    room.ami.channels = picture_of_the_ringing()
    await room.read(LinkUp(2), happened("Hangup", Channel=A2, Uniqueid="call-a2", Linkedid="call-a2"))
    assert room.visits["desk"].state is VisitState.OFFERED


async def test_a_phone_that_rings_for_a_caller_who_was_handed_over_is_known_after_a_gap(room: Room) -> None:
    """The picture has its leg in the agent's call: its agent is not busy elsewhere, it can be hung up and answered."""
    await hand_over_while_a_queue_rings(room)
    room.ami.channels = picture_of_the_ringing()
    await room.read(LinkUp(2))
    assert (room.visits["desk"].state, room.agents["1002"].state) == (VisitState.OFFERED, AgentState.OFFERED)
    room.switchboard._stop_ringing(StopRinging("desk", "call-zhang", "1002"))
    await room.read(answer(CALLER, B, "call-a2"))
    assert [fields["Channel"] for action, fields in room.ami.actions if action == "Hangup"] == [B]
    assert room.visits["desk"].state is VisitState.CONNECTED


@pytest.mark.parametrize(
    ("caller_is_in", "agents_call"), [("", False), ("callers", False), ("", True)], ids=["taken", "held", "asking"]
)
async def test_a_picture_shows_a_caller_who_was_handed_over_to_a_queue_that_rings(
    room: Room, caller_is_in: str, agents_call: bool
) -> None:
    """While the ACD was away: the phone rings in a call whose agent is no more in it, and the caller is in no bridge.
    An agent who is there still asks; one whose line has just ended, while the caller is on hold, asked in vain."""
    room.desk.ready("1002")
    room.desk.distributor.post(CallerJoined("desk", "call-a2", "orders", "1001", consulting_agent_id="1001"))
    room.desk.distributor.post(SessionLost("desk"))
    own = happened("CoreShowChannel", Channel=A2, Uniqueid="call-a2", Linkedid="call-a2", ChannelState="6")
    asking = [own] if agents_call else []
    held = channel("CoreShowChannel", A1, ChannelState="6", BridgeId=caller_is_in)
    room.ami.channels = [*picture_of_the_ringing(caller_is_in), *asking, *([held] if caller_is_in else [])]
    await room.read(LinkUp(2))
    taken = not caller_is_in and not agents_call
    assert (room.ended.get("zhang") is VisitOutcome.TRANSFERRED) == taken
    assert (room.visits["desk"].call_id, room.visits["desk"].state) == (
        "call-zhang" if taken else "call-a2",
        VisitState.OFFERED,
    )


async def test_a_consult_by_keys_in_a_queue_becomes_the_callers_visit(room: Room) -> None:
    """The far half of the Local channel is what stands in the queue."""
    await room.read(*(channel("Newchannel", half) for half in (NEAR, FAR)))
    await consult_queue(room, FAR, "call-zhang")
    await room.read(channel("HangupRequest", A1), attended(TALK, ("call-zhang", A1, NEAR)), channel("Hangup", FAR))
    assert [*room.visits] == ["desk"]


async def test_a_consult_without_its_session_is_known_by_who_was_asked(room: Room) -> None:
    """After a restart of ours no session tells which channel stands in the queue: the colleague's talk does."""
    await room.read(channel("Newchannel", A2, "call-a2"))
    await consult_queue(room, A2, "call-a2")
    room.desk.distributor.consults.clear()
    await room.read(attended(TALK, CONSULT))
    assert [*room.visits] == ["desk"]


async def test_a_consult_that_the_agent_hangs_up_is_over(room: Room) -> None:
    """The second line's end is the end of the consult, and the caller's of nothing."""
    await room.read(channel("Newchannel", A2, "call-a2"))
    await consult_queue(room, A2, "call-a2")
    await room.read(channel("Hangup", A2, "call-a2"))
    assert [*room.visits] == ["zhang"]
    assert room.ended["desk"] is VisitOutcome.COMPLETED_BY_CALLER
    assert reason(room) == ""


async def test_a_picture_finds_what_began_and_ended_unseen(room: Room) -> None:
    """Lines that are gone are no consult any more, new ones are; of holds the list tells nothing, the journal does."""
    await room.read(channel("Hold", A1))
    up = {"ChannelState": "6", "BridgeId": "b"}
    held = [channel("CoreShowChannel", A1, **up), channel("CoreShowChannel", CALLER, **up)]
    room.ami.channels = [*held, channel("CoreShowChannel", A2, "call-a2", **up)]
    await room.read(LinkUp(2))
    assert reason(room) == "consult"
    room.ami.channels = held
    await room.read(LinkUp(3))
    assert reason(room) == "hold"
    await room.read(channel("Unhold", A1))
    assert reason(room) == ""


async def test_a_hold_outlives_the_process_that_heard_of_it(room: Room) -> None:
    """Whoever comes after it does not count the time as talk before the phone says so."""
    await room.read(channel("Hold", A1))
    up = {"ChannelState": "6", "BridgeId": "b"}
    room.ami.channels = [channel("CoreShowChannel", A1, **up), channel("CoreShowChannel", CALLER, **up)]
    link: Any = room.ami
    room.switchboard = Switchboard(link, room.desk.distributor, 0.0)
    await room.read(LinkUp(2))
    assert reason(room) == "hold"
    await room.read(channel("Unhold", A1))
    assert reason(room) == ""


async def test_a_transfer_between_calls_that_are_none_of_ours_is_ignored(room: Room) -> None:
    """Agents have calls of their own and may transfer them as they like."""
    await room.read(attended(("elsewhere", A2, "PJSIP/x-1"), ("other", "PJSIP/1001-9", "PJSIP/x-2")))
    assert room.visits["zhang"].state is VisitState.CONNECTED


def test_an_agents_own_call_is_told_from_a_callers() -> None:
    """By the phone's channel, or the number that a Local channel of a consult by keys carries; a caller who shows an
    agent's extension as their number is a caller."""

    def agent_of(name: str) -> str | None:
        return "1001" if name.startswith("PJSIP/1001-") else None

    assert consulting_agent(A1, "", agent_of) == "1001"
    assert consulting_agent(FAR, "1001", agent_of) == "1001"
    assert consulting_agent(FAR, "138", agent_of) == ""
    assert consulting_agent(CALLER, "1001", agent_of) == ""
    assert [dialled_by_keys(one) for one in (FAR, "Local/1@agents-1;1", CALLER, "")] == ["1002", "", "", ""]


@pytest.mark.parametrize("extension", ["1002", "7001"], ids=["a colleague", "a queue"])
async def test_a_picture_of_a_consult_by_keys_is_no_end_of_the_talk(room: Room, extension: str) -> None:
    """It began while nobody saw: the agent's leg is in another bridge, or in none yet, and the caller waits for it."""
    room.desk.distributor.post(SessionLost("zhang"))
    near = f"Local/{extension}@transfer-00000001;1"
    room.ami.channels = [
        caller("CoreShowChannel", "zhang", ChannelState="6", BridgeId="callers", Context="queue", Application="Dial"),
        channel("CoreShowChannel", A1, ChannelState="6", BridgeId="consult"),
        channel("CoreShowChannel", near, ChannelState="5"),
    ]
    await room.read(LinkUp(2))
    assert room.visits["zhang"].state is VisitState.CONNECTED
    assert room.visits["zhang"].aside is not None and room.visits["zhang"].aside[0] == "consult"


async def test_an_agents_phone_that_outlives_the_caller_is_no_talk(room: Room) -> None:
    """The agent keys an extension, the caller has gone: a picture of that ends the talk by the caller."""
    room.desk.distributor.post(SessionLost("zhang"))
    room.ami.channels = [channel("CoreShowChannel", A1, ChannelState="6", BridgeId="callers")]
    await room.read(LinkUp(2))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_CALLER
