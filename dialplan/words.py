"""The types of a site's values: what may stand there, and what the admin is told otherwise.

Every type names its rule and says what it expects, so that the messages come from the same line as the check. The
narrow alphabets also keep Asterisk's configuration safe: no id, number or code can hold a newline, `;`, `,` or `${`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from acd.requirement import RequirementFault, parse

Check = Callable[[str], str]


def refusal(
    rule: str, expected: str, found: str = "", hint: str = "", offset: int | None = None
) -> PydanticCustomError:
    """Return the error that becomes a fault of this rule; without `found` the fault shows the value.

    offset: the character of the value, from 0, that it is about; None: the whole value.
    """
    context = {"rule": rule, "expected": expected, "found": found, "hint": hint, "offset": offset}
    return PydanticCustomError("hotline", "{expected}", context)


def _text(rule: str, pattern: str, expected: str) -> AfterValidator:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refusal(rule, expected)
        return value

    return AfterValidator(check)


def _whole_number(rule: str, low: int, high: int) -> AfterValidator:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise refusal(rule, f"a whole number from {low} to {high}")
        return value

    return AfterValidator(check)


def _seconds(low: int, high: int) -> AfterValidator:
    return _whole_number("out-of-range", low, high)


def _is_network(value: str) -> str:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise refusal("bad-address", "an IP address or network, such as 192.0.2.10 or 192.0.2.0/24") from None
    return value


def _is_requirement(value: str) -> str:
    if not value.strip():
        raise refusal("bad-requirement", "skills, such as orders >= 5 and (mandarin or english)")
    try:
        parse(value)
    except RequirementFault as fault:
        raise refusal("bad-requirement", fault.expected, f"found {fault.found}", offset=fault.column - 1) from fault
    return value


def _key_character(value: object) -> object:
    return {"star": "*", "pound": "#"}.get(value, value) if isinstance(value, str) else value


_LOWER = "lower-case letters, digits and _, beginning with a letter"

Name = Annotated[str, _text("bad-name", r"[a-z][a-z0-9_]{0,39}", _LOWER)]
"""id of a menu, node, queue, skill, script, result, trunk or variable of a call"""
PromptId = Annotated[str, _text("bad-name", r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", f"{_LOWER}; dots may join several")]
NodeRef = Annotated[str, _text("bad-name", r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?", "node, menu or menu.node")]
"""a node of the same menu, a menu (its entry), or `menu.node`; the loader replaces it by `menu.node`"""
SoundFile = Annotated[str, _text("bad-file", r"/?[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", "a sound file without its ending")]
"""as Asterisk names it: absolute, or below its own sounds"""
Language = Annotated[str, _text("bad-language", r"[a-z]{2,3}", "a language code, such as zh or en")]
Number = Annotated[str, _text("bad-number", r"\+?[0-9]{2,15}", "2 to 15 digits, with or without + before them")]
Extension = Annotated[str, _text("bad-extension", r"[0-9]{2,8}", "2 to 8 digits")]
Code = Annotated[str, _text("bad-code", r"\*[0-9]{1,5}|[0-9]{2,6}", "* and 1 to 5 digits, or 2 to 6 digits")]
TalkKeys = Annotated[str, _text("bad-code", r"[*#][0-9*#]{1,4}", "* or # and 1 to 4 more keys")]
"""keyed by an agent while talking"""
HostPort = Annotated[
    str, _text("bad-host", r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?", "a host, or host:port")
]
Pin = Annotated[str, _text("bad-pin", r"[0-9]{4,8}", "4 to 8 digits")]
ReasonKey = Annotated[str, _text("bad-choice", r"[1-9]", "one key of a phone, 1 to 9")]
DispositionCode = Annotated[str, _text("bad-code", r"[0-9]{1,4}", "1 to 4 digits")]
Address = Annotated[str, AfterValidator(_is_network)]
Words = Annotated[str, _text("empty-text", r"(?s).*\S.*", "some words")]
"""what people read or hear; any characters"""

Digits = Annotated[
    str, BeforeValidator(_key_character), _text("bad-choice", r"[0-9*#]{1,10}", "keys of a phone: 0 to 9, star, pound")
]
"""keys that a caller presses; `star` and `pound` are read as `*` and `#`"""
WaitingKey = Annotated[
    str, BeforeValidator(_key_character), _text("bad-choice", r"[0-9*#]", "one key of a phone: 0 to 9, star, pound")
]
KeyTarget = Annotated[
    str,
    _text("bad-name", r"queue:[a-z][a-z0-9_]*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?", "menu, menu.node or queue:id"),
]
Terminator = Annotated[str, BeforeValidator(_key_character), _text("bad-choice", r"[*#]", "star or pound")]

OUTCOMES = ("closed", "full", "no_agents", "estimate_too_long", "timed_out", "completed")
"""How a stay in a queue can end with the caller still on the line."""
Outcome = Annotated[str, _text("unknown-outcome", "|".join(OUTCOMES), f"one of {', '.join(OUTCOMES)}")]
CALLBACK_OUTCOMES = ("taken", "already_waiting", "declined", "not_allowed", "closed", "failed")
"""How a proposal of a callback can end with the caller still on the line."""
CallbackOutcome = Annotated[
    str, _text("unknown-outcome", "|".join(CALLBACK_OUTCOMES), f"one of {', '.join(CALLBACK_OUTCOMES)}")
]
Level = Annotated[int, _whole_number("level-out-of-range", 0, 10)]
RequiredLevel = Annotated[int, _whole_number("level-out-of-range", 1, 10)]
"""a level of 0 would require nothing"""
Requires = Annotated[str, AfterValidator(_is_requirement)]
"""which agents may serve, as an expression over skills: `orders >= 5 and (mandarin or english >= 7)`"""
DelaySeconds = Annotated[int, _seconds(0, 259_200)]
"""three days at most"""
Attempts = Annotated[int, _whole_number("out-of-range", 1, 9)]
Length = Annotated[int, _whole_number("out-of-range", 1, 40)]
Phones = Annotated[int, _whole_number("out-of-range", 1, 10)]
NoAnswers = Annotated[int, _whole_number("out-of-range", 0, 99)]
Priority = Annotated[int, _whole_number("out-of-range", -1000, 1000)]
KeySeconds = Annotated[int, _seconds(1, 60)]
RingSeconds = Annotated[int, _seconds(3, 120)]
HeadStart = Annotated[int, _seconds(0, 86_400)]
SinceSeconds = Annotated[int, _seconds(0, 86_400)]
LockSeconds = Annotated[int, _seconds(1, 3600)]
PauseSeconds = Annotated[int, _seconds(0, 3600)]
EverySeconds = Annotated[int, _seconds(10, 86_400)]
"""music that is cut up more often is worse than none"""
Size = Annotated[int, _whole_number("out-of-range", 0, 10_000)]
WaitSeconds = Annotated[int, _seconds(1, 86_400)]
RecordingsDays = Annotated[int, _whole_number("out-of-range", 1, 36_500)]
