"""What becomes of callers for whom something goes wrong: handlers that must be there, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from dialplan.asking import KeysNode
from dialplan.draft import SITE_FILE, Draft
from dialplan.faults import Fault, quoted
from dialplan.findings import fault_at
from dialplan.node import Leading
from dialplan.nodes import NODE_TYPES
from dialplan.ways import STEPS, graph_of, guess, person_near
from dialplan.yaml_tree import Document, Path


def missing_exhausted(draft: Draft) -> Iterator[Fault]:
    """A node that asks does not say what comes after the last attempt, and no handler does."""
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            written = menu.document.values["nodes"][key]
            if isinstance(node, KeysNode) and "exhausted" not in written and not _handled(draft, name, "exhausted"):
                expected = "the node for a caller who used up every attempt"
                at = ("nodes", key, "exhausted")
                yield fault_at(menu.document, at, "missing-exhausted", 'found no "exhausted"', expected)


def missing_failed(draft: Draft) -> Iterator[Fault]:
    """A node at which something may fail does not say where a call goes then, and no handler `error` does."""
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            written = menu.document.values["nodes"][key]
            if not node.fails_to or node.fails_to in written or "error" in written or _handled(draft, name, "error"):
                continue
            found, expected = f'found no "{node.fails_to}"', _FAILS[node.type]
            yield fault_at(menu.document, ("nodes", key, node.fails_to), "no-exit", found, expected)


_FAILS = {
    "record": "the node for a caller whose message cannot be recorded",
    "fax_send": "the node for a fax that was not sent",
    "fax_receive": "the node for a fax that did not come",
    "script": "the node for a script that died",
    "vote": "the node for a caller whose vote cannot be taken",
    "query": "the node for a caller for whom nothing was learned",
    "action": "the node for a caller for whom it is not known to be done",
    "auth": "the node for a caller of whom nobody can say who they are",
}
SILENT = tuple(sorted(word for word, kind in NODE_TYPES.items() if kind.silent))
"""types of nodes at which nothing is said or asked; a hangup node may still have a prompt"""


def sounds_after_hangup(draft: Draft) -> Iterator[Fault]:
    """A handler `hangup` leads to a node that speaks or asks: nobody is there any more."""
    graph = graph_of(draft, STEPS)
    for document, path, menu, leading in _leadings(draft):
        reference = getattr(leading, "hangup", None) or ""
        address = guess(draft, reference, menu) if reference else None
        if address is None:
            continue
        for reached in sorted({address} | nx.descendants(graph, address)):
            name, _, key = reached.partition(".")
            node = draft.menus[name].nodes.get(key)
            if node and (not node.silent or any(node.prompt_ids())):
                way = "" if reached == address else f" leads to {quoted(reached)},"
                found = f"found {quoted(reference)}, which{way or ' is'} a {node.type} node that speaks"
                expected = f"{', '.join(SILENT)} nodes alone: the caller has hung up"
                yield fault_at(document, (*path, "hangup"), "sound-after-hangup", found, expected)
                break


def nobody_to_reach(draft: Draft) -> Iterator[Fault]:
    """A global key leads to a person, and the site has no queue node."""
    for key, action in draft.keys.items():
        if action == "person" and draft.menus_readable and not any(person_near(draft, menu) for menu in draft.menus):
            found = "found a key for a person, and no queue node in any menu"
            yield fault_at(draft.documents[SITE_FILE], ("keys", key), "nobody-to-reach", found, "a queue node")


def _leadings(draft: Draft) -> Iterator[tuple[Document, Path, str, Leading]]:
    """Yield everything that may have a handler, with its place and the menu of its references."""
    yield draft.documents[SITE_FILE], ("handlers",), "", draft.handlers
    for name, menu in draft.menus.items():
        yield menu.document, ("handlers",), name, menu.handlers
        yield from ((menu.document, ("nodes", key), name, node) for key, node in menu.nodes.items())


def _handled(draft: Draft, menu: str, word: str) -> bool:
    return draft.menus[menu].writes(word) or draft.writes(word)
