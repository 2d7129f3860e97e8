"""Scenario files, `*.ivrtest.yaml`: a call as it should go, written by admins, read as strictly as the site.

A file holds one scenario, or several by name below `scenarios`.
`check_scenarios` says what they name that the site does not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.json_schema import JsonSchemaValue

from dialplan.faults import Fault, one_of
from dialplan.findings import fault_at, validate
from dialplan.node import Strict
from dialplan.words import Language, Name, NodeRef, Number, PromptId, Words, refusal
from dialplan.yaml_tree import Document, Path, read

SUFFIX = ".ivrtest.yaml"
FOLDER = "tests"
"""within a site's folder: where `hotline test` looks"""

_KEYS = {"star": "*", "pound": "#"}
_MOMENT = "%Y-%m-%d %H:%M"
_WAIT_SECONDS_MAX = 3600


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


def _is_moment(value: str) -> str:
    try:
        datetime.strptime(value, _MOMENT)
    except ValueError:
        raise refusal("bad-date", 'a day and a time, such as "2026-10-01 09:00"') from None
    return value


def _is_keys(value: object) -> object:
    keys = _KEYS.get(value, value) if isinstance(value, str) else value
    if not isinstance(keys, str) or not keys or set(keys) - set("0123456789*#"):
        raise refusal("bad-choice", 'keys of a phone in quotes, such as "12#", or star or pound')
    return keys


def _is_wait(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("wrong-type", "seconds, such as 5 or 0.5")
    if not (math.isfinite(value) and 0 < value <= _WAIT_SECONDS_MAX):
        raise refusal("out-of-range", f"more than 0 seconds, {_WAIT_SECONDS_MAX} at most")
    return float(value)


LOCKED = "locked"
"""an account that other calls have locked: its backend is not asked"""
SLOW = "slow"
"""in place of a field: after how many seconds the answer comes"""


def _is_answer(value: object) -> object:
    if isinstance(value, str) and value in BACKEND_WORDS:
        return value
    if isinstance(value, dict) and all(map(_is_field, value.keys(), value.values())):
        return value
    raise refusal("wrong-value", f"{', '.join(BACKEND_WORDS)}, or fields of the answer as text; slow: seconds")


def _is_field(name: object, value: object) -> bool:
    if name == SLOW:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _WAIT_SECONDS_MAX
    return isinstance(name, str) and isinstance(value, str)


def _as_answers(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


BACKEND_WORDS = ("not_found", "refused", "failed", LOCKED)
Moment = Annotated[str, AfterValidator(_is_moment)]
"""by the clock of the site"""
_WORDS: JsonSchemaValue = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
Results = Annotated[tuple[Name, ...], BeforeValidator(_as_tuple), Field(min_length=1), WithJsonSchema(_WORDS)]
"""one after the other; the last one repeats"""
_ANSWER: JsonSchemaValue = {
    "anyOf": [
        {"enum": list(BACKEND_WORDS)},
        {
            "type": "object",
            "properties": {SLOW: {"type": "number", "exclusiveMinimum": 0, "maximum": _WAIT_SECONDS_MAX}},
            "additionalProperties": {"type": "string"},
        },
    ]
}
GivenAnswer = Annotated[str | dict[str, str | int | float], BeforeValidator(_is_answer), WithJsonSchema(_ANSWER)]
GivenAnswers = Annotated[
    tuple[GivenAnswer, ...],
    BeforeValidator(_as_answers),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [*_ANSWER["anyOf"], {"type": "array", "items": _ANSWER, "minItems": 1}]}),
]
"""one after the other; the last one repeats"""
PromptList = Annotated[tuple[PromptId, ...], BeforeValidator(_as_tuple), Field(min_length=1), WithJsonSchema(_WORDS)]
Keys = Annotated[
    str, BeforeValidator(_is_keys), WithJsonSchema({"type": "string", "pattern": "^([0-9*#]+|star|pound)$"})
]
Wait = Annotated[
    float,
    BeforeValidator(_is_wait),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": _WAIT_SECONDS_MAX}),
]

Ending = Literal["queue", "script", "callback", "transfer", "hung_up", "left_in_menu"]
"""how a call leaves the menus, as the record IVREND says it"""


Kind = Literal["voice_mail", "complaint", "comment", "fax"]
"""of a message"""
Messages = Annotated[int, Field(ge=0)]


