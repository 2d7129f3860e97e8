"""What AMI shows, as the engine comes to know it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from acd import switchboard
from acd.commands import StopRinging
from acd.distributor import Errand
from acd.events import Restored, RestoredVisit, SessionLost
from acd.model import AgentProfile, AgentState, Device, Floor, VisitOutcome, VisitState
from acd.switchboard import Switchboard
from pbx.ami import AmiEvent, AmiReply, InboxOverflow, Letter, LinkDown, LinkLost, LinkUp
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import AGENTS, QUEUE, Desk

STARTED = ("2026-11-22", "06:00:00")


class AllRead(Exception):
    """Every letter was taken."""


class Ami:
    """A link that has these letters to read, and these channels and phones to show."""

    up = True

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.channels: list[AmiEvent] = []
        self.phones = dict.fromkeys(AGENTS, "NOT_INUSE")
        self.started = STARTED
        self.variables: Mapping[str, str] = {}
        self.refusals = 0
        self.refused: set[str] = set()
        self.actions: list[tuple[str, Mapping[str, str]]] = []

    async def next(self) -> Letter:
        if not self.letters:
            raise AllRead
        return self.letters.pop(0)

    async def send(self, action: str, fields: Mapping[str, str]) -> AmiReply:
        self.actions.append((action, fields))
        if action == "CoreStatus" and self.refusals:
            self.refusals -= 1
            raise LinkDown("busy")
        if action in self.refused:
            raise LinkDown(action)
        if action == "Getvar":
            return AmiReply.of("Response", {"Value": self.variables.get(fields["Variable"], "")})
        return AmiReply.of("Response", {"CoreStartupDate": self.started[0], "CoreStartupTime": self.started[1]})

    async def collect(self, action: str) -> list[AmiEvent]:
        if action == "CoreShowChannels":
            return self.channels
        return [happened("DeviceStateChange", Device=f"PJSIP/{one}", State=state) for one, state in self.phones.items()]


def happened(name: str, **headers: str) -> AmiEvent:
    return AmiEvent.of(name, headers)


def leg(name: str, agent_id: str, call_id: str, uniqueid: str = "leg-1") -> AmiEvent:
    """An event of the channel on an agent's phone."""
    return happened(name, Channel=f"PJSIP/{agent_id}-00000001", Uniqueid=uniqueid, Linkedid=call_id)


def caller(name: str, visit_id: str, **headers: str) -> AmiEvent:
    """An event of a caller's own channel."""
    call_id = f"call-{visit_id}"
    return happened(name, Channel="PJSIP/trunk-00000009", Uniqueid=call_id, Linkedid=call_id, **headers)


def answered(visit_id: str, agent_id: str) -> AmiEvent:
    where = {"DestChannel": f"PJSIP/{agent_id}-00000001", "DestLinkedid": f"call-{visit_id}"}
    return happened("DialEnd", DialStatus="ANSWER", **where)


class Room:
    """A switchboard on a link of its own, and the distributor behind it."""

    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk or Desk()
        self.ami = Ami()
        link: Any = self.ami
        self.switchboard = Switchboard(link, self.desk.distributor, 0.0, lambda dialled: dialled.startswith("*"))
        self.agents, self.visits, self.ended = self.desk.engine.agents, self.desk.engine.visits, self.desk.engine.ended

    async def read(self, *letters: Letter) -> None:
        """Let the switchboard take these, and let what it started come to its end."""
        self.ami.letters += letters
        with pytest.raises(AllRead):
            await self.switchboard.run()
        await asyncio.gather(*self.switchboard._tasks)

    async def talk(self, visit_id: str) -> None:
        """A caller enters and is answered by agent 1001."""
        self.desk.ready("1001")
        self.desk.join(visit_id)
        await self.read(leg("Newchannel", "1001", f"call-{visit_id}"), answered(visit_id, "1001"))
        assert self.visits[visit_id].state is VisitState.CONNECTED


@pytest.fixture
async def room() -> Room:
    """Linked, its first snapshot taken: both phones are idle."""
    made = Room()
    await made.read(LinkUp(1))
    return made


