"""The nodes that ask a backend of `backends.yaml`: for what it knows, to do something, and who a caller is."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dialplan.asking import KeysNode
from dialplan.node import NodeModel, Prompts, Strict
from dialplan.words import (
    Attempts,
    FieldPath,
    GiveUpSeconds,
    LockFailures,
    LockMinutes,
    Name,
    NodeRef,
    PinDigits,
    QuietSeconds,
    SoundFile,
    Template,
    refusal,
)

Into = Annotated[dict[Name, FieldPath], Field(default={})]
"""variable to the field of the answer that it takes; dots lead into an object within it"""


class WaitAudio(Strict):
    """What callers hear while a backend is slow."""

    after_seconds: QuietSeconds = 1
    """of silence, before it begins and between"""
    play: Prompts = ()
    """a prompt, said to its end and again until there is an answer; keep it short"""
    file: SoundFile | None = None
    """in place of a prompt, a sound file"""
    give_up_seconds: GiveUpSeconds = 8
    """since it was asked; then the call goes to `failed`"""

    @model_validator(mode="after")
    def _one_sound_in_time(self) -> Self:
        if bool(self.play) == (self.file is not None):
            found = "found both play and file" if self.play else "found neither play nor file"
            raise refusal("wrong-value", "one of them", found)
        if self.after_seconds >= self.give_up_seconds:
            found = f"found after_seconds {self.after_seconds} and give_up_seconds {self.give_up_seconds}"
            raise refusal("out-of-range", "the sound before the end of the wait", found)
        return self


class BackendNode(NodeModel):
    """What the nodes have in common that ask a backend."""

    waits = True
    fails_to = "failed"
    with_: dict[Name, Template] = Field(default={}, alias="with")
    """the inputs of the backend; `{name}` in one is replaced by what that variable holds"""
    into: Into
    wait_audio: WaitAudio | None = None
    """without it there is silence for as long as the backend may take"""
    backend: Name
    """of backends.yaml"""
    next: NodeRef
    failed: NodeRef | None = None
    """where to go when there is no answer in time, or none that can be used; else the handler `error`"""


class QueryNode(BackendNode):
    """Ask a backend for what it knows."""

    exit_keys = ("next", "not_found", "failed")
    type: Literal["query"]
    not_found: NodeRef
    """for what the backend does not know"""


class ActionNode(BackendNode):
    """Have a backend do something, once, however often it must be asked."""

    exit_keys = ("next", "not_found", "refused", "failed")
    may_lack: ClassVar[tuple[str, ...]] = ("not_found", "refused")
    type: Literal["action"]
    not_found: NodeRef | None = None
    """for what the backend does not know; else as `failed`"""
    refused: NodeRef | None = None
    """for what the backend knows and does not do; else as `failed`"""


class AccountLock(Strict):
    """When an account is locked, whatever call and number the wrong tries came from."""

    failures: LockFailures = 5
    minutes: LockMinutes = 30
    """for so long; and wrong tries are forgotten after so long without one"""


class AuthNode(KeysNode, BackendNode):
    """Ask for an account and its PIN, which a backend knows."""

    exit_keys = ("next", "failed", "locked", "exhausted")
    prompt_keys = ("card", "pin", "wrong")
    type: Literal["auth"]
    card: Prompts = ()
    """asks for the number of the account"""
    account: Name | None = None
    """in place of `card`, a variable that has it"""
    pin: Prompts
    """asks for the PIN; keys that were pressed ahead do not count"""
    pin_digits: PinDigits = 6
    wrong: Prompts = ()
    """said after a wrong account as after a wrong PIN"""
    max: Attempts = 3
    """so many wrong tries in one call, then `exhausted`"""
    lock: AccountLock = AccountLock()
    """against many calls"""
    locked: NodeRef

    @model_validator(mode="after")
    def _one_account(self) -> Self:
        if bool(self.card) == (self.account is not None):
            found = "found both card and account" if self.card else "found neither card nor account"
            raise refusal("wrong-value", "one of them", found)
        return self
