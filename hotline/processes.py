"""Processes watched from an event loop."""

import asyncio
import os
import subprocess


async def run_to_end(command: tuple[str, ...]) -> int:
    """Run a command, whose words nobody wants, and return its exit status; cancelled, it is killed."""
    asking = _spawn_silent(command)
    try:
        await gone(asking)
    finally:
        asking.kill()
        status = asking.wait()
    return status


def _spawn_silent(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def gone(process: subprocess.Popen[bytes]) -> None:
    """Return when the process has ended; it is not reaped yet, so its pid and group are still its own."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    watch = os.pidfd_open(process.pid)
    loop.add_reader(watch, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)