async def test_a_snapshot_tells_idle_busy_and_unreachable_phones(room: Room) -> None:
    """A phone with a channel of no visit is busy; one that is unavailable, or not listed, cannot be reached."""
    room.ami.channels = [happened("CoreShowChannel", **leg("", "1001", "elsewhere"), ChannelState="6")]
    room.ami.phones = {"1001": "INUSE"}
    await room.read(InboxOverflow(1))
    assert [room.agents[one].device for one in AGENTS] == [Device.BUSY, Device.UNREACHABLE]
    assert ("PJSIPQualify", {"Endpoint": "1002"}) in room.ami.actions


async def test_what_is_decided_leaves_before_the_rest_of_a_burst(room: Room) -> None:
    """Of two events that came together the first frees an agent: its Dial can be sent before the second is read."""
    order: list[str] = []
    room.desk.ready("1001")
    await room.read(leg("Newchannel", "1001", "elsewhere"))

    def send(errand: Errand) -> None:
        asyncio.get_running_loop().call_soon(order.append, "sent")

    room.desk.distributor.attach("li", send)
    room.desk.join("li")
    room.switchboard.listeners.append(Heard(order))
    await room.read(leg("Hangup", "1001", "elsewhere"), leg("Newchannel", "1002", "another", "leg-2"))
    assert order == ["Hangup", "sent", "Newchannel"]


class Heard:
    """Notes the names of events."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def hear(self, event: AmiEvent) -> None:
        self.names.append(event.name)

    def see(self, channels: Mapping[str, AmiEvent]) -> None:
        """Not asked here."""


async def test_a_leg_of_an_offer_makes_nobody_busy(room: Room) -> None:
    """A phone is busy through a call of its own and not through ours; when that call ends it is idle again."""
    room.desk.ready("1001")
    room.desk.join("zhang")
    await room.read(leg("Newchannel", "1001", "call-zhang"), leg("Newchannel", "1002", "elsewhere", "leg-2"))
    assert [room.agents[one].device for one in AGENTS] == [Device.IDLE, Device.BUSY]
    await room.read(leg("Hangup", "1002", "elsewhere", "leg-2"))
    assert room.agents["1002"].device is Device.IDLE


async def test_a_phone_that_goes_away_cannot_be_reached(room: Room) -> None:
    """The device state tells only whether the phone is there; other technologies and phones are nobody's."""
    device = {"Device": "PJSIP/1001", "State": "UNAVAILABLE"}
    stranger = {"Device": "PJSIP/trunk", "State": "UNAVAILABLE"}
    await room.read(happened("DeviceStateChange", **device), happened("DeviceStateChange", **stranger))
    assert [room.agents[one].device for one in AGENTS] == [Device.UNREACHABLE, Device.IDLE]


@pytest.mark.parametrize("by_request", [True, False])
async def test_an_agent_who_hangs_up_completes_the_visit(room: Room, by_request: bool) -> None:
    """Told by the hang-up request, or by the leg's end where no request was seen: once, by the agent."""
    await room.talk("zhang")
    request = [leg("HangupRequest", "1001", "call-zhang")] if by_request else []
    await room.read(*request, leg("Hangup", "1001", "call-zhang"))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_AGENT
    assert room.desk.journal.verbs.count("COMPLETEAGENT") == 1


async def test_a_caller_who_hangs_up_completes_the_visit(room: Room) -> None:
    """The caller's request is seen before both channels end: the agent's leg that ends then is no second end."""
    await room.talk("zhang")
    await room.read(caller("HangupRequest", "zhang"), leg("Hangup", "1001", "call-zhang"), caller("Hangup", "zhang"))
    assert room.ended["zhang"] is VisitOutcome.COMPLETED_BY_CALLER
    assert room.agents["1001"].state is AgentState.WRAP_UP
    assert "COMPLETEAGENT" not in room.desk.journal.verbs


async def ring_both(room: Room) -> None:
    """Both phones ring for zhang, by ring_all."""
    room.desk.ready(*AGENTS)
    room.desk.join("zhang", "parcels")
    await room.read(leg("Newchannel", "1001", "call-zhang"), leg("Newchannel", "1002", "call-zhang", "leg-2"))


