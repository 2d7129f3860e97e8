"""The steps and the preferences of a queue: in order, long enough, and not in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from acd.requirement import ANYBODY, parse, skills_in
from dialplan.draft import QUEUES_FILE, Draft
from dialplan.faults import Fault, Severity
from dialplan.findings import fault_at
from dialplan.serving import able_after, able_ever, agents_known, skills_of, skills_of_agents, steps_of
from dialplan.site import QueueSettings, StepSettings


def steps_out_of_order(draft: Draft) -> Iterator[Fault]:
    """A step does not come after the one before it."""
    for name, _, steps in _queues_with_steps(draft):
        for number, (before, step) in enumerate(pairwise(steps), start=1):
            if step.after_seconds <= before.after_seconds:
                found = f"found {step.after_seconds} after {before.after_seconds}"
                expected = "the times of the steps in order, all counted from the caller's arrival"
                yield _at(draft, name, number, "after_seconds", "steps-order", found, expected)


def short_steps(draft: Draft) -> Iterator[Fault]:
    """Warn of a step that opens before a phone of the step before has rung out: whoever was better is passed over."""
    for name, queue, steps in _queues_with_steps(draft):
        ring_seconds: int = getattr(queue, "ring_seconds", 0)
        begins = [0, *(step.after_seconds for step in steps)]
        for number, (before, begin) in enumerate(pairwise(begins)):
            if 0 < begin - before < ring_seconds:
                found = (
                    f"this step opens {begin - before} s after the one before, while a phone rings for {ring_seconds} s"
                )
                yield _warning(
                    _at(draft, name, number, "after_seconds", "short-step", found, "a step no shorter than a ring")
                )


def idle_steps(draft: Draft) -> Iterator[Fault]:
    """Warn of a step that lets nobody new serve, or that no caller lives to see."""
    skills = skills_of_agents(draft)
    if skills is None or not agents_known(draft):
        return
    for name, queue, steps in _queues_with_steps(draft):
        limit: int | None = getattr(queue, "wait_seconds_max", None)
        for number, step in enumerate(steps):
            if limit is not None and step.after_seconds >= limit:
                found = f"no caller waits for {step.after_seconds} s: wait_seconds_max is {limit}"
                yield _warning(_at(draft, name, number, "after_seconds", "idle-step", found))
            elif skills_in(parse(step.requires or "")) <= skills and _able(draft, queue, number) == _able(
                draft, queue, number + 1
            ):
                yield _warning(
                    _at(draft, name, number, "after_seconds", "idle-step", "this step lets nobody new serve")
                )


def idle_preferences(draft: Draft) -> Iterator[Fault]:
    """Warn of a preference that no agent who may serve the queue meets."""
    skills = skills_of_agents(draft)
    if skills is None or not agents_known(draft):
        return
    for name, queue in draft.queues.items():
        able = [draft.agents[extension] for extension in able_ever(draft, queue, ANYBODY)]
        for number, text in enumerate(getattr(queue, "prefer", ())):
            wish = parse(text or "")
            if able and skills_in(wish) <= skills and not any(wish.met_by(skills_of(agent)) for agent in able):
                at = (name, "prefer", number)
                found = f"no agent who may serve this queue meets {wish}"
                yield _warning(fault_at(draft.documents[QUEUES_FILE], at, "idle-preference", found))


def _queues_with_steps(draft: Draft) -> Iterator[tuple[str, QueueSettings, list[StepSettings]]]:
    """Those whose steps could all be read: a gap would make the next step look wrong."""
    for name, queue in draft.queues.items():
        steps = steps_of(queue)
        if len(steps) == len(getattr(queue, "steps", ())):
            yield name, queue, steps


def _able(draft: Draft, queue: QueueSettings, steps: int) -> list[str]:
    return able_after(draft, queue, steps, ANYBODY)


def _at(draft: Draft, queue: str, step: int, key: str, rule: str, found: str, expected: str = "") -> Fault:
    return fault_at(draft.documents[QUEUES_FILE], (queue, "steps", step, key), rule, found, expected)


def _warning(fault: Fault) -> Fault:
    return replace(fault, severity=Severity.WARNING)
