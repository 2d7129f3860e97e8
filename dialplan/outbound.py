"""Which numbers outside may be called, by whom it is done, and how that is written: patterns over digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Annotated

from pydantic import AfterValidator, Field

from dialplan.nodes import Strict
from dialplan.words import Name, Number, refusal

_PATTERN = re.compile(r"\+?(?:[0-9XZN]|\[[0-9-]+\]){2,20}", re.ASCII)
_PART = re.compile(r"\[[0-9-]+\]|.")
_RANGE = re.compile(r"[0-9](-[0-9])?")
_CLASSES = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", "+": r"\+"}


def _pattern(value: str) -> str:
    told = value.upper()
    if not _PATTERN.fullmatch(told) or not all(map(_is_class, re.findall(r"\[([^]]*)\]", told))):
        raise refusal("bad-pattern", "digits, x (any digit) or [3-9] (one of these), 2 to 20 in all")
    return told


def _is_class(inside: str) -> bool:
    """`3-9`, `12`, `1-35`: digits and rising ranges of them."""
    parts = [found[0] for found in _RANGE.finditer(inside)]
    return "".join(parts) == inside and all(part[0] <= part[-1] for part in parts)


DialPattern = Annotated[str, AfterValidator(_pattern)]
"""numbers of one length, so that no one character opens the world; written as in Asterisk's dialplan, in any case"""


class Outbound(Strict):
    """Who may be called outside: by agents who transfer, and by callbacks. Without it, nobody."""

    trunk: Name
    allow: Annotated[list[DialPattern], Field(min_length=1)]
    caller_number: Number
    """what the one who is called sees"""

    def allows(self, number: str) -> bool:
        """Answer whether this very number may be called, all of it, as it would be dialled."""
        return any(re.fullmatch(_expression(pattern), number, re.ASCII) for pattern in self.allow)

    @property
    def plain_patterns(self) -> list[str]:
        """The same patterns without brackets, which mean something to Asterisk's configuration: one for each digit."""
        return [plain for pattern in self.allow for plain in _expanded(pattern)]


def _expanded(pattern: str) -> Iterator[str]:
    """Of `1[3-4]X`: `13X` and `14X`."""
    choices = [
        [digit for digit in "0123456789" if re.match(part, digit)] if part.startswith("[") else [part]
        for part in _PART.findall(pattern)
    ]
    return map("".join, product(*choices))


def _expression(pattern: str) -> str:
    return "".join(_CLASSES.get(part, part) for part in _PART.findall(pattern))
