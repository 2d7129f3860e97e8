"""Calls that are begun for callbacks: what Asterisk is asked for, and what its events mean."""

import asyncio
from collections.abc import Mapping
from itertools import islice, permutations
from typing import Any

import pytest

from acd.callback import CallbackMode, CallbackRules, leg_ids, offer_of
from acd.callback_line import CallbackLine, attempt_outcome
from acd.events import (
    AgentAsked,
    AgentReached,
    CallbackAsked,
    CallbackCancelled,
    CallerJoined,
    CallerTransferred,
)
from acd.model import AgentState, Device, QueueRules, Visit, VisitState
from acd.outside import Outside
from acd.switchboard import Switchboard
from pbx.ami import ActionTimeout, AmiEvent, LinkUp
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import AGENTS, Desk
from tests.unit.acd.test_switchboard import AllRead, Ami, happened

NUMBER = "13900000081"
OUTSIDE = Outside(lambda number: number == NUMBER, "carrier", "4001")


class Caller(Ami):
    """A link that takes Originate, and answers nothing to it."""

    def __init__(self) -> None:
        super().__init__()
        self.originated: list[Mapping[str, Any]] = []

    async def originate(self, fields: Mapping[str, Any], *, timeout_seconds: float) -> AmiEvent:
        self.originated.append(fields)
        raise ActionTimeout("Originate: no answer")


class Room:
    """A switchboard on its own link, one agent, and a queue that calls back."""

    def __init__(self, mode: CallbackMode, allowed: Outside = OUTSIDE, several: tuple[str, ...] = ()) -> None:
        rules = CallbackRules(mode=mode, attempts=2, ring_seconds=30.0)
        queue = QueueRules("orders", {}, ring_seconds=20.0, callback=rules, keys={"9": "menu.node"})
        self.desk = Desk(floor_of({agent_id: {} for agent_id in AGENTS}, queue))
        self.ami = Caller()
        link: Any = self.ami
        self.switchboard = Switchboard(link, self.desk.distributor, 0.0)
        self.line = CallbackLine(link, self.desk.distributor, allowed, several)
        self.switchboard.listeners.append(self.line)
        self.agents = self.desk.engine.agents

    @property
    def verbs(self) -> list[str]:
        """Of all that has been recorded so far."""
        return self.desk.journal.verbs

    async def read(self, *letters: Any) -> None:
        self.ami.letters += letters
        with pytest.raises(AllRead):
            await self.switchboard.run()
        await self.settle()

    async def settle(self) -> None:
        await asyncio.sleep(0)
        await asyncio.gather(*self.switchboard._tasks, *self.line._tasks)

    async def begin(self, number: str = NUMBER) -> Visit:
        """A caller asks for a callback, and an agent becomes ready."""
        await self.read(LinkUp(1))
        self.desk.join("zhang")
        self.desk.distributor.post(CallbackAsked("zhang", number, "zh"))
        self.desk.ready("1001")
        await self.settle()
        (visit,) = self.desk.engine.visits.values()
        return visit

    def channel(self, name: str, call_id: str, **headers: str) -> AmiEvent:
        """An event of the channel that was asked for."""
        named = {"Channel": "PJSIP/1001-00000001", "Uniqueid": call_id, "Linkedid": call_id}
        return happened(name, **{**named, **headers})

    def ended(self, verb: str) -> list[str]:
        return [line["outcome"] for line in self.desk.journal.lines if line["verb"] == verb]


@pytest.fixture
def room() -> Room:
    return Room(CallbackMode.AGENT_FIRST)


@pytest.fixture
def caller_first() -> Room:
    return Room(CallbackMode.CALLER_FIRST)


