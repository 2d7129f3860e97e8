"""Calls whose circumstances a scenario gives: `hotline test --live` writes them down, the IVR that it brings up obeys.

The environment variable names a folder of the two. Before a scenario's caller dials, `<caller number>.json` there says
how the call begins and what comes of all that is not a menu; in return the IVR tells the call's id and its variables.
An IVR without that environment variable, any that people call, has none of this.
"""

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hotline.state import write_private
from ivr import session
from ivr.menus import Shelf
from ivr.message_taking import Journal
from ivr.session import IvrSettings
from pbx.fastagi import AgiSession

VARIABLE = "HOTLINE_GIVEN_CALLS"

Handler = Callable[[AgiSession], Awaitable[None]]
HandlerMaker = Callable[[Shelf, Journal, IvrSettings], Handler]


@dataclass(frozen=True)
class GivenCall:
    """How one call begins, and what comes of what it is handed to."""

    name: str
    """Of this call alone: the same caller may call again, under other circumstances."""
    began: float
    """Epoch seconds at which it was dialled."""
    at: float
    """Epoch seconds that its own clock shows then."""
    language: str
    caller: str = ""
    called: str = ""
    entry: str = ""
    """A node; empty: where the number dialled leads at that time."""
    variables: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """By the outcome of the walk and the name; the last word repeats, and of what is not named nothing comes."""


@dataclass(frozen=True)
class ToldCall:
    """What the IVR knows of it, and no record has."""

    name: str
    call_id: str
    variables: Mapping[str, str]


class GivenCalls:
    """The folder; of a caller number there is one call at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def give(self, caller_number: str, call: GivenCall) -> None:
        """Before the caller dials."""
        write_private(self._given(caller_number), json.dumps(asdict(call), ensure_ascii=False))

    def given(self, caller_number: str) -> GivenCall | None:
        """None: nothing is said of this caller."""
        written = _read(self._given(caller_number))
        return None if written is None else GivenCall(**written)

    def tell(self, caller_number: str, call: ToldCall) -> None:
        write_private(self._told(caller_number), json.dumps(asdict(call), ensure_ascii=False))

    def told(self, caller_number: str, name: str) -> ToldCall | None:
        """None: the IVR has not met this call."""
        written = _read(self._told(caller_number))
        return None if written is None or written["name"] != name else ToldCall(**written)

    def _given(self, caller_number: str) -> Path:
        return self._folder / f"{caller_number}.json"

    def _told(self, caller_number: str) -> Path:
        return self._folder / f"{caller_number}.told.json"


def handler_maker() -> HandlerMaker:
    """What makes the handler of the AGI route `ivr` in this process."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return session.handler_of
    from hotline.live_test.given_session import make_handler_of

    return make_handler_of(GivenCalls(Path(folder)))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return read
