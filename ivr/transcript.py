"""What happens in a rehearsal, as a list of events; `at` is the second of the call, from 0."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entered:
    """The call comes to a node."""

    at: float
    address: str
    kind: str


@dataclass(frozen=True)
class Heard:
    """A prompt, or a sound file, that began at `at`."""

    at: float
    prompt: str
    """The id; of a sound file its name."""
    text: str
    """The words in the caller's language, with their values; of a sound file empty."""
    seconds: float
    """How long it was heard."""
    whole: bool
    """False: a key or the end of the call cut it off."""


@dataclass(frozen=True)
class Pressed:
    at: float
    key: str
    """`x` for a digit where a PIN is asked for."""
    during: str
    """The prompt that was heard; empty: none."""
    taken: bool
    """False: nobody listened to this key, and it is lost."""


@dataclass(frozen=True)
class Silent:
    """The time allowed for a key ran out."""

    at: float
    seconds: float


@dataclass(frozen=True)
class Spoke:
    """The caller has been recorded."""

    at: float
    kind: str
    seconds: float
    """Of what was said; 0: silence."""


@dataclass(frozen=True)
class Faxed:
    """A fax was sent or taken, or was not."""

    at: float
    name: str
    """Of the document, or `from_caller`."""
    result: str


@dataclass(frozen=True)
class LanguageChosen:
    at: float
    language: str


@dataclass(frozen=True)
class VariableSet:
    at: float
    name: str
    value: str


@dataclass(frozen=True)
class Voted:
    at: float
    ballot: str
    choice: str


@dataclass(frozen=True)
class Left:
    """The call goes on from a node: the branch that it takes."""

    at: float
    address: str
    result: str
    input: str
    """What was keyed there last."""
    variables: Mapping[str, str] = field(default_factory=dict, compare=False)
    """All that the node could look at."""


@dataclass(frozen=True)
class Away:
    """The call is handed to a script, a queue or the proposal of a callback, and this is what came of it."""

    at: float
    outcome: str
    name: str
    """Of the script or the queue."""
    result: str | None
    """None: nobody says, and the rehearsal ends here."""


@dataclass(frozen=True)
class Asked:
    """A backend has answered, or was given up."""

    at: float
    backend: str
    outcome: str
    seconds: float
    """How long that took."""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """A line of the journal, as a session would write it."""

    at: float
    verb: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    at: float
    outcome: str
    """As in the record IVREND."""
    address: str
    """The last node."""
    name: str = ""
    """Of the queue or the script that the caller is in now."""


Event = (
    Entered
    | Heard
    | Pressed
    | Silent
    | Spoke
    | Faxed
    | LanguageChosen
    | VariableSet
    | Voted
    | Asked
    | Left
    | Away
    | Recorded
    | Ended
)
