"""The digit collector: keys and silences in, a typed result out; no I/O, no clock.

`Choices` collects a menu's key, `Digits` a number. Both answer each `key` and each `silence` (the time allowed for the
next key ran out) with one of four results, and are used up after any of them but `Waiting`.

    Choices {1, 12, 2}        key 2  -> Matched("2")      a leaf fires at once
                              key 1  -> Waiting           1 is a choice, 12 may follow: only the inter-digit time runs
                              key 1, silence -> Matched("1")
                              key 9  -> NoMatch("9")      no branch: nothing can come of it
                              silence -> NoInput
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

KEYS = "0123456789*#"
"""Every key of a phone that a caller can press."""

_NAMES = {"star": "*", "pound": "#"}


def keys_of(choice: str) -> str:
    """The keys a choice stands for: YAML cannot hold a bare * or #, so menus write `star` and `pound`."""
    return _NAMES.get(choice, choice)


@dataclass(frozen=True)
class Waiting:
    """More keys may come."""


@dataclass(frozen=True)
class Matched:
    keys: str


@dataclass(frozen=True)
class NoMatch:
    keys: str


@dataclass(frozen=True)
class NoInput:
    """Silence before any key."""


@dataclass(frozen=True)
class GlobalKey:
    """A key of the site, which the node itself has no use for."""

    key: str
    """as a phone has it: * and #"""


Result = Waiting | Matched | NoMatch | NoInput | GlobalKey


class Collector(Protocol):
    keyed: str
    """What was pressed so far: empty means that the first-digit time applies, else the inter-digit time."""

    def key(self, key: str) -> Result: ...

    def silence(self) -> Result: ...


class Choices:
    """Collects one of a set of choices; the set of all beginnings is the prefix tree.

    Args:
        global_keys: keys that mean something in every menu; a choice of the same keys wins, and so does one that may
            still come of a key.
    """

    def __init__(self, choices: Iterable[str], global_keys: Iterable[str] = ()) -> None:
        self.keyed = ""
        self._choices = {keys_of(choice) for choice in choices}
        self._global = {keys_of(key) for key in global_keys} - self._choices
        self._branches = {choice[:end] for choice in self._choices for end in range(1, len(choice))}

    def key(self, key: str) -> Result:
        self.keyed += key
        if self.keyed in self._branches:
            return Waiting()
        return GlobalKey(key) if key in self._global and self.keyed not in self._choices else self._settled()

    def silence(self) -> Result:
        return self._settled() if self.keyed else NoInput()

    def _settled(self) -> Result:
        if self.keyed in self._global:
            return GlobalKey(self.keyed)
        return Matched(self.keyed) if self.keyed in self._choices else NoMatch(self.keyed)


class Digits:
    """Collects min_digits to max_digits digits; the last possible one, the terminator or a silence ends them.

    Args:
        global_keys: keys that mean something in every menu; one that is a digit does not here, nor the terminator once
            there is something to end.
        point: a key beside the digits that an entry may hold, such as a decimal point; it ends nothing.
        accept: says whether the keys are what is asked for; what is not fits nothing.
    """

    def __init__(
        self,
        min_digits: int,
        max_digits: int,
        terminator: str | None = "#",
        global_keys: Iterable[str] = (),
        *,
        point: str = "",
        accept: Callable[[str], bool] = lambda keys: True,
    ) -> None:
        self.keyed = ""
        self._min = min_digits
        self._max = max_digits
        self._terminator = terminator and keys_of(terminator)
        self._own = f"0123456789{point if point != self._terminator else ''}"
        self._global = {key for key in map(keys_of, global_keys) if key not in self._own}
        self._accept = accept

    def key(self, key: str) -> Result:
        if key == self._terminator and (self.keyed or key not in self._global):
            return self._settled()
        self.keyed += key
        if key in self._global:
            return GlobalKey(key)
        if key not in self._own:
            return NoMatch(self.keyed)
        return self._settled() if len(self.keyed) == self._max else Waiting()

    def silence(self) -> Result:
        return self._settled() if self.keyed else NoInput()

    def _settled(self) -> Result:
        fits = len(self.keyed) >= self._min and self._accept(self.keyed)
        return Matched(self.keyed) if fits else NoMatch(self.keyed)


@dataclass(frozen=True)
class Retry:
    """How one kind of failure is met: the max-th one exhausts the node, the ones before are told `prompt`."""

    max: int = 3
    prompt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.max < 1:
            raise ValueError(f"max is {self.max}: at least one failure must be allowed for")


@dataclass
class Failures:
    """Counts no_input and no_match apart, from zero at each step."""

    no_input: Retry
    no_match: Retry
    counts: dict[type, int] = field(default_factory=lambda: {NoInput: 0, NoMatch: 0})

    def count(self, failure: NoInput | NoMatch) -> tuple[str, ...] | None:
        """Take one more failure: the prompts to play before the next attempt, or None when exhausted."""
        retry = self.no_input if isinstance(failure, NoInput) else self.no_match
        self.counts[type(failure)] += 1
        number = self.counts[type(failure)]
        if number >= retry.max:
            return None
        return by_attempt(retry.prompt, number)

    @property
    def attempts(self) -> int:
        """The number of the attempt that is under way, from 1."""
        return 1 + sum(self.counts.values())


def by_attempt(prompts: tuple[str, ...], attempt: int) -> tuple[str, ...]:
    """The prompt for this attempt (from 1), as a tuple of at most one: the last one repeats."""
    return prompts[min(attempt, len(prompts)) - 1 :][:1]
