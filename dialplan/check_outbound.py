"""Callbacks that could be made, and numbers that could be called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dialplan.draft import QUEUES_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, quoted
from dialplan.findings import fault_at
from dialplan.nodes import CallbackNode
from dialplan.waiting import CALLBACK


def impossible_callbacks(draft: Draft) -> Iterator[Fault]:
    """A queue offers callbacks and the site may call nobody, or a key offers one that the queue does not make."""
    document = draft.documents[QUEUES_FILE]
    for name, queue in draft.queues.items():
        keys = getattr(queue, "keys", {})
        if getattr(queue, "callback", None) is None:
            for key in (key for key, to in keys.items() if to == CALLBACK):
                written = {"*": "star", "#": "pound"}.get(key, key)
                at = (name, "keys", key if key in document.values[name]["keys"] else written)
                if "callback" not in document.values[name]:
                    found = "found a key for a callback in a queue without `callback`"
                    yield fault_at(document, at, "no-callback", found, "`callback: {}` beside the keys")
        elif draft.calls_nobody:
            found = "found callbacks in a site that may call nobody"
            yield fault_at(
                document, (name, "callback"), "no-outbound", found, f"`outbound` in {SITE_FILE}", of_key=True
            )


def callbacks_nobody_makes(draft: Draft) -> Iterator[Fault]:
    """A menu proposes a callback of a queue that makes none."""
    queues: Any = draft.documents[QUEUES_FILE].values
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            written = queues.get(getattr(node, "queue", "")) if isinstance(queues, dict) else None
            if isinstance(node, CallbackNode) and isinstance(written, dict) and "callback" not in written:
                found = f"found the queue {quoted(node.queue)}, which has no `callback`"
                expected = f"`callback: {{}}` of that queue in {QUEUES_FILE}"
                yield fault_at(menu.document, ("nodes", key, "queue"), "no-callback", found, expected)
