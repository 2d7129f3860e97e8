"""Variables: set somewhere before anybody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialplan.asking import CollectNode
from dialplan.deciding import FACTS, CallNode, HoursNode, ReturnNode, SetNode, SwitchNode
from dialplan.draft import SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.inquiring import AuthNode, BackendNode
from dialplan.node import NodeModel
from dialplan.nodes import Node, TransferNode
from dialplan.words import TEMPLATE_SLOT
from dialplan.yaml_tree import Path


def unknown_variables(draft: Draft) -> Iterator[Fault]:
    """A node asks for a variable that no node sets, or a value names one."""
    if not draft.menus_readable:
        return
    known = known_variables(draft)
    perhaps = frozenset(_names_in_broken_nodes(draft))
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            for path, name in _asked_for(node):
                if name not in known | perhaps:
                    found, hint = f"found {quoted(name)}, which no node sets", did_you_mean(name, known)
                    at = ("nodes", key, *path)
                    yield fault_at(menu.document, at, "unknown-variable", found, one_of(known), hint)


def changed_facts(draft: Draft) -> Iterator[Fault]:
    """A node sets what is known of the call without it."""
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            for path, name in _set_by(node):
                if name in FACTS:
                    found = f"found {quoted(name)}, which is known of every call and stays"
                    yield fault_at(menu.document, ("nodes", key, *path), "changed-fact", found, "another name")


def unknown_calendars(draft: Draft) -> Iterator[Fault]:
    """An `hours` node asks a calendar that is not there."""
    values = draft.documents[SITE_FILE].values
    written = values.get("calendars") if isinstance(values, dict) else None
    known = written if isinstance(written, dict) else {}
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            calendar = getattr(node, "calendar", None) if isinstance(node, HoursNode) else None
            if calendar is not None and calendar not in known:
                found = f"found {quoted(calendar)}, which is not a calendar of {SITE_FILE}"
                at, hint = ("nodes", key, "calendar"), did_you_mean(calendar, known)
                yield fault_at(menu.document, at, "unknown-calendar", found, one_of(known), hint)


def known_variables(draft: Draft) -> frozenset[str]:
    """Return every name that has a value in some menu: facts, what nodes set, what sub-flows begin with."""
    nodes = [node for menu in draft.menus.values() for node in menu.nodes.values()]
    inputs = (name for node in nodes if isinstance(node, CallNode) for name in getattr(node, "with_", {}))
    return frozenset((*FACTS, *(name for node in nodes for _, name in _set_by(node)), *inputs))


def _set_by(node: Node) -> Iterator[tuple[Path, str]]:
    if isinstance(node, SetNode):
        yield from ((("variables", name), name) for name in getattr(node, "variables", {}))
    elif isinstance(node, CollectNode) and getattr(node, "into", None):
        yield ("into",), node.into
    elif isinstance(node, CallNode | BackendNode):
        yield from ((("into", name), name) for name in getattr(node, "into", {}))


def _asked_for(node: Node) -> Iterator[tuple[Path, str]]:
    if isinstance(node, SwitchNode) and getattr(node, "on", None):
        yield ("on",), node.on
    if isinstance(node, AuthNode) and getattr(node, "account", None):
        yield ("account",), node.account or ""
    if isinstance(node, TransferNode):
        yield from ((("to",), asked) for asked in TEMPLATE_SLOT.findall(getattr(node, "to", "")))
    for word, holds in _TEMPLATES.items():
        if isinstance(node, holds):
            texts: dict[str, str] = getattr(node, "with_" if word == "with" else word, {})
            for name, text in texts.items():
                yield from (((word, name), asked) for asked in TEMPLATE_SLOT.findall(text))


_TEMPLATES: Mapping[str, tuple[type[NodeModel], ...]] = {
    "variables": (SetNode,),
    "with": (CallNode, BackendNode),
    "outputs": (ReturnNode,),
}
"""words whose values name variables, and the nodes that have them"""


def _names_in_broken_nodes(draft: Draft) -> Iterator[str]:
    """Yield what broken nodes may set: nobody shall be told of a variable that is unknown only for a mistake there."""
    for menu in draft.menus.values():
        for key in menu.broken | (menu.names - menu.nodes.keys()):
            written = menu.document.values["nodes"][key]
            for value in written.values() if isinstance(written, dict) else ():
                yield from value if isinstance(value, dict) else [value] if isinstance(value, str) else []
