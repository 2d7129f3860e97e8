"""Warnings that a comment at the end of their line says to ignore."""

from __future__ import annotations

from pathlib import Path

from dialplan.loader import check_site
from tests.unit.dialplan.site_text import sections, write_site

CHOICES = '    choices: {"1": end, "12": end, "2": end, "3": end, "4": end, star: end}'
"""of the site hard_on_the_ear: too many, and 1 begins 12, and 12 is not said, and star is not back"""
RULES = ["many-choices", "waiting-prefix", "choice-not-said", "key-meaning"]


def told(folder: Path, comment: str) -> list[str]:
    """Check the site with this comment behind its choices, and return the rules of that file's faults."""
    menu = sections("hard_on_the_ear")["menus/main.yaml"].replace(CHOICES, f"{CHOICES}  {comment}")
    checked = check_site(write_site(folder, "hard_on_the_ear", menus__main_yaml=menu))
    return [fault.rule for fault in checked.faults if fault.file == "menus/main.yaml"]


def test_warnings_of_the_line_are_ignored_by_name(tmp_path: Path) -> None:
    """Those named are gone, one or several; the others stay."""
    assert told(tmp_path / "a", "") == RULES
    assert told(tmp_path / "b", "# hotline: ignore many-choices") == RULES[1:]
    assert told(tmp_path / "c", "# it is so; #hotline: ignore many-choices, key-meaning") == RULES[1:3]


def test_nothing_is_ignored_without_a_name(tmp_path: Path) -> None:
    """A comment without a rule ignores nothing: what comes later is not hidden by it."""
    assert told(tmp_path, "# hotline: ignore") == RULES


def test_words_in_quotes_are_no_comment(tmp_path: Path) -> None:
    """A prompt may speak of the comment without being one."""
    folder = write_site(tmp_path)
    prompts = (folder / "prompts.yaml").read_text("utf-8").replace("en: Hello", 'en: "# hotline: ignore tea"')
    (folder / "prompts.yaml").write_text(prompts, "utf-8")
    assert check_site(folder).faults == ()


def test_an_error_is_told_all_the_same(tmp_path: Path) -> None:
    """A site with an error does not run, so ignoring one would only hide why; the comment is a warning."""
    menu = sections("good")["menus/main.yaml"].replace("next: choose}", "next: chose}  # hotline: ignore unknown-node")
    checked = check_site(write_site(tmp_path, menus__main_yaml=menu))
    assert [(fault.rule, fault.severity) for fault in checked.faults] == [
        ("unknown-node", "error"),
        ("unused-ignore", "warning"),
    ]
    assert checked.faults[1].found == "unknown-node is an error, and errors cannot be ignored"
