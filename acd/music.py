"""What music a waiting caller hears, by the time that they have waited: a table and two questions to it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MusicStep:
    """From then on this music plays, until the next step."""

    after_seconds: float
    name: str
    """A class of musiconhold.conf."""


def music_at(steps: Sequence[MusicStep], waited_seconds: float) -> str:
    """The music for one who has waited so long; empty where no step has come yet.

    Args:
        steps: in the order of their times.
    """
    return next((step.name for step in reversed(steps) if step.after_seconds <= waited_seconds), "")


def change_after(steps: Sequence[MusicStep], waited_seconds: float) -> float | None:
    """When the next step comes, in seconds of waiting in all; None: no more."""
    return next((step.after_seconds for step in steps if step.after_seconds > waited_seconds), None)
