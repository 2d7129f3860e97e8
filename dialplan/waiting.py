"""What `queues.yaml` says about callers while they wait: announcements, keys, and who may join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from dialplan.node import Prompts, Strict
from dialplan.words import (
    Attempts,
    DelaySeconds,
    EverySeconds,
    KeyTarget,
    Name,
    PauseSeconds,
    RingSeconds,
    Size,
    WaitingKey,
    WaitSeconds,
    once_each,
    refusal,
)

CALLBACK = "callback"
"""where a key leads that offers a callback; no menu of this name can be a key's"""
QUEUE_TARGET = "queue:"
"""before a queue's id, where a key leads to another queue"""

STANDARD_PROMPTS: Mapping[str, Mapping[str, str]] = {
    "position": {"queue.position": "{position:number}", "queue.next": ""},
    "estimate": {
        "queue.estimate": "{minutes:number}",
        "queue.estimate_short": "",
        "queue.estimate_long": "{minutes:number}",
    },
}
"""by the announcement that needs them: prompts, each with its only slot"""

CALLBACK_PROMPTS: Mapping[str, str] = {
    "callback.confirm": "{number:digits}",
    "callback.enter": "",
    "callback.not_allowed": "",
    "callback.taken": "",
    "callback.whisper": "{number:digits}",
    "callback.not_reached": "",
    "callback.hello": "",
}
"""What a queue with callbacks says; each with its only slot."""


class Announce(Strict):
    """`announce` of a queue: what its callers are told between the music."""

    first_seconds: WaitSeconds = 20
    """after so much waiting for the first time"""
    every_seconds: EverySeconds = 45
    position: bool = False
    """the place in the line, as long as it gets better"""
    estimate: bool = False
    """the wait to come, as long as it does not grow"""
    comfort: Prompts = ()
    """a prompt, or several of which each time the next one is said"""


class OverflowSettings(Strict):
    """`overflow` of a queue: the other queue that helps, or takes over, when this one is too long or too slow."""

    to: Name
    after_seconds: WaitSeconds | None = None
    size: Size | None = None
    """met by whoever finds so many waiting"""
    estimate_seconds: WaitSeconds | None = None
    """met by whoever would wait longer than this"""
    move: bool = False
    """callers go over to the other queue, with their place; else its agents serve them here as well"""

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.after_seconds is None and self.size is None and self.estimate_seconds is None:
            raise refusal("no-limit", "after_seconds, size or estimate_seconds", "found no limit")
        return self


class CallbackSettings(Strict):
    """How those are called who would rather not wait on the line. A key of `keys` leads to it."""

    mode: Literal["agent_first", "caller_first"] = "agent_first"
    """whose phone rings first: with caller_first no agent waits for an answer, but the caller may wait again"""
    when_closed: Literal["keep", "refuse"] = "keep"
    """what a menu does that proposes one while nobody is called: takes it for when the queue opens, or does not"""
    attempts: Attempts = 3
    """so often a caller who does not answer is called"""
    retry_seconds: DelaySeconds = 300
    initial_delay_seconds: DelaySeconds = 0
    ring_seconds: RingSeconds = 30


WaitingKeys = Annotated[dict[WaitingKey, KeyTarget], BeforeValidator(once_each)]
"""key to where it leads: a node of a menu (`menu` or `menu.node`), or `queue:` and a queue's id"""
ResumeSeconds = PauseSeconds


def nodes_of(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each key that leads to a node, with the reference."""
    return ((key, to) for key, to in keys.items() if to != CALLBACK and not to.startswith(QUEUE_TARGET))


def queues_of(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each key that leads to another queue, with its id."""
    return ((key, to.removeprefix(QUEUE_TARGET)) for key, to in keys.items() if to.startswith(QUEUE_TARGET))
