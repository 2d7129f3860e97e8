"""Who can answer: skills, queues that nobody can serve, and what is dialled inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dialplan.draft import AGENTS_FILE, PHONES_FILE, QUEUES_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.nodes import QueueNode
from dialplan.yaml_tree import Document, Path


def unknown_skills(draft: Draft) -> Iterator[Fault]:
    """A queue or a queue node requires a skill that no agent has."""
    skills = _skills_of_agents(draft)
    if skills is None:
        return
    for document, path, requirement in _requirements(draft):
        for skill in requirement:
            if skill not in skills:
                found = f"found the skill {quoted(skill)}, which no agent has"
                at, hint = (*path, skill), did_you_mean(skill, skills)
                yield fault_at(document, at, "unknown-skill", found, one_of(skills), hint, of_key=True)


def queues_nobody_serves(draft: Draft) -> Iterator[Fault]:
    """No single agent has all that a queue, or a queue node on top of it, requires."""
    skills = _skills_of_agents(draft)
    # A broken agent might be just the one who can.
    if skills is None or draft.broken_agents or len(draft.agents) < len(draft.names_in(AGENTS_FILE) or ()):
        return
    required = {name: _skills(queue) for name, queue in draft.queues.items()}
    served = {name for name in required if _somebody_has(draft, required[name])}
    for name, needed in required.items():
        if name not in served and set(needed) <= skills:
            found = f"no agent can serve the queue {quoted(name)}: none has {_listed(needed)}"
            yield fault_at(draft.documents[QUEUES_FILE], (name,), "nobody-can-serve", found, of_key=True)
    for document, path, node in _queue_nodes(draft):
        queue = getattr(node, "queue", None)
        if queue in served:
            needed = _together(required[queue], _skills(node))
            if set(needed) <= skills and not _somebody_has(draft, needed):
                found = f"no agent can serve {quoted(queue)} from here: none has {_listed(needed)}"
                yield fault_at(document, (*path, "skills"), "nobody-can-serve", found, of_key=True)


def clashing_extensions(draft: Draft) -> Iterator[Fault]:
    """An agent's extension is also a number or a feature code."""
    codes = {code: f"the feature code {name}" for code, name in draft.feature_codes.paths()}
    taken = {**dict.fromkeys(draft.numbers, "a number of the site"), **codes}
    for file in (AGENTS_FILE, PHONES_FILE):
        for extension in sorted(draft.names_in(file) or ()):
            if extension in taken:
                found = f"the extension {extension} is also {taken[extension]}"
                yield fault_at(draft.documents[file], (extension,), "clash", found, "another one", of_key=True)
        taken |= dict.fromkeys(draft.names_in(file) or (), "an agent's")


def clashing_codes(draft: Draft) -> Iterator[Fault]:
    """Two feature codes are the same."""
    first: dict[str, str] = {}
    for code, name in draft.feature_codes.paths():
        if code in first:
            found = f"{name} and {first[code]} are both {code}"
            yield fault_at(draft.documents[SITE_FILE], ("feature_codes", name), "clash", found, "a code for each")
        first.setdefault(code, name)
    for code, name, most in draft.feature_codes.extended():
        for other, other_name in draft.feature_codes.paths():
            if code != other and other.startswith(code) and len(other) <= len(code) + most:
                found = f"{other_name} is {other}, which is also {name} with digits behind it"
                yield fault_at(
                    draft.documents[SITE_FILE], ("feature_codes", other_name), "clash", found, "another code"
                )


def unknown_phones(draft: Draft) -> Iterator[Fault]:
    """An agent names a phone that the site does not have."""
    known = (draft.names_in(AGENTS_FILE) or frozenset()) | (draft.names_in(PHONES_FILE) or frozenset())
    for extension, agent in draft.agents.items():
        for number, phone in enumerate(getattr(agent, "phones", [])):
            if phone not in known:
                found, hint = f"found the phone {quoted(phone)}", did_you_mean(phone, known)
                at = (extension, "phones", number)
                yield fault_at(draft.documents[AGENTS_FILE], at, "unknown-phone", found, one_of(known), hint)


def wrap_ups_without_end(draft: Draft) -> Iterator[Fault]:
    """A wrap-up that waits for a disposition where there is none to give, or that is longer than its limit."""
    codes = getattr(draft.site, "dispositions", {})
    for name, queue in draft.queues.items():
        document = draft.documents[QUEUES_FILE]
        if getattr(queue, "wrap_up", "") == "until_disposition" and not codes:
            found = f"{quoted(name)} waits for a disposition, and the site has none"
            yield fault_at(document, (name, "wrap_up"), "no-dispositions", found, f"dispositions in {SITE_FILE}")
        limit = getattr(queue, "wrap_up_seconds_max", 0)
        if getattr(queue, "wrap_up_seconds", 0) > limit > 0:
            found = f"wrap_up_seconds is more than wrap_up_seconds_max, which is {limit}"
            yield fault_at(document, (name, "wrap_up_seconds"), "out-of-range", found, f"{limit} at most")


def _skills_of_agents(draft: Draft) -> set[str] | None:
    """Return every skill that anybody has at a level above 0, or None when `agents.yaml` could not be read.

    A broken agent's skills count too: the fault is that agent's, not the queue's.
    """
    agents: Any = draft.documents[AGENTS_FILE].values
    if not isinstance(agents, dict):
        return None
    skills = {skill for agent in draft.agents.values() for skill, level in _skills(agent).items() if level}
    for extension in (agents.keys() - draft.agents.keys()) | draft.broken_agents:
        broken = agents[extension].get("skills") if isinstance(agents[extension], dict) else None
        skills |= set(broken) if isinstance(broken, dict) else set()
    return skills


def _requirements(draft: Draft) -> Iterator[tuple[Document, Path, Mapping[str, int]]]:
    for name, queue in draft.queues.items():
        yield draft.documents[QUEUES_FILE], (name, "skills"), _skills(queue)
    for document, path, node in _queue_nodes(draft):
        yield document, (*path, "skills"), _skills(node)


def _queue_nodes(draft: Draft) -> Iterator[tuple[Document, Path, QueueNode]]:
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            if isinstance(node, QueueNode):
                yield menu.document, ("nodes", key), node


def _skills(entry: object) -> Mapping[str, int]:
    """Return the skills of an agent, a queue or a queue node; none while they have a fault."""
    skills: Mapping[str, int] = getattr(entry, "skills", {})
    return skills


def _together(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {skill: max(one.get(skill, 0), other.get(skill, 0)) for skill in {**one, **other}}


def _somebody_has(draft: Draft, needed: Mapping[str, int]) -> bool:
    return any(
        all(_skills(agent).get(skill, 0) >= level for skill, level in needed.items()) for agent in draft.agents.values()
    )


def _listed(needed: Mapping[str, int]) -> str:
    return " and ".join(f"{skill} {level}" for skill, level in sorted(needed.items())) or "an extension"