async def test_an_agent_is_rung_on_a_channel_with_the_offers_id(room: Room) -> None:
    """Recorded first; Originate names the phone, the context and the caller, and its lost answer costs nothing."""
    visit = await room.begin()
    (asked,) = room.ami.originated
    assert asked["ChannelId"] == visit.call_id == visit.offers["1001"].offer_id
    assert (asked["Channel"], asked["Context"], asked["Timeout"]) == ("PJSIP/1001", "callback-agent", "20000")
    assert asked["CallerID"] == f"<{NUMBER}>"
    assert asked["Variable"] == [f"CALLBACK_ID={visit.visit_id}"]
    assert visit.state is VisitState.OFFERED


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [("", "19", "rna"), ("BUSY", "21", "reject"), ("BUSY", "17", "reject"), ("CHANUNAVAIL", "20", "unreachable")],
)
async def test_an_agents_phone_that_falls_silent(room: Room, status: str, cause: str, outcome: str) -> None:
    """The end of the channel ends the offer, by its DialStatus and cause; no attempt was made."""
    visit = await room.begin()
    ends = [room.channel("DialEnd", "", DestUniqueid=visit.call_id, DestLinkedid=visit.call_id, DialStatus=status)]
    await room.read(
        room.channel("Newchannel", visit.call_id),
        *(ends if status else []),
        room.channel("Hangup", visit.call_id, Cause=cause),
    )
    assert room.ended("OFFEREND") == [outcome]
    assert "CALLBACKATTEMPT" not in room.verbs


async def test_a_call_for_which_there_was_no_channel(room: Room) -> None:
    """OriginateResponse tells of a phone that is gone; a success, or one of a channel that lives, tells nothing."""
    visit = await room.begin()
    answer = happened("OriginateResponse", Response="Success", Uniqueid=visit.call_id)
    stranger = happened("OriginateResponse", Response="Failure", Uniqueid="<null>")
    await room.read(answer, stranger)
    assert room.ended("OFFEREND") == []
    await room.read(happened("OriginateResponse", Response="Failure", Uniqueid=visit.call_id))
    assert room.ended("OFFEREND") == ["unreachable"]


async def test_a_second_originate_of_a_living_channel_tells_nothing(room: Room) -> None:
    """Asterisk refuses the same ChannelId while it lives; what rings goes on ringing."""
    visit = await room.begin()
    refused = happened("OriginateResponse", Response="Failure", Uniqueid=visit.call_id)
    await room.read(room.channel("Newchannel", visit.call_id), refused)
    assert visit.state is VisitState.OFFERED


async def talk(room: Room) -> Visit:
    """The agent holds the line and the caller answers."""
    visit = await room.begin()
    room.desk.distributor.post(AgentReached(visit.visit_id, visit.call_id))
    outside = {"DestChannel": "PJSIP/trunk-carrier-00000002", "DestUniqueid": "leg-2", "DestLinkedid": visit.call_id}
    own = {"DestChannel": "PJSIP/1001-00000001", "DestUniqueid": visit.call_id, "DestLinkedid": visit.call_id}
    await room.read(
        room.channel("Newchannel", visit.call_id),
        happened("DialEnd", DialStatus="ANSWER", **own),
        happened("DialEnd", DialStatus="RINGING", **outside),
    )
    assert visit.state is VisitState.OFFERED  # the agent's own answer connects nobody
    await room.read(happened("DialEnd", DialStatus="ANSWER", **outside))
    assert (visit.state, room.agents["1001"].state) == (VisitState.CONNECTED, AgentState.ON_CALL)
    return visit


@pytest.mark.parametrize(
    ("channel", "uniqueid", "verb"),
    [("PJSIP/trunk-carrier-00000002", "leg-2", "COMPLETECALLER"), ("PJSIP/1001-00000001", "", "COMPLETEAGENT")],
)
async def test_who_hung_up(room: Room, channel: str, uniqueid: str, verb: str) -> None:
    """The request names the side: the agent's own channel is the one that was asked for."""
    visit = await talk(room)
    request = room.channel("HangupRequest", visit.call_id, Channel=channel, Uniqueid=uniqueid or visit.call_id)
    await room.read(request, room.channel("Hangup", visit.call_id, Cause="16"))
    assert room.desk.journal.verbs[-3:].count(verb) == 1
    assert visit.visit_id in room.desk.engine.ended


