"""`autopause` of the queues as one limit of the site."""

from __future__ import annotations

from dialplan.importing.options import NO
from dialplan.importing.queues import Drafts, QueueDraft
from dialplan.importing.report import Fate, Report


def limit_no_answers(drafts: Drafts, report: Report) -> None:
    """One no-answer makes an agent not ready where every queue says so, and none where no queue does. Where they differ
    the site's one limit is the milder one, and each queue that says otherwise is named."""
    pausing = [queue for queue in drafts.queues.values() if _pauses(queue)]
    drafts.no_answer_limit = 1 if len(pausing) == len(drafts.queues) else 0
    for queue in drafts.queues.values():
        if queue.autopause is None:
            continue
        fits = _pauses(queue) == bool(drafts.no_answer_limit)
        why = f"ringing: no_answer_limit: {drafts.no_answer_limit}, of the site"
        told = why if fits else f"{why}: not all queues have autopause, and an agent is one in all of them"
        text = f"autopause = {queue.autopause.value}"
        report.add(queue.autopause.place, queue.name, text, Fate.WRITTEN if fits else Fate.DECIDE, told)


def _pauses(queue: QueueDraft) -> bool:
    return queue.autopause is not None and queue.autopause.value.lower() not in NO
