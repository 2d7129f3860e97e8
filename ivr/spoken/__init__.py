"""Typed value -> the clips that speak it, in order, per language. Pure: the voice renders clips, these rooms choose.

A clip is named by its own words ("一百", "twenty"), so a list of clips reads as what the caller hears. A kind is
written as in a prompt's slot, with what it is told behind a blank: `money`, `money USD`, `count item/items`.

    the door (here) ─► chinese, english: a table of kinds each ─► values (text -> value), characters, dates, durations
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ivr.spoken import characters, chinese, english
from ivr.spoken.kinds import PAUSE, Clips, Kind, Kinds, Manner, Unspeakable
from ivr.spoken.values import NUMBER_LIMIT

__all__ = [
    "KINDS",
    "LANGUAGES",
    "NUMBER_LIMIT",
    "PAUSE",
    "Unspeakable",
    "clips_of",
    "digits",
    "exactly",
    "expected_of",
    "number",
    "speak",
    "spelled",
    "written",
]

_KINDS: Mapping[str, Kinds] = {"zh": chinese.KINDS, "en": english.KINDS}
_NUMBERS = {"zh": chinese.numbers.cardinal, "en": english.numbers.cardinal}
_JOINERS = {"zh": chinese.JOINER, "en": english.JOINER}

LANGUAGES = tuple(_KINDS)
KINDS = frozenset(chinese.KINDS)
"""Their names; every language has rules for all of them."""


def speak(value: str | int, kind: str, language: str, today: date | None = None) -> Clips:
    """The clips of a value; one that is not of its kind is spelled, so that no value ever breaks a call.

    Args:
        value: as text: "98.50", "2026-10-01", "09:30", seconds of a duration.
        kind: one of KINDS, with its parameter.
        today: the day that "tomorrow" is counted from; without it every date is said in full.

    Raises:
        ValueError: the kind or the language is unknown (the site's mistake, found when the voice is built).
    """
    try:
        return exactly(value, kind, language, today)
    except Unspeakable:
        return spelled(value, language)


def exactly(value: str | int, kind: str, language: str, today: date | None = None) -> Clips:
    """The same, but a value that is not of its kind raises Unspeakable, with what was expected."""
    rules, parameter = _rules(kind, language)
    return rules.words(rules.read(str(value)), Manner(parameter, today))


def spelled(value: str | int, language: str) -> Clips:
    """What is said in place of a value that is not of its kind: its digits in groups, or its characters."""
    text = str(value)
    return (
        characters.digits(text, language) if text.isascii() and text.isdigit() else characters.letters(text, language)
    )


def clips_of(kind: str, language: str) -> frozenset[str]:
    """Every clip that a slot of this kind can ever need, so that all of them are rendered beforehand."""
    rules, parameter = _rules(kind, language)
    return frozenset({*rules.clips(parameter), *_KINDS[language]["letters"].clips("")})


def expected_of(kind: str, language: str) -> str:
    """What would have to stand in place of a kind that the language cannot speak; empty where it can."""
    name, _, parameter = kind.partition(" ")
    if language not in _KINDS:
        return f"a language with rules for values: {', '.join(LANGUAGES)}"
    if name not in KINDS:
        return f"one of {', '.join(sorted(KINDS))}"
    expected = _KINDS[language][name].expects(parameter)
    return f"{name} with {expected}" if expected else ""


def digits(text: str, language: str) -> Clips:
    """Digit by digit, grouped the way people read numbers out; what is not a digit is passed over."""
    return characters.digits(text, language)


def number(value: int, language: str) -> Clips:
    """The cardinal of 0 <= value < NUMBER_LIMIT; raises ValueError for any other."""
    if not 0 <= value < NUMBER_LIMIT:
        raise ValueError(f"cannot speak {value} as a number: expected 0 to {NUMBER_LIMIT - 1}")
    return _NUMBERS[language](value)


def written(clips: Clips, language: str) -> str:
    """The clips as a person would write them down, for a terminal, a table or a log."""
    return _JOINERS[language].join(clips)


def _rules(kind: str, language: str) -> tuple[Kind[Any], str]:
    expected = expected_of(kind, language)
    if expected:
        raise ValueError(f'cannot speak {kind!r} in "{language}": expected {expected}')
    name, _, parameter = kind.partition(" ")
    return _KINDS[language][name], parameter
