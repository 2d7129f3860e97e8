"""queuerules.conf: penalties that change while a caller waits, as steps that widen a requirement.

Asterisk applies a rule only to callers for whom QUEUE_MAX_PENALTY was set before Queue() (queuerules.conf.sample).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dialplan.importing.conf import Conf, Section, Setting
from dialplan.importing.members import level_of
from dialplan.importing.options import NO
from dialplan.importing.queues import GENERAL_SECTION, Drafts, QueueDraft
from dialplan.importing.report import Fate, Report
from dialplan.importing.routes import Routes

CHANGE = "penaltychange"


def read_rules(conf: Conf, drafts: Drafts, routes: Routes, report: Report) -> None:
    """Give each queue with a defaultrule the steps of that rule; a rule that no queue has is told."""
    for section in conf.sections:
        if section.name.lower() == GENERAL_SECTION:
            for setting in section.settings:
                fate = Fate.SAME if setting.value.lower() in NO else Fate.DECIDE
                report.add(setting.place, section.name, _text(setting), fate, "rules in a database are not read")
            continue
        queues = [queue for queue in drafts.queues.values() if queue.rule and queue.rule.value == section.name]
        for queue in queues:
            _apply(section, queue, routes, report)
        if not queues and not section.is_template:
            why = "no queue has it as its defaultrule"
            report.add(section.place, section.name, f"[{section.name}]", Fate.DECIDE, why)
    for queue in drafts.queues.values():
        if queue.rule is not None:
            known = conf.section(queue.rule.value) is not None
            fate = Fate.SAME if known else Fate.FAULT
            why = "told at each line of the rule" if known else "there is no such rule in queuerules.conf"
            report.add(queue.rule.place, queue.name, _text(queue.rule), fate, why)


def _apply(section: Section, queue: QueueDraft, routes: Routes, report: Report) -> None:
    about = f"{section.name} of {queue.name}"
    starts = routes.max_penalties.get(queue.id, set())
    first = next(iter(starts), None)
    if first is None or len(starts) > 1:
        fate, why = _no_steps(starts)
        for setting in section.settings:
            report.add(setting.place, about, _text(setting), fate, why)
        return
    steps = list(_steps(section, queue, first, about, report))
    queue.words |= {"requires": f"{queue.id} >= {level_of(first)}", "steps": steps} if steps else {}
    for node in routes.nodes.values():
        if steps and node["queue"] == queue.id:
            node.pop("skills", None)


def _no_steps(starts: set[int | None]) -> tuple[Fate, str]:
    if starts <= {None}:
        return Fate.SAME, "without QUEUE_MAX_PENALTY set before Queue() a rule changes nothing in Asterisk either"
    if len(starts) > 1:
        return Fate.DECIDE, "callers begin with different QUEUE_MAX_PENALTY: a queue has one row of steps for all"
    return Fate.DECIDE, "queues.yaml of this version has no steps"


def _steps(section: Section, queue: QueueDraft, penalty: int, about: str, report: Report) -> Iterator[dict[str, Any]]:
    for setting in section.settings:
        if setting.name.lower() != CHANGE:
            report.add(setting.place, about, _text(setting), Fate.FAULT, f"expected {CHANGE} => seconds,penalty")
            continue
        seconds, most, *others = [*map(str.strip, setting.value.split(",")), ""]
        try:
            after, changed = int(seconds), penalty + int(most) if most[:1] in ("+", "-") else int(most or penalty)
        except ValueError:
            report.add(setting.place, about, _text(setting), Fate.FAULT, "expected numbers")
            continue
        if any(others):
            why = "a step opens a call to more agents and closes it to none: only the largest penalty is read"
            report.add(setting.place, about, _text(setting), Fate.DECIDE, why)
        if level_of(changed) < level_of(penalty):
            penalty = changed
            needed = f"{queue.id} >= {level_of(penalty)}"
            report.add(setting.place, about, _text(setting), Fate.WRITTEN, f"after {after} s {needed}")
            yield {"after_seconds": after, "requires": needed}
        elif not any(others):
            report.add(setting.place, about, _text(setting), Fate.DECIDE, "it opens the call to nobody new")


def _text(setting: Setting) -> str:
    return f"{setting.name} = {setting.value}"
