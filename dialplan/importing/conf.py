"""Asterisk's configuration files as lists of settings, each with its place.

Source of the rules: main/config.c. `;` begins a comment unless a backslash stands before it; `;--` begins one that goes
on to `--;`, over any number of lines, and may hold another one. `[name](!)` is a template, `[name](a,b)` begins with
what a and b hold so far, `[name](+)` adds to what was there before. `=` and `=>` mean the same; `+=` appends to the
value that the name has so far. `#include` takes a path with wildcards, below the folder of the configuration;
`#exec` would run a program and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

INCLUDE_DEPTH = 10
"""config.c, MAX_INCLUDE_LEVEL"""

_DIRECTIVE = re.compile(r"#\s*(include|tryinclude|exec)\b\s*(.*)", re.IGNORECASE)
_SECTION = re.compile(r"\[([^\]]*)\]\s*(?:\(([^)]*)\))?(.*)")
_ASSIGN = re.compile(r"([^=]*?)\s*(\+=|=>|=)>?\s*(.*)")


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Setting:
    """One `name = value`."""

    name: str
    value: str
    place: Place


@dataclass
class Section:
    """One `[name]` with all its settings, those of its templates first."""

    name: str
    place: Place
    is_template: bool = False
    settings: list[Setting] = field(default_factory=list)

    def last(self, name: str) -> Setting | None:
        """The setting of this name that counts where only one can: the last."""
        return next((one for one in reversed(self.settings) if one.name.lower() == name), None)


@dataclass(frozen=True)
class Malformed:
    """A line that is none; Asterisk skips it with a warning, or refuses the file."""

    place: Place
    why: str


@dataclass
class Conf:
    """A file with all that it includes."""

    sections: list[Section] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)

    def section(self, name: str) -> Section | None:
        """The section of this name, templates included."""
        return next((one for one in self.sections if one.name == name), None)


def read_conf(folder: Path, name: str) -> Conf:
    """Read `folder/name`. A file that cannot be read, and every line that makes no sense, is in `malformed`."""
    reader = _Reader(folder)
    reader.read_file(folder / name, Place(name, 1, 1), depth=0)
    return reader.conf


class _Reader:
    """What is known while one file and its includes are read; an include goes on in the section that it stands in."""

    def __init__(self, folder: Path) -> None:
        self.conf = Conf()
        self._folder = folder
        self._section: Section | None = None

    def read_file(self, path: Path, asked: Place, depth: int) -> None:
        try:
            text = path.read_text("utf-8", errors="surrogateescape")
        except OSError as error:
            self._complain(asked, f"{path.name} cannot be read: {error.strerror}")
            return
        shown = path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else str(path)
        comment_depth = 0
        for number, raw in enumerate(text.splitlines(), start=1):
            line, comment_depth = strip_comments(raw, comment_depth)
            if line.strip():
                self._take(line, Place(shown, number, len(line) - len(line.lstrip()) + 1), depth)
        if comment_depth:
            self._complain(Place(shown, text.count("\n") + 1, 1), "the file ends within a comment that ;-- began")

    def _take(self, line: str, place: Place, depth: int) -> None:
        text = line.strip()
        if text.startswith("["):
            self._begin(text, place)
        elif text.startswith("#"):
            self._direct(text, place, depth)
        elif (found := _ASSIGN.fullmatch(text)) is None or not found[1]:
            self._complain(place, f"expected `name = value`, found {text[:60]!r}")
        elif self._section is None:
            self._complain(place, f"{found[1]} stands before the first [section]")
        else:
            self._assign(self._section, found[1], found[2], found[3], place)

    def _assign(self, section: Section, name: str, sign: str, value: str, place: Place) -> None:
        before = section.last(name.lower()) if sign == "+=" else None
        section.settings.append(Setting(name, (before.value if before else "") + value, place))
        if before is not None:
            section.settings.remove(before)

    def _begin(self, text: str, place: Place) -> None:
        found = _SECTION.fullmatch(text)
        if found is None or not found[1].strip() or (found[3] or "").strip():
            self._section = None
            self._complain(place, f"expected `[name]` or `[name](templates)`, found {text[:60]!r}")
            return
        name, words = found[1].strip(), [word.strip() for word in (found[2] or "").split(",") if word.strip()]
        known = self.conf.section(name)
        if "+" in words and known is None:
            self._complain(place, f"[{name}](+) adds to a section that does not exist")
        if "+" in words and known is not None:
            self._section = known
        else:
            self._section = Section(name, place, is_template="!" in words)
            self.conf.sections.append(self._section)
        for word in words:
            if word not in ("!", "+"):
                self._inherit(self._section, word, place)

    def _inherit(self, section: Section, name: str, place: Place) -> None:
        template = self.conf.section(name)
        if template is None:
            self._complain(place, f"[{section.name}] begins with {name}, which does not exist")
        else:
            section.settings += template.settings

    def _direct(self, text: str, place: Place, depth: int) -> None:
        found = _DIRECTIVE.fullmatch(text)
        kind, target = (found[1].lower(), _unquoted(found[2])) if found else ("", "")
        if kind == "exec":
            self._complain(place, f"#exec is not carried out: run {target} yourself and #include what it prints")
        elif not kind or not target:
            self._complain(place, f"expected #include FILE, found {text[:60]!r}")
        elif depth >= INCLUDE_DEPTH:
            self._complain(place, f"files include each other {INCLUDE_DEPTH} deep")
        else:
            files = list(self._matching(target))
            if not files and kind == "include":
                self._complain(place, f"there is no file {target}")
            for file in files:
                self.read_file(file, place, depth + 1)

    def _matching(self, target: str) -> Iterator[Path]:
        if not re.search(r"[*?\[]", target):
            path = self._folder / target
            yield from (path,) if path.exists() else ()
        elif target.startswith("/"):
            yield from sorted(Path("/").glob(target[1:]))
        else:
            yield from sorted(self._folder.glob(target))

    def _complain(self, place: Place, why: str) -> None:
        self.conf.malformed.append(Malformed(place, why))


def strip_comments(line: str, depth: int) -> tuple[str, int]:
    """Return the line without comments (blanks in the place of `;-- --;`), and how many of those it leaves open.

    Args:
        depth: how many were open before it.
    """
    kept: list[str] = []
    at = 0
    while at < len(line):
        if depth and line.startswith("--;", at):
            depth, at = depth - 1, at + 3
            kept.append("   ")
        elif line.startswith(";--", at) and not line.startswith(";---", at):
            depth, at = depth + 1, at + 3
            kept.append("   ")
        elif depth:
            kept.append(" ")
            at += 1
        elif line.startswith("\\;", at):
            kept.append(";")
            at += 2
        elif line[at] == ";":
            break
        else:
            kept.append(line[at])
            at += 1
    return "".join(kept).rstrip(), depth


def _unquoted(text: str) -> str:
    """`"file"`, `<file>` and `file` name the same."""
    text = text.strip()
    if len(text) >= 2 and (text[0], text[-1]) in (('"', '"'), ("<", ">")):
        return text[1:-1]
    return text
