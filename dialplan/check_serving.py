"""Who can answer: skills that nobody has, queues that nobody can serve, agents asked for by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from acd.requirement import Expr, all_of, skills_in, tokens
from dialplan.draft import AGENTS_FILE, QUEUES_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at, within
from dialplan.serving import (
    able_ever,
    agents_known,
    expressions,
    queue_nodes,
    requirement_of,
    skills_of,
    skills_of_agents,
)
from dialplan.yaml_tree import Document, Path


def unknown_skills(draft: Draft) -> Iterator[Fault]:
    """A requirement speaks of a skill that no agent has."""
    skills = skills_of_agents(draft)
    if skills is None:
        return
    for document, path, requirement in _short_forms(draft):
        for skill in requirement:
            if skill not in skills:
                yield _unknown(document, (*path, skill), skill, skills, of_key=True)
    for document, path, text in expressions(draft):
        for token in tokens(text):
            if token.is_skill and token.text not in skills:
                yield within(document, path, _unknown(document, path, token.text, skills), token.column - 1)


def _unknown(document: Document, path: Path, skill: str, skills: set[str], *, of_key: bool = False) -> Fault:
    found = f"found the skill {quoted(skill)}, which no agent has"
    return fault_at(document, path, "unknown-skill", found, one_of(skills), did_you_mean(skill, skills), of_key=of_key)


def _short_forms(draft: Draft) -> Iterator[tuple[Document, Path, Mapping[str, int]]]:
    for name, queue in draft.queues.items():
        yield draft.documents[QUEUES_FILE], (name, "skills"), skills_of(queue)
    for document, path, node in queue_nodes(draft):
        yield document, (*path, "skills"), skills_of(node)


def queues_nobody_serves(draft: Draft) -> Iterator[Fault]:
    """No single agent meets what a queue, or a queue node on top of it, requires in the end."""
    skills = skills_of_agents(draft)
    if skills is None or not agents_known(draft):
        return
    unserved = {name for name, queue in draft.queues.items() if not able_ever(draft, queue, all_of())}
    for name in sorted(unserved):
        needed = requirement_of(draft.queues[name])
        if skills_in(needed) <= skills:
            found = f"no agent can serve the queue {quoted(name)}: {_missing(draft, needed)}"
            yield fault_at(draft.documents[QUEUES_FILE], (name,), "nobody-can-serve", found, of_key=True)
    for document, path, node in queue_nodes(draft):
        queue, own = draft.queues.get(getattr(node, "queue", "")), requirement_of(node)
        if queue is None or node.queue in unserved or not skills_in(own) <= skills or able_ever(draft, queue, own):
            continue
        found = (
            f"no agent can serve {quoted(node.queue)} from here: {_missing(draft, all_of(requirement_of(queue), own))}"
        )
        at = (*path, "skills" if skills_of(node) else "requires")
        yield fault_at(document, at, "nobody-can-serve", found, of_key=True)


def _missing(draft: Draft, needed: Expr) -> str:
    if any(needed.met_by(skills_of(agent)) for agent in draft.agents.values()):
        return f"only agents in reserve meet {needed or 'it'}, and no step opens the reserve"
    return f"none meets {needed}" if draft.agents else "there is none"


def unknown_agents(draft: Draft) -> Iterator[Fault]:
    """A queue node asks for an agent whom `agents.yaml` does not have."""
    agents = draft.names_in(AGENTS_FILE)
    if agents is None:
        return
    for document, path, node in queue_nodes(draft):
        agent = getattr(node, "agent", None)
        if agent is not None and agent not in agents:
            found = f"found {quoted(agent)}, which is not an agent"
            yield fault_at(
                document, (*path, "agent"), "unknown-agent", found, one_of(agents), did_you_mean(agent, agents)
            )


def agents_who_cannot(draft: Draft) -> Iterator[Fault]:
    """A queue node asks for an agent who may not serve its callers."""
    for document, path, node in queue_nodes(draft):
        queue, agent = draft.queues.get(getattr(node, "queue", "")), getattr(node, "agent", None)
        if queue is None or agent not in draft.agents or agent in draft.broken_agents:
            continue
        able = able_ever(draft, queue, requirement_of(node))
        if able and agent not in able:
            found = f"agent {agent} may never serve callers of {quoted(node.queue)} from here"
            yield fault_at(document, (*path, "agent"), "cannot-serve", found, one_of(able))
