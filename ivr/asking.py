"""One question to the caller: said by attempt, collected, and asked again until something fits or patience ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.actions import Walking
from ivr.collector import Collector, Failures, GlobalKey, Matched, NoInput, NoMatch, Retry, Waiting, by_attempt
from ivr.keypad import Keypad


class Question(Protocol):
    """What the nodes that ask have in common."""

    @property
    def prompt(self) -> tuple[str, ...]: ...

    @property
    def no_input(self) -> Retry: ...

    @property
    def no_match(self) -> Retry: ...

    @property
    def first_digit_seconds(self) -> float: ...

    @property
    def inter_digit_seconds(self) -> float: ...


@dataclass
class Step:
    """The caller at one node, as the record will tell it."""

    address: str
    kind: str
    language: str
    attempts: int = 1
    input: str = ""
    log: str = "full"
    no_input: int = 0
    """Attempts in which nothing was pressed, those of a read-back among them."""
    no_match: int = 0
    barge_in: bool = False
    """A key cut off something that was said."""
    unplayed: int = 0
    """Sounds that Asterisk could not play."""

    @property
    def logged_input(self) -> str:
        """What the records may show of the keys."""
        return self.logged(self.input)

    def logged(self, keys: str) -> str:
        """What the records may show of these keys: all, the last four behind as many hidden ones, or none."""
        shown = {"full": len(keys), "masked": min(4, max(0, len(keys) - 4)), "off": 0}[self.log]
        hidden = len(keys) - shown if self.log == "masked" else 0
        return "x" * hidden + keys[len(keys) - shown :]

    def count(self, failure: NoInput | NoMatch) -> None:
        if isinstance(failure, NoInput):
            self.no_input += 1
        else:
            self.no_match += 1


@dataclass(frozen=True)
class Exhausted:
    """The caller has used up every attempt."""


@dataclass(frozen=True)
class TooLong:
    """The call has been in the menus for as long as it may."""


Answer = Matched | GlobalKey | Exhausted | TooLong


def ask(
    question: Question, keypad: Keypad, step: Step, begin: Callable[[], Collector], too_long: Callable[[], bool]
) -> Walking[Answer]:
    """Ask until something matches or a global key is pressed.

    Args:
        step: told of each attempt and each key as they come.
        begin: a fresh collector for an attempt.
        too_long: asked before every attempt but the first.
    """
    failures = Failures(question.no_input, question.no_match)
    while True:
        step.attempts = failures.attempts
        yield from keypad.hear(by_attempt(question.prompt, failures.attempts), question.first_digit_seconds)
        result = yield from _collect(question, keypad, step, begin())
        if isinstance(result, Matched | GlobalKey):
            return result
        keypad.forget()
        step.count(result)
        told = failures.count(result)
        if told is None:
            return Exhausted()
        if too_long():
            return TooLong()
        yield from keypad.hear(told)


def _collect(
    question: Question, keypad: Keypad, step: Step, collector: Collector
) -> Walking[Matched | GlobalKey | NoMatch | NoInput]:
    while True:
        seconds = question.inter_digit_seconds if collector.keyed else question.first_digit_seconds
        key = yield from keypad.key(seconds)
        result = collector.key(key) if key else collector.silence()
        step.input = collector.keyed
        if not isinstance(result, Waiting):
            return result
