"""What every node of a menu has in common: the words it says, where a call goes from it, and who handles what goes
wrong.

A handler is looked for at the node, then in its menu file, then in `site.yaml`; the nearest wins, word by word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

from dialplan.words import Attempts, DurationSeconds, Name, NodeRef, PromptId

Path = tuple[str | int, ...]
"""keys and list positions that lead to a value within a node"""


class Strict(BaseModel):
    """A mapping of a site: no unknown keys, no silent conversion from one type to another, no change once loaded."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _as_list(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


_PROMPT: JsonSchemaValue = {
    "anyOf": [
        {"type": "string", "description": "id of a prompt"},
        {"type": "object", "additionalProperties": {"type": "string"}, "description": "the words in each language"},
    ]
}
Prompts = Annotated[
    tuple[PromptId, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [*_PROMPT["anyOf"], {"type": "array", "items": _PROMPT}]}),
]
"""one prompt id, or a list of them of which the attempt chooses one; the last one repeats"""


class Retry(Strict):
    """What happens when the caller presses nothing, or nothing that fits."""

    max: Attempts = 3
    """after so many of this kind the node is exhausted; the other kind is counted apart"""
    prompt: Prompts = ()
    """said before the node's own prompt is repeated; a list is said by attempt, the last one repeats"""

    def over(self, farther: Self) -> Self:
        """Return this with the words of a farther handler where it says nothing itself."""
        missing = farther.model_fields_set - self.model_fields_set
        return self.model_copy(update={word: getattr(farther, word) for word in missing})


class Detour(Strict):
    """Where calls go for which something holds."""

    next: NodeRef


class MaxDuration(Detour):
    """What happens when a call has been in the menus for too long."""

    seconds: DurationSeconds
    """since the call came into the menus, or back into them from a queue; time with an agent is not counted"""


class Maintenance(Detour):
    """What happens to a call that begins while maintenance is on, once it has heard so."""


class Leading(Strict):
    """Something from which a call goes on to nodes."""

    exit_keys: ClassVar[tuple[str, ...]] = ()
    """fields that hold one node reference, a mapping of them, or a Detour"""

    def exits(self) -> Iterator[tuple[Path, str]]:
        """Yield every node that a call can go to from here, with the path of the reference within this mapping.

        What remains of a broken one (`findings.Entry`) may lack any field.
        """
        for key in self.exit_keys:
            value = getattr(self, key, None)
            if isinstance(value, Detour):
                yield from (((key, "next"), to) for to in (getattr(value, "next", None),) if to)
            elif isinstance(value, str):
                yield (key,), value
            else:
                yield from (((key, name), target) for name, target in (value or {}).items())

    def with_exits(self, resolve: Callable[[str], str]) -> Self:
        """Return this with every reference replaced by what `resolve` gives for it."""
        return self.model_copy(update={key: _resolved(getattr(self, key), resolve) for key in self.exit_keys})

    def prompt_ids(self) -> Iterator[tuple[Path, str]]:
        """Yield every prompt that is said here, with its path within this mapping."""
        for word in ("no_input", "no_match"):
            for index, prompt in enumerate(getattr(getattr(self, word, None), "prompt", ())):
                yield (word, "prompt", index), prompt


def _resolved(value: Any, resolve: Callable[[str], str]) -> Any:
    if isinstance(value, Detour):
        return value.model_copy(update={"next": resolve(value.next)})
    if isinstance(value, dict):
        return {name: resolve(node) for name, node in value.items()}
    return resolve(value) if isinstance(value, str) else value


class Handlers(Leading):
    """The key `handlers` of a menu file or of `site.yaml`: what holds for nodes that say nothing of it themselves."""

    exit_keys = ("exhausted", "error", "hangup", "max_duration", "maintenance")
    no_input: Retry | None = None
    no_match: Retry | None = None
    exhausted: NodeRef | None = None
    """for a caller who used up every attempt"""
    error: NodeRef | None = None
    """for a caller for whom something failed on our side: a script, a sub-flow, a vote"""
    hangup: NodeRef | None = None
    """what is still done for a caller who hangs up in a menu, in silence"""
    max_duration: MaxDuration | None = None
    maintenance: Maintenance | None = None
    """where calls go on that begin while maintenance is on; without it they are told so, and end"""


_HANDLER_EXITS = ("error", "hangup", "max_duration")
UNWALKED = ("hangup", "max_duration")
"""Exits that no caller takes by the keys they press: the checks of the ways leave them out."""


class NodeModel(Leading):
    """What every node has in common: where a call can go from here, and what it says."""

    waits: ClassVar[bool] = False
    """a call stands still here for the caller, an agent or a script: a loop through this node is not endless"""
    silent: ClassVar[bool] = False
    """nothing is said or asked here, so it may follow on the caller's hang-up"""
    fails_to: ClassVar[str | None] = None
    """the field that says where a call goes for which something failed here; the handler `error` stands in for it"""
    may_lack: ClassVar[tuple[str, ...]] = ()
    """exits that such a node does without, where they say the same as another one"""
    prompt_keys: ClassVar[tuple[str, ...]] = ("prompt",)
    """fields that hold prompts, beside those of no_input and no_match"""
    type: str
    report: Name | None = None
    """the task that a caller does here; nodes of one name are one task, and `hotline report goals` tells how it goes"""
    error: NodeRef | None = None
    hangup: NodeRef | None = None
    max_duration: MaxDuration | None = None

    def __init_subclass__(cls, **more: Any) -> None:
        """Every node can have handlers of its own."""
        super().__init_subclass__(**more)
        cls.exit_keys = tuple(dict.fromkeys((*cls.exit_keys, *_HANDLER_EXITS)))

    def prompt_ids(self) -> Iterator[tuple[Path, str]]:
        """Yield every prompt that is said here, with its path within this node."""
        for key in self.prompt_keys:
            for index, prompt in enumerate(getattr(self, key, ())):
                yield (key, index), prompt
        for index, prompt in enumerate(getattr(getattr(self, "wait_audio", None), "play", ())):
            yield ("wait_audio", "play", index), prompt
        yield from super().prompt_ids()

    @classmethod
    def writes_its_exits(cls, value: dict[str, Any]) -> bool:
        """Say whether these words of the YAML hold every exit that such a node must have: handlers may have others."""
        optional = {"exhausted", cls.fails_to, *cls.may_lack, *_HANDLER_EXITS}
        return all(value.get(key) for key in cls.exit_keys if key not in optional)

    def inheriting(self, *handlers: Handlers | None) -> Self:
        """Return this node with what it does not say itself, from the nearest of these handlers that does.

        Args:
            handlers: of the menu file, then of the site; their references are full addresses.
        """
        changes: dict[str, Any] = {}
        for word in Handlers.model_fields:
            if word in type(self).model_fields:
                said = [getattr(handler, word) for handler in (self, *handlers) if handler is not None]
                changes[word] = _nearest([value for value in said if value is not None])
        if self.fails_to and getattr(self, self.fails_to) is None:
            changes[self.fails_to] = changes["error"]
        return self.model_copy(update=changes)


def _nearest(values: list[Any]) -> Any:
    if values and isinstance(values[0], Retry):
        merged = values[0]
        for farther in values[1:]:
            merged = merged.over(farther)
        return merged
    return values[0] if values else None
