"""What AMI tells of hold, consult and transfer, read into events for the engine.

An agent transfers by their phone (REFER) or by keys; Asterisk tells both with the same two events. Facts tried on
Asterisk 22.10: ARCHITECTURE.md, "Transfers". Nothing here asks Asterisk: a whole picture after each gap is enough.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from acd.distributor import Distributor
from acd.events import CallerHandedOver, CallerLeft, CallerTransferred, TalkChanged, TalkEnded
from acd.model import EnteredVia, Visit, VisitState
from pbx.ami import AmiEvent

CONTEXT: Final = "transfer"
"""The dialplan's context in which transfers go on; a consult by keys dials `Local/<extension>@transfer-...`."""

_STATE_UP: Final = "6"


@dataclass(slots=True)
class Asides:
    """What keeps agents from their callers: legs on hold, and legs to whom they consult, by uniqueid."""

    held: dict[str, str] = field(default_factory=dict)
    consults: dict[str, str] = field(default_factory=dict)
    """By phone: the agent's second leg."""
    keyed: dict[str, str] = field(default_factory=dict)
    """By keys: the near half of a Local channel. The agent has one leg, and hangs up to hand over."""

    def reason_of(self, agent_id: str) -> str:
        """`consult` while such a leg is not itself on hold, else `hold`, else empty."""
        if agent_id in self.keyed.values() or any(
            one == agent_id and leg not in self.held for leg, one in self.consults.items()
        ):
            return "consult"
        talks = (leg for leg, one in self.held.items() if one == agent_id and leg not in self.consults)
        return "hold" if next(talks, None) is not None else ""

    def forget(self, leg: str) -> str | None:
        """Drop a leg that is gone; the agent whose it was, where it kept one from a caller."""
        found = [legs.pop(leg, None) for legs in (self.held, self.consults, self.keyed)]
        return next((agent_id for agent_id in found if agent_id is not None), None)


def consulting_agent(channel: str, caller_number: str, agent_of: Callable[[str], str | None]) -> str:
    """The agent whose own call into a queue this channel is; empty for a caller's.

    By phone it is a channel of the agent's; by keys the far half of a Local channel, which has the agent's number.
    """
    own = agent_of(channel)
    if own is not None:
        return own
    return caller_number if dialled_by_keys(channel) and agent_of(f"PJSIP/{caller_number}-") else ""


def dialled_by_keys(channel: str) -> str:
    """`Local/7001@transfer-00000003;1` to 7001; empty for any other channel."""
    extension, _, context = channel.removeprefix("Local/").partition("@")
    return extension if channel.startswith("Local/") and context.startswith(f"{CONTEXT}-") else ""


def is_near_half(channel: str) -> bool:
    """Whether this is the agent's half of a consult by keys."""
    return bool(dialled_by_keys(channel)) and channel.endswith(";1")


