"""The events of a YAML text, as ruamel's parser tells them, and what of YAML a site may not use."""

from __future__ import annotations

from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    StreamEndEvent,
    StreamStartEvent,
)

from dialplan.faults import Fault

_TAG = "tag:yaml.org,2002:"


def events(text: str) -> Iterator[Event]:
    """Yield the events of the only document, and the end of the stream."""
    yaml = YAML(typ="safe", pure=True)
    yaml.doc_infos.append(DocInfo())  # where the parser notes a %YAML line
    # The parser itself, and not YAML.parse(), which asks for each event twice: scanning is nearly all that a check
    # costs. `safe` gathers no comments, which we do not need.
    _, parser = yaml.get_constructor_parser(text)
    documents = 0
    while not isinstance(event := parser.get_event(), StreamEndEvent):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            _refuse_start(event, documents)
        elif not isinstance(event, StreamStartEvent | DocumentEndEvent):
            yield event
    yield event


def _refuse_start(event: DocumentStartEvent, number: int) -> None:
    if number > 1:
        found = "expected a single document in the stream but found another document"
        raise MarkedYAMLError(None, None, found, event.start_mark)
    if event.version or event.tags:
        raise MarkedYAMLError(None, None, "expected no line that begins with %", event.start_mark)


def at(event: Event) -> tuple[int, int]:
    """Return line and column, from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


def refused(file: str, event: Event) -> list[Fault]:
    """Return the fault of an event that no file of a site may hold: an alias, an anchor, a tag."""
    line, column = at(event)
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