async def test_keys_of_the_agent_are_none_of_the_queues(room: Room) -> None:
    """An agent who presses a key that the queue knows does not send the caller away."""
    visit = await room.begin()
    await room.read(room.channel("DTMFEnd", visit.call_id, Direction="Received", Digit="9"))
    assert visit.state is VisitState.OFFERED


async def test_the_agent_hangs_up_before_the_caller_answers(room: Room) -> None:
    """The channel's end is the attempt's: not the caller's doing."""
    visit = await room.begin()
    room.desk.distributor.post(AgentReached(visit.visit_id, visit.call_id))
    await room.read(room.channel("Newchannel", visit.call_id), room.channel("Hangup", visit.call_id, Cause="16"))
    assert room.ended("CALLBACKATTEMPTEND") == ["agent_left"]
    assert visit.state is VisitState.WAITING


async def test_the_caller_is_called_first(caller_first: Room) -> None:
    """Recorded first; Originate names the number at the trunk, in the site's name, and where the caller waits."""
    visit = await caller_first.begin()
    (asked,) = caller_first.ami.originated
    assert asked["ChannelId"] == visit.call_id
    assert (asked["Channel"], asked["Context"]) == (f"PJSIP/{NUMBER}@trunk-carrier", "callback-caller")
    assert (asked["CallerID"], asked["Timeout"]) == ("<4001>", "30000")
    assert f"ACD_VISIT={visit.visit_id}" in asked["Variable"] and "CALLBACK_LANGUAGE=zh" in asked["Variable"]
    outside = {"Channel": "PJSIP/trunk-carrier-00000002"}
    busy = caller_first.channel("Hangup", visit.call_id, Cause="17", **outside)
    await caller_first.read(caller_first.channel("Newchannel", visit.call_id, **outside), busy)
    assert caller_first.ended("CALLBACKATTEMPTEND") == ["busy"]
    assert visit.visit_id in caller_first.desk.engine.visits  # no abandon


async def test_a_number_that_is_not_allowed_is_not_called() -> None:
    """The rules are asked at the moment of the call: the site may have changed since."""
    room = Room(CallbackMode.CALLER_FIRST, Outside())
    await room.read(LinkUp(1))
    room.desk.join("zhang")
    room.desk.distributor.post(CallbackAsked("zhang", NUMBER))
    room.desk.ready("1001")
    await room.settle()
    assert room.ami.originated == []
    assert room.ended("CALLBACKEND") == ["callback_failed"]


async def test_a_call_that_is_taken_back_is_hung_up(caller_first: Room) -> None:
    """By its id, now or as soon as Asterisk shows the channel; also one that only a snapshot shows."""
    visit = await caller_first.begin()
    await caller_first.read(caller_first.channel("Newchannel", visit.call_id))
    caller_first.desk.distributor.post(CallbackCancelled(visit.visit_id))
    await caller_first.settle()
    assert ("Hangup", {"Channel": visit.call_id}) in caller_first.ami.actions
    for late in ("Newchannel", "CoreShowChannel"):
        other = Room(CallbackMode.CALLER_FIRST)
        visit = await other.begin()
        other.ami.refused.add("Hangup")  # it is gone by then: nobody minds
        other.desk.distributor.post(CallbackCancelled(visit.visit_id))
        shown = other.channel(late, visit.call_id, Channel="PJSIP/trunk-carrier-00000002", ChannelState="5")
        if late == "Newchannel":
            await other.read(shown)
        else:
            other.ami.channels = [shown]
            await other.read(LinkUp(2))
        assert ("Hangup", {"Channel": visit.call_id}) in other.ami.actions


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [("17", "busy"), ("21", "busy"), ("19", "no_answer"), ("0", "no_answer"), ("1", "unreachable")],
)
def test_causes(cause: str, outcome: str) -> None:
    """Q.850: busy, rejected, rung out, and numbers that lead nowhere."""
    assert attempt_outcome(cause).value == outcome