class Given(Strict):
    """How the call begins, and what comes of all that is not a menu."""

    entry: NodeRef | None = None
    """where it begins, whatever the time"""
    called: Number | None = None
    """the number dialled: outside the hours it leads where they say"""
    caller: Words = ""
    """the number that rings"""
    language: Language | None = None
    """of the caller; none: the site's first"""
    at: Moment | None = None
    """a day and a time by the clock of the site; none: one at which it is open"""
    variables: dict[Name, str] = Field(default={})
    scripts: dict[Name, Results] = Field(default={})
    """what each script ends with; a script of which nothing is said keeps the caller"""
    queues: dict[Name, Results] = Field(default={})
    """outcomes by queue: those that the queue's node lists bring the caller back into the menus"""
    callbacks: dict[Name, Results] = Field(default={})
    """outcomes of proposing a callback, by queue"""
    transfers: dict[Number, Results] = Field(default={})
    """outcomes by the number or extension that the caller is sent on to"""
    faxes: dict[Name, Results] = Field(default={})
    """`done` or `failed`, by the name of the document, or `from_caller`; of no word: it goes through"""
    recording: Literal["works", "failed"] = "works"
    """whether a message can be recorded"""
    maintenance: Words = ""
    """what a call hears that begins while maintenance is on: a prompt, or words; empty: none is on"""
    ballots: dict[Name, Results] = Field(default={})
    """whether the caller has voted before, by ballot: `voted`, `new` or `unknown`; of no word: not before this call"""

    backends: dict[Name, GivenAnswers] = Field(default={})
    """what each backend says: fields with their values, `not_found`, `refused`, `failed`, or `locked` of an account;
    `slow` beside the fields is after how many seconds; a backend of which nothing is said fails"""

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if self.entry is not None and self.called is not None:
            raise refusal("wrong-value", "one of them", "found both entry and called")
        return self


class Step(Strict):
    """One thing that the caller does, or hears."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    hear: PromptList | None = None
    """say nothing until this is heard, to its end; no other prompt is heard before"""
    hearing: PromptId | None = None
    """as `hear`, but only its beginning: a key that follows cuts it off"""
    press: Keys | None = None
    """keys, one after the other, at once"""
    wait: Wait | None = None
    """seconds without a key; a caller who is recorded speaks meanwhile"""
    hang_up: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        said = [name for name in self.model_fields_set if getattr(self, name) is not None]
        if len(said) != 1:
            raise refusal("wrong-value", one_of(type(self).model_fields), f"found {len(said) or 'none'} of them")
        return self

    @property
    def word(self) -> str:
        """Which of them it is."""
        return next(iter(self.model_fields_set))


class Expect(Strict):
    """What has come of the call after the last step; what is being said then is heard out."""

    outcome: Ending | None = None
    """how the call left the menus"""
    queue: Name | None = None
    script: Name | None = None
    messages: dict[Kind, Messages] | None = None
    """how many were left, by kind; of a kind that is not named, any number"""
    node: NodeRef | None = None
    """the last one"""
    language: Language | None = None
    variables: dict[Name, str] | None = None
    """these, and whatever else there is"""
    path: tuple[NodeRef, ...] | None = None
    """every node in order"""


class ScenarioText(Strict):
    """A scenario as it is written."""

    given: Given = Given()
    steps: list[Step | Literal["hang_up"]] = Field(default=[])
    expect: Expect = Expect()
    live: bool = True
    """false: `hotline test --live` makes no real call of it, and says so"""


class NamedScenarios(Strict):
    """A file that holds several."""

    scenarios: dict[str, ScenarioText]


class _Shape(Strict):
    """A scenario whose parts are read one by one, so that a broken one does not hide the next."""

    given: dict[str, Any] = Field(default={})
    steps: list[Any] = Field(default=[])
    expect: dict[str, Any] = Field(default={})
    live: bool = True


@dataclass(frozen=True)
class Scenario:
    """A scenario of a file, with where each of its parts stands."""

    name: str
    given: Given
    steps: tuple[Step, ...]
    expect: Expect
    document: Document
    path: Path
    """of this scenario within the document"""
    live: bool = True

    def fault(self, path: Path, rule: str, found: str, expected: str) -> Fault:
        """Return a fault at a part of this scenario."""
        return fault_at(self.document, (*self.path, *path), rule, found, expected)


def read_scenarios(file: str, content: bytes) -> tuple[list[Scenario], Document]:
    """Return the scenarios of a file that are well written; what is wrong with the others is in its document.

    Args:
        file: as the faults name it.
    """
    document = read(file, content)
    if document.faults and document.values is None:
        return [], document
    found = [_read_one(document, name, path, value) for name, path, value in _entries(document)]
    return [scenario for scenario in found if scenario is not None], document


def _entries(document: Document) -> Iterator[tuple[str, Path, Any]]:
    values = document.values
    named = values.get("scenarios") if isinstance(values, dict) else None
    if not isinstance(named, dict) or set(values) != {"scenarios"}:
        yield document.file.rpartition("/")[2].removesuffix(SUFFIX), (), values
        return
    yield from ((name, ("scenarios", name), value) for name, value in named.items())


def _read_one(document: Document, name: str, path: Path, value: Any) -> Scenario | None:
    shape = validate(document, path, _Shape, value)
    if shape is None:
        return None
    given = validate(document, (*path, "given"), Given, shape.given)
    steps = [validate(document, (*path, "steps", at), Step, _step(step)) for at, step in enumerate(shape.steps)]
    expect = validate(document, (*path, "expect"), Expect, _listed(shape.expect))
    if given is None or expect is None or None in steps:
        return None
    return Scenario(name, given, tuple(step for step in steps if step), expect, document, path, shape.live)


def _step(value: object) -> object:
    return {"hang_up": True} if value == "hang_up" else value


def _listed(expect: dict[str, Any]) -> dict[str, Any]:
    """A strict tuple takes no list, and YAML has nothing else."""
    path = expect.get("path")
    return {**expect, "path": tuple(path)} if isinstance(path, list) else expect
