"""Segments: that they exist, that a number belongs to one, that their wish can come true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from acd.requirement import parse, skills_in
from dialplan.draft import SITE_FILE, Draft
from dialplan.faults import Fault, Severity, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.serving import agents_known, queue_nodes, segments_of, skills_of, skills_of_agents


def unknown_segments(draft: Draft) -> Iterator[Fault]:
    """A queue node names a segment that `site.yaml` does not have."""
    values = draft.documents[SITE_FILE].values
    written = values.get("segments", {}) if isinstance(values, dict) else None
    if not isinstance(written, dict):
        return
    for document, path, node in queue_nodes(draft):
        segment = getattr(node, "segment", None)
        if segment is not None and segment not in written:
            found, hint = f"found {quoted(segment)}, which is not a segment", did_you_mean(segment, written)
            expected = one_of(written) or "a segment of site.yaml, which has none"
            yield fault_at(document, (*path, "segment"), "unknown-segment", found, expected, hint)


def numbers_of_two_segments(draft: Draft) -> Iterator[Fault]:
    """A caller number is in two segments."""
    first: dict[str, str] = {}
    for name, segment in segments_of(draft).items():
        for index, number in enumerate(segment.numbers):
            if number in first:
                found = f"{number} is already of the segment {quoted(first[number])}"
                at = ("segments", name, "numbers", index)
                yield fault_at(draft.documents[SITE_FILE], at, "clash", found, "each number in one segment")
            first.setdefault(number, name)


def idle_wishes(draft: Draft) -> Iterator[Fault]:
    """Warn of a segment that wants what no agent meets: it is passed over at once."""
    skills = skills_of_agents(draft)
    if skills is None or not agents_known(draft):
        return
    for name, segment in segments_of(draft).items():
        wish = parse(segment.requires or "")
        if skills_in(wish) <= skills and not any(wish.met_by(skills_of(agent)) for agent in draft.agents.values()):
            at = ("segments", name, "requires")
            fault = fault_at(draft.documents[SITE_FILE], at, "idle-wish", f"no agent meets {wish}")
            yield replace(fault, severity=Severity.WARNING)
