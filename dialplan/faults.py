"""What is wrong with a site, said so that the admin can mend it without asking anybody."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    """Whether a site with this fault may be run."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend. Sorts by place: file, line, column."""

    file: str
    """path within the site, with `/`: `menus/main.yaml`"""
    line: int
    """counts from 1"""
    column: int
    """counts characters from 1"""
    rule: str
    """stable name, for searching and for tests: `unknown-node`"""
    found: str
    expected: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def message(self) -> str:
        """Return what was found, what was expected and how to mend it, as one sentence."""
        expected = f"expected {self.expected}" if self.expected else ""
        return "; ".join(part for part in (self.found, expected, self.hint) if part)


def render_text(fault: Fault, source_line: str) -> str:
    """Return the fault as `file:line:column: message [rule]`, the line of the file, and a caret below the place."""
    label = "warning: " if fault.severity is Severity.WARNING else ""
    head = f"{fault.file}:{fault.line}:{fault.column}: {label}{fault.message} [{fault.rule}]"
    if not source_line.strip():
        return head
    return f"{head}\n  {source_line.rstrip()}\n  {_blank(source_line[: fault.column - 1])}^"


def render_all(faults: Iterable[Fault], sources: Mapping[str, Sequence[str]]) -> str:
    """Return every fault with its source line.

    Args:
        sources: the lines of each file by the file name of its faults; a file that could not be read may be absent.
    """
    return "\n".join(render_text(fault, _line_of(fault, sources)) for fault in faults)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean "..."?` for the known word that looks most like this one, or nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {quoted(near[0])}?" if near else ""


def quoted(text: str, limit: int = 60) -> str:
    """Return the text in double quotes on one line, whatever it holds; cut when it is long."""
    shown = json.dumps(text, ensure_ascii=False)
    return shown if len(shown) <= limit else f'{shown[: limit - 4]}..."'


def one_of(words: Iterable[str], limit: int = 8) -> str:
    """Return `one of a, b, c`, cut after `limit` words; nothing when there are no words."""
    listed = sorted(words)
    more = f", ... ({len(listed)} in all)" if len(listed) > limit else ""
    return f"one of {', '.join(listed[:limit])}{more}" if listed else ""


def _line_of(fault: Fault, sources: Mapping[str, Sequence[str]]) -> str:
    lines = sources.get(fault.file, ())
    return lines[fault.line - 1] if 0 < fault.line <= len(lines) else ""


def _blank(text: str) -> str:
    """Return blanks as wide as the text in a terminal: a Chinese character takes two cells, a tab stays a tab."""
    return "".join(_blank_of(character) for character in text)


def _blank_of(character: str) -> str:
    if character == "\t":
        return "\t"
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
