"""What a caller asks of an agent, as an expression over skills: `orders >= 5 and (mandarin or english >= 7)`.

    either  = both {"or" both}
    both    = one {"and" one}
    one     = "not" one | "(" either ")" | skill [(">=" | ">" | "<=" | "<" | "==" | "!=") level]

A bare skill means level 1 or more; an agent who lacks a skill has it at level 0. Expressions are kept in one canonical
form: `not` pushed down to the skills, what says nothing new left out, parts in the order of their text. So equal needs
have equal texts, and callers who ask for the same share one class whatever the words they came with.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LEVEL_MAX: Final = 10
_DEPTH_MAX: Final = 50
"""Of parentheses and `not`; deeper is no requirement that a person wrote."""

_COMPARE: Final[Mapping[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_OPPOSITE: Final = {">=": "<", "<": ">=", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
_WORDS: Final = frozenset({"and", "or", "not"})
_TOKEN: Final = re.compile(r"\s*(?:([a-z][a-z0-9_-]*)|([0-9]{1,9})|(>=|<=|==|!=|[<>()]))", re.ASCII)
_BARE: Final = {(">=", 1): "{}", ("<", 1): "not {}"}
"""What is written shorter."""


class RequirementFault(ValueError):
    """The text is no requirement.

    Attributes:
        column: of the first character that does not fit, from 1.
        found, expected: in words, for whoever wrote it.
    """

    def __init__(self, column: int, found: str, expected: str) -> None:
        super().__init__(f"column {column}: found {found}; expected {expected}")
        self.column, self.found, self.expected = column, found, expected


@dataclass(frozen=True, slots=True)
class Level:
    """One skill compared with one level."""

    skill: str
    comparison: str
    level: int

    def met_by(self, skills: Mapping[str, int]) -> bool:
        return _COMPARE[self.comparison](skills.get(self.skill, 0), self.level)

    def __str__(self) -> str:
        written = _BARE.get((self.comparison, self.level), f"{{}} {self.comparison} {self.level}")
        return written.format(self.skill)


@dataclass(frozen=True, slots=True)
class All:
    """Every part must be met; none at all is a requirement that everybody meets."""

    parts: tuple["Expr", ...]

    def met_by(self, skills: Mapping[str, int]) -> bool:
        return all(part.met_by(skills) for part in self.parts)

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """One part must be met."""

    parts: tuple["Expr", ...]

    def met_by(self, skills: Mapping[str, int]) -> bool:
        return any(part.met_by(skills) for part in self.parts)

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Expr = Level | All | Either
"""`str()` of it is the canonical text, which `parse` reads back to an equal one; `met_by` answers for one agent."""

ANYBODY: Final = All(())
"""Asks for nothing; its text is empty."""


def all_of(*exprs: Expr) -> Expr:
    """What asks for every one of these."""
    parts = _told_apart(_flat(All, exprs), lambda kept, other: _implies(kept, other))
    return parts[0] if len(parts) == 1 else All(parts)


def any_of(first: Expr, *others: Expr) -> Expr:
    """What asks for one of these."""
    parts = _told_apart(_flat(Either, (first, *others)), lambda kept, other: _implies(other, kept))
    return parts[0] if len(parts) == 1 else Either(parts)


def at_least(levels: Mapping[str, int]) -> Expr:
    """The short form of a requirement, `{skill: level}`: each at that level or above."""
    return all_of(*(Level(skill, ">=", level) for skill, level in levels.items() if level > 0))


def _flat(kind: type[All] | type[Either], exprs: Sequence[Expr]) -> Iterator[Expr]:
    for expr in exprs:
        yield from expr.parts if isinstance(expr, kind) else (expr,)


def _told_apart(parts: Iterator[Expr], makes_idle: Callable[[Expr, Expr], bool]) -> tuple[Expr, ...]:
    """The parts without those that another one makes idle, in the order of their texts."""
    kept: list[Expr] = []
    for part in parts:
        if not any(makes_idle(other, part) for other in kept):
            kept = [other for other in kept if not makes_idle(part, other)]
            kept.append(part)
    return tuple(sorted(kept, key=str))


def _implies(one: Expr, other: Expr) -> bool:
    """Answer whether who meets `one` is plainly bound to meet `other`. False may mean: not plainly."""
    if one == other:
        return True
    if isinstance(other, All):
        return all(_implies(one, part) for part in other.parts)
    if isinstance(one, Either):
        return all(_implies(part, other) for part in one.parts)
    if isinstance(other, Either) and any(_implies(one, part) for part in other.parts):
        return True
    if isinstance(one, All):
        return any(_implies(part, other) for part in one.parts)
    return isinstance(other, Level) and one.skill == other.skill and levels_of(one) <= levels_of(other)


def levels_of(need: Level) -> frozenset[int]:
    """The levels that meet this need."""
    compare = _COMPARE[need.comparison]
    return frozenset(level for level in range(LEVEL_MAX + 1) if compare(level, need.level))


def _needs(expr: Expr) -> Iterator[Level]:
    if isinstance(expr, Level):
        yield expr
    else:
        for part in expr.parts:
            yield from _needs(part)


def skills_in(expr: Expr) -> frozenset[str]:
    """Every skill that the expression speaks of."""
    return frozenset(need.skill for need in _needs(expr))


# Reading


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a level or a sign of an expression; the end is an empty one."""

    text: str
    column: int
    """From 1."""

    @property
    def is_skill(self) -> bool:
        return self.text[:1].isalpha() and self.text not in _WORDS


