"""What AMI shows, as events for the engine: who answered, who hung up, whose phone is busy, what a restart found.

A phone's state is never taken from the device state alone (asterisk#1181): it is busy as long as a channel of it is up
that no offer of ours made. The device state only tells whether a phone can be reached at all. Who sits at a phone is
the engine's to say, by one look into a mapping (asterisk#1972).
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from acd.callback import offer_of
from acd.commands import StopRinging
from acd.distributor import Distributor
from acd.events import (
    CallerKeyed,
    CallerLeft,
    DeviceChanged,
    OfferAnswered,
    OfferFailed,
    OfferPickedUp,
    SwitchLost,
    SwitchSeen,
    TalkEnded,
)
from acd.model import Device, EnteredVia, VisitState
from acd.ringing import outcome_of
from acd.transfer import TransferWatch, dialled_by_keys, is_near_half
from pbx.ami import ActionRefused, AmiClient, AmiEvent, InboxOverflow, LinkLost, LinkUp, SwitchError

log = logging.getLogger(__name__)

_UNREACHABLE: Final = frozenset({"UNAVAILABLE", "INVALID"})
_STATE_UP: Final = "6"
_OUTSIDE: Final = "outside"
"""The dialplan's context in which numbers outside are dialled; the number is the extension."""
_RETRY_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Leg:
    """One channel of a phone."""

    channel: str
    phone: str
    call_id: str
    """Its linkedid: a leg that an offer made has the caller's, or counts as the caller's (`Distributor.call_of`)."""
    is_code: bool = False
    """The phone has dialled a feature code on it."""
    is_ours: bool = False
    """It began as an offer, or in a talk, of the agent at this phone. A colleague whom an agent consults by keys rings
    in the caller's call as well, and is on a call of their own until the caller is theirs."""


class Listener(Protocol):
    """Who else acts on what AMI tells; called before the switchboard itself acts, in the same go."""

    def hear(self, event: AmiEvent) -> None: ...

    def see(self, channels: Mapping[str, AmiEvent]) -> None:
        """Every live channel by its uniqueid, after each (re)connect."""