def at_phone(number: int, call_id: str) -> dict[str, str]:
    return {"Channel": f"PJSIP/100{number}-0000000{number}", "Uniqueid": call_id, "Linkedid": call_id}


async def rung_at_two(room: Room) -> tuple[Visit, list[str]]:
    """An agent with two phones is rung for a callback; both channels are there."""
    await room.read(LinkUp(1))
    room.desk.distributor.post(AgentAsked("1001", AgentState.NOT_READY, "", ("1001", "1002")))
    visit = await room.begin()
    ids = [asked["ChannelId"] for asked in room.ami.originated]
    await room.read(*(happened("Newchannel", **at_phone(1 + at, call_id)) for at, call_id in enumerate(ids)))
    return visit, ids


def test_no_id_of_a_leg_is_the_beginning_of_another() -> None:
    """Asterisk would refuse the shorter one while a channel with the longer one lives."""
    ids = list(islice(leg_ids("ab12"), 30))
    assert not [(one, other) for one, other in permutations(ids, 2) if other.startswith(one)]
    assert {offer_of(one) for one in ids} == {"ab12"}


async def test_all_phones_of_an_agent_ring(room: Room) -> None:
    """Each on a channel of its own, whose id tells the offer; none of them makes the agent busy."""
    visit, ids = await rung_at_two(room)
    offer_id = visit.offers["1001"].offer_id
    assert ids == [offer_id, f"2~{offer_id}"]
    assert [asked["Channel"] for asked in room.ami.originated] == ["PJSIP/1001", "PJSIP/1002"]
    assert [room.desk.distributor.visit_of(call_id) for call_id in ids] == [visit.visit_id] * 2
    assert set(room.desk.engine.phones.values()) == {Device.IDLE}


@pytest.mark.parametrize("first", [0, 1])
async def test_the_first_phone_that_is_answered_has_the_callback(room: Room, first: int) -> None:
    """The other is hung up, and its end, or its being picked up, is nobody's business any more."""
    visit, ids = await rung_at_two(room)
    winner, loser = ids[first], ids[1 - first]
    room.desk.distributor.post(AgentReached(visit.visit_id, winner))
    room.desk.distributor.post(AgentReached(visit.visit_id, loser))
    await room.settle()
    assert [fields for name, fields in room.ami.actions if name == "Hangup"] == [{"Channel": loser}]
    assert [line["attempt_id"] for line in room.desk.journal.lines if line["verb"] == "CALLBACKATTEMPT"] == [winner]
    answered = happened("DialEnd", DialStatus="ANSWER", DestUniqueid=loser, DestLinkedid=loser)
    await room.read(answered, happened("Hangup", Cause="26", **at_phone(2 - first, loser)))
    assert (visit.state, visit.call_id) == (VisitState.OFFERED, winner)
    assert room.ended("OFFEREND") == room.ended("CALLBACKATTEMPTEND") == []


@pytest.mark.parametrize(
    ("ends", "outcome"),
    [([("21", "BUSY"), ("19", "")], "reject"), ([("19", ""), ("20", "CHANUNAVAIL")], "rna")],
)
async def test_the_offer_fails_with_the_last_phone(room: Room, ends: list[tuple[str, str]], outcome: str) -> None:
    """One phone that falls silent leaves the others ringing; of all outcomes what a person said counts first."""
    _, ids = await rung_at_two(room)
    for at, (cause, status) in enumerate(ends):
        assert room.ended("OFFEREND") == []
        end = happened("DialEnd", DialStatus=status, DestUniqueid=ids[at], DestLinkedid=ids[at])
        refused = happened("OriginateResponse", Response="Failure", Uniqueid=ids[at])
        await room.read(
            *([end] if status else []), happened("Hangup", Cause=cause, **at_phone(1 + at, ids[at])), refused
        )
    assert room.ended("OFFEREND") == [outcome]
    assert room.line._ringing == {}