def given_up(agent_id: str, status: str, uniqueid: str) -> AmiEvent:
    """Dial has done with one phone."""
    where = {"DestChannel": f"PJSIP/{agent_id}-00000001", "DestLinkedid": "call-zhang", "DestUniqueid": uniqueid}
    return happened("DialEnd", DialStatus=status, **where)


def headers(agent_id: str, uniqueid: str) -> dict[str, str]:
    return {"Channel": f"PJSIP/{agent_id}-00000001", "Uniqueid": uniqueid, "Linkedid": "call-zhang"}


def hung_up(agent_id: str, uniqueid: str, cause: str = "26") -> AmiEvent:
    return happened("Hangup", Cause=cause, **headers(agent_id, uniqueid))


def offer_ends(room: Room) -> list[tuple[str, str]]:
    return [(one["agent_id"], one["outcome"]) for one in room.desk.journal.lines if one["verb"] == "OFFEREND"]


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [("NOANSWER", "21", "reject"), ("BUSY", "17", "reject"), ("CHANUNAVAIL", "20", "unreachable")],
)
async def test_one_phone_of_several_falls_silent_by_itself(room: Room, status: str, cause: str, outcome: str) -> None:
    """Its offer ends at once, as the cause of the leg's end tells, and the others ring on."""
    await ring_both(room)
    await room.read(given_up("1001", status, "leg-1"))
    assert offer_ends(room) == []
    await room.read(hung_up("1001", "leg-1", cause))
    assert offer_ends(room) == [("1001", outcome)]
    assert [*room.visits["zhang"].offers] == ["1002"]


async def test_the_end_of_the_last_phone_is_the_dials(room: Room) -> None:
    """The hold session reports it: until Dial has returned nobody else can be rung for this caller."""
    await ring_both(room)
    for agent_id, uniqueid in (("1001", "leg-1"), ("1002", "leg-2")):
        await room.read(given_up(agent_id, "BUSY", uniqueid), hung_up(agent_id, uniqueid, "17"))
    assert [*room.visits["zhang"].offers] == ["1002"]


async def test_a_cancelled_leg_says_nothing_of_its_agent(room: Room) -> None:
    """The phones that did not win are silenced by Dial: their offers end with the answer, told before or after."""
    await ring_both(room)
    await room.read(given_up("1002", "CANCEL", "leg-2"), hung_up("1002", "leg-2"))
    assert offer_ends(room) == []
    await room.read(answered("zhang", "1001"))
    assert offer_ends(room) == [("1002", "cancel_other_won"), ("1001", "answered")]


@pytest.mark.parametrize(
    ("place", "variables", "ends"),
    [
        ({"Context": "queue", "Exten": "s"}, {"BLINDTRANSFER": "PJSIP/1001-1", "TRANSFERRED_TO": "7002"}, "7002"),
        ({"Context": "outside", "Exten": "13900000007", "BridgeId": "b"}, {}, "13900000007"),
        ({"Context": "queue", "Exten": "s"}, {}, None),
    ],
)
async def test_a_snapshot_tells_who_was_sent_on(
    room: Room, place: dict[str, str], variables: dict[str, str], ends: str | None
) -> None:
    """The caller's channel says that the agent has transferred it blind, or stands where only a transfer leads; of any
    other the agent has hung up. Of a caller whom a session holds nothing is asked."""
    await room.talk("zhang")
    room.ami.channels = [caller("CoreShowChannel", "zhang", ChannelState="6", **place)]
    room.ami.variables = variables
    await room.read(LinkUp(2))
    assert "Getvar" not in [action for action, _ in room.ami.actions]
    room.desk.distributor.post(SessionLost("zhang"))
    await room.read(LinkUp(3))
    (end,) = (line for line in room.desk.journal.lines if line["verb"] in ("BLINDTRANSFER", "COMPLETEAGENT"))
    assert end.get("destination") == ends and end["recovered"]


