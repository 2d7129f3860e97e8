"""What AMI shows, as events for the engine: who answered, who hung up, whose phone is busy, what a restart found."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
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
    TalkEnded,
)
from acd.legs import STATE_UP, Leg, Legs
from acd.model import VisitState
from acd.picture import Picture
from acd.ringing import outcome_of
from acd.transfer import TransferWatch, dialled_by_keys
from pbx.ami import AmiClient, AmiEvent, InboxOverflow, LinkLost, LinkUp, SwitchError

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 0.5


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
        self.legs = Legs(distributor, is_code)
        self._picture = Picture(ami, distributor, self.legs)
        self._unanswered: dict[str, str] = {}
        """Uniqueids of legs whose Dial has given them up, each with the DialStatus: the cause comes with their end."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._transfers = TransferWatch(distributor, distributor.agent_of, self.legs.join_calls, self.legs.has_leg)
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
        self.legs.unreachable |= set(phones)
        try:
            devices = await self._ami.collect("DeviceStateList")
        except SwitchError as refusal:
            log.warning("action=look_for fault=%s", refusal)  # the next change of each phone tells
            return
        for device in devices:
            technology, _, phone = device["Device"].partition("/")
            if technology == "PJSIP" and phone in phones and phone in self._distributor.engine.phones:
                self.legs.mark_reachable(phone, device["State"])
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
        if (phone := self.legs.phone_of(event["Channel"])) is not None:
            self.legs.add(event["Uniqueid"], self.legs.leg(event, phone))
            self._tell_device(phone)

    def _state_changed(self, event: AmiEvent) -> None:
        """A phone is picked up. Where nothing is said before the connect, that is told in the same moment."""
        leg = self.legs.by_id.get(event["Uniqueid"])
        if leg is None or event["ChannelState"] != STATE_UP:
            return
        visit = self._distributor.engine.visits.get(self.legs.visit_of(leg.call_id, leg.phone) or "")
        agent = self._distributor.engine.agents.get(self.legs.agent_at(leg.phone))
        if visit is not None and agent is not None and (visit.queue.is_spoken or agent.profile.greeting):
            self._distributor.post(OfferPickedUp(visit.visit_id, agent.profile.agent_id))

    def _hang_up_requested(self, event: AmiEvent) -> None:
        """Who hung up: the request names the side; the channels' own ends come in no telling order."""
        phone = self.legs.phone_of(event["Channel"])
        visit = self._distributor.engine.visits.get(self.legs.visit_of(event["Linkedid"], phone) or "")
        if visit is None:
            return
        if phone is None and self.legs.is_callers(event):
            self._distributor.post(CallerLeft(visit.visit_id))
        elif visit.state is VisitState.CONNECTED and phone is not None and visit.agent_id == self.legs.agent_at(phone):
            self._end_talk(visit.visit_id, visit.agent_id)

    def _end_talk(self, visit_id: str, agent_id: str) -> None:
        if not self._transfers.hands_over(agent_id):
            self._distributor.post(TalkEnded(visit_id, by_agent=True))

    def _hung_up(self, event: AmiEvent) -> None:
        leg = self.legs.drop(event["Uniqueid"])
        if leg is not None:
            if (status := self._unanswered.pop(event["Uniqueid"], None)) is not None:
                self._phone_fell_silent(leg, status, event.get("Cause"))
            self._agent_leg_gone(leg, event["Linkedid"])
        elif self.legs.is_callers(event):
            self._distributor.called.discard(event["Uniqueid"])
            if (visit_id := self.legs.visit_of(event["Linkedid"])) is not None:
                self._distributor.post(CallerLeft(visit_id))

    def _agent_leg_gone(self, leg: Leg, call_id: str) -> None:
        """call_id: the leg's linkedid at its end; one that came into a talk later has taken that of the caller."""
        visit_id = self.legs.visit_of(call_id, leg.phone)
        visit = self._distributor.engine.visits.get(visit_id or "")
        agent_id = self.legs.agent_at(leg.phone)
        talked = visit is not None and visit.state is VisitState.CONNECTED and visit.agent_id == agent_id
        if visit is not None and talked and not self.legs.has_leg(agent_id, leg.call_id):
            self._end_talk(visit.visit_id, agent_id)
        self._tell_device(leg.phone)

    def _dial_ended(self, event: AmiEvent) -> None:
        phone = self.legs.phone_of(event.get("DestChannel"))
        visit_id = self.legs.visit_of(event.get("DestLinkedid"), phone)
        if phone is None or visit_id is None:
            return
        if dialled_by_keys(event.get("Channel")) and not self.legs.has_visit(phone, visit_id):
            return  # a colleague whom the agent of this visit consults
        if event.get("DialStatus") == "ANSWER":
            self._distributor.post(OfferAnswered(visit_id, self.legs.agent_at(phone)))
        elif event.get("DestUniqueid") in self.legs.by_id:
            self._unanswered[event["DestUniqueid"]] = event.get("DialStatus")

    def _phone_fell_silent(self, leg: Leg, status: str, cause: str) -> None:
        """One phone of several has ended its ringing while others ring on. The last one's end is the Dial's, which the
        hold session reports; a leg that was cancelled ends with the answer or the hang-up that it was cancelled for."""
        visit = self._distributor.engine.visits.get(self.legs.visit_of(leg.call_id, leg.phone) or "")
        agent_id = self.legs.agent_at(leg.phone)
        offer = visit.offers.get(agent_id) if visit is not None else None
        if offer is None or self.legs.has_leg(agent_id, leg.call_id):
            return  # another phone of this agent rings on
        if visit is not None and len(visit.offers) > 1 and status != "CANCEL":
            self._distributor.post(OfferFailed(offer.offer_id, visit.visit_id, outcome_of(status, cause)))

    def _keyed(self, event: AmiEvent) -> None:
        """A key of a caller who waits; music plays meanwhile, and no command that could return it."""
        if event["Direction"] == "Received" and self.legs.is_callers(event):
            visit = self._distributor.engine.visits.get(self.legs.visit_of(event["Linkedid"]) or "")
            if visit is not None and visit.state is not VisitState.CONNECTED:
                self._distributor.post(CallerKeyed(visit.visit_id, event["Digit"]))

    def _device_changed(self, event: AmiEvent) -> None:
        technology, _, phone = event["Device"].partition("/")
        if technology == "PJSIP" and phone in self._distributor.engine.phones:
            self.legs.mark_reachable(phone, event["State"])
            self._tell_device(phone)

    # Picture

    async def _resync(self) -> None:
        """Give the engine the whole picture; while Asterisk does not answer, ask again unless the link is lost."""
        while self._ami.up:
            try:
                shown = await self._picture.ask()
            except SwitchError as refusal:
                log.warning("action=resync fault=%s", refusal)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            restarted = self._note_start(shown.started_at)
            self._unanswered.clear()
            self._distributor.post(self._picture.seen(shown, restarted=restarted))
            for listener in self.listeners:
                listener.see({channel["Uniqueid"]: channel for channel in shown.channels})
            self._spawn(self._ask_phones())
            return

    def _note_start(self, started_at: float) -> bool:
        """Record which Asterisk this is: the same as before (only the link was lost), or one that took its place.

        Answers whether it took another's place.
        """
        known, self._switch_started_at = self._switch_started_at, started_at
        self._distributor.record("SWITCHSTART", started_at=started_at)
        return known not in (0.0, started_at)

    # What is done, and what is told

    def _tell_device(self, phone: str) -> None:
        device = self.legs.device(phone)
        if device is not self._distributor.engine.phones[phone]:
            self._distributor.post(DeviceChanged(phone, device))

    def _stop_ringing(self, command: StopRinging) -> None:
        agent = self._distributor.engine.agents[command.agent_id]
        for leg in [leg for phone in agent.phones for leg in self.legs.of(phone)]:
            if offer_of(leg.call_id) == offer_of(command.call_id):
                self._spawn(self._hang_up(leg.channel))

    def _spawn(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_phones(self) -> None:
        """Have Asterisk ask each phone that it holds for unreachable: a registration that outlived a restart counts as
        unreachable until the next round of OPTIONS, a minute later (res_pjsip/pjsip_options.c)."""
        for phone in sorted(self.legs.unreachable):
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


_ACTS: Final[Mapping[str, Callable[[Switchboard, AmiEvent], None]]] = {
    "Newchannel": Switchboard._new_channel,
    "Newstate": Switchboard._state_changed,
    "HangupRequest": Switchboard._hang_up_requested,
    "Hangup": Switchboard._hung_up,
    "DialEnd": Switchboard._dial_ended,
    "DeviceStateChange": Switchboard._device_changed,
    "DTMFEnd": Switchboard._keyed,
}
