"""Which nodes and which ways between them the scenarios of a site have gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialplan.graph import Edge, Graph
from ivr.transcript import Entered, Event, Left


@dataclass(frozen=True)
class Coverage:
    """Counts are of the whole site, what is missing in the order of the files."""

    nodes: int
    edges: int
    nodes_missing: tuple[str, ...]
    edges_missing: tuple[Edge, ...]

    @property
    def node_percent(self) -> float:
        return _percent(self.nodes, len(self.nodes_missing))

    @property
    def edge_percent(self) -> float:
        return _percent(self.edges, len(self.edges_missing))


def coverage_of(graph: Graph, transcripts: Iterable[Iterable[Event]]) -> Coverage:
    entered: set[str] = set()
    taken: set[Edge] = set()
    for transcript in transcripts:
        events = tuple(transcript)
        entered |= {event.address for event in events if isinstance(event, Entered)}
        taken |= set(edges_taken(graph, events))
    return Coverage(
        nodes=len(graph.nodes),
        edges=len(graph.edges),
        nodes_missing=tuple(address for address in graph.nodes if address not in entered),
        edges_missing=tuple(edge for edge in graph.edges if edge not in taken),
    )


def edges_taken(graph: Graph, transcript: Iterable[Event]) -> Iterable[Edge]:
    """Every edge that the call went along: from where it left to where it came next."""
    left: Left | None = None
    called: list[str] = []
    for event in transcript:
        if isinstance(event, Left):
            left = event
            called += [left.address] if left.result == "called" else []
        elif isinstance(event, Entered) and left is not None:
            edge = _edge_back(graph, called, event) if left.result == "returned" else _edge(graph, left, event)
            if edge is not None:
                yield edge
            left = None


def _edge(graph: Graph, left: Left, entered: Entered) -> Edge | None:
    value = left.variables.get(getattr(graph.nodes[left.address], "on", ""), "")
    return graph.taken(left.address, entered.address, left.result, (left.input, value))


def _edge_back(graph: Graph, called: Sequence[str], entered: Entered) -> Edge | None:
    """Out of a sub-flow a call goes on from the node that called it last and leads there."""
    ways = (graph.taken(address, entered.address, "next") for address in reversed(called))
    return next((edge for edge in ways if edge is not None), None)


def _percent(all_of_them: int, missing: int) -> float:
    return 100.0 * (all_of_them - missing) / all_of_them if all_of_them else 100.0
