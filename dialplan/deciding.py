"""The nodes that lead on by what is already known, without asking the caller anything."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dialplan.node import NodeModel
from dialplan.words import Name, NodeRef, Template, Words

FACTS = ("caller_number", "called_number", "language")
"""what is known of every call without a node that sets it; nodes cannot change it"""


class SetNode(NodeModel):
    """Give values to variables of the call."""

    exit_keys = ("next",)
    silent = True
    type: Literal["set"]
    variables: Annotated[dict[Name, Template], Field(min_length=1)]
    """`{name}` in a value is replaced by what that variable holds"""
    next: NodeRef


class SwitchNode(NodeModel):
    """Go on by the value of a variable."""

    exit_keys = ("cases", "otherwise")
    silent = True
    type: Literal["switch"]
    on: Name
    """a variable of the call, or one of FACTS"""
    cases: Annotated[dict[Words, NodeRef], Field(min_length=1)]
    """value to node; the value is compared as text"""
    otherwise: NodeRef
    """for any other value, and for none"""


class HoursNode(NodeModel):
    """Go on by the time of the call."""

    exit_keys = ("open", "closed")
    silent = True
    type: Literal["hours"]
    calendar: Name
    """of `calendars` in site.yaml"""
    open: NodeRef
    closed: NodeRef


class CallNode(NodeModel):
    """Walk through another menu and come back from it: a sub-flow, with variables of its own."""

    exit_keys = ("next",)
    type: Literal["call"]
    flow: Name
    """a menu, which begins at its entry and comes back by a `return` node"""
    with_: dict[Name, Template] = Field(default={}, alias="with")
    """the variables that it begins with; it knows no others of this menu"""
    into: dict[Name, Name] = Field(default={})
    """variables of this menu, and the outputs that they take"""
    next: NodeRef


class ReturnNode(NodeModel):
    """Come back from a sub-flow."""

    silent = True
    type: Literal["return"]
    outputs: dict[Name, Template] = Field(default={})
    """what the `call` node may take into variables of its own menu"""
