"""What the rules of every language are made of: kinds of values, how one is asked for, and a value that is none."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")

Clips: TypeAlias = list[str]
"""What is played in order; each clip is named by its own words."""

PAUSE = "…"
"""A short silence between groups of digits."""


class Unspeakable(ValueError):
    """A value is not of its kind, which is the site's data or a caller's keys, never a reason to break a call."""


@dataclass(frozen=True)
class Manner:
    """How a value is to be said."""

    parameter: str = ""
    """what stands behind the kind in the slot: `item/items`, `USD`, `weekday`"""
    today: date | None = None
    """the day that 昨天 and "tomorrow" are counted from; None: no date is said that way"""


def no_parameter(parameter: str) -> str:
    """Say what is expected behind a kind that takes nothing."""
    return "nothing behind it" if parameter else ""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """How one language speaks one kind of value."""

    read: Callable[[str], T]
    """the value of its text; raises Unspeakable"""
    words: Callable[[T, Manner], Clips]
    clips: Callable[[str], Iterable[str]]
    """every clip that `words` can need with this parameter"""
    expects: Callable[[str], str] = no_parameter
    """empty where this parameter can be spoken, else what is expected in its place"""


Kinds: TypeAlias = Mapping[str, Kind[Any]]
"""the kinds of a language by name; each reads values of its own type"""
