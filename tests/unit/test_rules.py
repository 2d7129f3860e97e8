"""docs/rules.md names what proves each rule: every proof is there, and every scenario proves one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "rules.md"
SCENARIOS = CHECKOUT / "tests" / "scenarios"
_LINK = re.compile(r"\[`([^`\]]+)`\]\(([^)]+)\)")


class Row(NamedTuple):
    rule: str
    holds: str
    proofs: tuple[tuple[str, str], ...]
    """Name and path as written."""


def rows(page: str) -> Iterator[Row]:
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith(("| rule |", "| --- |")):
            _, rule, holds, proofs, _ = (cell.strip() for cell in line.split("|"))
            yield Row(rule, holds, tuple(_LINK.findall(proofs)))


def missing(row: Row) -> Iterator[str]:
    """The proofs of a row that are not there: a file, or a function in it."""
    for name, path in row.proofs:
        file = PAGE.parent / path
        if not file.exists():
            yield f"{row.rule}: no file {path}"
        elif "::" in name and name.partition("::")[2] not in functions(file):
            yield f"{row.rule}: {path} has no {name.partition('::')[2]}"


def functions(path: Path) -> set[str]:
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_proof_is_there() -> None:
    """Each row has a proof, and each proof is a file, with the function that is named."""
    found = list(rows(PAGE.read_text("utf-8")))
    assert len(found) > 50
    assert [row.rule for row in found if not (row.rule and row.holds and row.proofs)] == []
    assert [fault for row in found for fault in missing(row)] == []


def test_every_scenario_proves_a_rule() -> None:
    """A scenario that is in no row is in the wrong place, or the page has a row too few."""
    named = {(PAGE.parent / path).resolve() for row in rows(PAGE.read_text("utf-8")) for _, path in row.proofs}
    assert sorted(path.name for path in set(SCENARIOS.glob("*.txt")) - named) == []


def test_what_is_not_there_is_named() -> None:
    """A file that was renamed and a test that was deleted are both found."""
    here = "../tests/unit/test_rules.py"
    (row,) = rows(f"| 9.9/9 | all is well | [`gone`](../gone.txt), [`x::test_gone`]({here}), [`test_rules`]({here}) |")
    assert list(missing(row)) == ["9.9/9: no file ../gone.txt", f"9.9/9: {here} has no test_gone"]
