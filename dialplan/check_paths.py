"""The ways that a call can take: nodes nobody reaches, loops without the caller, menus that are hard on the ear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import networkx as nx

from dialplan.asking import MenuNode
from dialplan.deciding import CallNode
from dialplan.draft import SITE_FILE, Draft, MenuDraft
from dialplan.faults import Fault, Severity, quoted
from dialplan.findings import fault_at
from dialplan.nodes import CallbackNode, QueueNode
from dialplan.ways import CALLERS_WAYS, STEPS, calls_of, graph_of, guess, queue_keys, unsure

REFUSALS = ("closed", "full", "no_agents", "estimate_too_long")
"""Outcomes of a queue that can come at once."""
_REFUSING = (QueueNode, CallbackNode)
CHOICES_MAX = 5
"""More options than this are forgotten before the last is heard (Avaya's guidance, ivr-ux 2.10)."""


def unreachable_nodes(draft: Draft) -> Iterator[Fault]:
    """No number leads to the node, nor does a call outside the hours."""
    starts = [guess(draft, reference, "") for reference in draft.starts]
    if not starts or None in starts or not draft.menus_readable:
        return
    graph = graph_of(draft)
    reached = set().union(*(nx.descendants(graph, start) | {start} for start in starts))
    for name, menu in draft.menus.items():
        for key in menu.nodes:
            if f"{name}.{key}" not in reached:
                found = f"no number leads to the node {quoted(key)}"
                at = ("nodes", key)
                yield fault_at(menu.document, at, "unreachable-node", found, "a way to it", of_key=True)


def endless_loops(draft: Draft) -> Iterator[Fault]:
    """Nodes lead round in a circle in which nothing waits for the caller: the call would spin for ever."""
    graph = graph_of(draft, STEPS)
    waiting = [f"{name}.{key}" for name, menu in draft.menus.items() for key, node in menu.nodes.items() if node.waits]
    waiting += _calls_that_wait(draft, graph, frozenset(waiting))
    broken = [f"{name}.{key}" for name, menu in draft.menus.items() for key in unsure(menu)]
    refusing = _refusals(draft)
    graph.remove_edges_from([(one, to) for one, kept in refusing.items() for to in {*graph.successors(one)} - kept])
    graph.remove_nodes_from([*(address for address in waiting if address not in refusing), *broken])
    for circle in nx.strongly_connected_components(graph):
        if len(circle) > 1 or any(graph.has_edge(node, node) for node in circle):
            yield _loop_fault(draft, graph, circle)


def no_path_to_a_person(draft: Draft) -> Iterator[Fault]:
    """Whoever calls this number can press what they like and will not reach an agent."""
    if not draft.menus_readable:
        return
    graph = graph_of(draft, CALLERS_WAYS)
    people = {name: queue_keys(menu, "queue", "callback") for name, menu in draft.menus.items()}
    queues = {f"{name}.{key}" for name, keys in people.items() for key in keys}
    for number, reference in draft.numbers.items():
        start = draft.resolve(reference, "")
        if start and not queues & (nx.descendants(graph, start) | {start}):
            found = f"no way leads from {number} to a person"
            fault = fault_at(draft.documents[SITE_FILE], ("numbers", number), "no-person", found, "a queue node")
            yield replace(fault, severity=Severity.WARNING)


def waiting_prefixes(draft: Draft) -> Iterator[Fault]:
    """One choice begins another: whoever presses the short one waits for the inter-digit time."""
    for menu, key, node in _menu_nodes(draft):
        choices = getattr(node, "choices", {})
        for choice in choices:
            longer = next((other for other in choices if other != choice and other.startswith(choice)), None)
            if longer:
                found = f'"{choice}" also begins "{longer}": whoever presses it waits for more'
                yield _choice_warning(menu, key, choice, "waiting-prefix", found)


def too_many_choices(draft: Draft) -> Iterator[Fault]:
    """A menu offers more than people keep in mind."""
    for menu, key, node in _menu_nodes(draft):
        choices = getattr(node, "choices", {})
        if len(choices) > CHOICES_MAX:
            found = f"found {len(choices)} choices"
            at = ("nodes", key, "choices")
            fault = fault_at(menu.document, at, "many-choices", found, f"at most {CHOICES_MAX}", of_key=True)
            yield replace(fault, severity=Severity.WARNING)


def _loop_fault(draft: Draft, graph: nx.DiGraph[str], circle: set[str]) -> Fault:
    order = [f"{name}.{key}" for name, menu in draft.menus.items() for key in menu.nodes]
    first = min(circle, key=order.index)
    way = next(iter(nx.simple_cycles(graph.subgraph(circle))), [first])
    turn = way.index(first) if first in way else 0
    shown = " -> ".join(address.partition(".")[2] for address in [*way[turn:], *way[:turn], way[turn]])
    name, _, key = first.partition(".")
    found = f"these nodes lead round without waiting for the caller: {shown}"
    expected = "a menu, collect or hangup node on the way"
    return fault_at(draft.menus[name].document, ("nodes", key), "endless-loop", found, expected, of_key=True)


def _calls_that_wait(draft: Draft, graph: nx.DiGraph[str], waiting: frozenset[str]) -> list[str]:
    """Return the calls of sub-flows in which something waits for the caller: a circle through one is not endless."""
    return [
        f"{name}.{key}"
        for name, menu in draft.menus.items()
        for key, node in menu.nodes.items()
        if isinstance(node, CallNode)
        and any(waiting & ({entry} | nx.descendants(graph, entry)) for entry in calls_of(draft, node))
    ]


def _refusals(draft: Draft) -> dict[str, set[str]]:
    """Return each node that leads to agents, and where it leads those whom the queue refuses at once: nobody waits
    there."""
    found: dict[str, set[str]] = {}
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            for outcome, to in getattr(node, "outcomes", {}).items() if isinstance(node, _REFUSING) else ():
                if outcome in REFUSALS and (address := guess(draft, to, name)):
                    found.setdefault(f"{name}.{key}", set()).add(address)
    return found


def _menu_nodes(draft: Draft) -> Iterator[tuple[MenuDraft, str, MenuNode]]:
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            if isinstance(node, MenuNode):
                yield menu, key, node


def _choice_warning(menu: MenuDraft, key: str, choice: str, rule: str, found: str) -> Fault:
    written = {"*": "star", "#": "pound"}.get(choice, choice)
    path = ("nodes", key, "choices", written)
    return replace(fault_at(menu.document, path, rule, found, of_key=True), severity=Severity.WARNING)
