"""What YAML would swallow or misread, found in the bare text before it is parsed.

`#: repeat` is a comment to YAML, so the option would vanish without a word; `*: back` is an alias, and the parser's
own message about it helps nobody. Both are put right in the text handed on (one character for one, so columns stay),
so that the rest of the file is still checked in the same run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialplan.faults import Fault

LINE_BREAK = re.compile(r"\r\n|\r|\n")
"""as YAML 1.2 has it: other characters that some editors break lines at do not count"""
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')
_BARE_KEY = re.compile(r"(?:^\s*|[{,]\s*)(?P<key>[#*])\s*:(?=\s|$)")
_INDENT_TAB = re.compile(r"^ *\t")

_NAMES = {"#": "pound", "*": "star"}
_REASONS = {
    "#": "a bare # begins a comment, so this option would be lost",
    "*": "a bare * begins an alias",
}
_STAND_INS = {"#": "＃", "*": "＊"}


def lint(file: str, text: str) -> tuple[str, list[Fault]]:
    """Return the text with swallowed keys made visible, and the faults found in it."""
    faults: list[Fault] = []
    lines = []
    for number, line in enumerate(LINE_BREAK.split(text), start=1):
        faults += _tab(file, number, line)
        repaired = line
        for key, at in _bare_keys(line):
            faults.append(_bare_key_fault(file, number, at, key))
            repaired = repaired[:at] + _STAND_INS[key] + repaired[at + 1 :]
        lines.append(repaired)
    breaks = [*LINE_BREAK.findall(text), ""]
    return "".join(f"{line}{end}" for line, end in zip(lines, breaks, strict=True)), faults


def _bare_keys(line: str) -> Iterator[tuple[str, int]]:
    unquoted = QUOTED.sub(lambda quoted: "x" * len(quoted.group()), line)
    for match in _BARE_KEY.finditer(unquoted):
        yield match.group("key"), match.start("key")


def _bare_key_fault(file: str, line: int, at: int, key: str) -> Fault:
    found = f"found the key {key} without quotes: {_REASONS[key]}"
    return Fault(file, line, at + 1, "bare-key", found, hint=f'write {_NAMES[key]} or "{key}"')


def _tab(file: str, line: int, text: str) -> list[Fault]:
    match = _INDENT_TAB.match(text)
    if not match:
        return []
    return [Fault(file, line, match.end(), "tab", "found a tab in the indentation", "spaces")]
