"""A rehearsal as lines for people: the second of the call, where it is, what is heard, what is keyed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

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

_ENDINGS = {
    "queue": "the caller waits in queue {name}",
    "script": "the caller is in script {name}",
    "transfer": "the caller is sent on to {name}",
    "callback": "the caller is asked about a callback from queue {name}",
    "hung_up": "the call is hung up",
    "left_in_menu": "the caller hangs up",
}


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
        for line in self.lines(call.transcript[self._shown :]):
            print(line, flush=True)
        self._shown = len(call.transcript)

    def lines(self, events: Iterable[Event]) -> Iterator[str]:
        """Every event on its line; a branch is told on the line of the node that it leads to."""
        for event in events:
            if isinstance(event, Left):
                self._branch = f"{event.result} -> "
            elif isinstance(event, Entered):
                yield _timed(event.at, f"{self._branch}{event.address} ({event.kind})")
                self._branch = ""
            elif not isinstance(event, Recorded) or self._records:
                yield _LINES[type(event)](event)


def _timed(at: float, text: str) -> str:
    return f"{at:7.1f}  {text}"


def _heard(event: Heard) -> str:
    told = (
        f"{event.prompt}, {event.seconds:.1f} s"
        if event.whole
        else f"{event.prompt}, cut off after {event.seconds:.1f} s"
    )
    return f"{_MARGIN}  {event.text} ({told})" if event.text else f"{_MARGIN}  ({told})"


def _pressed(event: Pressed) -> str:
    lost = "" if event.taken else ", which nobody hears"
    return _timed(event.at, f"key {event.key}{lost}")


def _asked(event: Asked) -> str:
    took = f", after {event.seconds:g} s" if event.seconds else ""
    said = ", ".join(f"{name} = {value}" for name, value in event.fields.items())
    return _timed(event.at, f"backend {event.backend}: {event.outcome.replace('_', ' ')}{took}{said and f' ({said})'}")


def _ended(event: Ended) -> str:
    told = _ENDINGS.get(event.outcome, event.outcome)
    return _timed(event.at, told.format(name=event.name))


def _recorded(event: Recorded) -> str:
    fields = " ".join(f"{name}={value}" for name, value in event.fields.items() if value not in ("", None))
    return f"{_MARGIN}  {event.verb} {fields}"


_LINES: Mapping[type, Callable[[Any], str]] = {
    Heard: _heard,
    Pressed: _pressed,
    Silent: lambda event: _timed(event.at, f"silence, {event.seconds:g} s"),
    Spoke: lambda event: f"{_MARGIN}  {event.kind}: the caller speaks for {event.seconds:.1f} s",
    Faxed: lambda event: _timed(event.at, f"fax {event.name}: {event.result}"),
    LanguageChosen: lambda event: _timed(event.at, f"language {event.language}"),
    VariableSet: lambda event: _timed(event.at, f"{event.name} = {event.value}"),
    Asked: _asked,
    Voted: lambda event: _timed(event.at, f"vote {event.ballot}: {event.choice}"),
    Away: lambda event: _timed(event.at, f"{event.outcome} {event.name}: {event.result}"),
    Ended: _ended,
    Recorded: _recorded,
}
