"""Warnings that the admin has seen and wants: `# hotline: ignore many-choices` at the end of the line they are of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dialplan.faults import Fault, Severity, did_you_mean, quoted
from dialplan.lint import QUOTED
from dialplan.rules import RULES
from dialplan.yaml_tree import Document

_COMMENT = re.compile(r"(?:^|\s)#\s*hotline:\s*ignore\b(?P<rules>[^#]*)", re.ASCII)
_RULE = re.compile(r"[^\s,]+")


@dataclass(frozen=True)
class Ignored:
    """One rule that a line says to ignore."""

    file: str
    line: int
    column: int
    rule: str


def without_ignored(faults: Iterable[Fault], documents: Iterable[Document]) -> list[Fault]:
    """Return the faults without the warnings that their lines say to ignore, and a warning for each word in vain.

    An error cannot be ignored: a site with one does not run.
    """
    ignored = [one for document in documents for one in ignored_in(document)]
    kept, used = [], set()
    named = {(one.file, one.line, one.rule): one for one in ignored}
    for fault in faults:
        match = named.get((fault.file, fault.line, fault.rule))
        if match is None or fault.severity is Severity.ERROR:
            kept.append(fault)
        else:
            used.add(match)
    return [*kept, *(_in_vain(one) for one in ignored if one not in used)]


def ignored_in(document: Document) -> Iterator[Ignored]:
    """Yield every rule that a line of the file says to ignore."""
    for number, line in enumerate(document.lines, start=1):
        if "hotline:" not in line:
            continue
        for comment in _COMMENT.finditer(QUOTED.sub(lambda words: "x" * len(words[0]), line)):
            for rule in _RULE.finditer(comment["rules"]):
                yield Ignored(document.file, number, comment.start("rules") + rule.start() + 1, rule[0])


def _in_vain(one: Ignored) -> Fault:
    at = (one.file, one.line, one.column)
    known = RULES.get(one.rule)
    if known is None:
        found, hint = f"found {quoted(one.rule)}, which is no rule", did_you_mean(one.rule, RULES)
        return Fault(*at, "unknown-rule", found, "a rule of docs/checks.md", hint, Severity.WARNING)
    if known.severity is Severity.ERROR:
        found = f"{one.rule} is an error, and errors cannot be ignored"
        return Fault(*at, "unused-ignore", found, "a warning", severity=Severity.WARNING)
    return Fault(*at, "unused-ignore", f"found nothing of {one.rule} on this line", severity=Severity.WARNING)
