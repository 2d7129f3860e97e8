"""What nodes ask backends for: that these exist, are given what they need, and are used as what they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialplan.backends import Backend
from dialplan.draft import BACKENDS_FILE, Draft, MenuDraft
from dialplan.faults import Fault, Severity, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.inquiring import ActionNode, AuthNode, BackendNode

QUIET_SECONDS_MAX = 5
"""A caller who hears nothing for longer takes the call for dead (ivr-ux 6.4)."""
_OF_AUTH = frozenset({"account", "pin"})
"""inputs that an `auth` node gives by itself"""


def unknown_backends(draft: Draft) -> Iterator[Fault]:
    """A node asks a backend that is not there."""
    known = draft.names_in(BACKENDS_FILE)
    if known is None:
        return
    for menu, key, node in _asking(draft):
        backend = getattr(node, "backend", None)
        if backend is not None and backend not in known:
            found, hint = f"found {quoted(backend)}, which is not a backend", did_you_mean(backend, known)
            expected = one_of(known) if known else f"a backend of {BACKENDS_FILE}"
            yield fault_at(menu.document, ("nodes", key, "backend"), "unknown-backend", found, expected, hint)


def inputs_that_differ(draft: Draft) -> Iterator[Fault]:
    """A node gives a backend something that it does not take, or not all that it takes."""
    for menu, key, node, backend in _whole(draft):
        ours = _OF_AUTH if isinstance(node, AuthNode) else frozenset()
        wanted = backend.inputs - ours
        given: dict[str, str] = node.with_
        for name in given.keys() - wanted:
            found = f"found {quoted(name)}, which {node.backend} does not take"
            place, hint = ("nodes", key, "with", name), did_you_mean(name, wanted - given.keys())
            expected = one_of(wanted) if wanted else "no inputs"
            yield fault_at(menu.document, place, "unknown-input", found, expected, hint, of_key=True)
        if missing := sorted(wanted - given.keys()):
            found = f"found no {' and no '.join(missing)}, which {node.backend} takes"
            yield fault_at(menu.document, ("nodes", key, "with"), "missing-input", found, "every input, under with")
        elif untold := sorted(ours - backend.inputs):
            found, at = f"found a backend that does not take {' and '.join(untold)}", ("nodes", key, "backend")
            yield fault_at(menu.document, at, "missing-input", found, "one that is given account and pin")


def unknown_fields(draft: Draft) -> Iterator[Fault]:
    """A node takes a column that the statement of its backend cannot give."""
    for menu, key, node, backend in _whole(draft):
        for variable, field in node.into.items():
            if not backend.may_answer(field):
                found = f"found {quoted(field)}, which the statement of {node.backend} does not give"
                at = ("nodes", key, "into", variable)
                yield fault_at(menu.document, at, "unknown-field", found, "a column of its result")


def writes_of_readers(draft: Draft) -> Iterator[Fault]:
    """A node that reads asks a backend that writes; or, a warning, one that acts a backend which can only read."""
    for menu, key, node, backend in _whole(draft):
        acts, at = isinstance(node, ActionNode), ("nodes", key, "backend")
        if backend.writes and not acts:
            found = f"found {quoted(node.backend)}, whose statement changes something, in a {node.type}"
            yield fault_at(menu.document, at, "writing-query", found, "an action node, which does it once")
        elif backend.writes is False and acts:
            found = f"found {quoted(node.backend)}, which only reads, in an action"
            fault = fault_at(menu.document, at, "reading-action", found, "a query node, or a backend that writes")
            yield replace(fault, severity=Severity.WARNING)


def silent_waits(draft: Draft) -> Iterator[Fault]:
    """Warn of a node at which a caller may hear nothing for long."""
    for menu, key, node, backend in _whole(draft):
        if node.wait_audio is None and backend.timeout_seconds > QUIET_SECONDS_MAX:
            found = f"{node.backend} may take {backend.timeout_seconds} s, and the caller hears nothing"
            at, expected = ("nodes", key, "backend"), f"wait_audio, or {QUIET_SECONDS_MAX} s at most"
            yield replace(fault_at(menu.document, at, "silent-wait", found, expected), severity=Severity.WARNING)


def open_secrets(draft: Draft) -> Iterator[Fault]:
    """Warn of a token that goes over the network for everybody to read."""
    document = draft.documents[BACKENDS_FILE]
    for name, backend in draft.backends.items():
        if name not in draft.broken_backends and backend.tells_a_secret:
            found = "found a token that is sent in the clear"
            fault = fault_at(document, (name, "url"), "open-secret", found, "https, or this machine")
            yield replace(fault, severity=Severity.WARNING)


def idle_backends(draft: Draft) -> Iterator[Fault]:
    """Warn of a backend that no node asks."""
    if not draft.menus_readable or any(menu.names - menu.nodes.keys() or menu.broken for menu in draft.menus.values()):
        return
    document, asked = draft.documents[BACKENDS_FILE], {getattr(node, "backend", "") for _, _, node in _asking(draft)}
    for name in sorted((draft.names_in(BACKENDS_FILE) or frozenset()) - asked):
        found = f"no node asks {quoted(name)}"
        fault = fault_at(document, (name,), "idle-backend", found, "a query, action or auth node", of_key=True)
        yield replace(fault, severity=Severity.WARNING)


def _asking(draft: Draft) -> Iterator[tuple[MenuDraft, str, BackendNode]]:
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            if isinstance(node, BackendNode):
                yield menu, key, node


def _whole(draft: Draft) -> Iterator[tuple[MenuDraft, str, BackendNode, Backend]]:
    """Yield nodes without faults, with backends without faults."""
    for menu, key, node in _asking(draft):
        if key not in menu.broken and node.backend not in draft.broken_backends and node.backend in draft.backends:
            yield menu, key, node, draft.backends[node.backend]