async def test_a_snapshot_tells_every_phone_that_rings(room: Room) -> None:
    """Both legs of one caller are in the picture: the offers of both stay open for a caller who is not back yet."""
    await ring_both(room)
    room.desk.distributor.post(SessionLost("zhang"))
    room.ami.channels = [
        caller("CoreShowChannel", "zhang", ChannelState="6"),
        happened("CoreShowChannel", **headers("1001", "leg-1"), ChannelState="5"),
        happened("CoreShowChannel", **headers("1002", "leg-2"), ChannelState="5"),
    ]
    await room.read(LinkUp(2))
    assert [*room.visits["zhang"].offers] == ["1001", "1002"]
    del room.ami.channels[1]
    await room.read(LinkUp(3))
    assert [*room.visits["zhang"].offers] == ["1002"]


async def test_nothing_is_offered_while_the_link_is_lost(room: Room) -> None:
    """The loss is recorded, and the next caller waits until a snapshot was taken."""
    room.desk.ready("1001")
    await room.read(LinkLost(1, "gone"))
    room.desk.join("zhang")
    assert room.visits["zhang"].state is VisitState.WAITING
    assert "SWITCHLOST" in room.desk.journal.verbs
    room.ami.channels = [caller("CoreShowChannel", "zhang", ChannelState="6")]
    await room.read(LinkUp(2))
    assert room.visits["zhang"].state is VisitState.OFFERED


async def test_an_answer_that_was_not_heard_is_found(room: Room) -> None:
    """A leg that is up and bridged with its caller is a talk, whatever was missed meanwhile."""
    room.desk.ready("1001")
    room.desk.join("zhang")
    room.ami.channels = [
        caller("CoreShowChannel", "zhang", ChannelState="6", BridgeId="b"),
        happened("CoreShowChannel", **leg("", "1001", "call-zhang"), ChannelState="6", BridgeId="b"),
    ]
    await room.read(InboxOverflow(1))
    assert room.visits["zhang"].state is VisitState.CONNECTED


@pytest.mark.parametrize("dialled", ["PJSIP/1001-00000001", ""], ids=["is named", "is not known"])
async def test_a_caller_who_was_answered_and_handed_over_unheard_is_the_colleagues(room: Room, dialled: str) -> None:
    """1001 was rung, and 1002 is with the caller: Dial's own variable names who has answered. Where it names nobody
    that leg is one whose offer was taken back. It is asked only of callers in a bridge who ring for all we know."""
    room.desk.ready("1001")
    room.desk.join("zhang")
    room.desk.distributor.post(SessionLost("zhang"))
    room.ami.variables = {"DIALEDPEERNAME": dialled}
    room.ami.channels = [caller("CoreShowChannel", "zhang", ChannelState="6")]
    room.ami.channels += [happened("CoreShowChannel", **leg("", "1001", "call-zhang"), ChannelState="5")]
    await room.read(LinkUp(2))
    assert "Getvar" not in [action for action, _ in room.ami.actions]
    bridged = {"ChannelState": "6", "BridgeId": "b"}
    room.ami.channels = [caller("CoreShowChannel", "zhang", **bridged)]
    room.ami.channels += [happened("CoreShowChannel", **leg("", "1002", "call-zhang"), **bridged)]
    await room.read(LinkUp(3), LinkUp(4))
    with_caller = [one.agent_id for one in room.visits.values() if one.state is VisitState.CONNECTED]
    assert with_caller == (["1002"] if dialled else [])
    ends = [line["agent_id"] for line in room.desk.journal.lines if line["verb"] == "ATTENDEDTRANSFER"]
    assert (ends, offer_ends(room)) == (["1001"] if dialled else [], [("1001", "answered" if dialled else "error")])


@pytest.mark.parametrize(
    ("started", "outcome"),
    [(STARTED, VisitOutcome.ABANDONED_WAITING), (("2026-11-22", "07:00:00"), VisitOutcome.SWITCH_LOST)],
)
async def test_another_asterisk_is_told_from_another_link(
    room: Room, started: tuple[str, str], outcome: VisitOutcome
) -> None:
    """Whoever is missing after a restart of Asterisk was lost with it; where only the link was lost they hung up."""
    waits = RestoredVisit("zhang", "call-zhang", "orders", "138", "", 0, 0.0)
    room.desk.distributor.post(Restored(visits=(waits,)))
    room.ami.started = started
    await room.read(LinkUp(2))
    assert room.ended["zhang"] is outcome


