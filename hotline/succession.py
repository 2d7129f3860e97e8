"""How a child takes over a changed site: first it makes all that the site means to it, and says whether that went well;
then, when everybody is ready, it changes over in an instant."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from hotline.state import State

T = TypeVar("T")

PREPARE: Final = "prepare"
USE: Final = "use"


class Successor(Generic[T]):
    """Answers on a child's control socket: `{"generation": name, "phase": PREPARE or USE}`.

    Args:
        make: from the folder of a site to what this child needs of it; takes its time, in a thread. What it raises goes
            to whoever asked, and nothing has changed.
        use: changes over.
    """

    def __init__(self, state: State, make: Callable[[Path], T], use: Callable[[T], Awaitable[None]]) -> None:
        self._state = state
        self._make = make
        self._use = use
        self._ready: dict[str, T] = {}
        """The one that was prepared last, by generation."""

    async def answer(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        name = str(words["generation"])
        if name not in self._ready:  # USE alone: this child came back in between
            made = await asyncio.to_thread(self._make, self._state.generations / name / "site")
            self._ready = {name: made}
        if words["phase"] == USE:
            await self._use(self._ready.pop(name))
        return {}
