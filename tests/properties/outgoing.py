"""The calls that callbacks ask the switch for: an agent's phone from which the caller is dialled, or the caller's own.

A channel has the id that it was asked for with, and what is heard of it is told of the callback whose call has that id
now. The agent's channel waits in the dialplan when the distributor is dead, and its Dial runs on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from acd.callback import AttemptOutcome
from acd.commands import DialCaller, ReachAgent, ReachCaller
from acd.engine import Engine
from acd.events import AgentReached, CallbackAnswered, CallbackFailed, Event, OfferFailed, TalkEnded
from acd.model import OfferOutcome, Visit, VisitState

Tell = Callable[[Event], None]


@dataclass
class Channel:
    channel_id: str
    callback_id: str
    number: str
    rings_until: float
    agent_id: str = ""
    """Whose phone it is; empty: the caller's own."""
    is_up: bool = False
    held: bool = False
    """A session of the distributor serves it."""
    dialled_until: float | None = None
    """So long the caller's phone rings at most for the Dial on this channel, which is the only one ever."""
    answered: float | None = None
    """Since when the caller talks."""
    status: AttemptOutcome | None = None
    """What the Dial has come to, for the session that asks."""

    @property
    def dials(self) -> bool:
        return self.dialled_until is not None and self.status is None

    @property
    def rings_caller(self) -> bool:
        return (self.dials and self.answered is None) if self.agent_id else not self.is_up


