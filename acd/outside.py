"""The world outside, as far as the site lets it be called."""

from collections.abc import Callable
from dataclasses import dataclass


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

    def become(self, other: "Outside") -> None:
        """The site has changed: from now on its new rules hold."""
        self.allows, self.trunk, self.caller_number = other.allows, other.trunk, other.caller_number

    def dial_string(self, number: str) -> str:
        """The number as a channel to be dialled."""
        return f"PJSIP/{number}@trunk-{self.trunk}"
