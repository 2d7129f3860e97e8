"""Calls that we begin for callbacks, over AMI: asked for by an id of ours, and read back by it.

An id is in the journal before Asterisk is asked for the channel, and Asterisk refuses a second live channel of the same
id (main/channel.c; tried on 22.10: the second Originate fails, and no second INVITE is sent). So an Originate whose
answer is lost needs no second try: the next snapshot tells whether its channel lives.

An agent is rung at all phones at once, each a channel of its own. The first that is answered is kept, and the offer has
failed when the last of them has fallen silent.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Final

from acd.callback import AttemptOutcome, leg_ids, offer_of
from acd.commands import KeepOne, ReachAgent, ReachCaller, StopReaching
from acd.distributor import Distributor
from acd.events import CallbackAnswered, CallbackFailed, OfferFailed
from acd.model import OfferOutcome, Visit
from acd.outside import Outside
from acd.ringing import outcome_of
from pbx.ami import AmiClient, AmiEvent, SwitchError

log = logging.getLogger(__name__)

_AGENT_CONTEXT: Final = "callback-agent"
_CALLER_CONTEXT: Final = "callback-caller"

# HANGUPCAUSE (Q.850) of a caller who was not reached; any other cause is a number that leads nowhere.
_OUTCOME_OF_CAUSE: Final[Mapping[str, AttemptOutcome]] = {
    "17": AttemptOutcome.BUSY,
    "21": AttemptOutcome.BUSY,
    "0": AttemptOutcome.NO_ANSWER,
    "16": AttemptOutcome.NO_ANSWER,
    "18": AttemptOutcome.NO_ANSWER,
    "19": AttemptOutcome.NO_ANSWER,
}


# Of several phones that have fallen silent, what was said at one of them counts before what was not.
_MOST_TELLING: Final = (
    OfferOutcome.REJECT,
    OfferOutcome.RNA,
    OfferOutcome.BUSY,
    OfferOutcome.UNREACHABLE,
    OfferOutcome.ERROR,
)


def attempt_outcome(cause: str) -> AttemptOutcome:
    """What became of a caller's phone, by the cause of its leg's end."""
    return _OUTCOME_OF_CAUSE.get(cause, AttemptOutcome.UNREACHABLE)


class CallbackLine:
    """Carries out what the engine wants called, and tells it what AMI shows of that: a listener of the switchboard."""

    def __init__(
        self, ami: AmiClient, distributor: Distributor, outside: Outside, several: Collection[str] = ()
    ) -> None:
        self.several = frozenset(several)
        """Extensions at which more than one phone may be registered; renewed by a reload."""
        self._ami = ami
        self._distributor = distributor
        self._outside = outside
        self._live: set[str] = set()
        """Ids of channels that Asterisk has shown, and not shown the end of."""
        self._unwanted: set[str] = set()
        """Ids that were taken back before Asterisk had shown a channel."""
        self._ringing: dict[str, dict[str, OfferOutcome | None]] = {}
        """By offer: the channels that were asked for, each with what became of it, None while it rings."""
        self._statuses: dict[str, str] = {}
        """By id: the DialStatus of a channel that rings no more."""
        self._tasks: set[asyncio.Task[None]] = set()
        distributor.reach = self.perform

    def perform(self, command: ReachAgent | KeepOne | ReachCaller | StopReaching) -> None:
        """Carry out a command of the engine; what comes of it is read from AMI."""
        match command:
            case ReachAgent():
                self._reach_agent(command)
            case KeepOne(_, offer_id, channel_id):
                for other in self._ringing.pop(offer_id, {}).keys() - {channel_id}:
                    self.stop(other)
            case ReachCaller():
                self._reach_caller(command)
            case StopReaching(attempt_id):
                self.stop(attempt_id)

    def stop(self, channel_id: str) -> None:
        """Have the channel of this id end, now or as soon as there is one."""
        if channel_id in self._live:
            self._spawn(self._hang_up(channel_id))
        else:
            self._unwanted.add(channel_id)

    def see(self, channels: Mapping[str, AmiEvent]) -> None:
        """A snapshot: these channels live, and no others."""
        self._live = {uniqueid for uniqueid in channels if self._visit(uniqueid) is not None}
        for stray in self._unwanted.intersection(channels) | self._late(channels):
            self._spawn(self._hang_up(stray))
        self._distributor.called.clear()
        self._distributor.called.update(_called(channels))
        self._unwanted.clear()
        self._ringing.clear()
        for uniqueid in self._live:
            self._ringing.setdefault(offer_of(uniqueid), {})[uniqueid] = None
        self._statuses.clear()

    def hear(self, event: AmiEvent) -> None:
        """Take one event of AMI; those that are about other calls change nothing."""
        act = _ACTS.get(event.name)
        if act is not None:
            act(self, event)

    # Asking

    def _reach_agent(self, command: ReachAgent) -> None:
        """Nobody is rung for a number that may not be called (any more)."""
        number = self._distributor.engine.visits[command.visit_id].caller_number
        if not self._may_call(command.visit_id, command.offer.offer_id, number):
            return
        if self.several.isdisjoint(command.offer.phones):
            self._ring_all(command, number, [f"PJSIP/{phone}" for phone in command.offer.phones])
        else:
            self._spawn(self._ring_contacts(command, number))

    def _ring_all(self, command: ReachAgent, number: str, phones: Sequence[str]) -> None:
        legs = dict(zip(leg_ids(command.offer.offer_id), phones, strict=False))
        self._ringing[command.offer.offer_id] = dict.fromkeys(legs)
        for channel_id, phone in legs.items():
            call: dict[str, str | list[str]] = {
                "Channel": phone,
                "Context": _AGENT_CONTEXT,
                "CallerID": f"<{number}>",
                "Variable": [f"CALLBACK_ID={command.visit_id}"],
            }
            self._spawn(self._ring(channel_id, call, command.ring_seconds))

    async def _ring_contacts(self, command: ReachAgent, number: str) -> None:
        """Ring every phone that is registered: an endpoint's name alone rings its first contact (chan_pjsip)."""
        found = [await self._contacts(phone) for phone in command.offer.phones]
        visit = self._distributor.engine.visits.get(command.visit_id)
        if visit is not None and command.offer in visit.offers.values():  # else it was taken back meanwhile
            self._ring_all(command, number, [contact for contacts in found for contact in contacts])

    async def _contacts(self, phone: str) -> list[str]:
        if phone in self.several:
            try:
                told = await self._ami.send("Getvar", {"Variable": f"PJSIP_DIAL_CONTACTS({phone})"})
            except SwitchError as fault:
                log.warning("action=contacts phone=%s fault=%s", phone, fault)
            else:
                return told.get("Value").split("&") if told.get("Value") else [f"PJSIP/{phone}"]
        return [f"PJSIP/{phone}"]

    def _may_call(self, visit_id: str, attempt_id: str, number: str) -> bool:
        """The rules are asked anew before every attempt: the site may have changed since the number was taken."""
        if self._outside.allows(number):
            return True
        failed = CallbackFailed(visit_id, attempt_id, AttemptOutcome.FORBIDDEN)
        asyncio.get_running_loop().call_soon(self._distributor.post, failed)  # not within a decision
        return False

    def _reach_caller(self, command: ReachCaller) -> None:
        if not self._may_call(command.visit_id, command.attempt_id, command.number):
            return
        self._spawn(self._ring(command.attempt_id, self._caller_call(command), command.ring_seconds))

    def _caller_call(self, command: ReachCaller) -> dict[str, str | list[str]]:
        queue = self._distributor.engine.visits[command.visit_id].queue
        return {
            "Channel": self._outside.dial_string(command.number),
            "Context": _CALLER_CONTEXT,
            "CallerID": f"<{self._outside.caller_number}>",
            "Variable": [
                f"ACD_VISIT={command.visit_id}",
                f"ACD_QUEUE={queue.queue_id}",
                f"CALLBACK_NUMBER={command.number}",
                f"CALLBACK_LANGUAGE={command.language}",
            ],
        }

    async def _ring(self, channel_id: str, call: Mapping[str, str | list[str]], ring_seconds: float) -> None:
        fields = {**call, "ChannelId": channel_id, "Exten": "s", "Priority": "1"}
        fields["Timeout"] = f"{ring_seconds * 1000:.0f}"
        try:
            await self._ami.originate(fields, timeout_seconds=ring_seconds + 10.0)
        except SwitchError as fault:
            # Refused, or nobody knows: the channel's own events, a snapshot or the lease tell.
            log.warning("action=originate channel_id=%s fault=%s", channel_id, fault)

    async def _hang_up(self, channel_id: str) -> None:
        try:
            await self._ami.send("Hangup", {"Channel": channel_id})  # a uniqueid names a channel as well
        except SwitchError as refusal:
            log.info("action=hang_up channel_id=%s fault=%s", channel_id, refusal)

    def _spawn(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Reading

    def _visit(self, channel_id: str | None) -> Visit | None:
        """The callback for which the channel of this id is called, or was called last."""
        visit_id = self._distributor.visit_of(channel_id or "")
        visit = self._distributor.engine.visits.get(visit_id or "")
        return visit if visit is not None and not visit.is_on_line else None

    def _late(self, channels: Collection[str]) -> set[str]:
        """Of these, phones of agents who have picked up another one."""
        kept = {
            offer_of(visit.call_id): visit.call_id
            for visit in self._distributor.engine.visits.values()
            if visit.callback is not None and (visit.callback.attempt is not None or visit.agent_id is not None)
        }
        return {one for one in channels if kept.get(offer_of(one), one) != one}

    def _new_channel(self, event: AmiEvent) -> None:
        channel_id = event["Uniqueid"]
        if channel_id in self._unwanted:
            self._unwanted.discard(channel_id)
            self._spawn(self._hang_up(channel_id))
        elif self._visit(channel_id) is not None:
            self._live.add(channel_id)

    def _dial_ended(self, event: AmiEvent) -> None:
        channel_id = event.get("DestUniqueid")
        visit = self._visit(event.get("DestLinkedid"))
        if visit is None:
            return
        if channel_id == event.get("DestLinkedid"):
            self._statuses[channel_id] = event.get("DialStatus")
        elif event.get("DialStatus") == "ANSWER" and visit.callback is not None and visit.callback.attempt is not None:
            self._distributor.called.add(channel_id)
            self._distributor.post(CallbackAnswered(visit.visit_id, visit.call_id))

    def _hung_up(self, event: AmiEvent) -> None:
        channel_id = event["Uniqueid"]
        self._live.discard(channel_id)
        status = self._statuses.pop(channel_id, "")
        if (visit := self._visit(channel_id)) is not None:
            self._tell_failed(visit, channel_id, status, event.get("Cause"))
        else:
            self._forget(channel_id)

    def _responded(self, event: AmiEvent) -> None:
        """A call that came to nothing before there was a channel; else the channel's end tells more."""
        channel_id = event.get("Uniqueid")
        visit = self._visit(channel_id)
        if event.get("Response") == "Failure" and channel_id not in self._live and visit is not None:
            self._tell_failed(visit, event["Uniqueid"], "CHANUNAVAIL", "")

    def _tell_failed(self, visit: Visit, channel_id: str, status: str, cause: str) -> None:
        """A channel that was asked for is gone."""
        attempt = visit.callback.attempt if visit.callback is not None else None
        if attempt is not None:
            outcome = AttemptOutcome.AGENT_LEFT if attempt.agent_id else attempt_outcome(cause)
            self._distributor.post(CallbackFailed(visit.visit_id, attempt.attempt_id, outcome))
        for offer in list(visit.offers.values()) if attempt is None else []:
            legs = self._ringing.get(offer.offer_id, {})
            legs[channel_id] = legs.get(channel_id) or _agent_outcome(status, cause)
            ended = [outcome for outcome in legs.values() if outcome is not None]
            if len(ended) == len(legs):  # else another phone rings on
                self._ringing.pop(offer.offer_id, None)
                outcome_of_all = min(ended, key=_MOST_TELLING.index)
                self._distributor.post(OfferFailed(offer.offer_id, visit.visit_id, outcome_of_all))

    def _forget(self, channel_id: str) -> None:
        """A phone that was rung for what is over by now."""
        legs = self._ringing.get(offer_of(channel_id))
        if legs is not None:
            legs.pop(channel_id, None)
            if not legs:
                del self._ringing[offer_of(channel_id)]


def _is_carriers(channel: str) -> bool:
    """Whether this is the channel of somebody outside."""
    return channel.startswith("PJSIP/trunk-")


def _called(channels: Mapping[str, AmiEvent]) -> set[str]:
    """Of a whole picture: callers in calls that they have not begun, and who has begun those is none of them."""
    outside = {uniqueid: one["Linkedid"] for uniqueid, one in channels.items() if _is_carriers(one["Channel"])}
    return {uniqueid for uniqueid, call_id in outside.items() if call_id != uniqueid and call_id not in outside}


def _agent_outcome(status: str, cause: str) -> OfferOutcome:
    """What became of an agent's phone. One that rang to the end of its time has a cause and no DialStatus (19)."""
    return outcome_of(status or ("NOANSWER" if cause in ("0", "16", "19") else ""), cause)


_ACTS: Final[Mapping[str, Callable[[CallbackLine, AmiEvent], None]]] = {
    "Newchannel": CallbackLine._new_channel,
    "DialEnd": CallbackLine._dial_ended,
    "Hangup": CallbackLine._hung_up,
    "OriginateResponse": CallbackLine._responded,
}
