"""`context` of a queue: what callers may press while they wait."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from dialplan.importing.extensions import Step
from dialplan.importing.queues import Drafts, QueueDraft
from dialplan.importing.report import Fate, Report

KEYS = frozenset("0123456789*#")


def exit_contexts(drafts: Drafts) -> set[str]:
    """The contexts that keys lead into: their extensions are keys and no numbers."""
    return {queue.exit_context.value for queue in drafts.queues.values() if queue.exit_context is not None}


def read_keys(steps: Iterable[Step], drafts: Drafts, report: Report) -> None:
    """Give each queue with a context the keys that lead to another queue, and name all other extensions there."""
    known = list(steps)
    for queue in drafts.queues.values():
        if queue.exit_context is None:
            continue
        own = [step for step in known if step.context == queue.exit_context.value]
        fate, why = (
            (Fate.SAME, "told at each key") if own else (Fate.FAULT, "there is no such context in extensions.conf")
        )
        report.add(queue.exit_context.place, queue.name, f"context = {queue.exit_context.value}", fate, why)
        for _, group in groupby(own, key=lambda step: step.extension):
            _read_key(list(group), queue, drafts, report)


def _read_key(steps: list[Step], queue: QueueDraft, drafts: Drafts, report: Report) -> None:
    key = steps[0].extension
    target = drafts.queues.get(steps[0].argument(1)) if steps[0].application.lower() == "queue" else None
    if key in KEYS and target is not None and target is not queue:
        queue.words.setdefault("keys", {})[key] = f"queue:{target.id}"
        report.add(
            steps[0].place, steps[0].about, steps[0].text, Fate.WRITTEN, f"keys of {queue.id}: {key}: {target.id}"
        )
        steps = steps[1:]
    for step in steps:
        why = (
            f"name a node of a menu for the key under keys of {queue.id}"
            if key in KEYS
            else "a key is one of 0 to 9, * or #"
        )
        report.add(step.place, step.about, step.text, Fate.DECIDE, why)
