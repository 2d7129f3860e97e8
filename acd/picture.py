"""A whole picture of the switch, asked for after a gap: who talks, who rings, who went where while nobody watched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from acd.distributor import Distributor
from acd.events import SwitchSeen
from acd.legs import STATE_UP, Leg, Legs
from acd.model import EnteredVia, VisitState
from acd.transfer import is_near_half
from pbx.ami import ActionRefused, AmiClient, AmiEvent

_OUTSIDE: Final = "outside"
"""The dialplan's context in which numbers outside are dialled; the number is the extension."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What Asterisk answered."""

    started_at: float
    """Epoch seconds of Asterisk's own start."""
    channels: list[AmiEvent]
    devices: list[AmiEvent]
    sent_on: Mapping[str, str]
    """Extension by visit: callers whom their agent has transferred blind."""
    answered: Mapping[str, str]
    """Agent by visit: of callers for whom we knew of nothing but ringing."""


class Picture:
    """Asks Asterisk, and reads its answers by what the engine knows of each call."""

    def __init__(self, ami: AmiClient, distributor: Distributor, legs: Legs) -> None:
        self._ami = ami
        self._distributor = distributor
        self._legs = legs

    async def ask(self) -> Shown:
        """Everything that only Asterisk can tell.

        Raises:
            SwitchError: it refused, did not answer, or the link is lost.
        """
        status = await self._ami.send("CoreStatus", {})
        channels = await self._ami.collect("CoreShowChannels")
        devices = await self._ami.collect("DeviceStateList")
        sent_on, answered = await self._sent_on(channels), await self._answered(channels)
        return Shown(_started_at(status), channels, devices, sent_on, answered)

    async def _sent_on(self, channels: list[AmiEvent]) -> dict[str, str]:
        """Callers whom their agent has transferred blind while nobody watched, and to which extension.

        BLINDTRANSFER stays on the channel until its next bridge (bridge.c), and [transfer] leaves TRANSFERRED_TO there;
        whoever talks to somebody outside by now is in that context. A session that lives reports for itself.
        """
        found: dict[str, str] = {}
        for channel in channels:
            visit = self._distributor.engine.visits.get(self._legs.visit_of(channel["Linkedid"]) or "")
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
            visit = self._distributor.engine.visits.get(self._legs.visit_of(channel["Linkedid"]) or "")
            if visit is None or visit.state is not VisitState.OFFERED or visit.callback is not None:
                continue
            if channel["Uniqueid"] == channel["Linkedid"] and channel.get("BridgeId"):
                agent_id = self._legs.agent_of(await self._variable(channel, "DIALEDPEERNAME"))
                if agent_id is not None:
                    found[visit.visit_id] = agent_id
        return found

    async def _variable(self, channel: AmiEvent, name: str) -> str:
        """Empty where it is not set, or the channel is gone."""
        with suppress(ActionRefused):
            return (await self._ami.send("Getvar", {"Channel": channel["Channel"], "Variable": name})).get("Value")
        return ""

    def seen(self, shown: Shown, *, restarted: bool) -> SwitchSeen:
        """What the engine has to know of it. The legs and phones are those of this picture from here on.

        Args:
            restarted: this Asterisk has taken another's place.
        """
        channels = shown.channels
        self._legs.take_legs(channels)
        self._legs.take_devices(shown.devices)
        callers = {channel["Linkedid"] for channel in channels if self._legs.phone_of(channel["Channel"]) is None}
        present = {visit_id for call_id in callers if (visit_id := self._legs.visit_of(call_id)) is not None}
        present |= self._consults({channel["Linkedid"] for channel in channels})
        up = self._up(channels)
        talking = self._by_visit(leg for uniqueid, leg in self._legs.by_id.items() if uniqueid in up)
        return SwitchSeen(
            # An agent's phone may outlive the caller, in the midst of keys: that is no talk.
            talking={visit_id: agent_id for visit_id, agent_id in talking.items() if visit_id in present},
            ringing=self._ringing(leg for uniqueid, leg in self._legs.by_id.items() if uniqueid not in up),
            present=frozenset(present),
            devices={phone: self._legs.device(phone) for phone in self._distributor.engine.phones},
            restarted=restarted,
            sent_on=shown.sent_on,
            handed_over={**self._handed_over(channels), **self._in_a_ringing_consult(channels)},
            answered=shown.answered,
        )

    def _up(self, channels: list[AmiEvent]) -> set[str]:
        """Uniqueids of those who talk; the others ring."""
        bridges = {one["Linkedid"]: one.get("BridgeId") for one in channels if one["Uniqueid"] == one["Linkedid"]}
        keyed = {one["Linkedid"] for one in channels if is_near_half(one["Channel"])}
        return {
            one["Uniqueid"]
            for one in channels
            if _talks(one, bridges.get(one["Linkedid"])) or (one["Linkedid"] in keyed and self._consults_by_keys(one))
        }

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
            visit_id = self._legs.visit_of(legs[0]["Linkedid"]) or ""
            left = any(is_near_half(leg["Channel"]) for leg in legs) and any(self._legs.is_callers(leg) for leg in legs)
            if left and visit_id in consults and all(self._legs.phone_of(leg["Channel"]) is None for leg in legs):
                found[visit_id] = consults[visit_id]
        return found

    def _in_a_ringing_consult(self, channels: list[AmiEvent]) -> dict[str, str]:
        """Talks whose caller has taken the agent's place in a consult by phone: its phones ring on in a call that has
        nobody else any more, and the caller is in no bridge."""
        visits, begun = self._distributor.engine.visits, {channel["Uniqueid"] for channel in channels}
        alone = {one["Linkedid"] for one in channels if self._legs.is_callers(one) and not one.get("BridgeId")}
        left = {leg.call_id for leg in self._legs.by_id.values()} - begun
        return {
            talk.visit_id: consult.visit_id
            for consult in visits.values()
            if consult.entered_via is EnteredVia.CONSULT and consult.call_id in left
            if (talk := visits.get(consult.from_visit_id)) is not None and talk.call_id in alone
        }

    def _consults_by_keys(self, channel: AmiEvent) -> bool:
        """Whether this leg is of the agent of a talk in which somebody is consulted by keys: it has left the caller's
        bridge, and the caller waits for it."""
        phone = self._legs.phone_of(channel["Channel"])
        visit_id = None if phone is None else self._legs.visit_of(channel["Linkedid"], phone)
        return visit_id is not None and self._legs.agent_of(channel["Channel"]) == self._legs.agent_in(visit_id)

    def _by_visit(self, legs: Iterable[Leg]) -> dict[str, str]:
        found: dict[str, str] = {}
        for leg in legs:
            visit_id, agent_id = self._legs.visit_of(leg.call_id, leg.phone), self._legs.agent_at(leg.phone)
            if visit_id is not None and (visit_id not in found or agent_id == self._legs.agent_in(visit_id)):
                found[visit_id] = agent_id
        return found

    def _ringing(self, legs: Iterable[Leg]) -> dict[str, frozenset[str]]:
        rung: defaultdict[str, set[str]] = defaultdict(set)
        for leg in legs:
            if (visit_id := self._legs.visit_of(leg.call_id, leg.phone)) is not None:
                rung[visit_id].add(self._legs.agent_at(leg.phone))
        return {visit_id: frozenset(agent_ids) for visit_id, agent_ids in rung.items()}


def _talks(channel: AmiEvent, callers_bridge: str | None) -> bool:
    """Whether the channel is in the caller's own bridge: a leg that was left behind in another one talks to nobody."""
    bridge = channel.get("BridgeId")
    return channel["ChannelState"] == STATE_UP and bool(bridge) and bridge == (callers_bridge or bridge)


def _started_at(status: Mapping[str, str]) -> float:
    """CoreStatus gives Asterisk's start as local date and time, to the second."""
    text = f"{status['CoreStartupDate']} {status['CoreStartupTime']}"
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").astimezone().timestamp()
