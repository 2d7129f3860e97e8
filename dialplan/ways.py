"""The ways that a call can take through a draft, as a graph of addresses.

Nobody shall be told of an unreachable node which is unreachable only for a mistake elsewhere: an unknown reference
leads to what it is most like, and a broken node wherever its text may mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal

import networkx as nx

from dialplan.asking import KeysNode
from dialplan.check_references import references
from dialplan.deciding import CallNode
from dialplan.draft import Draft, MenuDraft
from dialplan.node import UNWALKED
from dialplan.nodes import QueueNode
from dialplan.waiting import nodes_of
from dialplan.words import KEY_ACTIONS

Kind = Literal["step", "key", "event"]
STEPS: tuple[Kind, ...] = ("step",)
"""by what the node itself does, its failures included"""
CALLERS_WAYS: tuple[Kind, ...] = ("step", "key")
"""and by a global key"""
ALL_WAYS: tuple[Kind, ...] = ("step", "key", "event")
"""and because the caller hung up, or the call has lasted too long"""

Target = tuple[str, str]
"""a reference, and the menu in which it is read"""


def graph_of(draft: Draft, kinds: tuple[Kind, ...] = ALL_WAYS) -> nx.DiGraph[str]:
    """Return all nodes by full address, and where a call can go from each in these ways."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, menu in draft.menus.items():
        for key in sorted(menu.names):
            graph.add_node(f"{name}.{key}")
            for kind in kinds:
                for reference, home in _TARGETS[kind](draft, name, menu, key):
                    if address := guess(draft, reference, home):
                        graph.add_edge(f"{name}.{key}", address)
    return graph


def unsure(menu: MenuDraft) -> frozenset[str]:
    """Return the nodes of which it is not known where they lead."""
    return menu.names - menu.nodes.keys() | menu.broken


def guess(draft: Draft, reference: str, menu: str) -> str | None:
    """Return what a reference means, or, when that does not exist, what it is most like."""
    address = draft.resolve(reference, menu)
    if address is None:
        near = get_close_matches(reference, references(draft, menu), n=1)
        address = draft.resolve(near[0], menu) if near else None
    return address


def person_near(draft: Draft, menu: str) -> str | None:
    """Return where the global key `person` leads from this menu; None where the site has no queue node."""
    if reference := draft.menus[menu].leads.get("person"):
        return guess(draft, reference, menu)
    menus = [menu, *draft.menus]
    return next((f"{name}.{key}" for name in menus for key in queue_keys(draft.menus[name], "queue")), None)


def queue_keys(menu: MenuDraft, *types: str) -> Iterator[str]:
    """Yield the nodes of these types, broken ones too."""
    for key, value in menu.document.values["nodes"].items() if menu.names else ():
        if isinstance(value, dict) and value.get("type") in types:
            yield key


def calls_of(draft: Draft, node: CallNode) -> list[str]:
    """Return the address at which a sub-flow begins, as a list; empty where there is no such menu, or it is broken."""
    flow = draft.menus.get(getattr(node, "flow", ""))
    return [f"{node.flow}.{flow.entry}"] if flow and flow.entry in flow.names else []


def _steps(draft: Draft, name: str, menu: MenuDraft, key: str) -> Iterator[Target]:
    node = menu.nodes.get(key)
    if node is None or key in unsure(menu):
        yield from ((reference, name) for reference in _perhaps(menu, key))
    else:
        yield from ((to, name) for path, to in node.exits() if path[0] not in UNWALKED)
    if isinstance(node, CallNode):
        yield from ((address, "") for address in calls_of(draft, node))
    if isinstance(node, KeysNode) and getattr(node, "exhausted", None) is None:
        yield from _inherited(draft, name, "exhausted")
    if node and node.fails_to and getattr(node, node.fails_to, None) is None:
        yield from _inherited(draft, name, "error")
    if isinstance(node, QueueNode):
        queue = draft.queues.get(getattr(node, "queue", ""))
        yield from ((reference, "") for _, reference in nodes_of(getattr(queue, "keys", {})))


def _keys(draft: Draft, name: str, menu: MenuDraft, key: str) -> Iterator[Target]:
    if not isinstance(menu.nodes.get(key), KeysNode) or not menu.global_keys:
        return
    for action in draft.keys.values():
        if action == "person":
            yield from ((address, "") for address in (person_near(draft, name),) if address)
        elif action == "main":
            yield menu.leads.get("main", menu.entry or ""), name
        elif action not in KEY_ACTIONS:
            yield action, ""


def _events(draft: Draft, name: str, menu: MenuDraft, key: str) -> Iterator[Target]:
    node = menu.nodes.get(key)
    if node:
        yield from ((to, name) for path, to in node.exits() if path[0] in UNWALKED)
    for word in (*UNWALKED, "maintenance"):
        if getattr(node, word, None) is None:
            yield from _inherited(draft, name, word)


_TARGETS = {"step": _steps, "key": _keys, "event": _events}


def _inherited(draft: Draft, menu: str, word: str) -> Iterator[Target]:
    target = draft.inherited(menu, word)
    if target:
        yield target


def _perhaps(menu: MenuDraft, key: str) -> Iterator[str]:
    """Yield where a broken node may lead."""
    value = menu.document.values["nodes"][key]
    node = menu.nodes.get(key)
    if not isinstance(value, dict) or node is None or not node.writes_its_exits(value):
        yield from sorted(menu.names)  # its exit is not written yet
    else:
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
