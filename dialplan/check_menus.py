"""How menus hang together for who walks through them: not too deep, the same keys everywhere, a person behind each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import networkx as nx

from dialplan.check_keys import choices_of, choosing, shown
from dialplan.draft import Draft, MenuDraft
from dialplan.faults import Fault, Severity, quoted
from dialplan.findings import fault_at
from dialplan.node import NodeModel
from dialplan.nodes import NODE_TYPES, AgentsNode
from dialplan.ways import CALLERS_WAYS, graph_of, guess, queue_keys

_START, _END = "", "."
"""addresses of no node"""
_TO_AGENTS = tuple(word for word, kind in NODE_TYPES.items() if issubclass(kind, AgentsNode))
DEPTH_MAX = 3
"""Menus one after the other before people get lost (ivr-ux 2.10)."""


@dataclass(frozen=True)
class Walks:
    """The ways of a draft, and what is asked about them."""

    draft: Draft

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Where a call can go from each address."""
        return graph_of(self.draft, CALLERS_WAYS)

    @cached_property
    def nodes(self) -> Mapping[str, NodeModel]:
        """Every node that could be read, by address."""
        menus = self.draft.menus.items()
        return {f"{name}.{key}": node for name, menu in menus for key, node in menu.nodes.items()}

    @cached_property
    def at_once(self) -> nx.DiGraph[str]:
        """The ways on which nothing waits for the caller: where a call gets to by itself."""
        graph = self.graph.copy()
        waiting = {address for address in graph if (node := self.nodes.get(address)) is None or node.waits}
        graph.remove_edges_from([way for way in graph.edges if way[0] in waiting])
        return graph

    @cached_property
    def people(self) -> frozenset[str]:
        """The nodes that lead to an agent, broken ones too."""
        menus = self.draft.menus.items()
        return frozenset(f"{name}.{key}" for name, menu in menus for key in queue_keys(menu, *_TO_AGENTS))

    @cached_property
    def near_people(self) -> frozenset[str]:
        """The nodes from which some way leads to an agent."""
        graph = self.graph.copy()
        graph.add_edges_from((address, _END) for address in self.people)
        return frozenset(nx.ancestors(graph, _END)) if self.people else frozenset()

    @cached_property
    def starts(self) -> list[str]:
        """Where calls to the site's numbers start."""
        found = (guess(self.draft, reference, "") for reference in self.draft.numbers.values())
        return [address for address in found if address]

    def leads_back(self, target: str, to: str) -> bool:
        """Say whether some way leads from the target to this node, or it is the same."""
        return target == to or (target in self.graph and nx.has_path(self.graph, target, to))

    def comes_at_once(self, target: str, wanted: Callable[[str], bool]) -> bool:
        """Say whether a call that goes to the target gets to a wanted node before anything waits for the caller."""
        reached = nx.descendants(self.at_once, target) | {target} if target in self.at_once else {target}
        return any(map(wanted, reached))

    @cached_property
    def depths(self) -> Mapping[str, int]:
        """How many menus a call has heard at each address, this one included, on the shortest way."""
        graph, menus = self.graph.copy(), {address for address, *_ in choosing(self.draft)}
        graph.add_edges_from((_START, start) for start in self.starts)
        if _START not in graph:
            return {}
        steps: Mapping[str, int] = nx.single_source_dijkstra_path_length(
            graph, _START, weight=lambda _, to, __: int(to in menus)
        )
        return steps


Holds = Callable[[Walks, str, str], bool]


def menus_for_people(draft: Draft) -> Iterator[Fault]:
    """Warn of menus that callers get lost in."""
    walks = Walks(draft)
    yield from _deep_menus(walks)
    yield from _menus_without_a_person(walks)
    yield from _keys_with_other_meanings(walks)


def _deep_menus(walks: Walks) -> Iterator[Fault]:
    for address, menu, key, _ in choosing(walks.draft):
        depth = walks.depths.get(address, 0)
        if depth > DEPTH_MAX:
            found = f"callers hear this menu after {depth - 1} others"
            expected = f"at most {DEPTH_MAX} menus one after the other"
            yield _warning(fault_at(menu.document, ("nodes", key), "deep-menu", found, expected, of_key=True))


def _menus_without_a_person(walks: Walks) -> Iterator[Fault]:
    """Where a number leads to nobody at all, that is told of the number."""
    if not walks.draft.menus_readable:
        return
    lucky = [start for start in walks.starts if start in walks.near_people]
    heard = set().union(*(nx.descendants(walks.graph, start) | {start} for start in lucky))
    for address, menu, key, node in choosing(walks.draft):
        if address in heard - walks.near_people and not _is_survey(menu, node):
            found = f"no way leads from {quoted(address)} to a person"
            yield _warning(fault_at(menu.document, ("nodes", key), "no-person", found, "a queue node", of_key=True))


def _keys_with_other_meanings(walks: Walks) -> Iterator[Fault]:
    keys: Mapping[str, str] = {**CONVENTION, **walks.draft.keys}
    for address, menu, key, node in choosing(walks.draft):
        for choice in choices_of(node).keys() & keys.keys() if not _is_survey(menu, node) else ():
            target, action = guess(walks.draft, choices_of(node)[choice], address.partition(".")[0]), keys[choice]
            meaning, holds = MEANINGS.get(action, (quoted(action), _is_node(action)))
            if target is not None and not holds(walks, target, address):
                found = f"{shown(choice)} leads to {quoted(target)} here; callers know it as {meaning}"
                fault = fault_at(menu.document, ("nodes", key, "choices", choice), "key-meaning", found, of_key=True)
                yield _warning(fault)


def _is_survey(menu: MenuDraft, node: NodeModel) -> bool:
    """Say whether the keys are marks or votes that callers give, or whatever else the menu alone knows."""
    return not menu.global_keys or "choices" not in node.exit_keys or getattr(node, "survey", None) is not None


def _is_person(walks: Walks, target: str, menu: str) -> bool:
    return not walks.people or walks.comes_at_once(target, walks.people.__contains__)


def _is_back(walks: Walks, target: str, menu: str) -> bool:
    return walks.leads_back(target, menu)


def _is_repeat(walks: Walks, target: str, menu: str) -> bool:
    return walks.comes_at_once(target, lambda one: one == menu or getattr(walks.nodes.get(one), "type", "") == "hangup")


def _is_node(reference: str) -> Holds:
    return lambda walks, target, _: walks.comes_at_once(target, lambda one: one == guess(walks.draft, reference, ""))


CONVENTION = {"0": "person", "*": "back", "#": "repeat", "9": "main"}
"""what callers take keys for whose site says nothing of them in `keys` (ivr-ux 2.10)"""
MEANINGS: Mapping[str, tuple[str, Holds]] = {
    "person": ("a person", _is_person),
    "back": ("back", _is_back),
    "repeat": ("repeat, or finish", _is_repeat),
    "main": ("the main menu", _is_back),
}
"""by the words of `keys`: what callers call it, and whether a target is that for who stands at a menu"""


def _warning(fault: Fault) -> Fault:
    return replace(fault, severity=Severity.WARNING)
