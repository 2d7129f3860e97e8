"""A rehearsal as lines for people: the second of the call, where it is, what is heard, what is keyed.

One event is one line wherever the lines go into a file or another program. On a terminal they are coloured, and a
prompt that is too long for one goes on below its own beginning; a Chinese character takes two columns there.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ivr.rehearsal import Rehearsal
from ivr.transcript import (
    Asked,
    Away,
    Ended,
    Entered,
    Event,
    Faxed,
    Heard,
    LanguageChosen,
    Left,
    Pressed,
    Recorded,
    Silent,
    Spoke,
    VariableSet,
    Voted,
)

_MARGIN = " " * 9
_ABOUT_CELLS = 25
"""Of a prompt's id and how long it lasts; an id that is too long pushes its words to the right."""
_TEXT_CELLS_MIN = 20
"""Of a terminal so narrow that less is left for a prompt, the words begin anew at the margin."""

_ENDINGS = {
    "queue": "the caller waits in queue {name}",
    "script": "the caller is in script {name}",
    "transfer": "the caller is sent on to {name}",
    "callback": "the caller is asked about a callback from queue {name}",
    "hung_up": "the call is hung up",
    "left_in_menu": "the caller hangs up",
}

_WORDS = "green"
"""How the words of a prompt look, and how they are known."""
_UNIT = re.compile(r"(?:[!-\u2e7f]+|.)[，。、；：？！）》”’]*\s*")
"""What no line is broken in: a word, or a Chinese character, with the punctuation that closes it."""

Parts = tuple[tuple[str, str], ...]
"""The words of a line, each with its style."""


class TranscriptPrinter:
    """Prints what has happened since it was asked last.

    Args:
        records: with the lines of the journal.
    """

    def __init__(self, *, records: bool = False) -> None:
        self._records = records
        self._shown = 0
        self._branch = ""

    def show(self, call: Rehearsal) -> None:
        rows = self.rows(call.transcript[self._shown :])
        self._shown = len(call.transcript)
        if sys.stdout.isatty():
            console = Console(highlight=False)
            for row in rows:
                console.print(fitted(row, console), soft_wrap=True)
            return
        for row in rows:
            print(_plain(row), flush=True)

    def lines(self, events: Iterable[Event]) -> Iterator[str]:
        """Every event on its line; a branch is told on the line of the node that it leads to."""
        return map(_plain, self.rows(events))

    def rows(self, events: Iterable[Event]) -> Iterator[Parts]:
        """As `lines`, with the styles of the words."""
        for event in _keys_together(events):
            if isinstance(event, Left):
                self._branch = f"{event.result} → "
            elif isinstance(event, Entered):
                yield (*_at(event.at), (self._branch, "cyan"), (event.address, "bold"), (f" ({event.kind})", "dim"))
                self._branch = ""
            elif not isinstance(event, Recorded) or self._records:
                yield _ROWS[type(event)](event)


def _keys_together(events: Iterable[Event]) -> Iterator[Event]:
    """Keys of which each was only kept until there were enough are one entry."""
    for at, group in groupby(events, lambda event: event.at if isinstance(event, Pressed) and event.taken else None):
        keys = list(group)
        if at is None:
            yield from keys
        else:
            yield Pressed(at, "".join(event.key for event in keys if isinstance(event, Pressed)), "", True)


def _plain(row: Parts) -> str:
    return "".join(text for text, _ in row)


def fitted(row: Parts, console: Console) -> Text:
    """The line as a terminal shows it: its last words, where they are a prompt's, broken below their own beginning."""
    *before, (words, style) = row
    if style != _WORDS:
        return Text.assemble(*row)
    indent = sum(cell_len(text) for text, _ in before)
    width = console.width - indent
    if width < _TEXT_CELLS_MIN:
        indent, width = len(_MARGIN), max(console.width - len(_MARGIN), _TEXT_CELLS_MIN)
        before.append((f"\n{_MARGIN}", ""))
    broken = f"\n{' ' * indent}".join(broken_lines(words, width))
    return Text.assemble(*before, (broken, style))


def broken_lines(words: str, width: int) -> list[str]:
    """The words in lines of so many columns: a break comes between words, or after any Chinese character, and never
    before the punctuation that closes it."""
    lines = [""]
    for unit in _UNIT.findall(words):
        if lines[-1] and cell_len(lines[-1] + unit.rstrip()) > width:
            lines.append("")
        lines[-1] += unit
    return [line.rstrip() for line in lines]


def _at(at: float) -> Parts:
    return ((f"{at:7.1f}  ", "dim"),)


def _heard(event: Heard) -> Parts:
    lasted = f"{event.seconds:.1f} s" if event.whole else f"cut {event.seconds:.1f} s"
    about = f"{event.prompt} {lasted:>{max(0, _ABOUT_CELLS - cell_len(event.prompt) - 1)}}"
    before: Parts = ((f"{_MARGIN}  ", ""), (about, "dim"))
    return (*before, ("  ", ""), (event.text, _WORDS)) if event.text else before


def _pressed(event: Pressed) -> Parts:
    lost = "" if event.taken else ", which nobody hears"
    return (*_at(event.at), ("key ", "yellow"), (event.key, "bold yellow"), (lost, "red"))


def _asked(event: Asked) -> str:
    took = f", after {event.seconds:g} s" if event.seconds else ""
    said = ", ".join(f"{name} = {value}" for name, value in event.fields.items())
    return f"backend {event.backend}: {event.outcome.replace('_', ' ')}{took}{said and f' ({said})'}"


def _ended(event: Ended) -> Parts:
    told = _ENDINGS.get(event.outcome, event.outcome)
    return (*_at(event.at), (told.format(name=event.name), "bold"))


def _recorded(event: Recorded) -> Parts:
    fields = " ".join(f"{name}={value}" for name, value in event.fields.items() if value not in ("", None))
    return ((f"{_MARGIN}  {event.verb} {fields}", "dim"),)


def _styled(style: str, words: Callable[[Any], str]) -> Callable[[Any], Parts]:
    """A line of an event that says the same whatever came of it."""
    return lambda event: (*_at(event.at), (words(event), style))


_ROWS: Mapping[type, Callable[[Any], Parts]] = {
    Heard: _heard,
    Pressed: _pressed,
    Silent: _styled("magenta", lambda event: f"silence, {event.seconds:g} s"),
    Spoke: _styled("magenta", lambda event: f"{event.kind}: the caller speaks for {event.seconds:.1f} s"),
    Faxed: _styled("blue", lambda event: f"fax {event.name}: {event.result}"),
    LanguageChosen: _styled("blue", lambda event: f"language {event.language}"),
    VariableSet: _styled("blue", lambda event: f"{event.name} = {event.value}"),
    Asked: _styled("blue", _asked),
    Voted: _styled("blue", lambda event: f"vote {event.ballot}: {event.choice}"),
    Away: _styled("blue", lambda event: f"{event.outcome} {event.name}: {event.result}"),
    Ended: _ended,
    Recorded: _recorded,
}
