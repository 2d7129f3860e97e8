"""Run a child's coroutine until SIGTERM or SIGINT."""

import asyncio
import signal
from collections.abc import Callable, Coroutine


def serve_until_told(service: Callable[[], Coroutine[None, None, None]]) -> None:
    """Return after the signal, when the service has cleaned up; raise what it raised where it ended by itself."""
    asyncio.run(_serve(service))


async def _serve(service: Callable[[], Coroutine[None, None, None]]) -> None:
    running = asyncio.ensure_future(service())
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return
