"""Findings for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from hotline.doctor.finding import Finding


def as_table(findings: Sequence[Finding]) -> None:
    table = Table(show_edge=False)
    for heading in ("", "what", "found", "mend"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(_word(finding), finding.name, finding.found, finding.mend)
    Console().print(table)


def to_json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)


def _word(finding: Finding) -> str:
    if finding.well:
        return "[green]ok[/green]"
    return "[red]missing[/red]" if finding.needed else "[yellow]optional[/yellow]"
