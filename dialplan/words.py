"""The types of a site's values: what may stand there, and what the admin is told otherwise.

Every type names its rule and says what it expects, so that the messages come from the same line as the check. The
narrow alphabets also keep Asterisk's configuration safe: no id, number or code can hold a newline, `;`, `,` or `${`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from acd.requirement import RequirementFault, parse

Check = Callable[[str], str]

TEMPLATE_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}", re.ASCII)
"""a variable within words that nobody hears"""

LANGUAGE_VERSIONS = (1,)
"""of the menu language, all that this program reads"""


def refusal(
    rule: str, expected: str, found: str = "", hint: str = "", offset: int | None = None
) -> PydanticCustomError:
    """Return the error that becomes a fault of this rule; without `found` the fault shows the value.

    offset: the character of the value, from 0, that it is about; None: the whole value.
    """
    context = {"rule": rule, "expected": expected, "found": found, "hint": hint, "offset": offset}
    return PydanticCustomError("hotline", "{expected}", context)


@dataclass(frozen=True, eq=False)
class _Known(AfterValidator):
    """A check that an editor can make as well, by these words of JSON Schema."""

    schema: Mapping[str, Any] = field(default_factory=dict)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), **self.schema}


def _text(rule: str, pattern: str, expected: str, written: str | None = None) -> _Known:
    """Return the check of a text.

    written: the pattern as an editor is told it, where what stands in the file differs from what is checked.
    """
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refusal(rule, expected)
        return value

    return _Known(check, {"pattern": f"^({pattern})$" if written is None else written})


def _keys(pattern: str, expected: str) -> _Known:
    """Return the check of keys of a phone, of which two have names in a file."""
    return _text("bad-choice", pattern, expected, rf"^({pattern}|star|pound)$")


def _whole_number(rule: str, low: int, high: int) -> _Known:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise refusal(rule, f"a whole number from {low} to {high}")
        return value

    return _Known(check, {"minimum": low, "maximum": high})


def _seconds(low: int, high: int) -> _Known:
    return _whole_number("out-of-range", low, high)


def _is_digit_pattern(value: str) -> str:
    try:
        re.compile(value, re.ASCII)
    except re.error as error:
        expected = "a regular expression for digits, such as 20[0-9]{10}"
        raise refusal("bad-pattern", expected, offset=error.pos) from None
    return value


def _is_template(value: str) -> str:
    if re.search(r"[{}]", TEMPLATE_SLOT.sub("", value)):
        raise refusal("bad-slot", "words in which {name} stands for a variable")
    return value


def _is_scale(value: str) -> str:
    ends = value.split("-")
    if not re.fullmatch(r"[0-9]-[0-9]", value, re.ASCII) or ends[0] >= ends[-1]:
        raise refusal("bad-choice", "the first and the last key, such as 1-5")
    return value


def _is_version(value: int) -> int:
    if value not in LANGUAGE_VERSIONS:
        known = " or ".join(map(str, LANGUAGE_VERSIONS))
        raise refusal("unknown-version", f"a version of the language that this hotline knows: {known}")
    return value


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


def once_each(choices: object) -> object:
    """Refuse a mapping in which one key of a phone stands under both of its names."""
    for word, character in ("star", "*"), ("pound", "#"):
        if isinstance(choices, dict) and word in choices and character in choices:
            raise refusal("duplicate-choice", "one of them", f'found both {word} and "{character}", the same key')
    return choices


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
Words = Annotated[str, _text("empty-text", r"(?s).*\S.*", "some words", r"\S")]
"""what people read or hear; any characters"""

FieldPath = Annotated[
    str, _text("bad-name", r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,5}", "a field; dots join those within")
]
"""a field of a backend's answer"""
HeaderName = Annotated[str, _text("bad-name", r"[A-Za-z][A-Za-z0-9-]{0,59}", "the name of an HTTP header")]
EnvironmentName = Annotated[str, _text("bad-name", r"[A-Z][A-Z0-9_]{0,59}", "the name of an environment variable")]
Template = Annotated[Words, AfterValidator(_is_template)]
"""words in which `{name}` stands for what a variable holds"""
DigitPattern = Annotated[Words, AfterValidator(_is_digit_pattern)]
Quantity = int | float

Digits = Annotated[
    str,
    BeforeValidator(_key_character),
    _keys("[0-9*#]{1,10}", "keys of a phone: 0 to 9, star, pound"),
]
"""keys that a caller presses; `star` and `pound` are read as `*` and `#`"""
WaitingKey = Annotated[
    str,
    BeforeValidator(_key_character),
    _keys("[0-9*#]", "one key of a phone: 0 to 9, star, pound"),
]
KeyTarget = Annotated[
    str,
    _text("bad-name", r"queue:[a-z][a-z0-9_]*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?", "menu, menu.node or queue:id"),
]
GlobalKeys = Annotated[dict[WaitingKey, NodeRef], BeforeValidator(once_each)]
"""key to what it does in every menu: one of KEY_ACTIONS, else a node"""
KEY_ACTIONS = ("person", "back", "repeat", "main")
Terminator = Annotated[str, BeforeValidator(_key_character), _keys("[*#]", "star or pound")]