async def test_a_refused_snapshot_is_asked_for_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the link stands the switchboard asks until it has a picture."""
    monkeypatch.setattr(switchboard, "_RETRY_SECONDS", 0)
    room.ami.refusals = 2
    room.ami.phones = {}
    await room.read(InboxOverflow(1))
    assert room.agents["1001"].device is Device.UNREACHABLE


async def test_an_incomplete_event_is_counted(room: Room) -> None:
    """An event that lacks a header changes nothing and does not end the reading."""
    await room.read(happened("Newchannel", Channel="PJSIP/1001-00000001"), leg("Newchannel", "1002", "elsewhere"))
    assert room.desk.distributor.counts["IncompleteEvent"] == 1
    assert room.agents["1002"].device is Device.BUSY


async def test_only_the_leg_of_the_offer_is_hung_up(room: Room) -> None:
    """An agent's phone with a call of its own and a leg of an offer loses the leg."""
    channel = {"Channel": "PJSIP/1001-00000002", "Uniqueid": "leg-2", "Linkedid": "call-zhang"}
    await room.read(leg("Newchannel", "1001", "elsewhere"), happened("Newchannel", **channel))
    room.desk.distributor.stop_ringing(StopRinging("zhang", "call-zhang", "1001"))
    await asyncio.gather(*room.switchboard._tasks)
    assert [fields for action, fields in room.ami.actions if action == "Hangup"] == [{"Channel": "PJSIP/1001-00000002"}]


async def test_a_key_of_a_waiting_caller_is_heard() -> None:
    """A key that Asterisk received on the caller's own channel counts; one that it sent, one of an agent's leg and
    one of a caller who talks do not."""
    queue = replace(QUEUE, keys={"9": "main.bye"})
    room = Room(Desk(floor_of({agent_id: {} for agent_id in AGENTS}, queue)))
    await room.read(LinkUp(1))
    await room.talk("zhang")
    room.desk.join("li")
    await room.read(
        caller("DTMFEnd", "zhang", Direction="Received", Digit="9"),
        caller("DTMFEnd", "li", Direction="Sent", Digit="9"),
        happened(
            "DTMFEnd", Channel="PJSIP/1001-1", Uniqueid="leg", Linkedid="call-li", Direction="Received", Digit="9"
        ),
    )
    assert room.visits.keys() == {"zhang", "li"}
    await room.read(caller("DTMFEnd", "li", Direction="Received", Digit="9"))
    assert room.ended["li"] is VisitOutcome.KEY_EXIT


async def test_a_digit_is_pressed_as_if_the_phone_had(room: Room) -> None:
    """PlayDTMF with Receive goes into the channel; a channel that is gone meanwhile is no fault of anybody."""
    room.desk.distributor.press("PJSIP/trunk-1", "D")
    await room.read()
    assert ("PlayDTMF", {"Channel": "PJSIP/trunk-1", "Digit": "D", "Receive": "true"}) in room.ami.actions
    room.ami.refused.add("PlayDTMF")
    room.desk.distributor.press("PJSIP/trunk-1", "D")
    await room.read()


def of_phone(name: str, phone: str, call_id: str, uniqueid: str, **headers: str) -> AmiEvent:
    return happened(name, Channel=f"PJSIP/{phone}-0000000{uniqueid}", Uniqueid=uniqueid, Linkedid=call_id, **headers)


@pytest.fixture
async def two_phones() -> Room:
    """Agent 1001 has the phones 1001 and 2001, both idle, and is ready; 1002 is not there."""
    made = Room(Desk(Floor({QUEUE.queue_id: QUEUE}, {"1001": AgentProfile("1001", "", {}, ("1001", "2001"))})))
    made.ami.phones = {"1001": "NOT_INUSE", "2001": "NOT_INUSE"}
    await made.read(LinkUp(1))
    made.desk.ready("1001")
    return made