class Switchboard:
    """Reads AMI for as long as `run` runs, and tells the distributor."""

    def __init__(
        self,
        ami: AmiClient,
        distributor: Distributor,
        switch_started_at: float,
        is_code: Callable[[str], bool] = lambda dialled: False,
    ) -> None:
        self._ami = ami
        self._distributor = distributor
        self._switch_started_at = switch_started_at
        self.is_code = is_code
        """Whether what was dialled is a feature code; renewed by a reload."""
        self._legs: dict[str, Leg] = {}
        self._legs_of: defaultdict[str, dict[str, Leg]] = defaultdict(dict)
        self._unanswered: dict[str, str] = {}
        """Uniqueids of legs whose Dial has given them up, each with the DialStatus: the cause comes with their end."""
        self._unreachable: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transfers = TransferWatch(distributor, distributor.agent_of, self.join_calls, self.has_leg)
        self.listeners: list[Listener] = [self._transfers]
        distributor.stop_ringing = self._stop_ringing
        distributor.press = self._press

    async def run(self) -> None:
        """Follow the switch until cancelled. After every gap the engine is given a whole new picture first."""
        while True:
            match await self._ami.next():
                case AmiEvent(name="FullyBooted") | LinkUp() | InboxOverflow():
                    await self._resync()  # a link may be up before every phone and channel driver is
                case AmiEvent() as event:
                    self._take(event)
                    await asyncio.sleep(0)  # a Dial that came of it leaves now, and not behind the rest of a burst
                case LinkLost(_, cause):
                    log.warning("action=link_lost cause=%s", cause)
                    self._distributor.faults.tell("link lost", cause)
                    self._distributor.record("SWITCHLOST")
                    self._distributor.post(SwitchLost())

    async def look_for(self, phones: Collection[str]) -> None:
        """Learn how these phones are, which are new on the floor: what was told of them before went unheard."""
        self._unreachable |= set(phones)
        try:
            devices = await self._ami.collect("DeviceStateList")
        except SwitchError as refusal:
            log.warning("action=look_for fault=%s", refusal)  # the next change of each phone tells
            return
        for device in devices:
            technology, _, phone = device["Device"].partition("/")
            if technology == "PJSIP" and phone in phones and phone in self._distributor.engine.phones:
                self._mark_reachable(phone, device["State"])
                self._tell_device(phone)
        self._spawn(self._ask_phones())

    # Events

    def _take(self, event: AmiEvent) -> None:
        """Act on one event. One that lacks a header says nothing of use and changes nothing."""
        try:
            for listener in self.listeners:
                listener.hear(event)
            if (act := _ACTS.get(event.name)) is not None:
                act(self, event)
        except KeyError as missing:
            self._distributor.refuse("IncompleteEvent", f"{event.name} without {missing}")
            log.warning("action=event event=%s missing=%s", event.name, missing)

    def _new_channel(self, event: AmiEvent) -> None:
        if (phone := self._phone_of(event["Channel"])) is not None:
            self._add(event["Uniqueid"], self._leg(event, phone))
            self._tell_device(phone)

    def _state_changed(self, event: AmiEvent) -> None:
        """A phone is picked up. Where nothing is said before the connect, that is told in the same moment."""
        leg = self._legs.get(event["Uniqueid"])
        if leg is None or event["ChannelState"] != _STATE_UP:
            return
        visit = self._distributor.engine.visits.get(self._visit_of(leg.call_id, leg.phone) or "")
        agent = self._distributor.engine.agents.get(self._agent_at(leg.phone))
        if visit is not None and agent is not None and (visit.queue.is_spoken or agent.profile.greeting):
            self._distributor.post(OfferPickedUp(visit.visit_id, agent.profile.agent_id))

    def _hang_up_requested(self, event: AmiEvent) -> None:
        """Who hung up: the request names the side; the channels' own ends come in no telling order."""
        phone = self._phone_of(event["Channel"])
        visit = self._distributor.engine.visits.get(self._visit_of(event["Linkedid"], phone) or "")
        if visit is None:
            return
        if phone is None and self._is_callers(event):
            self._distributor.post(CallerLeft(visit.visit_id))
        elif visit.state is VisitState.CONNECTED and phone is not None and visit.agent_id == self._agent_at(phone):
            self._end_talk(visit.visit_id, visit.agent_id)

    def _end_talk(self, visit_id: str, agent_id: str) -> None:
        if not self._transfers.hands_over(agent_id):
            self._distributor.post(TalkEnded(visit_id, by_agent=True))

    def _hung_up(self, event: AmiEvent) -> None:
        leg = self._legs.pop(event["Uniqueid"], None)
        if leg is not None:
            del self._legs_of[leg.phone][event["Uniqueid"]]
            if (status := self._unanswered.pop(event["Uniqueid"], None)) is not None:
                self._phone_fell_silent(leg, status, event.get("Cause"))
            self._agent_leg_gone(leg, event["Linkedid"])
        elif self._is_callers(event):
            self._distributor.called.discard(event["Uniqueid"])
            if (visit_id := self._visit_of(event["Linkedid"])) is not None:
                self._distributor.post(CallerLeft(visit_id))

    def _is_callers(self, event: AmiEvent) -> bool:
        """Whether this channel is the one of its call's caller: who began the call, or was called back in it."""
        return event["Uniqueid"] == event["Linkedid"] or event["Uniqueid"] in self._distributor.called

    def _agent_leg_gone(self, leg: Leg, call_id: str) -> None:
        """call_id: the leg's linkedid at its end; one that came into a talk later has taken that of the caller."""
        visit_id = self._visit_of(call_id, leg.phone)
        visit = self._distributor.engine.visits.get(visit_id or "")
        agent_id = self._agent_at(leg.phone)
        talked = visit is not None and visit.state is VisitState.CONNECTED and visit.agent_id == agent_id
        if visit is not None and talked and not self.has_leg(agent_id, leg.call_id):
            self._end_talk(visit.visit_id, agent_id)
        self._tell_device(leg.phone)

    def _dial_ended(self, event: AmiEvent) -> None:
        phone = self._phone_of(event.get("DestChannel"))
        visit_id = self._visit_of(event.get("DestLinkedid"), phone)
        if phone is None or visit_id is None:
            return
        if dialled_by_keys(event.get("Channel")) and not self._has_visit(phone, visit_id):
            return  # a colleague whom the agent of this visit consults
        if event.get("DialStatus") == "ANSWER":
            self._distributor.post(OfferAnswered(visit_id, self._agent_at(phone)))
        elif event.get("DestUniqueid") in self._legs:
            self._unanswered[event["DestUniqueid"]] = event.get("DialStatus")

    def _phone_fell_silent(self, leg: Leg, status: str, cause: str) -> None:
        """One phone of several has ended its ringing while others ring on. The last one's end is the Dial's, which the
        hold session reports; a leg that was cancelled ends with the answer or the hang-up that it was cancelled for."""
        visit = self._distributor.engine.visits.get(self._visit_of(leg.call_id, leg.phone) or "")
        agent_id = self._agent_at(leg.phone)
        offer = visit.offers.get(agent_id) if visit is not None else None
        if offer is None or self.has_leg(agent_id, leg.call_id):
            return  # another phone of this agent rings on
        if visit is not None and len(visit.offers) > 1 and status != "CANCEL":
            self._distributor.post(OfferFailed(offer.offer_id, visit.visit_id, outcome_of(status, cause)))

    def _keyed(self, event: AmiEvent) -> None:
        """A key of a caller who waits; music plays meanwhile, and no command that could return it."""
        if event["Direction"] == "Received" and self._is_callers(event):
            visit = self._distributor.engine.visits.get(self._visit_of(event["Linkedid"]) or "")
            if visit is not None and visit.state is not VisitState.CONNECTED:
                self._distributor.post(CallerKeyed(visit.visit_id, event["Digit"]))

    def _device_changed(self, event: AmiEvent) -> None:
        technology, _, phone = event["Device"].partition("/")
        if technology == "PJSIP" and phone in self._distributor.engine.phones:
            self._mark_reachable(phone, event["State"])
            self._tell_device(phone)

    # Picture

    async def _resync(self) -> None:
        """Give the engine the whole picture; while Asterisk does not answer, ask again unless the link is lost."""
        while self._ami.up:
            try:
                status = await self._ami.send("CoreStatus", {})
                channels = await self._ami.collect("CoreShowChannels")
                devices = await self._ami.collect("DeviceStateList")
                sent_on = await self._sent_on(channels)
                answered = await self._answered(channels)
            except SwitchError as refusal:
                log.warning("action=resync fault=%s", refusal)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            restarted = self._note_start(_started_at(status))
            self._take_picture(channels, devices, sent_on, answered, restarted=restarted)
            self._spawn(self._ask_phones())
            return

    def _note_start(self, started_at: float) -> bool:
        """Record which Asterisk this is: the same as before (only the link was lost), or one that took its place.

        Answers whether it took another's place.
        """
        known, self._switch_started_at = self._switch_started_at, started_at
        self._distributor.record("SWITCHSTART", started_at=started_at)
        return known not in (0.0, started_at)

    async def _sent_on(self, channels: list[AmiEvent]) -> dict[str, str]:
        """Callers whom their agent has transferred blind while nobody watched, and to which extension.

        BLINDTRANSFER stays on the channel until its next bridge (bridge.c), and [transfer] leaves TRANSFERRED_TO there;
        whoever talks to somebody outside by now is in that context. A session that lives reports for itself.
        """
        found: dict[str, str] = {}
        for channel in channels:
            visit = self._distributor.engine.visits.get(self._visit_of(channel["Linkedid"]) or "")
            if visit is None or visit.attached or visit.state is not VisitState.CONNECTED:
                continue
            if channel["Uniqueid"] != channel["Linkedid"]:
                continue
            if channel.get("Context") == _OUTSIDE:
                found[visit.visit_id] = channel["Exten"]
            elif not channel.get("BridgeId") and await self._variable(channel, "BLINDTRANSFER"):
                found[visit.visit_id] = await self._variable(channel, "TRANSFERRED_TO")
        return found

    async def _answered(self, channels: list[AmiEvent]) -> dict[str, str]:
        """Who has answered the Dial of callers for whom we know of nothing but ringing.

        DIALEDPEERNAME is emptied as a Dial begins and set by the answer (app_dial.c): it stays that of the agent who
        has handed the caller over inside that Dial.
        """
        found: dict[str, str] = {}
        for channel in channels:
            visit = self._distributor.engine.visits.get(self._visit_of(channel["Linkedid"]) or "")
            if visit is None or visit.state is not VisitState.OFFERED or visit.callback is not None:
                continue
            if channel["Uniqueid"] == channel["Linkedid"] and channel.get("BridgeId"):
                agent_id = self.agent_of(await self._variable(channel, "DIALEDPEERNAME"))
                if agent_id is not None:
                    found[visit.visit_id] = agent_id
        return found

    async def _variable(self, channel: AmiEvent, name: str) -> str:
        """Empty where it is not set, or the channel is gone."""
        with suppress(ActionRefused):
            return (await self._ami.send("Getvar", {"Channel": channel["Channel"], "Variable": name})).get("Value")
        return ""

    def _take_picture(
        self,
        channels: list[AmiEvent],
        devices: list[AmiEvent],
        sent_on: Mapping[str, str],
        answered: Mapping[str, str],
        *,
        restarted: bool,
    ) -> None:
        self._take_legs(channels)
        self._take_devices(devices)
        bridges = {one["Linkedid"]: one.get("BridgeId") for one in channels if one["Uniqueid"] == one["Linkedid"]}
        keyed = {one["Linkedid"] for one in channels if is_near_half(one["Channel"])}
        up = {
            one["Uniqueid"]
            for one in channels
            if _talks(one, bridges.get(one["Linkedid"])) or (one["Linkedid"] in keyed and self._consults_by_keys(one))
        }
        callers = {channel["Linkedid"] for channel in channels if self._phone_of(channel["Channel"]) is None}
        present = {visit_id for call_id in callers if (visit_id := self._visit_of(call_id)) is not None}
        present |= self._consults({channel["Linkedid"] for channel in channels})
        talking = self._by_visit(leg for uniqueid, leg in self._legs.items() if uniqueid in up)
        self._distributor.post(
            SwitchSeen(
                # An agent's phone may outlive the caller, in the midst of keys: that is no talk.
                talking={visit_id: agent_id for visit_id, agent_id in talking.items() if visit_id in present},
                ringing=self._ringing(leg for uniqueid, leg in self._legs.items() if uniqueid not in up),
                present=frozenset(present),
                devices={phone: self._device(phone) for phone in self._distributor.engine.phones},
                restarted=restarted,
                sent_on=sent_on,
                handed_over={**self._handed_over(channels), **self._in_a_ringing_consult(channels)},
                answered=answered,
            )
        )
        for listener in self.listeners:
            listener.see({channel["Uniqueid"]: channel for channel in channels})

    def _consults(self, call_ids: set[str]) -> set[str]:
        """The consults whose call is up: their caller is an agent."""
        visits = self._distributor.engine.visits.values()
        return {one.visit_id for one in visits if one.entered_via is EnteredVia.CONSULT and one.call_id in call_ids}

    def _handed_over(self, channels: list[AmiEvent]) -> dict[str, str]:
        """Talks whose agent has left the caller to the consult by keys that stands in a queue: the caller is in one
        bridge with its near half, and no phone is."""
        visits = self._distributor.engine.visits
        consults = {one.from_visit_id: one.visit_id for one in visits.values() if one.entered_via is EnteredVia.CONSULT}
        inside: defaultdict[str, list[AmiEvent]] = defaultdict(list)
        for channel in channels:
            inside[channel.get("BridgeId") or ""].append(channel)
        inside.pop("", None)
        found: dict[str, str] = {}
        for legs in inside.values():
            visit_id = self._visit_of(legs[0]["Linkedid"]) or ""
            left = any(is_near_half(leg["Channel"]) for leg in legs) and any(self._is_callers(leg) for leg in legs)
            if left and visit_id in consults and all(self._phone_of(leg["Channel"]) is None for leg in legs):
                found[visit_id] = consults[visit_id]
        return found

    def _in_a_ringing_consult(self, channels: list[AmiEvent]) -> dict[str, str]:
        """Talks whose caller has taken the agent's place in a consult by phone: its phones ring on in a call that has
        nobody else any more, and the caller is in no bridge."""
        visits, begun = self._distributor.engine.visits, {channel["Uniqueid"] for channel in channels}
        alone = {one["Linkedid"] for one in channels if self._is_callers(one) and not one.get("BridgeId")}
        left = {leg.call_id for leg in self._legs.values()} - begun
        return {
            talk.visit_id: consult.visit_id
            for consult in visits.values()
            if consult.entered_via is EnteredVia.CONSULT and consult.call_id in left
            if (talk := visits.get(consult.from_visit_id)) is not None and talk.call_id in alone
        }

    def _consults_by_keys(self, channel: AmiEvent) -> bool:
        """Whether this leg is of the agent of a talk in which somebody is consulted by keys: it has left the caller's
        bridge, and the caller waits for it."""
        phone = self._phone_of(channel["Channel"])
        visit_id = None if phone is None else self._visit_of(channel["Linkedid"], phone)
        return visit_id is not None and self.agent_of(channel["Channel"]) == self._agent_in(visit_id)

    def _take_legs(self, channels: list[AmiEvent]) -> None:
        self._legs.clear()
        self._legs_of.clear()
        self._unanswered.clear()
        for channel in channels:
            if (phone := self._phone_of(channel["Channel"])) is not None:
                self._add(channel["Uniqueid"], self._leg(channel, phone))

    def _take_devices(self, devices: list[AmiEvent]) -> None:
        self._unreachable = set(self._distributor.engine.phones)  # a phone that is not listed has never registered
        for device in devices:
            technology, _, phone = device["Device"].partition("/")
            if technology == "PJSIP":
                self._mark_reachable(phone, device["State"])

    def _by_visit(self, legs: Iterable[Leg]) -> dict[str, str]:
        found: dict[str, str] = {}
        for leg in legs:
            visit_id, agent_id = self._visit_of(leg.call_id, leg.phone), self._agent_at(leg.phone)
            if visit_id is not None and (visit_id not in found or agent_id == self._agent_in(visit_id)):
                found[visit_id] = agent_id
        return found

    def _agent_in(self, visit_id: str) -> str | None:
        """Whom the visit has: others in the same call are consulted, or in a conference."""
        visit = self._distributor.engine.visits.get(visit_id)
        return None if visit is None else visit.agent_id

    def _ringing(self, legs: Iterable[Leg]) -> dict[str, frozenset[str]]:
        rung: defaultdict[str, set[str]] = defaultdict(set)
        for leg in legs:
            if (visit_id := self._visit_of(leg.call_id, leg.phone)) is not None:
                rung[visit_id].add(self._agent_at(leg.phone))
        return {visit_id: frozenset(agent_ids) for visit_id, agent_ids in rung.items()}

    # Names and legs

    def talk_leg(self, agent_id: str) -> tuple[str, Leg] | None:
        """The leg on which an agent talks to a caller of ours, with its uniqueid."""
        engine = self._distributor.engine
        agent = engine.agents.get(agent_id)
        visit = engine.visits.get(agent.visit_id or "") if agent is not None else None
        if agent is None or visit is None or visit.state is not VisitState.CONNECTED:
            return None
        legs = [pair for phone in agent.phones for pair in self._legs_of[phone].items()]
        made_for_it = (pair for pair in legs if pair[1].call_id == visit.call_id)
        return next(made_for_it, None) or next(iter(legs), None)  # who took over came on a leg of their own

    def agent_of(self, channel: str) -> str | None:
        """The agent who is at the phone of this channel; None for a channel of nobody's phone."""
        phone = self._phone_of(channel)
        return None if phone is None else self._agent_at(phone)

    def _leg(self, channel: AmiEvent, phone: str) -> Leg:
        call_id = self._distributor.call_of(channel["Linkedid"])
        is_ours = self._has_visit(phone, self._visit_of(call_id, phone))
        return Leg(channel["Channel"], phone, call_id, self.is_code(channel.get("Exten")), is_ours)

    def _add(self, uniqueid: str, leg: Leg) -> None:
        self._legs[uniqueid] = self._legs_of[leg.phone][uniqueid] = leg

    def _phone_of(self, channel: str) -> str | None:
        return self._distributor.phone_of(channel)

    def _agent_at(self, phone: str) -> str:
        return self._distributor.agent_at(phone)

    def _visit_of(self, call_id: str, phone: str | None = None) -> str | None:
        """The open visit of a call's caller, or that in which the agent at this phone has a leg of the call."""
        if phone is None:
            return self._distributor.visit_of_caller(call_id)
        return self._distributor.visit_of_leg(self._agent_at(phone), call_id)

    def _has_visit(self, phone: str, visit_id: str | None) -> bool:
        agent = self._distributor.engine.agents.get(self._agent_at(phone))
        return agent is not None and visit_id is not None and agent.visit_id == visit_id

    def has_leg(self, agent_id: str, call_id: str) -> bool:
        """Whether any phone of this agent is in that call."""
        agent = self._distributor.engine.agents.get(agent_id)
        phones = () if agent is None else agent.phones
        return any(leg.call_id == call_id for phone in phones for leg in self._legs_of[phone].values())

    def join_calls(self, from_call_id: str, to_call_id: str) -> None:
        """Asterisk has joined two calls under the older one's linkedid, and tells of no leg that it did so."""
        for uniqueid, leg in list(self._legs.items()):
            if leg.call_id == from_call_id:
                self._add(uniqueid, replace(leg, call_id=to_call_id))

    def _mark_reachable(self, phone: str, state: str) -> None:
        (self._unreachable.add if state in _UNREACHABLE else self._unreachable.discard)(phone)

    def _device(self, phone: str) -> Device:
        """A call counts before the registration: a phone that registers anew keeps its call."""
        foreign = [leg for leg in self._legs_of[phone].values() if self._is_foreign(leg)]
        if foreign:
            return Device.CODE if all(leg.is_code for leg in foreign) else Device.BUSY
        return Device.UNREACHABLE if phone in self._unreachable else Device.IDLE

    def _is_foreign(self, leg: Leg) -> bool:
        """Of a call that is none of ours, or none of this agent's. A leg that was offered stays ours while another
        agent has the caller: its end is on the way."""
        visit_id = self._visit_of(leg.call_id, leg.phone)
        return visit_id is None or not (leg.is_ours or self._has_visit(leg.phone, visit_id))

    def _tell_device(self, phone: str) -> None:
        device = self._device(phone)
        if device is not self._distributor.engine.phones[phone]:
            self._distributor.post(DeviceChanged(phone, device))

    def _stop_ringing(self, command: StopRinging) -> None:
        agent = self._distributor.engine.agents[command.agent_id]
        for leg in [leg for phone in agent.phones for leg in self._legs_of[phone].values()]:
            if offer_of(leg.call_id) == offer_of(command.call_id):
                self._spawn(self._hang_up(leg.channel))

    def _spawn(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_phones(self) -> None:
        """Have Asterisk ask each phone that it holds for unreachable: a registration that outlived a restart counts as
        unreachable until the next round of OPTIONS, a minute later (res_pjsip/pjsip_options.c)."""
        for phone in sorted(self._unreachable):
            with suppress(SwitchError):  # refused where nothing is registered
                await self._ami.send("PJSIPQualify", {"Endpoint": phone})

    def _press(self, channel: str, digit: str) -> None:
        self._spawn(self._play_digit(channel, digit))

    async def _play_digit(self, channel: str, digit: str) -> None:
        try:
            await self._ami.send("PlayDTMF", {"Channel": channel, "Digit": digit, "Receive": "true"})
        except SwitchError as refusal:
            log.info("action=press channel=%s fault=%s", channel, refusal)

    async def _hang_up(self, channel: str) -> None:
        try:
            await self._ami.send("Hangup", {"Channel": channel})
        except SwitchError as refusal:
            log.info("action=hang_up channel=%s fault=%s", channel, refusal)


def _talks(channel: AmiEvent, callers_bridge: str | None) -> bool:
    """Whether the channel is in the caller's own bridge: a leg that was left behind in another one talks to nobody."""
    bridge = channel.get("BridgeId")
    return channel["ChannelState"] == _STATE_UP and bool(bridge) and bridge == (callers_bridge or bridge)


def _started_at(status: Mapping[str, str]) -> float:
    """CoreStatus gives Asterisk's start as local date and time, to the second."""
    text = f"{status['CoreStartupDate']} {status['CoreStartupTime']}"
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").astimezone().timestamp()


_ACTS: Final[Mapping[str, Callable[[Switchboard, AmiEvent], None]]] = {
    "Newchannel": Switchboard._new_channel,
    "Newstate": Switchboard._state_changed,
    "HangupRequest": Switchboard._hang_up_requested,
    "Hangup": Switchboard._hung_up,
    "DialEnd": Switchboard._dial_ended,
    "DeviceStateChange": Switchboard._device_changed,
    "DTMFEnd": Switchboard._keyed,
}
