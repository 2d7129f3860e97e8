"""Keep a set of programs running together: start at once, stop in order, leave nobody behind."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from hotline.child import Child, Program
from hotline.faults import StartFailed

STOP_PATIENCE_SECONDS = 5.0


class Supervisor:
    """The programs of one `hotline up`.

    `programs` is in the order of who writes for whom: they all start at once, and stop one by one from the last to the
    first, so that what the last one says in the end is still heard.
    """

    def __init__(
        self, programs: Sequence[Program], run: Path, *, tell: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        """changed: called whenever a program became ready, with `pids` already true."""
        self._children = [Child(program, run, tell, changed) for program in programs]

    @property
    def pids(self) -> dict[str, int]:
        """Process id by name, of those that run now."""
        return {child.name: child.pid for child in self._children if child.pid is not None}

    async def start(self, timeout_seconds: float) -> None:
        """Start all; return when each has been ready. Raises StartFailed; the caller still calls `stop`."""
        for child in self._children:
            child.start()
        waiting = asyncio.gather(*(child.ready for child in self._children))
        try:
            await asyncio.wait_for(waiting, timeout_seconds)
        except TimeoutError:
            slow = ", ".join(child.name for child in self._children if not _was_ready(child))
            raise StartFailed(f"not ready after {timeout_seconds:.0f} s: {slow}") from None

    async def renew_standbys(self) -> None:
        """The site is another one: whoever waits in reserve loads it anew."""
        for child in self._children:
            await child.renew_standby()

    async def stop(self) -> None:
        for child in reversed(self._children):
            await child.stop(STOP_PATIENCE_SECONDS)


def _was_ready(child: Child) -> bool:
    return child.ready.done() and not child.ready.cancelled() and child.ready.exception() is None
