"""One `member` line: interface[,penalty][,membername][,state_interface][,ringinuse][,wrapuptime][,paused]."""

from __future__ import annotations

import re
from dataclasses import dataclass

PENALTY_OF_BEST = 0
LEVEL_OF_BEST = 10

_EXTENSION = re.compile(r"(?:Agent:|hint:|[A-Za-z0-9_]+/)([0-9]{2,8})(?:@|/|$)")


@dataclass(frozen=True)
class Member:
    """One agent in one queue, as app_queue sees them."""

    interface: str
    penalty: int
    name: str
    state_interface: str
    extras: tuple[tuple[str, str], ...]
    """ringinuse, wrapuptime and paused, where they are written"""

    @property
    def extension(self) -> str | None:
        """The number of the phone whose state counts, else of the interface; None where there is no such number."""
        for name in (self.state_interface, self.interface):
            if found := _EXTENSION.match(name):
                return found[1]
        return None

    @property
    def level(self) -> int:
        return level_of(self.penalty)


def read_member(value: str) -> Member:
    """Read what stands behind `member =>`.

    Raises:
        ValueError: there is no interface, or the penalty is no number.
    """
    interface, penalty, name, state, *extras = [*map(str.strip, value.split(",")), *[""] * 3]
    if not interface or "/" not in interface:
        raise ValueError("expected technology/dialstring")
    if penalty and not penalty.isdecimal():
        raise ValueError(f"expected a penalty of 0 or more, found {penalty!r}")
    told = tuple((key, word) for key, word in zip(("ringinuse", "wrapuptime", "paused"), extras, strict=False) if word)
    return Member(interface, int(penalty or 0), name.strip('"'), state, told)


def level_of(penalty: int) -> int:
    """Penalty 0 is rung first, so it is the highest level; all from 9 on are level 1, for 0 would be unable."""
    return max(1, LEVEL_OF_BEST - penalty)