OUTCOMES = ("closed", "full", "no_agents", "estimate_too_long", "timed_out", "completed")
"""How a stay in a queue can end with the caller still on the line."""
Outcome = Annotated[str, _text("unknown-outcome", "|".join(OUTCOMES), f"one of {', '.join(OUTCOMES)}")]
CALLBACK_OUTCOMES = ("taken", "already_waiting", "declined", "not_allowed", "closed", "failed")
"""How a proposal of a callback can end with the caller still on the line."""
CallbackOutcome = Annotated[
    str, _text("unknown-outcome", "|".join(CALLBACK_OUTCOMES), f"one of {', '.join(CALLBACK_OUTCOMES)}")
]
TRANSFER_OUTCOMES = ("answered", "busy", "no_answer", "not_allowed", "failed")
"""How a transfer by a menu can end with the caller still on the line."""
TransferOutcome = Annotated[
    str, _text("unknown-outcome", "|".join(TRANSFER_OUTCOMES), f"one of {', '.join(TRANSFER_OUTCOMES)}")
]
Destination = Annotated[
    str, _text("bad-number", r"\+?[0-9]{2,15}|\{[a-z][a-z0-9_]*\}", "a number, an extension, or {variable}")
]
"""whom a caller is sent on to"""
FaxFile = Annotated[str, _text("bad-file", r"faxes/[A-Za-z0-9_-]+\.tiff?", "a document such as faxes/prices.tif")]
"""below the site's folder, as fax machines send it: a TIFF file"""
Scale = Annotated[str, AfterValidator(_is_scale)]
"""the first and the last key of a row, `1-5`"""
Level = Annotated[int, _whole_number("level-out-of-range", 0, 10)]
RequiredLevel = Annotated[int, _whole_number("level-out-of-range", 1, 10)]
"""a level of 0 would require nothing"""
Requires = Annotated[str, AfterValidator(_is_requirement)]
"""which agents may serve, as an expression over skills: `orders >= 5 and (mandarin or english >= 7)`"""
LanguageVersion = Annotated[int, _Known(_is_version, {"enum": list(LANGUAGE_VERSIONS)})]
DelaySeconds = Annotated[int, _seconds(0, 259_200)]
"""three days at most"""
Attempts = Annotated[int, _whole_number("out-of-range", 1, 9)]
Length = Annotated[int, _whole_number("out-of-range", 1, 40)]
Phones = Annotated[int, _whole_number("out-of-range", 1, 10)]
NoAnswers = Annotated[int, _whole_number("out-of-range", 0, 99)]
Priority = Annotated[int, _whole_number("out-of-range", -1000, 1000)]
KeySeconds = Annotated[int, _seconds(1, 60)]
RingSeconds = Annotated[int, _seconds(3, 120)]
MessageSeconds = Annotated[int, _seconds(5, 900)]
SilenceSeconds = Annotated[int, _seconds(1, 60)]
ShortestSeconds = Annotated[int, _seconds(1, 60)]
HeadStart = Annotated[int, _seconds(0, 86_400)]
SinceSeconds = Annotated[int, _seconds(0, 86_400)]
LockSeconds = Annotated[int, _seconds(1, 3600)]
SpeechSeconds = Annotated[int, _seconds(1, 600)]
PauseSeconds = Annotated[int, _seconds(0, 3600)]
EverySeconds = Annotated[int, _seconds(10, 86_400)]
"""music that is cut up more often is worse than none"""
Size = Annotated[int, _whole_number("out-of-range", 0, 10_000)]
WaitSeconds = Annotated[int, _seconds(1, 86_400)]
DurationSeconds = Annotated[int, _seconds(10, 86_400)]
QuietSeconds = Annotated[int, _seconds(1, 10)]
GiveUpSeconds = Annotated[int, _seconds(2, 60)]
BackendSeconds = Annotated[int, _seconds(1, 30)]
"""an HTTP connection, or a statement, has so long"""
PinDigits = Annotated[int, _whole_number("out-of-range", 4, 12)]
LockFailures = Annotated[int, _whole_number("out-of-range", 1, 20)]
LockMinutes = Annotated[int, _whole_number("out-of-range", 1, 1440)]
RecordingsDays = Annotated[int, _whole_number("out-of-range", 1, 36_500)]
