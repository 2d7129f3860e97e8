"""Which numbers outside may be called, by whom it is done, and how that is written: patterns over digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Annotated

from pydantic import AfterValidator, Field

from dialplan.node import Strict
from dialplan.words import Name, Number, refusal

_PATTERN = re.compile(r"\+?(?:[0-9XZN]|\[[0-9-]+\]){2,20}", re.ASCII)
_PART = re.compile(r"\[[0-9-]+\]|.")
_RANGE = re.compile(r"[0-9](-[0-9])?")
_CHARACTERS = "0123456789+"
_LETTERS = {"X": "0123456789", "Z": "123456789", "N": "23456789"}
Sets = tuple[frozenset[str], ...]
"""by place: the characters that may stand there"""


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
    deny: list[DialPattern] = Field(default=[])
    """of the numbers that are allowed, those which are never called all the same"""
    caller_number: Number
    """what the one who is called sees"""

    def allows(self, number: str) -> bool:
        """Answer whether this very number may be called, all of it, as it would be dialled."""
        return _is_one_of(self.allow, number) and not self.denies(number)

    def denies(self, number: str) -> bool:
        """Answer whether this very number must never be called."""
        return _is_one_of(self.deny, number)

    @property
    def plain_patterns(self) -> list[str]:
        """All numbers that may be called as patterns without brackets, which mean something to Asterisk's
        configuration: one for each digit. What is denied is in none of them, so that it cannot be dialled at all."""
        left = [_sets(pattern) for pattern in self.allow]
        for denied in map(_sets, self.deny):
            left = [rest for allowed in left for rest in _without(allowed, denied)]
        return list(dict.fromkeys(plain for sets in left for plain in _expanded(sets)))


def _is_one_of(patterns: Iterable[str], number: str) -> bool:
    return any(re.fullmatch(_expression(pattern), number, re.ASCII) for pattern in patterns)


def _sets(pattern: str) -> Sets:
    return tuple(frozenset(one for one in _CHARACTERS if re.fullmatch(_class(part), one)) for part in _parts(pattern))


def _without(allowed: Sets, denied: Sets) -> Iterator[Sets]:
    """What is left of the first numbers without the second, in patterns of which no two have a number in common: those
    that differ in the first place, those that differ in the second place only, and so on."""
    both = [one & other for one, other in zip(allowed, denied, strict=False)]
    if len(allowed) != len(denied) or not all(both):
        yield allowed
        return
    for place, (one, other) in enumerate(zip(allowed, denied, strict=True)):
        if one - other:
            yield (*both[:place], one - other, *allowed[place + 1 :])


def _expanded(sets: Sets) -> Iterator[str]:
    """Of `1[3-4]X`: `13X` and `14X`."""
    known = {frozenset(digits): letter for letter, digits in _LETTERS.items()}
    choices = [[known[one]] if one in known else sorted(one) for one in sets]
    return map("".join, product(*choices))


def _expression(pattern: str) -> str:
    return "".join(map(_class, _parts(pattern)))


def _class(part: str) -> str:
    return f"[{_LETTERS[part]}]" if part in _LETTERS else re.escape(part) if part == "+" else part


def _parts(pattern: str) -> list[str]:
    return _PART.findall(pattern)
