"""What a rule of `hotline check` is."""

from __future__ import annotations

from dataclasses import dataclass

from dialplan.faults import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True)
class Rule:
    """One kind of mistake, as admins look it up."""

    id: str
    """stable: it stands in messages, in comments that ignore it, and in other tools' reports"""
    severity: Severity
    """an error keeps a site from running; a warning does not, unless `--strict`"""
    fact: str
    """what is wrong, in a sentence or two"""
    expected: str
    """what should stand there instead"""
    example: str
    """words that are wrong"""
    described: bool = False
    """the example is told, because there are no words to show"""
