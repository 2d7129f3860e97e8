"""The world outside, as far as the site lets it be called."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

log = logging.getLogger(__name__)


def nobody(number: str) -> bool:
    """The rule of a site that calls nobody."""
    return False


@dataclass(slots=True)
class Outside:
    """Who may be called, by which trunk, and in whose name."""

    allows: Callable[[str], bool] = nobody
    """Whether a number, written as it would be dialled, may be called. What it allows holds digits and + alone."""
    trunk: str = ""
    caller_number: str = ""
    """What those who are called see."""
    denies: Callable[[str], bool] = nobody
    """Whether the site says of this very number that it must never be called."""

    def become(self, other: "Outside") -> None:
        """The site has changed: from now on its new rules hold."""
        self.allows, self.trunk, self.caller_number = other.allows, other.trunk, other.caller_number
        self.denies = other.denies

    def dial_string(self, number: str) -> str:
        """The number as a channel to be dialled."""
        return f"PJSIP/{number}@trunk-{self.trunk}"


class Journal(Protocol):
    """What refusals are written to."""

    def record(self, verb: str, at: float | None = None, **fields: Any) -> None: ...


def tell_refused(journal: Journal, outside: Outside, call_id: str, queue_id: str, number: str) -> None:
    """Record that a callback to this number was asked for, or proposed, and refused."""
    cause = "denied" if outside.denies(number) else "not_allowed"
    journal.record("CALLBACKREFUSED", call_id=call_id, queue=queue_id, number=number, cause=cause)
    log.warning("action=callback call_id=%s queue=%s number=%s refused=%s", call_id, queue_id, number, cause)