class Outgoing:
    """All channels of callbacks.

    Args:
        engine: the one that runs now.
        post: what a session tells, which is always heard.
        hear: what AMI tells, which is heard while the link is up.
    """

    def __init__(self, engine: Callable[[], Engine], now: Callable[[], float], post: Tell, hear: Tell) -> None:
        self.channels: dict[str, Channel] = {}
        self._ids: set[str] = set()
        self._engine, self._now, self._post, self._hear = engine, now, post, hear

    def of_visit(self, channel: Channel) -> Visit | None:
        """The callback whose call this channel is, as its own id tells."""
        visit = self._engine().visits.get(channel.callback_id)
        return visit if visit is not None and visit.call_id == channel.channel_id and not visit.is_on_line else None

    # What is asked for

    def reach_agent(self, command: ReachAgent) -> None:
        offer, visit = command.offer, self._engine().visits[command.visit_id]
        until = self._now() + command.ring_seconds
        self._begin(Channel(offer.offer_id, command.visit_id, visit.caller_number, until, offer.agent_id))

    def reach_caller(self, command: ReachCaller) -> None:
        self._check_silent(command.number, command.visit_id)
        until = self._now() + command.ring_seconds
        self._begin(Channel(command.attempt_id, command.visit_id, command.number, until))

    def dial(self, command: DialCaller) -> None:
        """The session of the agent's channel takes the order, where one is there."""
        channel = self.channels.get(command.attempt_id)
        if channel is not None and channel.held:
            assert channel.dialled_until is None, "a channel is dialled from once"
            self._check_silent(command.number, command.visit_id)
            channel.dialled_until = self._now() + command.ring_seconds

    def _check_silent(self, number: str, callback_id: str) -> None:
        ringing = [one for one in self.channels.values() if one.callback_id == callback_id and one.rings_caller]
        assert not [one for one in ringing if one.number == number], "two legs of one callback ring for a caller"

    def _begin(self, channel: Channel) -> None:
        assert channel.channel_id not in self._ids, "an id is asked for once"
        self._ids.add(channel.channel_id)
        self.channels[channel.channel_id] = channel

    # What happens at the phones

    def agent_picks_up(self, channel: Channel) -> None:
        channel.is_up = True
        self.enter(channel)

    def enter(self, channel: Channel) -> None:
        """The dialplan leads the agent's channel to the distributor, for the first time or again."""
        if channel.status is not None:
            self._post(CallbackFailed(channel.callback_id, channel.channel_id, channel.status))
            self.end(channel)
            return
        channel.held = True
        self._post(AgentReached(channel.callback_id, channel.channel_id))
        if channel.held and not channel.dials and channel.channel_id in self.channels:
            self.end(channel)  # taken back as the agent answered

    def caller_answers(self, channel: Channel, *, heard: bool) -> None:
        """The phone that the Dial rings is picked up; the two are bridged."""
        channel.answered = self._now()
        if heard and self.of_visit(channel) is not None:
            self._hear(CallbackAnswered(channel.callback_id, channel.channel_id))

    def dial_fails(self, channel: Channel, outcome: AttemptOutcome) -> None:
        """The phone that the Dial rings is not picked up."""
        channel.status = outcome
        if channel.held:
            self.enter(channel)

    def caller_hangs_up(self, channel: Channel, *, heard: bool) -> None:
        """The end of a talk."""
        visit = self.of_visit(channel)
        if heard and visit is not None and visit.state is VisitState.CONNECTED:
            self._hear(TalkEnded(channel.callback_id, by_agent=False))
        self._tell_end(channel, by_agent=False)
        self.end(channel)

    def agent_hangs_up(self, channel: Channel, *, heard: bool) -> None:
        """At any time after the answer."""
        self._tell_end(channel, by_agent=True)
        self.end(channel, heard=heard)

    def _tell_end(self, channel: Channel, *, by_agent: bool) -> None:
        if not channel.held or not channel.dials:
            return
        if channel.answered is not None:
            seconds = self._now() - channel.answered
            self._post(TalkEnded(channel.callback_id, by_agent, seconds))
        else:
            self._post(CallbackFailed(channel.callback_id, channel.channel_id, AttemptOutcome.AGENT_LEFT))

    def end(
        self,
        channel: Channel,
        *,
        offer: OfferOutcome = OfferOutcome.RNA,
        attempt: AttemptOutcome = AttemptOutcome.NO_ANSWER,
        heard: bool = True,
    ) -> None:
        """The channel is gone; how its phone fell silent where nobody had picked it up: offer, attempt."""
        if self.channels.pop(channel.channel_id, None) is None or not heard:
            return
        if (visit := self.of_visit(channel)) is None or visit.callback is None:
            return
        if visit.state is VisitState.CONNECTED:
            self._hear(TalkEnded(channel.callback_id, by_agent=True))
        elif (made := visit.callback.attempt) is not None:
            outcome = AttemptOutcome.AGENT_LEFT if made.agent_id else attempt
            self._hear(CallbackFailed(visit.visit_id, made.attempt_id, outcome))
        for one in list(visit.offers.values()) if visit.callback.attempt is None else []:
            self._hear(OfferFailed(one.offer_id, visit.visit_id, offer))

    def stop(self, channel_id: str) -> None:
        """Somebody here has had this channel hung up."""
        if (channel := self.channels.get(channel_id)) is not None:
            self.agent_hangs_up(channel, heard=True)

    def fall_silent(self, now: float) -> None:
        """Asterisk ends what has rung for as long as it may."""
        for channel in list(self.channels.values()):
            if not channel.is_up and channel.rings_until <= now:
                self.end(channel)
            elif channel.dials and channel.answered is None and (channel.dialled_until or 0.0) <= now:
                self.dial_fails(channel, AttemptOutcome.NO_ANSWER)

    @property
    def next_silence(self) -> float | None:
        """When the next phone has rung for as long as it may."""
        ringing = [one.rings_until for one in self.channels.values() if not one.is_up]
        dialled = [one.dialled_until for one in self.channels.values() if one.dials and one.answered is None]
        return min([*ringing, *(until for until in dialled if until is not None)], default=None)

    # Deaths

    def lose_sessions(self) -> None:
        for channel in self.channels.values():
            channel.held = False

    def talking(self) -> dict[str, str]:
        """callback_id to the agent_id who talks to that caller."""
        return {
            one.callback_id: one.agent_id
            for one in self.channels.values()
            if one.answered is not None and self.of_visit(one) is not None
        }

    def ringing(self) -> dict[str, frozenset[str]]:
        """callback_id to the agent whose phone rings, or who waits for the caller."""
        return {
            one.callback_id: frozenset({one.agent_id})
            for one in self.channels.values()
            if one.agent_id and one.answered is None and self.of_visit(one) is not None
        }

    def present(self) -> set[str]:
        """The callbacks whose caller's leg is there."""
        there = (one for one in self.channels.values() if not one.agent_id or one.dials)
        return {one.callback_id for one in there if self.of_visit(one) is not None}
