"""The nodes at which something is left for the people of the site, or handed to the caller: messages and faxes."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from dialplan.node import NodeModel, Prompts, Retry
from dialplan.words import (
    FaxFile,
    KeySeconds,
    MessageSeconds,
    NodeRef,
    ShortestSeconds,
    SilenceSeconds,
    Terminator,
    refusal,
)


class RecordNode(NodeModel):
    """Record what the caller says: a message for the people of the site."""

    exit_keys = ("next", "discarded", "too_short", "failed")
    may_lack = ("discarded", "too_short")
    prompt_keys = ("prompt", "review")
    waits = True
    fails_to = "failed"
    type: Literal["record"]
    prompt: Prompts
    as_: Literal["voice_mail", "complaint"] = Field(alias="as")
    """what the message is for who listens to it"""
    max_seconds: MessageSeconds = 180
    silence_seconds: SilenceSeconds = 5
    """so long a silence ends the recording"""
    min_seconds: ShortestSeconds = 2
    """what is shorter is no message"""
    terminator: Terminator | None = "#"
    """the key that ends the recording"""
    review: Prompts = ()
    """said when all is recorded: 1 sends it, 2 plays it, 3 records it again, star takes it back; without it, and for
    whoever answers nothing, it is sent"""
    first_digit_seconds: KeySeconds = 5
    no_input: Retry = Retry()
    no_match: Retry = Retry()
    next: NodeRef
    discarded: NodeRef | None = None
    """for a caller who took the message back; else `next`"""
    too_short: NodeRef | None = None
    """for a caller who said nothing; else `next`"""
    failed: NodeRef | None = None
    """where nothing could be recorded; else the handler `error`"""

    @model_validator(mode="after")
    def _lengths_fit(self) -> Self:
        if self.min_seconds > self.max_seconds:
            found = f"found min_seconds {self.min_seconds} above max_seconds {self.max_seconds}"
            raise refusal("out-of-range", "the shortest message not above the longest", found)
        return self


class FaxSendNode(NodeModel):
    """Send a document to the caller's fax machine, in this call."""

    exit_keys = ("next", "failed")
    waits = True
    fails_to = "failed"
    type: Literal["fax_send"]
    file: FaxFile
    next: NodeRef
    failed: NodeRef | None = None
    """where no machine answers, or it breaks off; else the handler `error`"""


class FaxReceiveNode(NodeModel):
    """Take a fax from the caller's machine: a message for the people of the site."""

    exit_keys = ("next", "failed")
    waits = True
    fails_to = "failed"
    type: Literal["fax_receive"]
    as_: Literal["fax"] = Field(default="fax", alias="as")
    next: NodeRef
    failed: NodeRef | None = None
    """where nothing comes, or it breaks off; else the handler `error`"""