async def test_the_phones_that_did_not_win_end_nothing(two_phones: Room) -> None:
    """Both phones ring; the one that is cancelled by the other's answer ends neither the talk nor the offer."""
    two_phones.desk.join("zhang")
    await two_phones.read(
        of_phone("Newchannel", "1001", "call-zhang", "1"),
        of_phone("Newchannel", "2001", "call-zhang", "2"),
        happened("DialEnd", DialStatus="ANSWER", DestChannel="PJSIP/2001-00000002", DestLinkedid="call-zhang"),
        of_phone("Hangup", "1001", "call-zhang", "1"),
    )
    assert two_phones.visits["zhang"].state is VisitState.CONNECTED
    await two_phones.read(of_phone("Hangup", "2001", "call-zhang", "2"))
    assert two_phones.ended["zhang"] is VisitOutcome.COMPLETED_BY_AGENT


async def test_all_phones_of_an_offer_are_hung_up(two_phones: Room) -> None:
    """An offer that is taken back is silenced on every phone of the agent."""
    await two_phones.read(
        of_phone("Newchannel", "1001", "call-zhang", "1"), of_phone("Newchannel", "2001", "call-zhang", "2")
    )
    two_phones.desk.distributor.stop_ringing(StopRinging("zhang", "call-zhang", "1001"))
    await asyncio.gather(*two_phones.switchboard._tasks)
    assert len([action for action, _ in two_phones.ami.actions if action == "Hangup"]) == 2


async def test_a_call_on_one_phone_makes_the_agent_external(two_phones: Room) -> None:
    """A direct call on any of an agent's phones; also where that phone has just lost its registration."""
    away = happened("DeviceStateChange", Device="PJSIP/2001", State="UNAVAILABLE")
    await two_phones.read(of_phone("Newchannel", "2001", "elsewhere", "2", Exten="1002"), away)
    assert two_phones.agents["1001"].state is AgentState.EXTERNAL
    await two_phones.read(of_phone("Hangup", "2001", "elsewhere", "2"))
    assert two_phones.agents["1001"].state is AgentState.READY


async def test_a_feature_code_is_no_call(two_phones: Room) -> None:
    """While a code is dialled the agent is not rung, and stays ready; a picture of the switch says the same."""
    coded = of_phone("Newchannel", "2001", "elsewhere", "2", Exten="*131")
    await two_phones.read(coded)
    assert (two_phones.agents["1001"].state, two_phones.agents["1001"].device) == (AgentState.READY, Device.CODE)
    two_phones.ami.channels = [of_phone("CoreShowChannel", "2001", "elsewhere", "2", Exten="*131", ChannelState="6")]
    await two_phones.read(InboxOverflow(1))
    assert two_phones.agents["1001"].device is Device.CODE


async def test_a_phone_that_is_picked_up_rings_no_more() -> None:
    """Where something is said before the connect, that time is told apart from the ringing; a leg that only rings, one
    of nobody's visit, and a queue that says nothing are of no interest."""
    spoken = replace(QUEUE, whisper="orders")
    room = Room(Desk(floor_of({agent_id: {} for agent_id in AGENTS}, spoken)))
    await room.read(LinkUp(1))
    room.desk.ready("1001")
    room.desk.join("zhang")
    await room.read(leg("Newchannel", "1001", "call-zhang"), leg("Newchannel", "1002", "elsewhere", "leg-2"))
    ringing = happened("Newstate", **leg("", "1001", "call-zhang"), ChannelState="5")
    elsewhere = happened("Newstate", **leg("", "1002", "elsewhere", "leg-2"), ChannelState="6")
    await room.read(ringing, elsewhere, caller("Newstate", "zhang", ChannelState="6"))
    assert room.visits["zhang"].picked_up == {}
    await room.read(happened("Newstate", **leg("", "1001", "call-zhang"), ChannelState="6"))
    assert list(room.visits["zhang"].picked_up) == ["o1"]
    await room.read(answered("zhang", "1001"))
    (end,) = [line for line in room.desk.journal.lines if line["verb"] == "OFFEREND"]
    assert end["connect_seconds"] > 0
    assert room.visits["zhang"].picked_up == {}


async def test_a_pick_up_without_a_word_is_told_by_its_answer(room: Room) -> None:
    """The queue says nothing between the two: one event is enough."""
    room.desk.ready("1001")
    room.desk.join("zhang")
    await room.read(leg("Newchannel", "1001", "call-zhang"))
    await room.read(happened("Newstate", **leg("", "1001", "call-zhang"), ChannelState="6"))
    assert room.visits["zhang"].picked_up == {}
