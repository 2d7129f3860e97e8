"""A site as the rest of the project sees it: loaded, checked, and immutable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from dialplan.hours import Hours
from dialplan.nodes import Node, Strict
from dialplan.words import (
    Address,
    Code,
    Extension,
    Language,
    Level,
    Name,
    NodeRef,
    Number,
    PauseSeconds,
    Priority,
    PromptId,
    RequiredLevel,
    RingSeconds,
    WaitSeconds,
    Words,
)

LocalText = Annotated[dict[Language, Words], Field(min_length=1)]
"""the same words in each language"""


class FeatureCodes(Strict):
    """What an agent dials to change state."""

    log_in: Code = "*11"
    ready: Code = "*12"
    not_ready: Code = "*13"
    log_off: Code = "*14"

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield each code with the last word of its AGI path."""
        yield from ((self.log_in, "log_in"), (self.ready, "ready"))
        yield from ((self.not_ready, "not_ready"), (self.log_off, "log_off"))


class Trunk(Strict):
    """A carrier, known by the addresses that it calls from. It needs no registration."""

    name: Name
    addresses: Annotated[list[Address], Field(min_length=1)]


class SiteFile(Strict):
    """`site.yaml`."""

    name: Words
    languages: Annotated[list[Language], Field(min_length=1)]
    """the first one is spoken until the caller chooses another"""
    numbers: Annotated[dict[Number, NodeRef], Field(min_length=1)]
    """the node at which a call to this number starts"""
    hours: Hours | None = None
    """outside of them calls start elsewhere; without them the site is always open"""
    trunks: list[Trunk] = Field(default=[])
    feature_codes: FeatureCodes = FeatureCodes()


class QueueSettings(Strict):
    """One entry of `queues.yaml`: where callers wait for one kind of help."""

    name: LocalText
    skills: dict[Name, RequiredLevel] = Field(default={})
    """what every agent must have to be offered callers of this queue"""
    ring_seconds: RingSeconds = 20
    wrap_up_seconds: PauseSeconds = 10
    wait_seconds_max: WaitSeconds | None = None
    """the caller is let go after this; without it, never"""
    last_agent_hold_seconds: PauseSeconds = 20
    """how long the caller's last agent is waited for while somebody else could answer"""
    priority: Priority = 0
    strategy: Literal["longest_idle", "least_occupied", "fewest_calls", "round_robin", "ring_all", "fixed_order"] = (
        "longest_idle"
    )
    """who of those who could serve a caller is rung; ring_all: all of them at once"""
    music: Literal["default"] = "default"


class Queue(QueueSettings):
    """A queue with its id."""

    id: Name


class AgentSettings(Strict):
    """One entry of `agents.yaml`: a person who takes calls."""

    name: Words
    skills: dict[Name, Level] = Field(default={})


class Agent(AgentSettings):
    """An agent with the extension of their phone, which is the agent's id."""

    extension: Extension


class Menu(Strict):
    """One file of `menus/`."""

    entry: Name
    nodes: dict[Name, Node]


class Site(SiteFile):
    """Everything an admin wrote, checked; every node reference in it is a full `menu.node`."""

    menus: dict[Name, Menu]
    prompts: dict[PromptId, LocalText]
    """prompts written inside a node are here as well, as `menu.node.prompt` and the like"""
    queues: dict[Name, Queue]
    agents: dict[Extension, Agent]
    """by extension"""

    @property
    def language(self) -> str:
        """The language that a call begins in."""
        return self.languages[0]
