"""Wrong PINs over calls: after too many of them a phone, or an agent's number, is locked for a while.

Both are counted: a phone that is locked stops who tries many numbers from it, a number that is locked stops who tries
it from many phones. Part of the ledger: all that is known here the journal says, so a restarted ACD knows it too. Times
are epoch seconds.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Line = Mapping[str, Any]
REMEMBERED_SECONDS = 3600.0
"""No window of `PinLimits` is longer."""


@dataclass(frozen=True, slots=True)
class PinLimits:
    """When wrong PINs lock, and for how long."""

    wrong_max: int = 5
    """So many within the window lock; 0: none ever do."""
    within_seconds: float = 600.0
    locked_seconds: float = 900.0


class Subject(NamedTuple):
    """What can be locked."""

    kind: str
    """`phone` or `agent`"""
    name: str


def subjects(phone: str, agent_id: str) -> list[Subject]:
    """Those that one try concerns; agent_id is empty where nobody has the number that was keyed."""
    return [Subject("phone", phone), *([Subject("agent", agent_id)] if agent_id else [])]


@dataclass(slots=True)
class WrongPins:
    """Told of WRONGPIN and PINLOCK lines; a lock begins the count anew."""

    wrong: defaultdict[Subject, list[float]] = field(default_factory=lambda: defaultdict(list))
    locks: dict[Subject, float] = field(default_factory=dict)
    """Until when."""

    def note_wrong(self, line: Line) -> None:
        """WRONGPIN. What no window reaches any more is forgotten."""
        at = line["at"]
        for subject in subjects(line["phone"], line["agent_id"]):
            self.wrong[subject].append(at)
        for subject, times in list(self.wrong.items()):
            times[:] = [one for one in times if at - one <= REMEMBERED_SECONDS]
            if not times:
                del self.wrong[subject]

    def note_lock(self, line: Line) -> None:
        """PINLOCK."""
        self.locks = {subject: until for subject, until in self.locks.items() if until > line["at"]}
        subject = Subject(line["kind"], line["name"])
        self.locks[subject] = line["until"]
        self.wrong.pop(subject, None)

    def due(self, phone: str, agent_id: str, limits: PinLimits, at: float) -> list[Subject]:
        """Whom the wrong PINs so far lock now."""
        since = at - limits.within_seconds
        return [
            subject
            for subject in subjects(phone, agent_id)
            if 0 < limits.wrong_max <= sum(one >= since for one in self.wrong.get(subject, ()))
        ]

    def locked(self, at: float) -> dict[Subject, float]:
        """Everything that is locked at this moment, and for how many seconds yet."""
        return {subject: until - at for subject, until in self.locks.items() if until > at}

    def carry(self) -> dict[str, Any]:
        """What a CARRY line tells of this."""
        return {
            "wrong_pins": [[*subject, times] for subject, times in self.wrong.items()],
            "pin_locks": [[*subject, until] for subject, until in self.locks.items()],
        }

    def take_carry(self, line: Line) -> None:
        """A segment from before there were any has none."""
        wrong = {Subject(kind, name): list(times) for kind, name, times in line.get("wrong_pins", ())}
        self.wrong = defaultdict(list, wrong)
        self.locks = {Subject(kind, name): until for kind, name, until in line.get("pin_locks", ())}
