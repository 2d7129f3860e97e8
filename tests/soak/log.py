"""What the phones of a soak saw."""

import time
from dataclasses import dataclass, field

from hotline.phones.call import PhoneCall
from tests.soak.chances import Deed, Way


@dataclass(eq=False)
class CallerLog:
    """One call as its caller's phone saw it. Times are epoch seconds."""

    number: str
    call: PhoneCall
    left_at: float | None = None
    """when this caller hung up; None: the other side did"""
    confirmed_at: float | None = None
    """when this caller keyed that a callback to this number is right"""

    @property
    def name(self) -> str:
        """How a failure names the call."""
        return f"call of {self.number} at {clock(self.call.started_at)}"

    @property
    def ended_at(self) -> float:
        """By whoever was first; the phone itself may tell late of a hang-up of its own."""
        ends = [at for at in (self.call.closed_at, self.left_at) if at is not None]
        return min(ends, default=self.call.started_at)


@dataclass(eq=False)
class LegLog:
    """One ringing at a phone that does not call by itself: an agent's, or one in the town."""

    agent_id: str
    """of an agent; in the town the number that was called"""
    call: PhoneCall
    deed: Deed
    left_at: float | None = None
    """when this agent hung up the talk"""
    sent: "SentOn | None" = None
    """the last that this agent did to send the caller on"""

    @property
    def talk_seconds(self) -> float:
        """Nothing for a leg that was not answered."""
        return 0.0 if self.call.established_at is None else self.ended_at - self.call.established_at

    @property
    def ended_at(self) -> float:
        """By whoever was first."""
        ends = [at for at in (self.call.closed_at, self.left_at) if at is not None]
        return min(ends, default=self.call.started_at)


@dataclass(eq=False)
class SentOn:
    """What an agent did to send a caller on; whether it came to that the audit finds out."""

    way: Way
    number: str
    at: float
    """when it was begun"""
    line: PhoneCall | None = None
    """the agent's second line"""
    handed_at: float | None = None
    """when the phone was told to hand over, or the agent hung up to do so"""


@dataclass
class Log:
    """All that the phones saw."""

    callers: list[CallerLog] = field(default_factory=list)
    legs: list[LegLog] = field(default_factory=list)
    town: list[LegLog] = field(default_factory=list)
    """phones outside that rang: of those who are called back, and of whom agents send callers to"""
    stuck: list[str] = field(default_factory=list)
    """found while it ran: a phone or an agent that did not do as it was told"""

    def was_let_go(self, caller: CallerLog) -> bool:
        """Whether this call ended with the promise of a callback: a confirmed number, nobody who had rung before that
        and talked, and our hang-up. Who rings later may ring for the callback already."""
        began, confirmed = caller.call.started_at, caller.confirmed_at
        return (
            confirmed is not None
            and caller.left_at is None
            and not any(
                leg.call.peer == caller.number and began <= leg.call.started_at <= confirmed and leg.talk_seconds > 0
                for leg in self.legs
            )
        )

    def is_called_back(self, number: str) -> bool:
        """Whether somebody at home talks to us now."""
        return any(leg.agent_id == number and leg.call.is_talking for leg in self.town)

    def is_on_the_line(self, number: str) -> bool:
        """Whether this caller is in a call of their own now: who is called back is not."""
        return any(one.number == number and one.call.is_talking for one in self.callers)


def clock(at: float) -> str:
    """The time of day, as the logs of Hotline and Asterisk have it."""
    return time.strftime("%H:%M:%S", time.localtime(at)) + f"{at % 1:.3f}"[1:]


def story(log: Log) -> list[str]:
    """What every phone saw, one line a call, in order of time."""
    lines = [(one.call, f"{one.number} dials {one.call.peer}", one.ended_at) for one in log.callers]
    lines += [(one.call, _ring_line(one), one.ended_at) for one in (*log.legs, *log.town)]
    return [
        f"{clock(call.started_at)} {what}; answered {clock(call.established_at or 0)}; over {clock(end)},"
        f" {call.close_reason}"
        for call, what, end in sorted(lines, key=lambda line: line[0].started_at)
    ]


def _ring_line(leg: LegLog) -> str:
    sent = leg.sent
    onward = f", {sent.way} {sent.number} at {clock(sent.at)}, handed {clock(sent.handed_at or 0)}" if sent else ""
    return f"{leg.agent_id} rings for {leg.call.peer}, {leg.deed}{onward}"
