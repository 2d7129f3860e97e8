"""The node `survey`: questions as data, asked one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from dialplan.asking import KeysNode, Log
from dialplan.node import Path, Prompts, Strict
from dialplan.words import Digits, MessageSeconds, Name, NodeRef, Scale, WaitingKey, once_each, refusal

KINDS = ("choices", "scale", "comment")


class CommentSettings(Strict):
    """An answer in the caller's own words."""

    max_seconds: MessageSeconds = 60


class QuestionSettings(Strict):
    """One question of a survey; it has just one of `choices`, `scale` and `comment`."""

    prompt: Prompts
    choices: Annotated[dict[Digits, Name], BeforeValidator(once_each)] = Field(default={})
    """keys to the answer that is kept"""
    scale: Scale | None = None
    """one key of a row, `1-5`; it is the answer"""
    comment: CommentSettings | None = None
    """what the caller says is recorded; pound or silence ends it"""
    skip_key: WaitingKey | None = None
    """goes on without an answer"""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        said = [word for word in KINDS if getattr(self, word)]
        if len(said) != 1:
            found = f"found {' and '.join(said) if said else 'none of them'}"
            raise refusal("wrong-value", f"one of {', '.join(KINDS)}", found)
        if self.skip_key is not None and (self.comment is not None or self.skip_key in self.answers):
            found = "found skip_key, which is an answer" if self.comment is None else "found skip_key with comment"
            raise refusal("idle-word", "a key that is no answer, for choices or scale alone", found)
        return self

    @property
    def answers(self) -> dict[str, str]:
        """Keys to what is kept; empty where the answer is spoken."""
        if self.scale is None:
            return self.choices
        first, last = self.scale.split("-")
        return {str(key): str(key) for key in range(int(first), int(last) + 1)}


class SurveyNode(KeysNode):
    """Ask the questions of a survey in order; each answer is kept as it is given."""

    exit_keys = ("next", "exhausted")
    type: Literal["survey"]
    questions: Annotated[dict[Name, QuestionSettings], Field(min_length=1)]
    next: NodeRef
    log: Log = "full"
    """what the records show of the keys: all, the last four, or none"""

    def prompt_ids(self) -> Iterator[tuple[Path, str]]:
        """Yield every prompt that is said here, with its path within this node."""
        for name, question in (getattr(self, "questions", None) or {}).items():
            for index, prompt in enumerate(getattr(question, "prompt", ())):
                yield ("questions", name, "prompt", index), prompt
        yield from super().prompt_ids()
