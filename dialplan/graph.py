"""A site's menus as a graph: every node, and every way on that is its own.

What holds at every node alike is no edge: global keys, and the handlers for a hang-up, for errors and for calls that
last too long. An error handler that stands in for a word of the node itself (`failed`) is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dialplan.node import NodeModel, Path
from dialplan.site import Site
from dialplan.words import KEY_ACTIONS

_HANDLED_ALIKE = ("error", "hangup", "max_duration")
_RESULTS_OF_NO_NODE = (*KEY_ACTIONS, "key", "too_long", "left_in_menu")
"""results that are recorded where a call was led on by what is no edge"""


@dataclass(frozen=True, order=True)
class Edge:
    """One reference of a node to another one."""

    source: str
    """`menu.node`"""
    path: Path
    """where the reference stands within the node: `("choices", "1")`, `("next",)`"""
    target: str

    @property
    def label(self) -> str:
        """What leads this way: a key, a result, or the name of the field."""
        return str(self.path[-1])

    def __str__(self) -> str:
        return f"{self.source} {' '.join(map(str, self.path))} -> {self.target}"


@dataclass(frozen=True)
class Graph:
    """All menus of a site."""

    nodes: Mapping[str, NodeModel]
    """by address"""
    edges: tuple[Edge, ...]
    """in the order in which they are written"""

    @cached_property
    def _leaving(self) -> Mapping[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    def leaving(self, address: str) -> list[Edge]:
        """Return the ways on from a node."""
        return self._leaving.get(address, [])

    def taken(self, source: str, target: str, result: str, words: Collection[str] = ()) -> Edge | None:
        """Return the edge that a call took, or None where it was led by no reference of the node.

        Several edges may join the same two nodes: the one whose key is the result or one of the words is meant, else
        the one whose field is the result (`exhausted`), else the only field that is no mapping (`next`).

        Args:
            result: what the node ended with, as it is recorded.
            words: what else an edge may be named by: the keys pressed there, the value that was looked at.
        """
        between = [edge for edge in self.leaving(source) if edge.target == target]
        if result in _RESULTS_OF_NO_NODE:
            between = [edge for edge in between if edge.label == result]
        return min(between, key=lambda edge: _farness(edge, result, words), default=None)


def graph_of(site: Site) -> Graph:
    """Return the graph of a loaded site, whose references are all `menu.node`."""
    nodes: dict[str, NodeModel] = {
        f"{name}.{node_name}": node for name, menu in site.menus.items() for node_name, node in menu.nodes.items()
    }
    edges = [Edge(address, path, target) for address, node in nodes.items() for path, target in _ways(site, node)]
    return Graph(nodes, tuple(edges))


def _ways(site: Site, node: NodeModel) -> Iterator[tuple[Path, str]]:
    yield from ((path, target) for path, target in node.exits() if path[0] not in _HANDLED_ALIKE)
    flow = getattr(node, "flow", None)
    if flow is not None:
        yield ("flow",), f"{flow}.{site.menus[flow].entry}"


def _farness(edge: Edge, result: str, words: Collection[str]) -> int:
    if len(edge.path) == 1:
        return 1 if edge.label == result else 2
    return 0 if edge.label == result or edge.label in words else 3
