"""Run a child's coroutine until SIGTERM or SIGINT, on uvloop.

A call is many small messages on many connections, and most of what it costs a process is the loop under them. As with
asyncio's own loop, what is written leaves within `write` and not at the end of the loop's pass (uvloop's stream.pyx).
"""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from typing import Final

import uvloop

COLLECT_AFTER: Final = (20_000, 10, 50)
"""Containers made beyond those freed, before Python looks for circles among them (gc.set_threshold)."""


def serve_until_told(service: Callable[[], Coroutine[None, None, None]]) -> None:
    """Return after the signal, when the service has cleaned up; raise what it raised where it ended by itself."""
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(service))


def collect_seldom() -> None:
    """Leave what is loaded by now out of the search for circular garbage, and search less often.

    Python would look through all of it again and again: a quarter of the records writer's time, and in the ACD 70 ms at
    a time in which no phone rings.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def _serve(service: Callable[[], Coroutine[None, None, None]]) -> None:
    running = asyncio.ensure_future(service())
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return
