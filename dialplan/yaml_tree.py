"""YAML 1.2 read into plain values, with the line and column of every key and value.

The site's language is a small part of YAML: mappings, lists and scalars. Anchors, aliases, merge keys and tags are
refused: a site is read by people, and an alias bomb by nobody. Every key is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from dialplan.faults import Fault, Severity, quoted
from dialplan.full_width import stray
from dialplan.lint import LINE_BREAK, lint
from dialplan.scalars import LEADING_ZERO, kind_of, trap, value_of
from dialplan.yaml_events import at, events, refused

Path = tuple[str | int, ...]

DEPTH_MAX = 20
"""No file of a site nests half as deep; one that nests a thousand deep would exhaust whoever reads it."""
BYTES_MAX = 4_000_000
"""A site of ten thousand nodes is smaller."""
_OPENED = frozenset({"while parsing a flow mapping", "while parsing a flow sequence", "while scanning a quoted scalar"})
"""as ruamel says in which it has been when it stumbled"""
_IMPOSSIBLE_ESCAPE = re.compile(r"\\U(?!000|0010)[0-9A-Fa-f]{8}")
"""beyond the last character, U+10FFFF"""
_WORDS_OF_OURS = {"on": "type"}
"""keys that older YAML reads as a truth value, and that are meant beside another one: `on` of a node"""


@dataclass(frozen=True)
class Place:
    """Where a key and its value stand. An item of a list, and a whole file, have the same place for both."""

    key: tuple[int, int]
    value: tuple[int, int]
    text: str
    """the scalar as written, without quotes; empty for a mapping or a list"""


@dataclass
class Document:
    """One file of a site: its plain values and where each of them stands."""

    file: str
    lines: tuple[str, ...]
    values: Any = None
    """dict, list, str, int, float, bool or None; None as well when the file could not be parsed"""
    places: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: Path, *, of_key: bool = False) -> tuple[int, int]:
        """Return line and column of the value (or key) at the path, or of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length]) or self.places.get(_as_written(path[:length]))
            if place:
                # What stands around a missing thing is best shown by its name.
                return place.key if of_key or length < len(path) else place.value
        return (1, 1)

    def place_within(self, path: Path, offset: int) -> tuple[int, int]:
        """Return line and column of a character, from 0, of the text at the path.

        Text that is not written on one line as it reads (folded, or with escapes) is shown at its beginning.
        """
        line, column = self.place(path)
        text, written = self.text(path), self.lines[line - 1][column - 1 :] if line <= len(self.lines) else ""
        quote = int(written[:1] in ("'", '"'))
        return (line, column + quote + offset) if text and written[quote:].startswith(text) else (line, column)

    def text(self, path: Path) -> str:
        """Return the scalar at the path as the admin wrote it; empty when there is none."""
        place = self.places.get(path)
        return place.text if place else ""


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines as YAML 1.2 counts them, without their ends; behind the last line break there is none."""
    lines = LINE_BREAK.split(text)
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def read(file: str, content: bytes) -> Document:
    """Parse one file; what is wrong with its text is in the document's `faults`."""
    if len(content) > BYTES_MAX:
        found = f"the file is larger than {BYTES_MAX} bytes"
        return Document(file, (), faults=[Fault(file, 1, 1, "too-large", found)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(file, content, error)
    document = Document(file, lines_of(text))
    repaired, document.faults = lint(file, text)
    if any(fault.rule == "tab" for fault in document.faults):
        return document
    try:
        _Builder(document, repaired).build()
    except MarkedYAMLError as error:
        # After a bare key the parser trips over what the admin meant well: one fault is enough.
        if not document.faults:
            document.faults.append(_syntax_fault(document, error))
    except ReaderError as error:
        line = repaired.count("\n", 0, error.position) + 1
        column = error.position - repaired.rfind("\n", 0, error.position)
        document.faults.append(Fault(file, line, column, "syntax", "found a control character", "printable text"))
    except (ValueError, OverflowError):  # of chr(): the parser checks the digits of an escape, and not what they are
        document.faults.append(_impossible_escape(file, repaired))
    return document


class _TooDeepError(Exception):
    """The file nests deeper than any site; the fault is told."""


class _Builder:
    """Turns the parser's events into plain values in one pass, noting every place. Nothing of a file that holds an
    anchor, an alias or a tag is kept, and none of them is ever followed."""

    def __init__(self, document: Document, text: str) -> None:
        self._document = document
        self._events = events(text)
        self._places: dict[Path, Place] = {}
        self._faults: list[Fault] = []
        self._refused = False

    def build(self) -> None:
        """Fill the document."""
        event = next(self._events)
        try:
            values = None if _is_nothing(event) else self._value(event, (), at(event))
            if not isinstance(event, StreamEndEvent):
                next(self._events)  # the end, unless there is another document
        except _TooDeepError:
            self._refused, self._faults = True, self._faults[-1:]
        if _is_nothing(event):
            self._faults.append(
                Fault(self._document.file, 1, 1, "empty-file", "the file is empty", "a mapping of keys")
            )
        self._document.faults += self._faults
        if not self._refused:
            self._document.values, self._document.places = values, self._places

    def _value(self, event: Event, path: Path, key: tuple[int, int]) -> Any:
        self._refuse(event)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path, key)
        self._places[path] = Place(key, at(event), "")
        if isinstance(event, AliasEvent):
            return None
        if len(path) >= DEPTH_MAX:
            self._fault(event, "too-deep", f"found more than {DEPTH_MAX} levels of lists and mappings", "fewer")
            raise _TooDeepError
        return self._mapping(path) if isinstance(event, MappingStartEvent) else self._list(path)

    def _list(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            values.append(self._value(event, (*path, len(values)), at(event)))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(key_event := next(self._events), MappingEndEvent):
            key = self._key(key_event, path, values)
            if key is not None and key not in values:
                values[key] = self._value(next(self._events), (*path, key), at(key_event))
                continue
            if key is not None:
                line, column = self._places[(*path, key)].key
                found = f'found "{key}" again; it is already at {line}:{column}'
                self._fault(key_event, "duplicate-key", found, "each key once")
            self._skip(next(self._events), path)
        return values

    def _skip(self, event: Event, path: Path) -> None:
        """Pass over a value that belongs to no key; its own text is looked at all the same."""
        kept = dict(self._places)
        self._value(event, (*path, 0), at(event))
        self._places = kept

    def _key(self, event: Event, path: Path, beside: dict[str, Any]) -> str | None:
        if not isinstance(event, ScalarEvent):
            self._fault(event, "bad-key", "found a mapping or a list as a key", "text")
            self._skip(event, path)
            return None
        self._refuse(event)
        text = self._words(event)
        if not _is_plain(event):
            return text
        if text == "<<":
            self._fault(event, "alias", "found a merge key", "the keys written out")
            return None
        if _WORDS_OF_OURS.get(text) not in beside:
            self._check_plain(event, text)
        if kind_of(text) != "str" and not LEADING_ZERO.fullmatch(text):
            self._fault(event, "unquoted", f"found the key {text or 'nothing'}", "text", f'quote it: "{text}"')
        return text

    def _scalar(self, event: ScalarEvent, path: Path, key: tuple[int, int]) -> Any:
        text, plain = self._words(event), _is_plain(event)
        # A value that is not there is marked where the next token begins.
        self._places[path] = Place(key, key if plain and not text else at(event), text)
        if not plain:
            return text
        self._check_plain(event, text)
        return value_of(kind_of(text), text)

    def _words(self, event: ScalarEvent) -> str:
        """Return the scalar's text; half of a surrogate pair, which only an escape can make, is no character."""
        text: str = event.value
        if event.style == '"' and not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
            self._fault(event, "bad-escape", "found an escape that is no character", "the character itself")
            return "".join("?" if "\ud800" <= one <= "\udfff" else one for one in text)
        return text

    def _check_plain(self, event: Event, text: str) -> None:
        if caught := trap(text):
            self._fault(event, *caught)

    def _refuse(self, event: Event) -> None:
        faults = refused(self._document.file, event)
        self._faults += faults
        self._refused |= bool(faults)

    def _fault(
        self, event: Event, rule: str, found: str, expected: str, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        self._faults.append(Fault(self._document.file, *at(event), rule, found, expected, hint, severity))


def _as_written(path: Path) -> Path:
    """Return the path as it stands in a file where the keys * and # have names."""
    return tuple({"*": "star", "#": "pound"}.get(str(step), step) for step in path)


def _is_nothing(event: Event) -> bool:
    """Say whether there is no document, or one without a word."""
    return isinstance(event, StreamEndEvent) or (
        isinstance(event, ScalarEvent) and _is_plain(event) and not event.value
    )


def _is_plain(event: ScalarEvent) -> bool:
    return event.style in (None, "")


def _syntax_fault(document: Document, error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    # At the end of the file there is no line to show; the last one is where the admin must look.
    line = min(line, max(len(document.lines), 1))
    if typed := stray(document.lines, line):
        line, column, character, meant = typed
        return Fault(document.file, line, column, "syntax", f"found the full-width {quoted(character)}", meant)
    found = " ".join(str(part) for part in (error.context, error.problem) if part)
    opened = error.context_mark if error.context in _OPENED else None
    hint = f"what opens at {opened.line + 1}:{opened.column + 1} may not be closed" if opened else ""
    return Fault(document.file, line, column, "syntax", f"the YAML cannot be read here: {found}", hint=hint)


def _impossible_escape(file: str, text: str) -> Fault:
    escape = _IMPOSSIBLE_ESCAPE.search(text)
    at = escape.start() if escape else 0
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Fault(file, line, column, "bad-escape", "found an escape that is no character", "the character itself")


def _undecodable(file: str, content: bytes, error: UnicodeDecodeError) -> Document:
    before = content[: error.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    found = f"found the byte 0x{content[error.start]:02x}, which is not UTF-8"
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    hint = f"save the file as UTF-8 (it {'is UTF-16' if wide else 'may be GBK'})"
    fault = Fault(file, line, column, "not-utf-8", found, "text in UTF-8", hint)
    return Document(file, lines_of(content.decode("utf-8", "replace")), faults=[fault])
