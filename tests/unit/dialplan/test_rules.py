"""The table of rules: it has every rule that a site can break, and each is proven by a site that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialplan.rules import RULES
from dialplan.rules.page import page
from tests.unit.dialplan.site_text import BROKEN_SITES, SITES, check_text, sections, told_of

CHECKOUT = Path(__file__).parents[3]
DIALPLAN = CHECKOUT / "dialplan"
LIKE_A_RULE = re.compile(r"[a-z]+(-[a-z0-9]+)+")
NO_RULES = {"asterisk-conf", "cdr-custom", "utf-8", "utf-8-sig", "idempotency-key", "content-length", "content-type"}
OF_OTHERS = {"traffic.py", "scenario.py", "check_scenarios.py"}
"""modules about files which are no part of a site that runs: those of `hotline simulate` and `hotline test`"""


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_is_broken_by_its_site_word_for_word(rule: str, tmp_path: Path) -> None:
    """Each text in broken_sites/rules/ begins with what its rule says, breaks it, and is told exactly so, with the line
    and the caret; the rule's example is a part of that line."""
    name = f"rules/{rule}"
    checked = check_text(tmp_path, name)
    assert told_of(checked, "report") == sections(name)["report"]
    assert (BROKEN_SITES / f"{name}.txt").read_text("utf-8").partition("\n")[0] == RULES[rule].fact
    broken = [fault for fault in checked.faults if fault.rule == rule]
    assert broken
    lines = [checked.sources[fault.file][fault.line - 1] for fault in broken if checked.sources.get(fault.file)]
    assert RULES[rule].described or any(RULES[rule].example in line for line in lines)


@pytest.mark.parametrize("name", SITES)
def test_no_site_breaks_a_rule_that_is_not_in_the_table(name: str, tmp_path: Path) -> None:
    """Whatever is told of any broken site has its rule in the table, with that severity."""
    for fault in check_text(tmp_path, name).faults:
        assert RULES[fault.rule].severity == fault.severity, fault


def test_every_rule_of_the_code_is_in_the_table_and_no_other() -> None:
    """What looks like a rule in the code is one of the table, and each rule of the table stands in the code."""
    written = set(_constants())
    assert {word for word in written if LIKE_A_RULE.fullmatch(word)} - NO_RULES <= RULES.keys()
    assert RULES.keys() - written == set()


def test_the_page_is_made_from_the_table() -> None:
    """docs/checks.md is what `make docs` writes."""
    assert (CHECKOUT / "docs" / "checks.md").read_text("utf-8") == page()


def test_a_site_for_each_rule_and_no_other() -> None:
    """A rule that was renamed leaves no site behind."""
    assert {path.stem for path in (BROKEN_SITES / "rules").glob("*.txt")} == RULES.keys()


def _constants() -> Iterator[str]:
    """Yield every text of the code of a site's checks, without what is said about it."""
    for path in (path for path in DIALPLAN.glob("*.py") if path.name not in OF_OTHERS):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
