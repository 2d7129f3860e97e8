"""The values of a call: that prompts say none before something has set it, and that secrets are not shown later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import networkx as nx

from dialplan.asking import CollectNode
from dialplan.deciding import FACTS, CallNode
from dialplan.draft import Draft
from dialplan.faults import Fault, Severity, did_you_mean, quoted
from dialplan.findings import fault_at
from dialplan.node import NodeModel
from dialplan.ways import calls_of, graph_of, guess
from ivr.spoken.slots import Slot, cut

_SECRETS = frozenset({"pin", "password", "passcode", "passwd", "cvv", "cvc", "secret", "card"})
"""parts of names of variables that hold what nobody should read"""
_SECRET_WORDS = re.compile(r"密码|口令|安全码|\bPIN\b|\bpass(?:word|code)\b|\bsecurity code\b", re.IGNORECASE)


def unset_variables(draft: Draft) -> Iterator[Fault]:
    """A node says a variable that no node before it on any way sets."""
    if not draft.menus_readable or any(menu.names - menu.nodes.keys() or menu.broken for menu in draft.menus.values()):
        return  # a broken node may be just the one that sets it
    set_at = _reach(draft)
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            for path, prompt in node.prompt_ids():
                for variable in _variables_of(draft, prompt):
                    if variable not in FACTS and f"{name}.{key}" not in set_at.get(variable, ()):
                        found = (
                            f"the prompt {quoted(prompt)} says {quoted(variable)}, which nothing on the way here sets"
                        )
                        expected, hint = (
                            "a node before it that sets it",
                            did_you_mean(variable, {*set_at, *FACTS} - {variable}),
                        )
                        at = ("nodes", key, *path)
                        yield fault_at(menu.document, at, "unset-variable", found, expected, hint)


def unsaid_entries(draft: Draft) -> Iterator[Fault]:
    """Warn of a read-back that does not say what is to be confirmed. That of a yes or no may ask in other words."""
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            into = getattr(node, "into", None)
            if not isinstance(node, CollectNode) or into is None or getattr(node, "as_", "") == "yes_no":
                continue
            for index, prompt in enumerate(getattr(node, "confirm", ())):
                if prompt in draft.prompts and into not in _variables_of(draft, prompt):
                    found = f"the prompt {quoted(prompt)} has the caller confirm {quoted(into)} and does not say it"
                    at, expected = ("nodes", key, "confirm", index), f"{{{into}:kind}} in its words"
                    fault = fault_at(menu.document, at, "entry-not-said", found, expected)
                    yield replace(fault, severity=Severity.WARNING)


def logged_secrets(draft: Draft) -> Iterator[Fault]:
    """Warn of an entry that nobody should read later, and that the records show in full."""
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            if key not in menu.broken and getattr(node, "log", "") == "full" and (why := _secret(draft, node)):
                found = f"{name}.{key} takes {why}, and the records show what is keyed"
                at, expected = ("nodes", key, "log"), 'masked or "off"'
                fault = fault_at(menu.document, at, "logged-secret", found, expected)
                yield replace(fault, severity=Severity.WARNING)


def _reach(draft: Draft) -> dict[str, set[str]]:
    """Return the addresses at which each variable may have a value. At the end of a talk, any may."""
    graph = _own_ways(draft)
    surveys = {guess(draft, reference, "") for _, reference in draft.surveys}
    after_talks = {one for start in surveys if start for one in (start, *nx.descendants(graph, start))}
    setters: dict[str, set[str]] = {}
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            for variable, where in _sets(draft, f"{name}.{key}", node):
                setters.setdefault(variable, set()).add(where)
    return {
        variable: after_talks.union(*(nx.descendants(graph, one) | {one} for one in nodes))
        for variable, nodes in setters.items()
    }


def _own_ways(draft: Draft) -> nx.DiGraph[str]:
    """Return the ways on which a call keeps its variables: a sub-flow has none but its own."""
    graph = graph_of(draft)
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            if isinstance(node, CallNode):
                entered = set(calls_of(draft, node)) - {guess(draft, to, name) for _, to in node.exits()}
                graph.remove_edges_from((f"{name}.{key}", entry) for entry in entered)
    return graph


def _sets(draft: Draft, address: str, node: NodeModel) -> Iterator[tuple[str, str]]:
    """Yield each variable that has a value once the node is done, with the address from which on."""
    into = getattr(node, "into", None) or ()
    taken = [into] if isinstance(into, str) else [*into]
    yield from ((variable, address) for variable in [*taken, *getattr(node, "variables", ())])
    if isinstance(node, CallNode):
        yield from ((variable, entry) for variable in getattr(node, "with_", ()) for entry in calls_of(draft, node))


def _secret(draft: Draft, node: NodeModel) -> str:
    """Return what the entry is, when it is one to be kept; nothing otherwise."""
    into = getattr(node, "into", "")
    if getattr(node, "as_", "") == "card":
        return "the number of a card"
    if isinstance(into, str) and _SECRETS & set(into.split("_")):
        return quoted(into)
    prompts = [draft.prompts[prompt] for _, prompt in node.prompt_ids() if into and prompt in draft.prompts]
    matches = (_SECRET_WORDS.search(text) for prompt in prompts for text in prompt.texts.values())
    said = next((match[0] for match in matches if match), "")
    return f"what its words call {quoted(said)}" if said else ""


def _variables_of(draft: Draft, prompt: str) -> list[str]:
    texts = draft.prompts[prompt].texts.values() if prompt in draft.prompts else ()
    return sorted({part.name for text in texts for part in cut(text) if isinstance(part, Slot)})
