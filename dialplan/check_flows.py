"""Sub-flows: menus that exist, that come back, and that do not call themselves."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from dialplan.deciding import CallNode, ReturnNode
from dialplan.draft import Draft, MenuDraft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.ways import CALLERS_WAYS, calls_of, graph_of


def unknown_flows(draft: Draft) -> Iterator[Fault]:
    """A `call` node names a menu that is not there."""
    for menu, key, node in _calls(draft):
        flow = getattr(node, "flow", None)
        if flow is not None and flow not in draft.menus:
            found, hint = f"found {quoted(flow)}, which is not a menu", did_you_mean(flow, draft.menus)
            yield fault_at(menu.document, ("nodes", key, "flow"), "unknown-menu", found, one_of(draft.menus), hint)


def circular_calls(draft: Draft) -> Iterator[Fault]:
    """A sub-flow calls itself, by way of others or not: a call could go deeper and deeper."""
    called: nx.DiGraph[str] = nx.DiGraph()
    homes = {menu.document.file: name for name, menu in draft.menus.items()}
    calls = [(menu, key, homes[menu.document.file], getattr(node, "flow", "")) for menu, key, node in _calls(draft)]
    called.add_edges_from((home, flow) for _, _, home, flow in calls)
    for menu, key, home, flow in calls:
        if home in {flow} | nx.descendants(called, flow):
            found, expected = f"found {quoted(flow)}, which calls this menu again", "sub-flows that lead round nowhere"
            yield fault_at(menu.document, ("nodes", key, "flow"), "circular-call", found, expected)


def flows_that_never_return(draft: Draft) -> Iterator[Fault]:
    """No way through a sub-flow ends in a `return` node: the node after its call is never reached."""
    if not draft.menus_readable:
        return
    graph = graph_of(draft, CALLERS_WAYS)
    for menu, key, node in _calls(draft):
        returns = _returns(draft, graph, node)
        if returns is not None and not returns:
            found = f"found {quoted(node.flow)}, a menu without a way to a return node"
            yield fault_at(menu.document, ("nodes", key, "flow"), "never-returns", found, "a return node at its end")


def returns_of_nobody(draft: Draft) -> Iterator[Fault]:
    """A `return` node lies in no sub-flow: there is nowhere to come back to."""
    if not draft.menus_readable:
        return
    graph = graph_of(draft)
    inside: set[str] = set()
    for _, _, node in _calls(draft):
        for entry in calls_of(draft, node):
            inside |= {entry} | nx.descendants(graph, entry)
    for name, menu in draft.menus.items():
        for key, candidate in menu.nodes.items():
            if isinstance(candidate, ReturnNode) and f"{name}.{key}" not in inside:
                found, at = f"no call node leads to the node {quoted(key)}", ("nodes", key)
                yield fault_at(menu.document, at, "return-of-nobody", found, "a call node that leads here", of_key=True)


def unknown_outputs(draft: Draft) -> Iterator[Fault]:
    """A `call` node takes an output that no `return` node of its sub-flow gives."""
    graph = graph_of(draft, CALLERS_WAYS)
    for menu, key, node in _calls(draft):
        returns = _returns(draft, graph, node) or []
        outputs = {output for one in returns for output in getattr(one, "outputs", {})}
        for variable, output in getattr(node, "into", {}).items() if returns else ():
            if output not in outputs:
                found = f"found {quoted(output)}, which this sub-flow does not give"
                hint = did_you_mean(output, outputs)
                at = ("nodes", key, "into", variable)
                yield fault_at(menu.document, at, "unknown-output", found, one_of(outputs), hint)


def _calls(draft: Draft) -> Iterator[tuple[MenuDraft, str, CallNode]]:
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            if isinstance(node, CallNode):
                yield menu, key, node


def _returns(draft: Draft, graph: nx.DiGraph[str], node: CallNode) -> list[ReturnNode] | None:
    """Return the nodes at which a sub-flow may end; None where it is not known at all."""
    entries = calls_of(draft, node)
    if not entries:
        return None
    reached = {address for entry in entries for address in {entry} | nx.descendants(graph, entry)}
    nodes = (draft.menus[name].nodes.get(key) for name, _, key in (address.partition(".") for address in reached))
    return [one for one in nodes if isinstance(one, ReturnNode)]
