"""Names that must exist: nodes, queues, languages."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.draft import QUEUES_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.words import KEY_ACTIONS
from dialplan.yaml_tree import Document, Path


def unknown_nodes(draft: Draft) -> Iterator[Fault]:
    """A reference of a node, of a number or of the hours leads nowhere."""
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            for path, reference in node.exits():
                if is_unknown(draft, reference, name):
                    found = f"found {quoted(reference)}, which is not a node"
                    hint = did_you_mean(reference, references(draft, name))
                    at = ("nodes", key, *path)
                    yield fault_at(menu.document, at, "unknown-node", found, "node, menu or menu.node", hint)
    for path, reference in _starts(draft):
        if is_unknown(draft, reference, ""):
            found = f"found {quoted(reference)}, which is not a menu and not a node of one"
            hint = did_you_mean(reference, references(draft, ""))
            yield fault_at(draft.documents[SITE_FILE], path, "unknown-node", found, "menu or menu.node", hint)
    for queue, reference in draft.surveys:
        if is_unknown(draft, reference, ""):
            found = f"found {quoted(reference)}, which is not a menu and not a node of one"
            hint = did_you_mean(reference, references(draft, ""))
            document = draft.documents[QUEUES_FILE]
            yield fault_at(document, (queue, "survey"), "unknown-node", found, "menu or menu.node", hint)


def unknown_handlers(draft: Draft) -> Iterator[Fault]:
    """A handler, a global key, or `person` or `main` of a menu leads nowhere."""
    for document, path, reference, menu in _around_the_nodes(draft):
        if is_unknown(draft, reference, menu):
            found, expected = f"found {quoted(reference)}, which is not a node", "node, menu or menu.node"
            hint = did_you_mean(reference, [*references(draft, menu), *(KEY_ACTIONS if path[0] == "keys" else ())])
            if not menu:
                expected = "menu or menu.node"
            if path[0] == "keys":
                expected = f"{', '.join(KEY_ACTIONS)}, {expected}"
            yield fault_at(document, path, "unknown-node", found, expected, hint)


def _around_the_nodes(draft: Draft) -> Iterator[tuple[Document, Path, str, str]]:
    """Yield each reference that holds for many nodes: where it stands, and the menu in which it is read."""
    site = draft.documents[SITE_FILE]
    yield from ((site, ("handlers", *path), to, "") for path, to in draft.handlers.exits())
    yield from ((site, ("keys", key), to, "") for key, to in draft.keys.items() if to not in KEY_ACTIONS)
    for name, menu in draft.menus.items():
        yield from ((menu.document, ("handlers", *path), to, name) for path, to in menu.handlers.exits())
        yield from ((menu.document, (word,), to, name) for word, to in menu.leads.items())


def unknown_queues(draft: Draft) -> Iterator[Fault]:
    """A queue node names a queue that `queues.yaml` does not have."""
    queues = draft.names_in(QUEUES_FILE)
    if queues is None:
        return
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            queue = getattr(node, "queue", None)
            if queue is not None and queue not in queues:
                found = f"found {quoted(queue)}, which is not a queue"
                at, hint = ("nodes", key, "queue"), did_you_mean(queue, queues)
                yield fault_at(menu.document, at, "unknown-queue", found, one_of(queues), hint)


def unknown_languages(draft: Draft) -> Iterator[Fault]:
    """A language node speaks what the site does not."""
    languages = draft.languages
    for menu in draft.menus.values():
        for key, node in menu.nodes.items() if languages else ():
            language = getattr(node, "language", None)
            if language is not None and language not in languages:
                found = f"found {quoted(language)}, which is not a language of this site"
                at = ("nodes", key, "language")
                yield fault_at(menu.document, at, "unknown-language", found, one_of(languages))


def repeated_languages(draft: Draft) -> Iterator[Fault]:
    """`site.yaml` lists a language twice."""
    languages = draft.languages
    for index, language in enumerate(languages):
        if language in languages[:index]:
            at = ("languages", index)
            found = f"found {quoted(language)} again"
            yield fault_at(draft.documents[SITE_FILE], at, "duplicate-language", found, "each language once")


def _starts(draft: Draft) -> Iterator[tuple[Path, str]]:
    yield from ((("numbers", number), reference) for number, reference in draft.numbers.items())
    if draft.closed is not None:
        yield ("hours", "closed"), draft.closed


def is_unknown(draft: Draft, reference: str, menu: str) -> bool:
    """Say whether a reference surely leads nowhere: an unreadable menu might hold the node, and a menu without a good
    `entry` has its fault there."""
    if draft.resolve(reference, menu) is not None or reference in draft.menus:
        return False
    target = draft.menus.get(reference.partition(".")[0])
    return target is None or (isinstance(target.document.values, dict) and bool(target.names))


def references(draft: Draft, menu: str) -> list[str]:
    """Return every reference that would lead somewhere from this menu."""
    here = draft.menus.get(menu)
    everywhere = [f"{name}.{node}" for name, other in draft.menus.items() for node in sorted(other.names)]
    return [*(sorted(here.names) if here else ()), *draft.menus, *everywhere]
