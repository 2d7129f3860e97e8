"""The nodes that wait for keys of the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from dialplan.node import NodeModel, Prompts, Retry
from dialplan.words import (
    DigitPattern,
    Digits,
    KeySeconds,
    Length,
    Name,
    NodeRef,
    Quantity,
    Terminator,
    once_each,
    refusal,
)


class KeysNode(NodeModel):
    """What the nodes that wait for keys have in common."""

    waits = True
    first_digit_seconds: KeySeconds = 5
    inter_digit_seconds: KeySeconds = 2
    no_input: Retry = Retry()
    no_match: Retry = Retry()
    exhausted: NodeRef | None = None
    """for a caller who used up every attempt; a site that is loaded has one for every node"""


Log = Literal["full", "masked", "off"]


class QuestionNode(KeysNode):
    """What the nodes have in common that ask one thing."""

    prompt: Prompts
    flush: bool = False
    """keys that were pressed ahead do not count here"""
    survey: Name | None = None
    """the question of a survey that is answered here; what is keyed is kept as the answer"""
    log: Log = "full"
    """what the records show of the keys: all, the last four, or none"""


class MenuNode(QuestionNode):
    """Let the caller choose by keys."""

    exit_keys = ("choices", "exhausted")
    type: Literal["menu"]
    choices: Annotated[dict[Digits, NodeRef], BeforeValidator(once_each), Field(min_length=1)]


class VoteNode(QuestionNode):
    """Take the caller's vote: one of each number in a ballot."""

    exit_keys = ("next", "repeated", "failed", "exhausted")
    fails_to = "failed"
    type: Literal["vote"]
    ballot: Name
    """what is voted on; the same in every node that asks it"""
    choices: Annotated[dict[Digits, Name], BeforeValidator(once_each), Field(min_length=1)]
    """keys to what is voted for, as the report names it"""
    next: NodeRef
    repeated: NodeRef
    """for a number that has voted before; it is not asked again"""
    failed: NodeRef | None = None
    """for a caller without a number, and while the records cannot be read; else the handler `error`"""


Kind = Literal["digits", "number", "amount", "date", "time", "phone", "card", "yes_no", "pattern"]
LENGTHS: Mapping[str, tuple[int, int]] = {
    "digits": (1, 20),
    "number": (1, 9),
    "amount": (1, 10),
    "date": (4, 8),
    "time": (3, 4),
    "phone": (7, 15),
    "card": (12, 19),
    "yes_no": (1, 1),
    "pattern": (1, 40),
}
"""how many keys an entry has at least and at most, by its kind, where the node does not say"""
_ONLY: Mapping[str, tuple[str, ...]] = {
    "min": ("number", "amount"),
    "max": ("number", "amount"),
    "past": ("date",),
    "future": ("date",),
    "pattern": ("pattern",),
    "checksum": ("digits", "phone", "card", "pattern"),
}
"""words that mean something for some kinds alone"""


class CollectNode(QuestionNode):
    """Take an entry into a variable of the call."""

    exit_keys = ("next", "exhausted")
    prompt_keys = ("prompt", "confirm")
    type: Literal["collect"]
    into: Name
    as_: Kind = Field(default="digits", alias="as")
    min_digits: Length = 1
    max_digits: Length = 20
    terminator: Terminator | None = "#"
    min: Quantity | None = None
    """the least number or amount"""
    max: Quantity | None = None
    past: bool = False
    """a date not after today"""
    future: bool = False
    """a date not before today"""
    pattern: DigitPattern | None = None
    """a regular expression that all of the digits must match"""
    checksum: Literal["luhn"] | None = None
    confirm: Prompts = ()
    """said with the value; 1 takes it, 2 asks again"""
    next: NodeRef

    @model_validator(mode="before")
    @classmethod
    def _as_its_kind_is(cls, value: object) -> object:
        """What the node does not say follows from the kind of its value."""
        kind = value.get("as", "digits") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(kind, str) or kind not in LENGTHS:
            return value
        low, high = LENGTHS[kind]
        card = {"log": "masked", "checksum": "luhn"} if kind == "card" else {}
        return {"min_digits": low, "max_digits": high, **card, **value}

    @model_validator(mode="after")
    def _lengths_fit(self) -> Self:
        if self.min_digits > self.max_digits:
            found = f"found min_digits {self.min_digits} above max_digits {self.max_digits}"
            raise refusal("out-of-range", "the shortest entry not above the longest", found)
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refusal(
                "out-of-range", "the least value not above the greatest", f"found {self.min} above {self.max}"
            )
        return self

    @model_validator(mode="after")
    def _words_fit_the_kind(self) -> Self:
        for word, kinds in _ONLY.items():
            if getattr(self, word) and self.as_ not in kinds:
                found = f"found {word}, which means nothing for a {self.as_}"
                raise refusal("idle-word", f"it for {' or '.join(kinds)} alone", found)
        if self.as_ == "pattern" and self.pattern is None:
            raise refusal("missing-key", "the key pattern", 'found no "pattern"')
        return self