class TransferWatch:
    """Listens to the switchboard's events, each before the switchboard itself acts on it.

    Args:
        agent_of: an agent's channel to the agent.
        join_calls: (from_call_id, to_call_id): the legs of one call belong to another from now on.
        has_leg: (agent_id, call_id): whether that agent's phone is in that call.
    """

    def __init__(
        self,
        distributor: Distributor,
        agent_of: Callable[[str], str | None],
        join_calls: Callable[[str, str], None],
        has_leg: Callable[[str, str], bool],
    ) -> None:
        self._distributor = distributor
        self._agent_of = agent_of
        self._join_calls = join_calls
        self._has_leg = has_leg
        self._asides = Asides()
        self._near: dict[str, str] = {}
        """Agent to the near half of their last consult by keys: Asterisk names none that it is optimizing away."""
        self._conferences: dict[str, CallerHandedOver] = {}
        """What follows when this leg of an agent's leaves its conference."""
        self._left: dict[str, str] = {}
        """Consult by keys to the visit whose agent has hung up in it: Asterisk hands over, or tells that it cannot."""
        self._answered: set[str] = set()
        """The near halves, by channel, at whose other end somebody has answered."""
        self._dialled_anew: dict[str, str] = {}
        """Near half, by channel, to its call: Asterisk tries a promise once more with a call of its own."""
        self._promised: dict[str, CallerHandedOver] = {}
        """By call_id, what follows once somebody answers: handed over by keys while the other phone rang. Until then
        the talk is the first agent's, who consults: where nobody answers, Asterisk calls them back for it."""

    def hear(self, event: AmiEvent) -> None:
        """Act on one event. Raises KeyError where it lacks a header."""
        act = _ACTS.get(event.name)
        if act is not None:
            act(self, event)

    def see(self, channels: Mapping[str, AmiEvent]) -> None:
        """Every live channel by its uniqueid: whatever began or ended unseen is made good."""
        for leg in [*self._asides.held, *self._asides.consults, *self._asides.keyed]:
            if leg not in channels:
                self._asides.forget(leg)
        for leg, channel in channels.items():
            self._new_leg(leg, channel["Channel"], channel["Linkedid"])
            visit = self._visit_of_leg(channel["Channel"], channel["Linkedid"])
            # Asterisk lists no holds: what the journal knew is true until the phone says otherwise.
            if visit is not None and visit.aside is not None and visit.aside[0] == "hold" and visit.agent_id:
                self._asides.held[leg] = visit.agent_id
        self._see_promises(channels)
        visits = self._distributor.engine.visits
        for own, visit_id in list(self._distributor.consults.items()):
            if visit_id in visits and visits[visit_id].entered_via is not EnteredVia.CONSULT:
                del self._distributor.consults[own]  # handed over unseen: its end is no caller's any more
        for agent_id in self._distributor.engine.agents:
            self._tell(agent_id)

    def hands_over(self, agent_id: str) -> bool:
        """Whether this agent's hang-up now is no end of the talk: they consult by keys, and Asterisk goes on for them
        until the one whom they asked has answered or not."""
        talk = self._talk_of(agent_id)
        keyed = [leg for leg, one in self._asides.keyed.items() if one == agent_id]
        if talk is None or not keyed:
            return False
        self._left[keyed[0]] = talk.visit_id
        return True

    # Blind

    def _blind(self, event: AmiEvent) -> None:
        visit = self._visit_of_leg(event["TransfererChannel"], event["TransfererLinkedid"])
        if event["Result"] == "Success" and visit is not None:
            self._distributor.post(CallerTransferred(visit.visit_id, event["Extension"]))

    # Attended

    def _attended(self, event: AmiEvent) -> None:
        """The legs may come either way round: phones refer from the caller's leg, or from the one to the colleague."""
        if event["Result"] != "Success":
            return
        first = (event["OrigTransfererLinkedid"], event["OrigTransfererChannel"], event.get("TransfereeChannel", ""))
        second = (
            event["SecondTransfererLinkedid"],
            event["SecondTransfererChannel"],
            event.get("TransferTargetChannel", ""),
        )
        callers_first = self._distributor.visit_of(first[0]) is not None or (
            self._distributor.visit_of(second[0]) is None
        )
        (call_id, leg, _), (other, own, target) = (first, second) if callers_first else (second, first)
        if self._agent_of(target) is None and not dialled_by_keys(target) and own == leg:
            target = self._near.get(self._agent_of(leg) or "", "")
        keyed = dialled_by_keys(target)
        over = CallerHandedOver(
            visit_id=self._distributor.visit_of(call_id) or "",
            call_id=call_id,
            consult_visit_id=self._consult_visit(own, target),
            agent_id=self._agent_of(target) or self._agent_of(f"PJSIP/{keyed}-") or "",
            extension=keyed or event.get("SecondTransfererExten", ""),
        )
        if event["DestType"] == "Threeway":
            self._conferences[leg] = over
            self._back_in_talk(self._agent_of(leg) or "")
        elif keyed and not over.consult_visit_id and target not in self._answered:
            self._promised[over.call_id] = over
        else:
            self._hand_over(over, own, other)

    def _dialled(self, event: AmiEvent) -> None:
        """Answers to Asterisk's own calls: of the one whom an agent consults by keys, or of an agent called back."""
        channel = event.get("DestChannel") or ""
        if event.get("DialStatus") != "ANSWER" or event.get("Channel"):
            return
        if is_near_half(channel):
            self._answered.add(channel)
            if (over := self._promised.pop(event["DestLinkedid"], None)) is not None:
                self._hand_over(over, "", self._dialled_anew.get(channel, over.call_id))
            return
        agent_id = self._agent_of(channel) or ""
        talk = self._talk_of(agent_id)
        if talk is not None and self._promised.pop(talk.call_id, None) is not None:
            self._asides.forget(event["DestUniqueid"])
            self._join_calls(event["DestLinkedid"], talk.call_id)
            self._back_in_talk(agent_id)

    def _see_promises(self, channels: Mapping[str, AmiEvent]) -> None:
        """Asterisk has put the near half into the caller's bridge before anybody answered: the agent has hung up."""
        halves = [channel for channel in channels.values() if is_near_half(channel["Channel"])]
        self._answered = {half["Channel"] for half in halves if half["ChannelState"] == _STATE_UP}
        visits = self._distributor.engine.visits
        self._promised = {call_id: over for call_id, over in self._promised.items() if over.visit_id in visits}
        for half in halves:
            talk = visits.get(self._distributor.visit_of(half["Linkedid"]) or "")
            caller = channels.get(half["Linkedid"])
            bridge = half.get("BridgeId")
            if talk is None or caller is None or not bridge or bridge != caller.get("BridgeId"):
                continue
            if half["Channel"] not in self._answered and not self._is_consulted(talk):
                keyed = dialled_by_keys(half["Channel"])
                colleague = self._agent_of(f"PJSIP/{keyed}-") or ""
                over = CallerHandedOver(talk.visit_id, talk.call_id, "", colleague, keyed)
                self._promised.setdefault(talk.call_id, over)

    def _is_consulted(self, talk: Visit) -> bool:
        """Whether the agent of this talk stands in a queue."""
        visits = self._distributor.engine.visits.values()
        return any(one.entered_via is EnteredVia.CONSULT and one.from_visit_id == talk.visit_id for one in visits)

    def _hand_over(self, over: CallerHandedOver, own: str, other_call_id: str) -> None:
        """own: the agent's channel in the consult, whose end is no caller's any more."""
        for channel in [
            one for one, visit_id in self._distributor.consults.items() if visit_id == over.consult_visit_id
        ]:
            del self._distributor.consults[channel]
        self._distributor.consults.pop(own, None)
        if other_call_id != over.call_id:
            self._join_calls(other_call_id, over.call_id)
        self._distributor.post(over)

    def _consult_visit(self, own: str, target: str) -> str:
        """The consult's visit: known by its own channel, or after a restart by the agent who is asked."""
        far_half = f"{target.removesuffix(';1')};2" if dialled_by_keys(target) else own
        found = self._distributor.consults.get(far_half) or self._distributor.consults.get(own)
        asked = self._distributor.engine.agents.get(self._agent_of(target) or "")
        return found or (asked.visit_id if asked is not None and asked.visit_id is not None else "")

    def _back_in_talk(self, agent_id: str) -> None:
        for legs in (self._asides.keyed, self._asides.held):
            for leg in [one for one, agent in legs.items() if agent == agent_id]:
                del legs[leg]
        self._tell(agent_id)

    # Hold and consult

    def _hold(self, event: AmiEvent) -> None:
        agent_id = self._agent_of(event["Channel"])
        if agent_id is not None:
            self._asides.held[event["Uniqueid"]] = agent_id
            self._tell(agent_id)

    def _unhold(self, event: AmiEvent) -> None:
        agent_id = self._asides.held.pop(event["Uniqueid"], None)
        if agent_id is not None:
            self._tell(agent_id)

    def _new_channel(self, event: AmiEvent) -> None:
        agent_id = self._new_leg(event["Uniqueid"], event["Channel"], event["Linkedid"])
        if agent_id is not None:
            self._tell(agent_id)

    def _new_leg(self, leg: str, channel: str, call_id: str) -> str | None:
        """Note a leg to somebody whom an agent in a talk consults; the agent, where it is one."""
        talk = self._distributor.engine.visits.get(self._distributor.visit_of(call_id) or "")
        agent_id = self._agent_of(channel)
        if talk is None and is_near_half(channel):
            self._dialled_anew[channel] = call_id
        if agent_id is not None and talk is None and self._talk_of(agent_id) is not None:
            if self._visit_of_leg(channel, call_id) is not None:
                return None  # the talk itself, where it is a consult
            self._asides.consults[leg] = agent_id
            return agent_id
        if is_near_half(channel) and talk is not None and talk.agent_id is not None:
            self._asides.keyed[leg], self._near[talk.agent_id] = talk.agent_id, channel
            return talk.agent_id
        return None

    def _leaving(self, event: AmiEvent) -> None:
        """An agent leaves a conference: who stays talks on without them."""
        over = self._conferences.pop(event["Channel"], None)
        if over is None:
            return
        consult = self._distributor.engine.visits.get(over.consult_visit_id)
        if consult is not None or self._has_leg(over.agent_id, over.call_id):
            self._hand_over(over, "", over.call_id)

    def _gone(self, event: AmiEvent) -> None:
        self._leaving(event)
        self._answered.discard(event["Channel"])
        self._dialled_anew.pop(event["Channel"], None)
        over = self._promised.get(event["Linkedid"])
        if over is not None and over.visit_id not in self._distributor.engine.visits:
            del self._promised[event["Linkedid"]]
        if (left_in := self._left.pop(event["Uniqueid"], None)) is not None and over is None:
            self._distributor.post(TalkEnded(left_in, by_agent=True))
        consult_id = self._distributor.consults.pop(event["Channel"], None)
        if consult_id is not None:
            self._distributor.post(CallerLeft(consult_id))
        agent_id = self._asides.forget(event["Uniqueid"])
        if agent_id is not None:
            self._tell(agent_id)

    def _tell(self, agent_id: str) -> None:
        talk, reason = self._talk_of(agent_id), self._asides.reason_of(agent_id)
        if talk is not None and talk.call_id in self._promised:
            reason = "consult"  # no leg of theirs is up, and none of the caller's is on hold
        if talk is not None and reason != (talk.aside[0] if talk.aside is not None else ""):
            self._distributor.post(TalkChanged(talk.visit_id, reason))

    # Visits

    def _talk_of(self, agent_id: str) -> Visit | None:
        agent = self._distributor.engine.agents.get(agent_id)
        visit = self._distributor.engine.visits.get(agent.visit_id or "") if agent is not None else None
        return visit if visit is not None and visit.state is VisitState.CONNECTED else None

    def _visit_of_leg(self, channel: str, call_id: str) -> Visit | None:
        """The talk in which this channel is the agent's."""
        talk = self._talk_of(self._agent_of(channel) or "")
        return talk if talk is not None and talk.call_id == call_id else None


_ACTS: Final[Mapping[str, Callable[[TransferWatch, AmiEvent], None]]] = {
    "DialEnd": TransferWatch._dialled,
    "BlindTransfer": TransferWatch._blind,
    "AttendedTransfer": TransferWatch._attended,
    "Hold": TransferWatch._hold,
    "Unhold": TransferWatch._unhold,
    "Newchannel": TransferWatch._new_channel,
    "HangupRequest": TransferWatch._leaving,
    "Hangup": TransferWatch._gone,
}
