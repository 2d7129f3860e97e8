"""What a walk asks of the session: a closed set, each performed before the next one is asked for."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Outcome = Literal["queue", "script", "callback", "transfer", "hung_up"]


@dataclass(frozen=True)
class Enter:
    """Keep the checkpoint: a restarted IVR resumes at this node."""


@dataclass(frozen=True)
class Mark:
    """Keep the checkpoint: the caller has come farther within this node."""


@dataclass(frozen=True)
class Hear:
    """Play these prompts; any of the stop keys ends them all and is the answer.

    `then_seconds` tells of the `Await` that follows where no key came, so that who performs it can make one of both.
    """

    prompts: tuple[str, ...]
    stop_keys: str
    then_seconds: float | None = field(default=None, compare=False)


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
class AskBackend:
    """Begin to ask a backend; `AwaitAnswer` gets what it says. One at a time."""

    backend: str
    inputs: Mapping[str, str] = field(repr=False)
    """By name. A PIN may be among them, so none is ever shown."""
    fields: tuple[str, ...] = ()
    """What of the answer is wanted: names, or paths with dots."""
    writes: bool = False
    """It is done once however often it is asked in this step, and goes on when nobody waits for it any more."""


@dataclass(frozen=True)
class AwaitAnswer:
    """Wait for what the backend says; a key that is pressed meanwhile comes first, and None after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class GiveUp:
    """Nobody waits for the backend any more."""


@dataclass(frozen=True)
class TryAccount:
    """Count one more try at this account as a wrong one, before anybody knows whether it is: the answer is `open`, or
    `locked` after too many of all calls, and None where nobody can count."""

    backend: str
    account: str = field(repr=False)
    failures: int
    minutes: int


@dataclass(frozen=True)
class SettleAccount:
    """The last try was right, and all wrong ones are forgotten; or nobody could say, and it does not count."""

    backend: str
    account: str = field(repr=False)
    right: bool


@dataclass(frozen=True)
class TakeMessage:
    """Record what the caller says, until a stop key, a silence or the longest time; a caller who hangs up ends it too.

    The answer is how many seconds of sound there are, as text, and None where nothing could be recorded. The file's
    name is in `Checkpoint.within` from then on.
    """

    kind: str
    question: str
    """Of a survey, that the message answers; else empty."""
    seconds_max: int
    silence_seconds: int
    stop_keys: str


@dataclass(frozen=True)
class MeasureMessage:
    """Say how long the message is that `Checkpoint.within` names, as TakeMessage does."""


@dataclass(frozen=True)
class HearMessage:
    """Play that message to the caller; any of the stop keys ends it and is the answer."""

    stop_keys: str


@dataclass(frozen=True)
class KeepMessage:
    """Record that the message is left: it is owed to whoever it is for."""

    kind: str
    seconds: float = 0.0
    pages: int = 0


@dataclass(frozen=True)
class DropMessage:
    """The message is none: forget it, and delete what there is of it."""


@dataclass(frozen=True)
class SendFax:
    """Send this document of the site to the caller's machine; the answer is `sent`, or None."""

    file: str


@dataclass(frozen=True)
class TakeFax:
    """Take a fax from the caller's machine; the answer is the number of its pages, or None where none has come whole.

    The file's name is in `Checkpoint.within` from then on.
    """


@dataclass(frozen=True)
class Finish:
    """Hand the call back to the dialplan with these channel variables."""

    outcome: Outcome
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What a backend says: how it went, and what was asked for."""

    outcome: Literal["found", "not_found", "refused", "failed"]
    """`found` of an action: it is done"""
    fields: Mapping[str, str] = field(default_factory=dict)


Action = (
    Enter
    | Mark
    | Hear
    | HearFile
    | Await
    | Speak
    | Answered
    | HasVoted
    | CastVote
    | AskBackend
    | AwaitAnswer
    | GiveUp
    | TryAccount
    | SettleAccount
    | TakeMessage
    | MeasureMessage
    | HearMessage
    | KeepMessage
    | DropMessage
    | SendFax
    | TakeFax
    | Leave
    | Finish
)
Came = str | Reply | None
"""What came of an action: a key, a word, what a backend says, or nothing."""

T = TypeVar("T")
Walking = Generator[Action, Came, T]
"""Part of a walk: yields what is to be done, is sent what came of it, and ends with a T."""


def key_of(came: Came) -> str | None:
    """The key that was pressed, if one was."""
    return came if isinstance(came, str) else None
