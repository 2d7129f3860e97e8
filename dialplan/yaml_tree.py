"""YAML 1.2 read into plain values, with the line and column of every key and value.

The site's language is a small part of YAML: mappings, lists and scalars. Anchors, aliases, merge keys and tags are
refused: a site is read by people, and an alias bomb by nobody. Every key is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, Event
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from dialplan.faults import Fault, Severity
from dialplan.lint import lint

Path = tuple[str | int, ...]

_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_OLD_NUMBER = re.compile(r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+")
"""of base 60, such as 12:30, which YAML 1.1 reads as 750"""
_OLD_BOOLEANS = frozenset({"yes", "no", "on", "off"})
_KEYS_THAT_STAY_TEXT = frozenset({"on"})
"""a word of the language: every tool that reads a site's keys reads YAML 1.2"""
_TAG = "tag:yaml.org,2002:"


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


def read(file: str, content: bytes) -> Document:
    """Parse one file; what is wrong with its text is in the document's `faults`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(file, content, error)
    document = Document(file, tuple(text.splitlines()))
    repaired, document.faults = lint(file, text)
    if any(fault.rule == "tab" for fault in document.faults):
        return document
    try:
        _compose(document, repaired)
    except MarkedYAMLError as error:
        # After a bare key the parser trips over what the admin meant well: one fault is enough.
        if not document.faults:
            document.faults.append(_syntax_fault(document, error))
    except ReaderError as error:
        line = repaired.count("\n", 0, error.position) + 1
        column = error.position - repaired.rfind("\n", 0, error.position)
        document.faults.append(Fault(file, line, column, "syntax", "found a control character", "printable text"))
    return document


def _compose(document: Document, text: str) -> None:
    """Fill the document. The events are looked at first: composing an alias would already follow it."""
    refused = [fault for event in YAML(pure=True).parse(text) for fault in _refused(document.file, event)]
    document.faults += refused
    if refused:
        return
    root = YAML(pure=True).compose(text)
    if root is None:
        document.faults.append(Fault(document.file, 1, 1, "empty-file", "the file is empty", "a mapping of keys"))
        return
    _Walk(document).root(root)


class _Walk:
    """Turns ruamel's nodes into plain values, noting every place."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def root(self, node: Node) -> None:
        self.document.values = self._value(node, (), _at(node))

    def _value(self, node: Node, path: Path, key: tuple[int, int]) -> Any:
        text = _text(node) if isinstance(node, ScalarNode) else ""
        # A value that is not there is marked where the next token begins.
        at = key if _is_plain(node) and not text else _at(node)
        self.document.places[path] = Place(key, at, text)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, index), _at(item)) for index, item in enumerate(node.value)]
        return self._scalar(node, text)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in values:
                self._duplicate(key_node, key, (*path, key))
                continue
            values[key] = self._value(value_node, (*path, key), _at(key_node))
        return values

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            self._fault(node, "bad-key", "found a mapping or a list as a key", "text")
            return None
        text: str = node.value
        if _is_plain(node):
            if text not in _KEYS_THAT_STAY_TEXT:
                self._check_plain(node, text)
            if text == "<<":
                self._fault(node, "alias", "found a merge key", "the keys written out")
                return None
            if node.tag != _TAG + "str" and not _LEADING_ZERO.fullmatch(text):
                self._fault(node, "unquoted", f"found the key {text or 'nothing'}", "text", f'quote it: "{text}"')
        return text

    def _scalar(self, node: Node, text: str) -> Any:
        if not _is_plain(node):
            return text
        self._check_plain(node, text)
        return _plain_value(str(node.tag).removeprefix(_TAG), text)

    def _check_plain(self, node: Node, text: str) -> None:
        if _LEADING_ZERO.fullmatch(text):
            found = f"found {text}, and a number does not keep its leading zero"
            self._fault(node, "leading-zero", found, "digits in quotes, or a number without it", f'write "{text}"')
        elif text.lower() in _OLD_BOOLEANS:
            found = f"found {text} without quotes, which many tools read as true or false"
            self._fault(node, "old-boolean", found, "", f'quote it: "{text}"', Severity.WARNING)
        elif _OLD_NUMBER.fullmatch(text):
            found = f"found {text} without quotes, which many tools read as a number"
            self._fault(node, "old-number", found, "", f'quote it: "{text}"', Severity.WARNING)

    def _duplicate(self, node: Node, key: str, path: Path) -> None:
        line, column = self.document.places[path].key
        self._fault(node, "duplicate-key", f'found "{key}" again; it is already at {line}:{column}', "each key once")

    def _fault(
        self, node: Node, rule: str, found: str, expected: str, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        self.document.faults.append(Fault(self.document.file, *_at(node), rule, found, expected, hint, severity))


def _as_written(path: Path) -> Path:
    """Return the path as it stands in a file where the keys * and # have names."""
    return tuple({"*": "star", "#": "pound"}.get(str(step), step) for step in path)


def _at(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _text(node: ScalarNode) -> str:
    """Return the scalar's text. ruamel marks where a folded one (`>`) was broken with a BEL, which nobody wrote."""
    text: str = node.value
    return text.replace("\a", "") if node.style == ">" else text


def _is_plain(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style in (None, "")


def _plain_value(kind: str, text: str) -> Any:
    """Return a scalar without quotes by YAML 1.2's core schema; what has no JSON type (a date) stays text."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float"):
        return _number(text, kind)
    return text


def _number(text: str, kind: str) -> int | float | str:
    try:
        return int(text.replace("_", ""), _base(text)) if kind == "int" else float(text)
    except ValueError:
        return text  # .inf and .nan: no value of a site is either


def _base(text: str) -> int:
    return {"0x": 16, "0o": 8}.get(text.lstrip("+-")[:2].lower(), 10)


def _refused(file: str, event: Event) -> list[Fault]:
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    if isinstance(event, AliasEvent):
        found = f"found *{event.anchor}, an alias"
        return [
            Fault(file, line, column, "alias", found, "the value written out", "text that begins with * needs quotes")
        ]
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    if anchor:
        found = f"found &{anchor}, an anchor"
        return [Fault(file, line, column, "alias", found, "the value alone", "text that begins with & needs quotes")]
    if tag:
        found = f"found {tag.replace(_TAG, '!!')}, a tag"
        return [Fault(file, line, column, "tag", found, "the value alone", "text that begins with ! needs quotes")]
    return []


def _syntax_fault(document: Document, error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    # At the end of the file there is no line to show; the last one is where the admin must look.
    line = min(line, max(len(document.lines), 1))
    found = " ".join(str(part) for part in (error.context, error.problem) if part)
    return Fault(document.file, line, column, "syntax", f"the YAML cannot be read here: {found}")


def _undecodable(file: str, content: bytes, error: UnicodeDecodeError) -> Document:
    before = content[: error.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    found = f"found the byte 0x{content[error.start]:02x}, which is not UTF-8"
    hint = "save the file as UTF-8 (it may be GBK)"
    return Document(file, (), faults=[Fault(file, line, column, "not-utf-8", found, "text in UTF-8", hint)])
