"""What every script is given: words to say, and a place for its records."""

from dataclasses import dataclass
from typing import Protocol

from pbx.pyst import Agi


class Voice(Protocol):
    """Says prompts; the room ivr has one."""

    def files(self, prompt_id: str, language: str, /, **slots: str | int) -> list[str]:
        """Sound paths without extension, in order."""
        ...


class Journal(Protocol):
    """Takes records; it never raises and never waits."""

    def append(self, verb: str, **fields: object) -> None: ...


@dataclass(frozen=True)
class CallPlace:
    """Which call runs the script, and from which menu."""

    call_id: str
    menu: str
    language: str


def place_of(agi: Agi) -> CallPlace:
    """Ask Asterisk, in one command; raises AGIHangup."""
    call_id, _, node = agi.get_variable("${CHANNEL(linkedid)}|${IVR_NODE}").partition("|")
    return CallPlace(call_id or agi.env["agi_uniqueid"], node.partition(".")[0], agi.env["agi_language"])
