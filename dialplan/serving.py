"""What the checks ask about requirements: who, of the agents that a draft knows, may serve whom.

A broken queue or node has lost what was wrong with it; a broken agent may be just the one who can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from acd.requirement import Expr, all_of, any_of, at_least, parse
from dialplan.draft import AGENTS_FILE, QUEUES_FILE, SITE_FILE, Draft
from dialplan.nodes import AgentsNode
from dialplan.site import SegmentSettings, StepSettings
from dialplan.yaml_tree import Document, Path

Written = tuple[Document, Path, str]
"""A requirement as the admin wrote it, and where."""


def agents_known(draft: Draft) -> bool:
    """Whether every agent could be read, so that `nobody` can be said."""
    whole = isinstance(draft.documents[AGENTS_FILE].values, dict) and not draft.broken_agents
    return whole and len(draft.agents) >= len(draft.names_in(AGENTS_FILE) or ())


def skills_of_agents(draft: Draft) -> set[str] | None:
    """Return every skill that anybody has at a level above 0, or None when `agents.yaml` could not be read.

    A broken agent's skills count too: the fault is that agent's, not the queue's.
    """
    agents: Any = draft.documents[AGENTS_FILE].values
    if not isinstance(agents, dict):
        return None
    skills = {skill for agent in draft.agents.values() for skill, level in skills_of(agent).items() if level}
    for extension in (agents.keys() - draft.agents.keys()) | draft.broken_agents:
        broken = agents[extension].get("skills") if isinstance(agents[extension], dict) else None
        skills |= set(broken) if isinstance(broken, dict) else set()
    return skills


def skills_of(entry: object) -> Mapping[str, int]:
    """Return the skills of an agent, a queue or a queue node; none while they have a fault."""
    skills: Mapping[str, int] = getattr(entry, "skills", {})
    return skills


def requirement_of(entry: object) -> Expr:
    """Return what a queue, a queue node or a segment requires."""
    return all_of(at_least(skills_of(entry)), parse(getattr(entry, "requires", None) or ""))


def steps_of(queue: object) -> list[StepSettings]:
    """Return the steps of a queue; a step that could not be read is left out."""
    return [step for step in getattr(queue, "steps", ()) if step is not None]


def able_after(draft: Draft, queue: object, steps: int, own: Expr) -> list[str]:
    """Return the agents who may serve a caller with this requirement of their own after so many steps of the queue."""
    opened = steps_of(queue)[:steps]
    widest = any_of(requirement_of(queue), *(parse(step.requires) for step in opened if step.requires is not None))
    reserve = any(step.reserve for step in opened)
    return [
        extension
        for extension, agent in draft.agents.items()
        if (reserve or not getattr(agent, "reserve", False)) and all_of(widest, own).met_by(skills_of(agent))
    ]


def able_ever(draft: Draft, queue: object, own: Expr) -> list[str]:
    """Return the agents who may serve such a caller in the end."""
    return able_after(draft, queue, len(steps_of(queue)), own)


def segments_of(draft: Draft) -> dict[str, SegmentSettings]:
    """Return the segments of the site that could be read."""
    segments: dict[str, SegmentSettings] = getattr(draft.site, "segments", {})
    return segments


def queue_nodes(draft: Draft) -> Iterator[tuple[Document, Path, AgentsNode]]:
    """Yield every node that leads to a queue's agents, with its place."""
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            if isinstance(node, AgentsNode):
                yield menu.document, ("nodes", key), node


def expressions(draft: Draft) -> Iterator[Written]:
    """Yield every requirement of the site that is written as an expression and could be read."""
    document = draft.documents[QUEUES_FILE]
    for name, queue in draft.queues.items():
        yield document, (name, "requires"), getattr(queue, "requires", None) or ""
        for number, step in enumerate(getattr(queue, "steps", ())):
            yield document, (name, "steps", number, "requires"), getattr(step, "requires", None) or ""
        for number, wish in enumerate(getattr(queue, "prefer", ())):
            yield document, (name, "prefer", number), wish or ""
    for document, path, node in queue_nodes(draft):
        yield document, (*path, "requires"), getattr(node, "requires", None) or ""
    for name, segment in segments_of(draft).items():
        yield draft.documents[SITE_FILE], ("segments", name, "requires"), getattr(segment, "requires", None) or ""
