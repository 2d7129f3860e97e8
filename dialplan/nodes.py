"""The nodes of a menu: what a caller can be led through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dialplan.asking import CollectNode, MenuNode, VoteNode
from dialplan.deciding import CallNode, HoursNode, ReturnNode, SetNode, SwitchNode
from dialplan.inquiring import ActionNode, AuthNode, QueryNode
from dialplan.leaving import FaxReceiveNode, FaxSendNode, RecordNode
from dialplan.node import NodeModel, Prompts
from dialplan.questions import SurveyNode
from dialplan.words import (
    CallbackOutcome,
    Destination,
    Extension,
    HeadStart,
    Language,
    Name,
    NodeRef,
    Outcome,
    Priority,
    RequiredLevel,
    Requires,
    RingSeconds,
    SoundFile,
    TransferOutcome,
    refusal,
)


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


def _with_failed(outcomes: dict[str, str]) -> dict[str, str]:
    if "failed" not in outcomes:
        raise refusal("missing-key", "the node for a caller whom nobody answers", 'found no "failed"')
    return outcomes


class TransferNode(NodeModel):
    """Send the caller on to a number outside, or to an agent's extension."""

    exit_keys = ("outcomes",)
    waits = True
    type: Literal["transfer"]
    to: Destination
    """a number that `outbound` allows, an agent's extension, or a variable that holds either"""
    ring_seconds: RingSeconds = 30
    outcomes: Annotated[dict[TransferOutcome, NodeRef], AfterValidator(_with_failed)]
    """where the call goes on: all but `answered` as `failed`, unless they are listed; without `answered` the call ends
    with the talk"""


class ScriptNode(NodeModel):
    """Run a dialogue of `agi_scripts/` and go on by its result."""

    exit_keys = ("results", "failed")
    waits = True
    fails_to = "failed"
    type: Literal["script"]
    script: Name
    results: Annotated[dict[Name, NodeRef], Field(min_length=1)]
    failed: NodeRef | None = None
    """where to go when the script died, or ended with a result that is not listed"""


class HangupNode(NodeModel):
    """End the call."""

    waits = True
    silent = True
    type: Literal["hangup"]
    prompt: Prompts = ()


class GotoNode(NodeModel):
    """Go on elsewhere."""

    exit_keys = ("to",)
    silent = True
    type: Literal["goto"]
    to: NodeRef


Node = (
    SayNode
    | PlayNode
    | MenuNode
    | CollectNode
    | VoteNode
    | QueryNode
    | ActionNode
    | AuthNode
    | SetNode
    | SwitchNode
    | HoursNode
    | LanguageNode
    | QueueNode
    | CallbackNode
    | ScriptNode
    | RecordNode
    | FaxSendNode
    | FaxReceiveNode
    | TransferNode
    | SurveyNode
    | HangupNode
    | CallNode
    | ReturnNode
    | GotoNode
)

NODE_TYPES: dict[str, type[Node]] = {
    "say": SayNode,
    "play": PlayNode,
    "menu": MenuNode,
    "collect": CollectNode,
    "vote": VoteNode,
    "query": QueryNode,
    "action": ActionNode,
    "auth": AuthNode,
    "set": SetNode,
    "switch": SwitchNode,
    "hours": HoursNode,
    "language": LanguageNode,
    "queue": QueueNode,
    "callback": CallbackNode,
    "script": ScriptNode,
    "record": RecordNode,
    "fax_send": FaxSendNode,
    "fax_receive": FaxReceiveNode,
    "transfer": TransferNode,
    "survey": SurveyNode,
    "hangup": HangupNode,
    "call": CallNode,
    "return": ReturnNode,
    "goto": GotoNode,
}
