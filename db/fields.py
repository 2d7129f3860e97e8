"""What a journal line may hold: each field's type and limits, as values that the tables can take.

A reader turns one JSON value into the value of a column or raises Rejected, which names what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from db.moments import from_epoch

IVR_OUTCOMES = frozenset({"queue", "script", "callback", "transfer", "hung_up", "left_in_menu", "switch_lost"})
MESSAGE_KINDS = frozenset({"voice_mail", "complaint", "comment", "fax"})
OFFER_OUTCOMES = frozenset(
    {
        *("answered", "rna", "reject", "busy", "unreachable", "error"),
        *("cancel_caller", "cancel_agent", "cancel_other_won"),
    }
)
AGENT_STATES = frozenset({"logged_off", "not_ready", "ready", "offered", "on_call", "wrap_up", "external"})
ENTRIES = frozenset({"menu", "transfer", "consult"})
DESTINATIONS = frozenset({"queue", "agent", "menu", "outside"})
TALK_REASONS = frozenset({"", "hold", "consult"})
OVERFLOW_CAUSES = frozenset({"full", "estimate_too_long", "overflowed"})
CALLBACK_OUTCOMES = frozenset({"callback_failed", "callback_cancelled"})
ATTEMPT_OUTCOMES = frozenset(
    {"answered", "no_answer", "busy", "unreachable", "agent_left", "forbidden", "cancelled", "error"}
)
ABANDON_STAGES = frozenset({"waiting", "ringing"})

# 2001-09-09 to 2286-11-20: what has ten digits before the point. Milliseconds sent for seconds are seen at once.
_EPOCH_MIN, _EPOCH_MAX = 1e9, 1e10
_INTEGER_LIMIT = 2**31


class Rejected(Exception):
    """A line that no table can take; str() is the reason. Its writer's fault; nothing was changed."""


def moment(value: object) -> datetime:
    """Epoch seconds."""
    if not _is_number(value) or not _EPOCH_MIN <= value < _EPOCH_MAX:
        raise _wrong("epoch seconds", value)
    return from_epoch(float(value))


def seconds(value: object) -> float:
    """A duration, >= 0."""
    if not _is_number(value) or not 0 <= value < _EPOCH_MAX:
        raise _wrong("seconds >= 0", value)
    return float(value)


def integer(value: object) -> int:
    """A whole number of at most 31 bits, which every database holds."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _INTEGER_LIMIT:
        raise _wrong("a whole number", value)
    return value


def flag(value: object) -> bool:
    """True or false, not 0 or 1."""
    if not isinstance(value, bool):
        raise _wrong("true or false", value)
    return value


def text(value: object) -> str:
    """Text, made storable."""
    if not isinstance(value, str):
        raise _wrong("text", value)
    return storable(value)


def storable(value: str) -> str:
    """What PostgreSQL cannot hold (NUL) or UTF-8 cannot write (half a surrogate pair) becomes U+FFFD.

    A caller's phone can put such bytes into its number, and the call must be on record all the same.
    """
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def identifier(value: object) -> str:
    """Text that is not empty."""
    name = text(value)
    if not name:
        raise _wrong("an id", value)
    return name


def requirement(value: object) -> str:
    """An expression over skills, or `{skill: level}` as the first version wrote it."""
    if not isinstance(value, dict):
        return text(value)
    levels = {text(skill): integer(level) for skill, level in value.items()}
    return " and ".join(sorted(skill if level == 1 else f"{skill} >= {level}" for skill, level in levels.items()))


def identifiers(value: object) -> list[str]:
    """A list of ids."""
    if not isinstance(value, list):
        raise _wrong("a list of ids", value)
    return [identifier(one) for one in value]


def one_of(words: frozenset[str]) -> Callable[[object], str]:
    """A reader for one of `words`."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise _wrong(f"one of {' '.join(sorted(words))}", value)
        return value

    return read


def optional(reader: Callable[[object], Any]) -> Callable[[object], Any]:
    """`reader`, or None where the field is null or missing."""

    def read(value: object) -> Any:
        return None if value is None else reader(value)

    return read


@dataclass(frozen=True)
class Shape:
    """The fields of a verb; a line may have more, which a newer writer of it knows."""

    readers: Mapping[str, Callable[[object], Any]]

    def read(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of `record`, ready for a table; raises Rejected with the first that does not fit."""
        fields = {}
        for name, reader in self.readers.items():
            try:
                fields[name] = reader(record.get(name))
            except Rejected as fault:
                raise Rejected(f"{name}: {fault if name in record else 'missing'}") from fault
        return fields


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(expected: str, found: object) -> Rejected:
    return Rejected(f"expected {expected}, found {repr(found)[:80]}")
