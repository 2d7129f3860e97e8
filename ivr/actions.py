"""What a walk asks of the session: a closed set, each performed before the next one is asked for."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Outcome = Literal["queue", "script", "callback", "hung_up"]


@dataclass(frozen=True)
class Enter:
    """Keep the checkpoint: a restarted IVR resumes at this node."""


@dataclass(frozen=True)
class Hear:
    """Play these prompts; any of the stop keys ends them all and is the answer."""

    prompts: tuple[str, ...]
    stop_keys: str


@dataclass(frozen=True)
class HearFile:
    """As Hear, with a sound file."""

    file: str
    stop_keys: str


@dataclass(frozen=True)
class Await:
    """Wait for one key; the answer is None after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Speak:
    """The caller's language is now this one."""

    language: str


@dataclass(frozen=True)
class Leave:
    """Record the step: `Walk.step` describes it, `Walk.checkpoint.step` is its number."""

    result: str


@dataclass(frozen=True)
class Answered:
    """Record the answer to a question of a survey."""

    question: str
    answer: str


@dataclass(frozen=True)
class HasVoted:
    """Say whether this caller's number has a vote in this ballot, cast in another step than this: the answer is `yes`
    or `no`, and None where nobody can tell."""

    ballot: str


@dataclass(frozen=True)
class CastVote:
    """Record the vote."""

    ballot: str
    choice: str


@dataclass(frozen=True)
class Finish:
    """Hand the call back to the dialplan with these channel variables."""

    outcome: Outcome
    variables: Mapping[str, str] = field(default_factory=dict)


Action = Enter | Hear | HearFile | Await | Speak | Answered | HasVoted | CastVote | Leave | Finish

T = TypeVar("T")
Walking = Generator[Action, str | None, T]
"""Part of a walk: yields what is to be done, is sent the key or the answer that came of it, and ends with a T."""
