"""The nodes of a menu: what a caller can be led through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dialplan.words import (
    Attempts,
    CallbackOutcome,
    Digits,
    Extension,
    HeadStart,
    KeySeconds,
    Language,
    Length,
    Name,
    NodeRef,
    Outcome,
    Priority,
    PromptId,
    RequiredLevel,
    Requires,
    SoundFile,
    Terminator,
    Words,
    refusal,
)

Path = tuple[str | int, ...]
"""keys and list positions that lead to a value within a node"""


class Strict(BaseModel):
    """A mapping of a site: no unknown keys, no silent conversion from one type to another, no change once loaded."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _as_list(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


def _once_each(choices: object) -> object:
    for word, character in ("star", "*"), ("pound", "#"):
        if isinstance(choices, dict) and word in choices and character in choices:
            raise refusal("duplicate-choice", "one of them", f'found both {word} and "{character}", the same key')
    return choices


Prompts = Annotated[tuple[PromptId, ...], BeforeValidator(_as_list)]
"""one prompt id, or a list of them of which the attempt chooses one; the last one repeats"""


class Retry(Strict):
    """What happens when the caller presses nothing, or nothing that fits."""

    max: Attempts = 3
    """after so many of this kind the node is exhausted; the other kind is counted apart"""
    prompt: Prompts = ()
    """said before the node's own prompt is repeated"""


class NodeModel(Strict):
    """What every node has in common: where a call can go from here, and what it says."""

    exit_keys: ClassVar[tuple[str, ...]] = ()
    """fields that hold one node reference, or a mapping of them"""
    waits: ClassVar[bool] = False
    """a call stands still here for the caller, an agent or a script: a loop through this node is not endless"""
    type: str

    def exits(self) -> Iterator[tuple[Path, str]]:
        """Yield every node that a call can go to from here, with the path of the reference within this node.

        What remains of a broken node (`findings.Entry`) may lack any field.
        """
        for key in self.exit_keys:
            value = getattr(self, key, {})
            if isinstance(value, str):
                yield (key,), value
            else:
                yield from (((key, name), target) for name, target in value.items())

    def prompt_ids(self) -> Iterator[tuple[Path, str]]:
        """Yield every prompt that is said here, with its path within this node."""
        for path, speaker in (
            ((), self),
            (("no_input",), getattr(self, "no_input", None)),
            (("no_match",), getattr(self, "no_match", None)),
        ):
            for index, prompt in enumerate(getattr(speaker, "prompt", ())):
                yield (*path, "prompt", index), prompt

    def with_exits(self, resolve: Callable[[str], str]) -> Self:
        """Return this node with every reference replaced by what `resolve` gives for it."""
        changes: dict[str, Any] = {}
        for key in self.exit_keys:
            value = getattr(self, key)
            changes[key] = (
                resolve(value) if isinstance(value, str) else {name: resolve(node) for name, node in value.items()}
            )
        return self.model_copy(update=changes)


class SayNode(NodeModel):
    """Say something and go on; a key stops the words and counts for the next node."""

    exit_keys = ("next",)
    type: Literal["say"]
    prompt: Prompts
    next: NodeRef


class PlayNode(NodeModel):
    """Play a sound file that is not a prompt, such as a jingle."""

    exit_keys = ("next",)
    type: Literal["play"]
    file: SoundFile
    next: NodeRef


class AskNode(NodeModel):
    """What the nodes that wait for keys have in common."""

    waits = True
    prompt: Prompts
    first_digit_seconds: KeySeconds = 5
    inter_digit_seconds: KeySeconds = 2
    no_input: Retry = Retry()
    no_match: Retry = Retry()
    exhausted: NodeRef
    survey: Name | None = None
    """the question of a survey that is answered here; what is keyed is kept as the answer"""


class MenuNode(AskNode):
    """Let the caller choose by keys."""

    exit_keys = ("choices", "exhausted")
    type: Literal["menu"]
    choices: Annotated[dict[Digits, NodeRef], BeforeValidator(_once_each), Field(min_length=1)]


