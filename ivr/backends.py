"""What the menus want of backends, and what of their answers may come into a call.

An answer is somebody else's: it may be anything. Of its fields those that were asked for are taken, as text without
control characters, each of bounded length; whatever else stands there is no answer.
"""

import asyncio
import logging
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from ivr.actions import Reply

log = logging.getLogger(__name__)

VALUE_LENGTH_MAX = 200
"""Characters of one field. All variables of a call together have 1,500 bytes (`ivr.checkpoint`)."""
_TRUTH = {True: "yes", False: "no"}
"""As a caller's own yes and no are kept."""


class AnswerUnusable(ValueError):
    """An answer has not what was asked for, or not in a form that a call can hold. Says which field, not its value."""


@dataclass(frozen=True)
class Request:
    """One question to a backend.

    key: for what must be done only once: the same for every try of the same step of a call; empty: it only reads.
    again: the step was under way when a process died, so the first try may still be at work.
    """

    backend: str
    inputs: Mapping[str, str] = field(repr=False)
    fields: tuple[str, ...] = ()
    key: str = ""
    again: bool = False


class Backends(Protocol):
    """Everything that the menus of a site can ask."""

    def ask(self, request: Request) -> asyncio.Task[Reply]:
        """Begin to ask; the task ends with a reply whatever happens, and goes on when its asker is gone."""
        ...


class AccountsUnknown(Exception):
    """Nobody can say how often this account was tried, or keep that it was. Nothing has changed."""


class Accounts(Protocol):
    """The wrong PINs of every account, over all calls."""

    async def begin_try(self, backend: str, account: str, *, failures: int, minutes: int, at: float) -> bool:
        """Count one more wrong try, durably; False where the account is locked, and nothing was counted.

        Raises AccountsUnknown.
        """
        ...

    async def settle(self, backend: str, account: str, *, right: bool) -> None:
        """Forget all tries, if this one was right; else take this one back.

        Raises AccountsUnknown: it stays counted as a wrong one.
        """
        ...


class NoBackends:
    """A site without any."""

    def ask(self, request: Request) -> asyncio.Task[Reply]:
        log.error("no such backend action=ask backend=%s", request.backend)
        return asyncio.create_task(_failed())


async def _failed() -> Reply:
    return Reply("failed")


class NoAccounts:
    """Nowhere to count: nobody is let try."""

    async def begin_try(self, backend: str, account: str, *, failures: int, minutes: int, at: float) -> bool:
        raise AccountsUnknown("no records are kept here")

    async def settle(self, backend: str, account: str, *, right: bool) -> None:
        raise AccountsUnknown("no records are kept here")


def fields_of(answer: object, wanted: Iterable[str]) -> dict[str, str]:
    """The fields of an answer by their names or dotted paths.

    Raises AnswerUnusable.
    """
    return {path: _text(path, _at(answer, path)) for path in wanted}


def _at(answer: object, path: str) -> object:
    if isinstance(answer, Mapping) and path in answer:
        return answer[path]
    first, dot, rest = path.partition(".")
    if not dot or not isinstance(answer, Mapping) or first not in answer:
        raise AnswerUnusable(f"there is no field {path}")
    return _at(answer[first], rest)


def _text(path: str, value: object) -> str:
    if isinstance(value, bool):
        return _TRUTH[value]
    if isinstance(value, Decimal):
        text = format(value, "f")
    elif isinstance(value, date | datetime | time):
        text = value.isoformat()
    elif value is None or isinstance(value, str | int | float):
        text = "" if value is None else str(value)
    else:
        raise AnswerUnusable(f"the field {path} is a {type(value).__name__}, which no variable can hold")
    # Cc, Cf, Cs, Co, Cn: nothing of these can be said, and some of it cannot even be written.
    plain = "".join(letter for letter in text if not unicodedata.category(letter).startswith("C"))
    if len(plain) > VALUE_LENGTH_MAX:
        raise AnswerUnusable(f"the field {path} is {len(plain)} characters long, {VALUE_LENGTH_MAX} at most")
    return plain
