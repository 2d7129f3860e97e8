"""How a queue records, and how the Dial that makes a talk is told so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acd.recording_files import name_of


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """How one queue records."""

    mode: str = "never"
    """never, on_demand or always"""
    notice: str | None = None
    """Prompt that tells the caller, as the wait begins; at the latest before the talk."""


NEVER: Final = RecordingRule()

Rules = Mapping[str, RecordingRule]
"""By queue_id; a queue that is not in it records never."""


def talk_arguments(
    rule: RecordingRule, visit_id: str, arrived_at: float, *, paused: bool, ahead: bool = False
) -> tuple[str, ...]:
    """Arguments of the dialplan's [talk]; none where nothing is ever recorded.

    ahead: it runs before anybody has answered; nothing is then written before the two are bridged.
    """
    if rule.mode == "never":
        return ()
    return rule.mode, name_of(visit_id, arrived_at), "1" if paused else "", *(["b"] if ahead else [])


def dial_option(arguments: tuple[str, ...]) -> str:
    """Dial's option that runs [talk] on the agent's leg between answer and bridge (app_dial.c, U)."""
    return f"U({'^'.join(('talk', *arguments))})" if arguments else ""