async def test_a_phone_that_falls_silent_after_all_is_over_is_forgotten(room: Room) -> None:
    """The callback was taken back while both rang."""
    visit, ids = await rung_at_two(room)
    room.desk.distributor.post(CallbackCancelled(visit.visit_id))
    await room.read(*(happened("Hangup", Cause="26", **at_phone(1 + at, call_id)) for at, call_id in enumerate(ids)))
    assert room.line._ringing == {}


async def test_a_snapshot_ends_phones_that_ring_on_beside_the_answered_one(room: Room) -> None:
    """The process that should have stopped them died: the picture shows both, and the attempt names one."""
    visit, ids = await rung_at_two(room)
    room.desk.distributor.post(AgentReached(visit.visit_id, ids[1]))
    room.ami.actions.clear()
    room.ami.channels = [
        happened("CoreShowChannel", ChannelState="5", **at_phone(1 + at, call_id)) for at, call_id in enumerate(ids)
    ]
    await room.read(LinkUp(2))
    assert ("Hangup", {"Channel": ids[0]}) in room.ami.actions
    assert ("Hangup", {"Channel": ids[1]}) not in room.ami.actions


class Contacts(Caller):
    """A link that knows two registrations of 1001, and of 1002 none."""

    async def send(self, action: str, fields: Mapping[str, Any]) -> AmiEvent:
        known = {"PJSIP_DIAL_CONTACTS(1001)": "PJSIP/1001/sip:a@x&PJSIP/1001/sip:b@x", "PJSIP_DIAL_CONTACTS(1002)": ""}
        if action == "Getvar":
            return happened("Response", Value=known[fields["Variable"]])
        answer: AmiEvent = await super().send(action, fields)
        return answer


async def test_every_registration_of_a_phone_rings() -> None:
    """An endpoint's name alone rings its first contact; where none is told the name itself is rung."""
    room = Room(CallbackMode.AGENT_FIRST, several=("1001", "1002"))
    link: Any = Contacts()
    room.line._ami, room.ami = link, link
    room.switchboard._ami = link
    await rung_at_two(room)
    await room.settle()
    rung = [asked["Channel"] for asked in room.ami.originated]
    assert rung == ["PJSIP/1001/sip:a@x", "PJSIP/1001/sip:b@x", "PJSIP/1002"]


async def test_no_agent_rings_for_a_number_that_is_denied() -> None:
    """The site has come to deny it: nobody is rung, the attempt is told as forbidden, the agent is free at once."""
    room = Room(CallbackMode.AGENT_FIRST, Outside())
    await room.read(LinkUp(1))
    room.desk.join("zhang")
    room.desk.distributor.post(CallbackAsked("zhang", NUMBER))
    room.desk.ready("1001")
    await room.settle()
    assert room.ami.originated == []
    assert (room.ended("CALLBACKATTEMPTEND"), room.ended("CALLBACKEND")) == (["forbidden"], ["callback_failed"])
    assert room.agents["1001"].state is AgentState.READY


async def test_a_caller_who_was_called_is_a_caller_like_any(room: Room) -> None:
    """Their channel did not begin the call: its keys and its end are the caller's all the same, also in the queue that
    the agent has sent them to, and after a gap."""
    visit = await talk(room)
    outside = {"Channel": "PJSIP/trunk-carrier-00000002", "Uniqueid": "leg-2", "Linkedid": visit.call_id}
    room.desk.distributor.post(CallerTransferred(visit.visit_id, "7002"))
    room.desk.distributor.post(CallerJoined("onward", visit.call_id, "orders", NUMBER))
    room.ami.channels = [happened("CoreShowChannel", ChannelState="6", **outside)]
    await room.read(LinkUp(2))
    room.desk.distributor.post(AgentAsked("1001", AgentState.LOGGED_OFF))
    await room.read(happened("DTMFEnd", Direction="Received", Digit="9", **outside))
    assert "EXITWITHKEY" in room.verbs
    room.desk.distributor.post(CallerJoined("again", visit.call_id, "orders", NUMBER))
    await room.read(happened("Hangup", Cause="16", **outside))
    assert "ABANDON" in room.verbs and room.desk.distributor.called == set()