@lru_cache(maxsize=1_024)
def parse(text: str) -> Expr:
    """Read an expression; empty text asks for nothing.

    Raises RequirementFault: where it stops making sense, what stands there and what could.
    """
    if not text.strip():
        return ANYBODY
    reader = _Reader(tuple(tokens(text)))
    expr = reader.either(0)
    if reader.next.text:
        raise reader.fault('"and", "or" or the end')
    return expr


def tokens(text: str) -> Iterator[Token]:
    """Cut the text into tokens, the end last. Raises RequirementFault at a character that begins none."""
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            raise RequirementFault(column, f'"{text[column - 1]}"', "a skill, a level, a comparison or a parenthesis")
        token = found[found.lastindex or 0]
        at = found.end()
        yield Token(token, at - len(token) + 1)
    yield Token("", end + 1)


class _Reader:
    """Recursive descent: a method per rule of the grammar, each leaves `next` behind what it has read."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = iter(found)
        self.next = next(self._tokens)

    def fault(self, expected: str) -> RequirementFault:
        found = f'"{self.next.text}"' if self.next.text else "the end"
        return RequirementFault(self.next.column, found, expected)

    def take(self, *texts: str) -> str | None:
        """The next token's text, read, if it is one of these."""
        return self.read() if self.next.text in texts else None

    def read(self) -> str:
        text = self.next.text
        self.next = next(self._tokens)
        return text

    def either(self, depth: int) -> Expr:
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        return any_of(*parts)

    def both(self, depth: int) -> Expr:
        parts = [self.one(depth)]
        while self.take("and"):
            parts.append(self.one(depth))
        return all_of(*parts)

    def one(self, depth: int) -> Expr:
        if depth > _DEPTH_MAX:
            raise self.fault(f"no more than {_DEPTH_MAX} within each other")
        if self.take("not"):
            return _opposite(self.one(depth + 1))
        if self.take("("):
            inner = self.either(depth + 1)
            if self.take(")") is None:
                raise self.fault('"and", "or" or ")"')
            return inner
        if not self.next.is_skill:
            raise self.fault('a skill, "not" or "("')
        return self.level(self.read())

    def level(self, skill: str) -> Level:
        comparison = self.take(*_COMPARE)
        if comparison is None:
            return Level(skill, ">=", 1)
        if not self.next.text.isdecimal() or int(self.next.text) > LEVEL_MAX:
            raise self.fault(f"a level from 0 to {LEVEL_MAX}")
        return Level(skill, comparison, int(self.read()))


def _opposite(expr: Expr) -> Expr:
    """De Morgan: what is met by exactly those who do not meet this."""
    if isinstance(expr, Level):
        return Level(expr.skill, _OPPOSITE[expr.comparison], expr.level)
    join = any_of if isinstance(expr, All) else all_of
    return join(*(_opposite(part) for part in expr.parts))
