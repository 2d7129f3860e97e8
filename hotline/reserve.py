"""The process that one program keeps in reserve: started behind the first, taken when that dies, replaced when it dies
itself."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from typing import Final

from hotline.processes import gone
from hotline.standby import VARIABLE, WORD

FILL_AFTER_SECONDS: Final = 2.0
"""What has just become ready needs the processor more: callers are waiting for it."""
REFILL_AFTER_SECONDS: Final = 10.0
"""After the death of one in reserve, which nobody has noticed."""


class Reserve:
    """At most one process, loaded and idle.

    Args:
        spawn: starts one with more in its environment, and a pipe to its standard input.
    """

    def __init__(self, spawn: Callable[[Mapping[str, str]], subprocess.Popen[bytes]]) -> None:
        self._spawn = spawn
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None

    def fill(self) -> None:
        """Have one from soon on, whatever becomes of it, until it is taken or dismissed."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    def take(self) -> subprocess.Popen[bytes] | None:
        """The one in reserve, told to serve; None where there is none alive. `fill` brings another."""
        self._stop_keeping()
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return None
        assert process.stdin is not None
        try:
            process.stdin.write(WORD)
            process.stdin.close()
        except OSError:  # it has died in this moment
            _bury(process)
            return None
        return process

    async def dismiss(self) -> None:
        """End it; it has nothing to lose."""
        keeper = self._keeper
        self._stop_keeping()
        if keeper is not None:
            await asyncio.wait([keeper])
        process, self._process = self._process, None
        if process is not None:
            _bury(process)

    def _stop_keeping(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()

    async def _keep(self) -> None:
        await asyncio.sleep(FILL_AFTER_SECONDS)
        while True:
            with contextlib.suppress(OSError):  # no process or no descriptor to be had: the next try is later
                self._process = self._spawn({VARIABLE: "1"})
                await gone(self._process)
            if self._process is not None:
                _bury(self._process)
                self._process = None
            await asyncio.sleep(REFILL_AFTER_SECONDS)


def _bury(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of its group, and reap it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        assert process.stdin is not None
        process.stdin.close()
    process.wait()
