"""An Asterisk of a few dozen lines: callers, one Dial each at most, hold sessions that end with the process.

It holds the truth about channels. What the engine hears of it depends on whether a session lives and the link is up.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from acd.commands import (
    Command,
    DialCaller,
    FollowCaller,
    ProposeCallback,
    ReachAgent,
    ReachCaller,
    ReleaseCaller,
    RingAgents,
    StopReaching,
    StopRinging,
)
from acd.events import (
    CallbackAnswered,
    CallbackFailed,
    CallerHandedOver,
    CallerJoined,
    CallerKeyed,
    CallerLeft,
    CallerTransferred,
    Event,
    OfferAnswered,
    OfferFailed,
    SessionLost,
    SwitchLost,
    SwitchSeen,
    TalkChanged,
    TalkEnded,
    Tick,
)
from acd.model import Device, OfferOutcome, VisitState
from acd.testing import Rehearsal
from acd.transitions import Refused
from tests.properties.outgoing import Channel, Outgoing

_NEWS = (
    *(OfferAnswered, OfferFailed, TalkEnded, TalkChanged, CallerLeft, CallerKeyed),
    *(CallbackAnswered, CallbackFailed),
)


@dataclass
class Leg:
    agent_id: str
    offer_id: str
    answered: float | None = None


@dataclass
class Call:
    joined: CallerJoined
    arrived: float
    present: bool = True
    held: bool = True
    legs: dict[str, Leg] = field(default_factory=dict)
    """By agent_id, of the one Dial; where one has answered it is the only one."""
    ring: RingAgents | None = None
    """The Dial that the session waits for."""
    errands: list[RingAgents | ReleaseCaller] = field(default_factory=list)
    is_asked: bool = False
    """The session tells the caller of a callback, and hears what they want."""

    @property
    def talk(self) -> Leg | None:
        return next((leg for leg in self.legs.values() if leg.answered is not None), None)


class FakeSwitch:
    """Carries out commands and reports what comes of them. `check` is called after every event."""

    def __init__(self, rehearsal: Rehearsal, check: Callable[[Event, list[Command]], None]) -> None:
        self.rehearsal = rehearsal
        self.calls: dict[str, Call] = {}
        self.devices = dict.fromkeys(rehearsal.engine.phones, Device.IDLE)
        self.link_up = False
        self.restarted = False
        self.broken = False
        """An event was not taken to its end: a check has failed, and this switch is of no more use."""
        self.outgoing = Outgoing(lambda: rehearsal.engine, lambda: rehearsal.now, self.post, self.hear)
        self.unwanted: set[str] = set()
        """Ids of channels that were to be hung up while the link was down."""
        self.told: deque[Event] = deque(maxlen=12)
        """News of the last calls, heard or not: any of it may come (again) at any time."""
        self._check = check
        self._events: deque[Event] = deque()
        self._posting = False

    # What the engine is told

    def post(self, event: Event) -> None:
        self._keep(event)
        self._events.append(event)
        if self._posting:
            return
        self._posting = self.broken = True
        while self._events:
            next_event = self._events.popleft()
            try:
                commands = self.rehearsal.handle(next_event)
            except Refused:  # an agent asked for what cannot be now
                commands = []
            self._check(next_event, commands)
            self.perform(commands)
        self._posting = self.broken = False

    def hear(self, event: Event) -> None:
        """What AMI tells."""
        if self.link_up:
            self.post(event)
        else:
            self._keep(event)

    def _keep(self, event: Event) -> None:
        if isinstance(event, _NEWS):
            self.told.append(event)

    def perform(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case RingAgents() | ReleaseCaller():
                    call = self.calls.get(command.visit_id)  # there is none of a callback that is over
                    if call is not None and call.held:
                        call.is_asked = False
                        call.errands.append(command)
                        self._serve(call)
                case FollowCaller(visit_id, to_visit_id):
                    self._follow(self.calls[visit_id], to_visit_id)
                case StopRinging():
                    call = self.calls.get(command.visit_id)
                    if self.link_up and call is not None and command.agent_id in call.legs:
                        self.end_leg(call, command.agent_id, OfferOutcome.RNA)
                    elif self.link_up:
                        self.outgoing.stop(command.call_id)
                case _:
                    self._perform_of_callback(command)

    def _perform_of_callback(self, command: Command) -> None:
        match command:
            case ProposeCallback():
                self.calls[command.visit_id].is_asked = self.calls[command.visit_id].held
            case ReachAgent():
                self.outgoing.reach_agent(command)
            case ReachCaller():
                self.outgoing.reach_caller(command)
            case DialCaller():
                self.outgoing.dial(command)
            case StopReaching(attempt_id) if self.link_up:
                self.outgoing.stop(attempt_id)
            case StopReaching(attempt_id):
                self.unwanted.add(attempt_id)

    def pass_time(self, until: float) -> None:
        """Move the clock, with a Tick at every deadline on the way; phones ring no longer than they may."""
        rehearsal = self.rehearsal
        while (due := self._next_due()) is not None and due <= until:
            rehearsal.now = max(rehearsal.now, due)
            deadline = rehearsal.engine.next_deadline()
            if deadline is not None and deadline <= rehearsal.now:
                self.post(Tick())
            self.outgoing.fall_silent(rehearsal.now)
        rehearsal.now = until

    def _next_due(self) -> float | None:
        dues = (self.rehearsal.engine.next_deadline(), self.outgoing.next_silence)
        return min((due for due in dues if due is not None), default=None)

    # Sessions

    def _serve(self, call: Call) -> None:
        while call.held and not call.legs and call.errands:
            match call.errands.pop(0):
                case ReleaseCaller():
                    call.present = call.held = False
                case RingAgents(_, offers) as ring:
                    call.ring = ring
                    call.legs = {offer.agent_id: Leg(offer.agent_id, offer.offer_id) for offer in offers}

    def end_leg(self, call: Call, agent_id: str, outcome: OfferOutcome, *, heard: bool = True) -> None:
        """One phone of a Dial falls silent; with the last one, or where it had answered, the Dial is over."""
        leg = call.legs[agent_id]
        if leg.answered is not None or len(call.legs) == 1:
            self.end_dial(call, outcome)
            return
        del call.legs[agent_id]
        visit = self.rehearsal.engine.visits.get(call.joined.visit_id)
        if self.link_up and heard and visit is not None and len(visit.offers) > 1:
            self.post(OfferFailed(leg.offer_id, visit.visit_id, outcome))
        else:
            self._keep(OfferFailed(leg.offer_id, call.joined.visit_id, outcome))

    def end_dial(self, call: Call, outcome: OfferOutcome) -> None:
        """All legs end; the session, if there is one, reads what its Dial came to."""
        talk, ring = call.talk, call.ring
        call.legs, call.ring = {}, None
        visit_id = call.joined.visit_id
        visit = self.rehearsal.engine.visits.get(visit_id)
        if self.link_up and visit is not None and visit.state is VisitState.CONNECTED:
            self.post(TalkEnded(visit_id, by_agent=True))
        if not call.held:
            return
        if visit is not None and visit.state is VisitState.CONNECTED:
            self.post(TalkEnded(visit_id, by_agent=True))
        elif talk is not None and talk.answered is not None:
            self.post(TalkEnded(visit_id, True, self.rehearsal.now - talk.answered, talk.agent_id))
        elif ring is not None and visit is not None:
            for offer in [one for one in ring.offers if one in visit.offers.values()]:
                self.post(OfferFailed(offer.offer_id, visit_id, outcome))
        self._serve(call)

    # What happens at the phones

    def join(self, joined: CallerJoined) -> None:
        self.calls[joined.visit_id] = Call(joined, self.rehearsal.now - joined.waited_seconds)
        self.post(joined)

    def come_back(self, call: Call) -> None:
        """The dialplan sends a caller in again whose session died."""
        call.held, call.errands, call.ring, call.is_asked = True, [], None, False
        self.post(replace(call.joined, waited_seconds=self.rehearsal.now - call.arrived))

    def called_back(self, channel: Channel) -> None:
        """The caller whom a callback has called is on the line, and is led to a hold session."""
        visit = self.rehearsal.engine.visits.get(channel.callback_id)
        del self.outgoing.channels[channel.channel_id]
        queue_id = sorted(self.rehearsal.floor.queues)[0] if visit is None else visit.queue.queue_id
        joined = CallerJoined(channel.callback_id, channel.channel_id, queue_id, channel.number)
        arrived = self.rehearsal.now if visit is None else visit.arrived
        self.calls[channel.callback_id] = Call(joined, arrived)
        self.post(joined)

    def hang_up(self, call: Call) -> None:
        heard = call.held or self.link_up
        call.present = call.held = False
        call.legs, call.ring = {}, None
        if heard:
            self.post(CallerLeft(call.joined.visit_id))

    def answer(self, call: Call, agent_id: str, *, heard: bool) -> None:
        """Dial bridges this phone and silences the others."""
        call.legs = {agent_id: call.legs[agent_id]}
        call.legs[agent_id].answered = self.rehearsal.now
        answered = OfferAnswered(call.joined.visit_id, agent_id)
        if self.link_up and heard:
            self.post(answered)
        else:
            self._keep(answered)

    def transfer(self, call: Call, joined: CallerJoined, *, heard: bool) -> None:
        """The agent sends the caller into a queue, where they are another visit of the same call."""
        visit_id, was_held = call.joined.visit_id, call.held
        call.legs, call.ring = {}, None
        if (heard and self.link_up) or was_held:
            self.post(CallerTransferred(visit_id, "7001"))
        call.present = call.held = False
        self.join(joined)

    def hand_over(self, call: Call, agent_id: str) -> None:
        """The agent leaves the talk to a colleague: inside the same Dial, told by AMI alone."""
        call.legs = {agent_id: Leg(agent_id, "", self.rehearsal.now)}
        if self.link_up:
            self.post(CallerHandedOver(call.joined.visit_id, call.joined.call_id, agent_id=agent_id))

    def _follow(self, call: Call, to_visit_id: str) -> None:
        """The caller and whoever holds and talks to them are in another visit now; the channel keeps its variables."""
        onward = Call(replace(call.joined, visit_id=to_visit_id), self.rehearsal.now, held=call.held, legs=call.legs)
        self.calls[to_visit_id] = onward
        call.present, call.held, call.legs, call.ring = False, False, {}, None

    def break_session(self, call: Call) -> None:
        """The hold session breaks off, and the caller lives."""
        call.held, call.errands, call.ring, call.is_asked = False, [], None, False
        self.post(SessionLost(call.joined.visit_id))

    # Deaths

    def lose_link(self) -> None:
        self.link_up = False
        self.post(SwitchLost())

    def show(self) -> None:
        """The link is (again) up: a snapshot."""
        talks = {visit_id: call.talk for visit_id, call in self.calls.items()}
        rung = {visit_id: frozenset(call.legs) for visit_id, call in self.calls.items() if call.legs}
        talking = {visit_id: leg.agent_id for visit_id, leg in talks.items() if leg is not None}
        ringing = {visit_id: agent_ids for visit_id, agent_ids in rung.items() if talks[visit_id] is None}
        present = {visit_id for visit_id, call in self.calls.items() if call.present}
        self.link_up = True
        restarted, self.restarted = self.restarted, False
        self.post(
            SwitchSeen(
                talking=talking | self.outgoing.talking(),
                ringing=ringing | self.outgoing.ringing(),
                present=frozenset(present | self.outgoing.present()),
                devices=dict(self.devices),
                restarted=restarted,
            )
        )
        unwanted, self.unwanted = self.unwanted, set()
        for channel_id in sorted(unwanted):
            self.outgoing.stop(channel_id)

    def die(self) -> None:
        """Asterisk restarts: every channel is gone."""
        self.link_up, self.restarted = False, True
        self.outgoing.channels.clear()
        self.post(SwitchLost())
        for call in self.calls.values():
            held, call.present, call.held = call.held, False, False
            call.legs, call.ring = {}, None
            if held:
                self.post(SessionLost(call.joined.visit_id))

    def lose_process(self) -> None:
        """The distributor is killed and started again: no session, no link."""
        self.link_up = False
        for call in self.calls.values():
            call.held, call.errands, call.ring, call.is_asked = False, [], None, False
        self.outgoing.lose_sessions()
        self.unwanted.clear()
        self.rehearsal.restart()
