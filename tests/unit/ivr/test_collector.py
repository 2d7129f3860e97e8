"""The collector's truth tables."""

import pytest

from ivr.collector import Choices, Collector, Digits, Failures, Matched, NoInput, NoMatch, Result, Retry, Waiting
from ivr.collector import by_attempt as chosen

SILENCE = "."


def results(collector: Collector, presses: str) -> list[Result]:
    return [collector.silence() if press == SILENCE else collector.key(press) for press in presses]


@pytest.mark.parametrize(
    ("presses", "expected"),
    [
        ("2", [Matched("2")]),
        ("0", [Matched("0")]),
        ("*", [Matched("*")]),
        ("#", [Matched("#")]),
        ("1", [Waiting()]),
        ("1.", [Waiting(), Matched("1")]),
        ("12", [Waiting(), Waiting()]),
        ("12.", [Waiting(), Waiting(), NoMatch("12")]),
        ("123", [Waiting(), Waiting(), Matched("123")]),
        ("13", [Waiting(), NoMatch("13")]),
        ("124", [Waiting(), Waiting(), NoMatch("124")]),
        ("9", [NoMatch("9")]),
        (".", [NoInput()]),
    ],
)
def test_choices(presses: str, expected: list[Result]) -> None:
    """A leaf fires at once, an inner node waits, what has no branch fails at once, silence settles what was keyed."""
    assert results(Choices(["1", "2", "123", "0", "star", "pound"]), presses) == expected


@pytest.mark.parametrize(
    ("presses", "expected"),
    [
        ("1234", [Waiting()] * 3 + [Matched("1234")]),
        ("12#", [Waiting()] * 2 + [Matched("12")]),
        ("12.", [Waiting()] * 2 + [Matched("12")]),
        ("1#", [Waiting(), NoMatch("1")]),
        ("1.", [Waiting(), NoMatch("1")]),
        ("#", [NoMatch("")]),
        ("1*", [Waiting(), NoMatch("1*")]),
        (".", [NoInput()]),
    ],
)
def test_digits(presses: str, expected: list[Result]) -> None:
    """A number of 2 to 4 digits ends by its last possible digit, by the terminator, or by a pause."""
    assert results(Digits(2, 4, "pound"), presses) == expected


def test_digits_of_fixed_length_without_terminator() -> None:
    """Without a terminator # is a wrong key like any other."""
    assert results(Digits(3, 3, None), "123") == [Waiting(), Waiting(), Matched("123")]
    assert results(Digits(3, 3, None), "1#") == [Waiting(), NoMatch("1#")]


@pytest.mark.parametrize("presses", ["1", "12", "9"])
def test_keyed_tells_which_time_applies(presses: str) -> None:
    """Nothing keyed means the first-digit time, anything keyed the inter-digit time."""
    collector = Choices(["1", "123"])
    assert collector.keyed == ""
    results(collector, presses)
    assert collector.keyed == presses


def test_failures_are_counted_apart() -> None:
    """A silence never uses up a wrong key, nor the other way round; each has its own prompts, the last repeats."""
    failures = Failures(Retry(3, ("quiet",)), Retry(4, ("wrong", "wrong_help")))
    told = [failures.count(failure) for failure in (NoInput(), NoMatch("9"), NoInput(), NoMatch("9"), NoMatch("9"))]
    assert told == [("quiet",), ("wrong",), ("quiet",), ("wrong_help",), ("wrong_help",)]
    assert failures.attempts == 6
    assert failures.count(NoInput()) is None


def test_max_is_how_many_failures_exhaust() -> None:
    """With max 1 the first failure exhausts; max 0 is refused, because it would never let a caller try."""
    assert Failures(Retry(1), Retry(1)).count(NoInput()) is None
    with pytest.raises(ValueError, match="max is 0"):
        Retry(0)


@pytest.mark.parametrize(("attempt", "prompt"), [(1, ("long",)), (2, ("short",)), (3, ("short",))])
def test_prompts_by_attempt(attempt: int, prompt: tuple[str, ...]) -> None:
    """The first attempt hears the first prompt, later ones the next, and the last repeats."""
    assert chosen(("long", "short"), attempt) == prompt
    assert chosen((), attempt) == ()
