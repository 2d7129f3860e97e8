"""The channels of phones that AMI has told of, each in its call, and what they make of a phone's state.

A phone's state is never taken from the device state alone (asterisk#1181): it is busy as long as a channel of it is up
that no offer of ours made. The device state only tells whether a phone can be reached at all. Who sits at a phone is
the engine's to say, by one look into a mapping (asterisk#1972).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from acd.distributor import Distributor
from acd.model import Device, VisitState
from pbx.ami import AmiEvent

STATE_UP: Final = "6"
"""ChannelState of a channel that was answered."""
_UNREACHABLE: Final = frozenset({"UNAVAILABLE", "INVALID"})


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


class Legs:
    """Every leg that is up, found by its id and by its phone."""

    def __init__(self, distributor: Distributor, is_code: Callable[[str], bool]) -> None:
        self._distributor = distributor
        self.is_code = is_code
        """Whether what was dialled is a feature code; renewed by a reload."""
        self.by_id: dict[str, Leg] = {}
        self._of: defaultdict[str, dict[str, Leg]] = defaultdict(dict)
        self.unreachable: set[str] = set()
        """Phones that nobody could ring."""

    def drop(self, uniqueid: str) -> Leg | None:
        """Forget a leg that has ended; None where it was no phone's."""
        leg = self.by_id.pop(uniqueid, None)
        if leg is not None:
            del self._of[leg.phone][uniqueid]
        return leg

    def of(self, phone: str) -> list[Leg]:
        """What a phone has up."""
        return list(self._of[phone].values())

    def talk_leg(self, agent_id: str) -> tuple[str, Leg] | None:
        """The leg on which an agent talks to a caller of ours, with its uniqueid."""
        engine = self._distributor.engine
        agent = engine.agents.get(agent_id)
        visit = engine.visits.get(agent.visit_id or "") if agent is not None else None
        if agent is None or visit is None or visit.state is not VisitState.CONNECTED:
            return None
        legs = [pair for phone in agent.phones for pair in self._of[phone].items()]
        made_for_it = (pair for pair in legs if pair[1].call_id == visit.call_id)
        return next(made_for_it, None) or next(iter(legs), None)  # who took over came on a leg of their own

    def agent_of(self, channel: str) -> str | None:
        """The agent who is at the phone of this channel; None for a channel of nobody's phone."""
        phone = self.phone_of(channel)
        return None if phone is None else self.agent_at(phone)

    def leg(self, channel: AmiEvent, phone: str) -> Leg:
        """A channel of this phone as a leg of its call."""
        call_id = self._distributor.call_of(channel["Linkedid"])
        is_ours = self.has_visit(phone, self.visit_of(call_id, phone))
        return Leg(channel["Channel"], phone, call_id, self.is_code(channel.get("Exten")), is_ours)

    def add(self, uniqueid: str, leg: Leg) -> None:
        """It is up from here on, or is in another call than before."""
        self.by_id[uniqueid] = self._of[leg.phone][uniqueid] = leg

    def phone_of(self, channel: str) -> str | None:
        """The phone of this channel; None for a channel of nobody's phone."""
        return self._distributor.phone_of(channel)

    def agent_at(self, phone: str) -> str:
        """Who is logged in there, or whose own it is."""
        return self._distributor.agent_at(phone)

    def visit_of(self, call_id: str, phone: str | None = None) -> str | None:
        """The open visit of a call's caller, or that in which the agent at this phone has a leg of the call."""
        if phone is None:
            return self._distributor.visit_of_caller(call_id)
        return self._distributor.visit_of_leg(self.agent_at(phone), call_id)

    def has_visit(self, phone: str, visit_id: str | None) -> bool:
        """Whether the agent at this phone has that visit."""
        agent = self._distributor.engine.agents.get(self.agent_at(phone))
        return agent is not None and visit_id is not None and agent.visit_id == visit_id

    def has_leg(self, agent_id: str, call_id: str) -> bool:
        """Whether any phone of this agent is in that call."""
        agent = self._distributor.engine.agents.get(agent_id)
        phones = () if agent is None else agent.phones
        return any(leg.call_id == call_id for phone in phones for leg in self._of[phone].values())

    def join_calls(self, from_call_id: str, to_call_id: str) -> None:
        """Asterisk has joined two calls under the older one's linkedid, and tells of no leg that it did so."""
        for uniqueid, leg in list(self.by_id.items()):
            if leg.call_id == from_call_id:
                self.add(uniqueid, replace(leg, call_id=to_call_id))

    def mark_reachable(self, phone: str, state: str) -> None:
        """state: Asterisk's device state."""
        (self.unreachable.add if state in _UNREACHABLE else self.unreachable.discard)(phone)

    def device(self, phone: str) -> Device:
        """A call counts before the registration: a phone that registers anew keeps its call."""
        foreign = [leg for leg in self._of[phone].values() if self._is_foreign(leg)]
        if foreign:
            return Device.CODE if all(leg.is_code for leg in foreign) else Device.BUSY
        return Device.UNREACHABLE if phone in self.unreachable else Device.IDLE

    def _is_foreign(self, leg: Leg) -> bool:
        """Of a call that is none of ours, or none of this agent's. A leg that was offered stays ours while another
        agent has the caller: its end is on the way."""
        visit_id = self.visit_of(leg.call_id, leg.phone)
        return visit_id is None or not (leg.is_ours or self.has_visit(leg.phone, visit_id))

    def take_legs(self, channels: list[AmiEvent]) -> None:
        """These are all channels that there are."""
        self.by_id.clear()
        self._of.clear()
        for channel in channels:
            if (phone := self.phone_of(channel["Channel"])) is not None:
                self.add(channel["Uniqueid"], self.leg(channel, phone))

    def take_devices(self, devices: list[AmiEvent]) -> None:
        """These are all phones that have ever registered."""
        self.unreachable = set(self._distributor.engine.phones)  # a phone that is not listed has never registered
        for device in devices:
            technology, _, phone = device["Device"].partition("/")
            if technology == "PJSIP":
                self.mark_reachable(phone, device["State"])

    def agent_in(self, visit_id: str) -> str | None:
        """Whom the visit has: others in the same call are consulted, or in a conference."""
        visit = self._distributor.engine.visits.get(visit_id)
        return None if visit is None else visit.agent_id

    def is_callers(self, event: AmiEvent) -> bool:
        """Whether this channel is the one of its call's caller: who began the call, or was called back in it."""
        return event["Uniqueid"] == event["Linkedid"] or event["Uniqueid"] in self._distributor.called
