"""Calls that we begin for callbacks, over AMI: asked for by an id of ours, and read back by it.

An id is in the journal before Asterisk is asked for the channel, and Asterisk refuses a second live channel of the same
id (main/channel.c; tried on 22.10: the second Originate fails, and no second INVITE is sent). So an Originate whose
answer is lost needs no second try: the next snapshot tells whether its channel lives.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

from acd.callback import AttemptOutcome
from acd.commands import ReachAgent, ReachCaller, StopReaching
from acd.distributor import Distributor
from acd.events import CallbackAnswered, CallbackFailed, OfferFailed, TalkEnded
from acd.model import OfferOutcome, Visit, VisitState
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


def attempt_outcome(cause: str) -> AttemptOutcome:
    """What became of a caller's phone, by the cause of its leg's end."""
    return _OUTCOME_OF_CAUSE.get(cause, AttemptOutcome.UNREACHABLE)


class CallbackLine:
    """Carries out what the engine wants called, and tells it what AMI shows of that: a listener of the switchboard."""

    def __init__(self, ami: AmiClient, distributor: Distributor, outside: Outside) -> None:
        self._ami = ami
        self._distributor = distributor
        self._outside = outside
        self._live: set[str] = set()
        """Ids of channels that Asterisk has shown, and not shown the end of."""
        self._unwanted: set[str] = set()
        """Ids that were taken back before Asterisk had shown a channel."""
        self._statuses: dict[str, str] = {}
        """By id: the DialStatus of a channel that rings no more."""
        self._tasks: set[asyncio.Task[None]] = set()
        distributor.reach = self.perform

    def perform(self, command: ReachAgent | ReachCaller | StopReaching) -> None:
        """Carry out a command of the engine; what comes of it is read from AMI."""
        match command:
            case ReachAgent():
                self._spawn(self._ring(command.offer.offer_id, self._agent_call(command), command.ring_seconds))
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
        for stray in self._unwanted.intersection(channels):
            self._spawn(self._hang_up(stray))
        self._unwanted.clear()
        self._statuses.clear()

    def hear(self, event: AmiEvent) -> None:
        """Take one event of AMI; those that are about other calls change nothing."""
        act = _ACTS.get(event.name)
        if act is not None:
            act(self, event)

    # Asking

    def _agent_call(self, command: ReachAgent) -> dict[str, str | list[str]]:
        visit = self._distributor.engine.visits[command.visit_id]
        return {
            "Channel": f"PJSIP/{command.offer.phones[0]}",
            "Context": _AGENT_CONTEXT,
            "CallerID": f"<{visit.caller_number}>",
            "Variable": [f"CALLBACK_ID={command.visit_id}"],
        }

    def _reach_caller(self, command: ReachCaller) -> None:
        if not self._outside.allows(command.number):
            failed = CallbackFailed(command.visit_id, command.attempt_id, AttemptOutcome.FORBIDDEN)
            asyncio.get_running_loop().call_soon(self._distributor.post, failed)  # not within a decision
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
        return visit if visit is not None and not visit.is_on_line and visit.call_id == channel_id else None

    def _new_channel(self, event: AmiEvent) -> None:
        channel_id = event["Uniqueid"]
        if channel_id in self._unwanted:
            self._unwanted.discard(channel_id)
            self._spawn(self._hang_up(channel_id))
        elif self._visit(channel_id) is not None:
            self._live.add(channel_id)

    def _dial_ended(self, event: AmiEvent) -> None:
        visit = self._visit(event.get("DestLinkedid"))
        if visit is None:
            return
        if event.get("DestUniqueid") == visit.call_id:
            self._statuses[visit.call_id] = event.get("DialStatus")
        elif event.get("DialStatus") == "ANSWER":
            self._distributor.post(CallbackAnswered(visit.visit_id, visit.call_id))

    def _hang_up_requested(self, event: AmiEvent) -> None:
        """The caller whom the agent's channel has dialled hangs up. The agent's own is read like in any talk."""
        visit = self._visit(event.get("Linkedid"))
        if visit is not None and visit.state is VisitState.CONNECTED and event["Uniqueid"] != visit.call_id:
            self._distributor.post(TalkEnded(visit.visit_id, by_agent=False))

    def _hung_up(self, event: AmiEvent) -> None:
        channel_id = event["Uniqueid"]
        self._live.discard(channel_id)
        status = self._statuses.pop(channel_id, "")
        if (visit := self._visit(channel_id)) is not None:
            self._tell_failed(visit, status, event.get("Cause"))

    def _responded(self, event: AmiEvent) -> None:
        """A call that came to nothing before there was a channel; else the channel's end tells more."""
        channel_id = event.get("Uniqueid")
        visit = self._visit(channel_id)
        if event.get("Response") == "Failure" and channel_id not in self._live and visit is not None:
            self._tell_failed(visit, "CHANUNAVAIL", "")

    def _tell_failed(self, visit: Visit, status: str, cause: str) -> None:
        """The channel of a callback's own id is gone."""
        attempt = visit.callback.attempt if visit.callback is not None else None
        if attempt is not None:
            outcome = AttemptOutcome.AGENT_LEFT if attempt.agent_id else attempt_outcome(cause)
            self._distributor.post(CallbackFailed(visit.visit_id, attempt.attempt_id, outcome))
        for offer in list(visit.offers.values()) if attempt is None else []:
            self._distributor.post(OfferFailed(offer.offer_id, visit.visit_id, _agent_outcome(status, cause)))


def _agent_outcome(status: str, cause: str) -> OfferOutcome:
    """What became of an agent's phone. One that rang to the end of its time has a cause and no DialStatus (19)."""
    return outcome_of(status or ("NOANSWER" if cause in ("0", "16", "19") else ""), cause)


_ACTS: Final[Mapping[str, Callable[[CallbackLine, AmiEvent], None]]] = {
    "Newchannel": CallbackLine._new_channel,
    "DialEnd": CallbackLine._dial_ended,
    "HangupRequest": CallbackLine._hang_up_requested,
    "Hangup": CallbackLine._hung_up,
    "OriginateResponse": CallbackLine._responded,
}
