"""Waiting for something that nobody announces: asked again and again, up to a deadline."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NeverHappened(AssertionError):
    """The deadline passed; the text says what was waited for, and what was found last."""


async def eventually(check: Callable[[], T], seconds: float, what: str, *, every_seconds: float = 0.05) -> T:
    """Ask `check` until it answers with something true, and return that.

    Raises:
        NeverHappened: it did not within `seconds`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not (found := check()):
        if loop.time() >= deadline:
            raise NeverHappened(f"waited {seconds:g} s for {what}; found at last: {found!r}")
        await asyncio.sleep(every_seconds)
    return found
