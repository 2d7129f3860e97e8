"""What a waiting caller is told, and when: a plan without a clock and without a sound.

A round holds the position, the wait still to come, and one comfort message; a part that has nothing good to tell is
left out. A number that went up is never told: a position only when it is better than the one before, a time only while
it is no longer than the last one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

MINUTES_MAX = 20
"""A longer time is told as "more than" this: nobody plans by a number beyond it."""


@dataclass(frozen=True, slots=True)
class Announcements:
    """What one queue tells its callers."""

    first_seconds: float = 20.0
    """After so much waiting comes the first round."""
    every_seconds: float = 45.0
    position: bool = False
    estimate: bool = False
    comfort: tuple[str, ...] = ()
    """Prompts of which each round says one, in turn."""

    @property
    def any(self) -> bool:
        """Answer whether there is anything to tell."""
        return self.position or self.estimate or bool(self.comfort)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How things stand for one caller."""

    position: int
    seconds: float | None
    """The wait to come that four callers in five do not exceed; None: nobody can say."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A prompt with the values of its slots."""

    prompt: str
    slots: Mapping[str, int | str] = field(default_factory=dict)


class Announcer:
    """The announcements of one caller's wait. `told` brings back what an announcer before this one has said."""

    def __init__(self, rules: Announcements, waited_seconds: float, told: str = "") -> None:
        self._rules = rules
        self._position, self._minutes, self._turn = _read_told(told)
        self.due_seconds = self._round_after(waited_seconds)
        """Of waiting in all, at which the next round is due; None: there is nothing to tell."""

    @property
    def told(self) -> str:
        """What was said so far, for an announcer after this one."""
        numbers = (self._position or 0, -1 if self._minutes is None else self._minutes, self._turn)
        return ":".join(map(str, numbers))

    def round(self, waited_seconds: float, outlook: Outlook) -> list[Saying]:
        """What to say now; the next round is set."""
        self.due_seconds = self._round_after(waited_seconds)
        parts = (self._tell_position(outlook), self._tell_estimate(outlook), self._comfort())
        return [saying for saying in parts if saying is not None]

    def _round_after(self, waited_seconds: float) -> float | None:
        rules = self._rules
        if not rules.any:
            return None
        if waited_seconds < rules.first_seconds:
            return rules.first_seconds
        rounds = int((waited_seconds - rules.first_seconds) / rules.every_seconds) + 1
        return rules.first_seconds + rounds * rules.every_seconds

    def _tell_position(self, outlook: Outlook) -> Saying | None:
        better = self._position is None or outlook.position < self._position
        if not self._rules.position or not better:
            return None
        self._position = outlook.position
        if outlook.position == 1:
            return Saying("queue.next")
        return Saying("queue.position", {"position": outlook.position})

    def _tell_estimate(self, outlook: Outlook) -> Saying | None:
        if not self._rules.estimate or outlook.seconds is None:
            return None
        minutes = 0 if outlook.seconds < 60 else min(ceil(outlook.seconds / 60), MINUTES_MAX + 1)
        if self._minutes is not None and minutes > self._minutes:
            return None
        self._minutes = minutes
        if minutes == 0:
            return Saying("queue.estimate_short")
        if minutes > MINUTES_MAX:
            return Saying("queue.estimate_long", {"minutes": MINUTES_MAX})
        return Saying("queue.estimate", {"minutes": minutes})

    def _comfort(self) -> Saying | None:
        comfort = self._rules.comfort
        if not comfort:
            return None
        self._turn += 1
        return Saying(comfort[(self._turn - 1) % len(comfort)])


def _read_told(told: str) -> tuple[int | None, int | None, int]:
    """What `told` wrote; nothing was told where it makes no sense."""
    try:
        position, minutes, turn = (int(word) for word in told.split(":"))
    except ValueError:
        return None, None, 0
    return (position if position > 0 else None), (minutes if minutes >= 0 else None), max(0, turn)