class CollectNode(AskNode):
    """Take digits into a variable of the call."""

    exit_keys = ("next", "exhausted")
    type: Literal["collect"]
    into: Name
    min_digits: Length = 1
    max_digits: Length = 20
    terminator: Terminator | None = "#"
    next: NodeRef

    @model_validator(mode="after")
    def _lengths_fit(self) -> Self:
        if self.min_digits > self.max_digits:
            found = f"found min_digits {self.min_digits} above max_digits {self.max_digits}"
            raise refusal("out-of-range", "the shortest entry not above the longest", found)
        return self


class SetNode(NodeModel):
    """Give values to variables of the call."""

    exit_keys = ("next",)
    type: Literal["set"]
    variables: Annotated[dict[Name, Words], Field(min_length=1)]
    next: NodeRef


class LanguageNode(NodeModel):
    """Speak another language from here on."""

    exit_keys = ("next",)
    type: Literal["language"]
    language: Language
    next: NodeRef


class AgentsNode(NodeModel):
    """What the nodes that lead to an agent have in common: who of a queue may serve, and in which place."""

    exit_keys = ("outcomes",)
    waits = True
    queue: Name
    skills: dict[Name, RequiredLevel] = Field(default={})
    """required of the agent beside what the queue requires; the higher level counts"""
    requires: Requires | None = None
    """as an expression, on top of the skills"""
    priority: Priority = 0
    """added to the queue's own; higher goes first"""
    head_start_seconds: HeadStart = 0
    """added to the queue's own: the place is that of a caller who came so much earlier"""
    segment: Name | None = None
    """of the site's segments, whatever the caller's number says"""
    agent: Extension | None = None
    """asked for by name: the caller is kept for this agent for a while, and loses no place by it"""


class QueueNode(AgentsNode):
    """Leave the menu: wait for an agent."""

    type: Literal["queue"]
    outcomes: dict[Outcome, NodeRef] = Field(default={})
    """where the call goes on when its stay in the queue ended so; any other end is the end of the call"""
    record_paused: bool = False
    """a talk that is recorded begins with the recording in a pause: for callers who are about to say card data"""


def _with_declined(outcomes: dict[str, str]) -> dict[str, str]:
    if "declined" not in outcomes:
        raise refusal("missing-key", "the node for a caller who would rather not", 'found no "declined"')
    return outcomes


class CallbackNode(AgentsNode):
    """Propose to call the caller, who has not waited: the place in the queue is kept from now on."""

    type: Literal["callback"]
    outcomes: Annotated[dict[CallbackOutcome, NodeRef], AfterValidator(_with_declined)]
    """where the call goes on: `already_waiting` as `taken`, all others as `declined`, unless they are listed; without
    `taken` the caller hears that they will be called, and the call ends"""


class ScriptNode(NodeModel):
    """Run a dialogue of `agi_scripts/` and go on by its result."""

    exit_keys = ("results", "failed")
    waits = True
    type: Literal["script"]
    script: Name
    results: Annotated[dict[Name, NodeRef], Field(min_length=1)]
    failed: NodeRef
    """where to go when the script died, or ended with a result that is not listed"""


class HangupNode(NodeModel):
    """End the call."""

    waits = True
    type: Literal["hangup"]
    prompt: Prompts = ()


class GotoNode(NodeModel):
    """Go on elsewhere."""

    exit_keys = ("to",)
    type: Literal["goto"]
    to: NodeRef


Node = (
    SayNode
    | PlayNode
    | MenuNode
    | CollectNode
    | SetNode
    | LanguageNode
    | QueueNode
    | CallbackNode
    | ScriptNode
    | HangupNode
    | GotoNode
)

NODE_TYPES: dict[str, type[Node]] = {
    "say": SayNode,
    "play": PlayNode,
    "menu": MenuNode,
    "collect": CollectNode,
    "set": SetNode,
    "language": LanguageNode,
    "queue": QueueNode,
    "callback": CallbackNode,
    "script": ScriptNode,
    "hangup": HangupNode,
    "goto": GotoNode,
}
