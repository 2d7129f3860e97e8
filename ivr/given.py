"""What a rehearsed call is given: how it begins, and what comes of everything that is not a menu."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ivr.actions import AskBackend, Reply

FROM_CALLER = "from_caller"
"""The name, among the results of faxes, of one that the caller sends."""

Results = Callable[[str, str], str | None]
"""What comes of a script, a queue or the proposal of a callback: from the outcome of the walk and the name. None: the
rehearsal ends there, with the caller in it. Of a `ballot` it says whether the caller has voted before: `voted`, `new`
or `unknown`; None: not before this call. Of an `account` it says by its backend whether other calls have
`locked` it. Of a `fax`, by the name of its document or FROM_CALLER, whether it went through: `failed`; any other word,
or None: it did."""


@dataclass(frozen=True)
class GivenReply:
    """What a backend says, and after how long."""

    reply: Reply
    seconds: float = 0.0


Answers = Callable[[AskBackend], GivenReply]
"""What comes of every question to a backend."""


def unanswered(question: AskBackend) -> GivenReply:
    """The answer of nothing: whoever asks is told that it failed."""
    return GivenReply(Reply("failed"))


class Said(Protocol):
    """A prompt as the caller hears it."""

    @property
    def text(self) -> str: ...

    @property
    def seconds(self) -> float: ...


Speaker = Callable[[str, str, Mapping[str, str]], Said]
"""From a prompt id, a language, and the call's facts and variables."""


def nowhere(outcome: str, name: str) -> None:
    """The results of nothing: whoever is handed on stays there."""


@dataclass(frozen=True)
class Given:
    """With what a call begins."""

    entry: str
    """A reference to a node."""
    language: str
    caller: str = ""
    called: str = ""
    """The number dialled; where it is empty the opening hours are not asked: the call begins at the entry."""
    at: float = 0.0
    """Epoch seconds."""
    variables: Mapping[str, str] = field(default_factory=dict)
    call_id: str = "rehearsal"
    maintenance: str = ""
    """What the call is told first; empty: no maintenance is on."""
    records: bool = True
    """Whether messages can be recorded."""
