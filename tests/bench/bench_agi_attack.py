"""FastAGI under attack: how soon the server sends the next command of calls in progress, quiet and attacked.

    python -m tests.bench.bench_agi_attack

The server is a process of its own. Twenty calls are in progress; this program plays Asterisk's side of them and
measures from its reply to the arrival of the next command, first alone, then beside port probes, half headers, headers
of 4 MB, and 2,000 sockets that say nothing.
"""

import asyncio
import contextlib
import multiprocessing
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

from pbx.fastagi import AgiServer, AgiSession, SessionOver

CALLS = 20
SECONDS = 3.0
IDLE_SOCKETS = 2_000
PACE_SECONDS = 0.01
"""Between two commands of a call: a caller's phone is slower still."""
RATIO_MAX = 1.5
HEADER = b"agi_network: yes\nagi_request: agi://127.0.0.1/talk\nagi_uniqueid: 1.1\nagi_language: zh\n\n"

Attack = Callable[[int], Awaitable[None]]


async def talk(session: AgiSession) -> None:
    with contextlib.suppress(SessionOver):
        while True:
            await session.command("NOOP")


async def serve(announce: Connection) -> None:
    server = AgiServer({"talk": talk})
    announce.send(await server.start("127.0.0.1", 0))
    await asyncio.Event().wait()


def server_process(announce: Connection) -> None:
    asyncio.run(serve(announce))


async def call(port: int, until: float, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    writer.write(HEADER)
    await reader.readline()
    while time.monotonic() < until:
        await asyncio.sleep(PACE_SECONDS)
        replied = time.perf_counter()
        writer.write(b"200 result=0\n")
        if not await reader.readline():
            raise SystemExit("a call in progress was closed")
        took.append(time.perf_counter() - replied)
    writer.close()


async def probe(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    await asyncio.sleep(0.005)


async def half_header(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEADER[:40])
    await asyncio.sleep(0.02)
    writer.close()


async def large_header(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for _ in range(64):
            writer.write(b"agi_x: " + b"y" * 65_536)
            await writer.drain()
            await asyncio.sleep(0.001)
    writer.close()


async def nothing(port: int) -> None:
    await asyncio.sleep(0.1)


@asynccontextmanager
async def idle_sockets(port: int, count: int) -> AsyncIterator[None]:
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield
    finally:
        for _, writer in opened:
            writer.close()


async def measure(port: int, attack: Attack) -> list[float]:
    """Seconds from reply to next command, of all calls, while the attack goes on."""
    took: list[float] = []
    until = time.monotonic() + SECONDS

    async def keep_attacking() -> None:
        while time.monotonic() < until:
            await attack(port)

    await asyncio.gather(keep_attacking(), *(call(port, until, took) for _ in range(CALLS)))
    return took


async def main(port: int) -> int:
    figures = {"quiet": await measure(port, nothing)}
    for name, attack in (("probes", probe), ("half_headers", half_header), ("large_headers", large_header)):
        figures[name] = await measure(port, attack)
    async with idle_sockets(port, IDLE_SOCKETS):
        figures["idle_sockets"] = await measure(port, nothing)
    quiet = statistics.median(figures["quiet"])
    missed = False
    for name, took in figures.items():
        ratio = statistics.median(took) / quiet
        missed |= ratio > RATIO_MAX
        print(f"agi_next_command_p50:{name} {statistics.median(took) * 1e6:.0f} us -")
        print(f"agi_next_command_p99:{name} {statistics.quantiles(took, n=100)[98] * 1e6:.0f} us -")
        print(f"agi_p50_against_quiet:{name} {ratio:.2f} x <={RATIO_MAX}")
    return int(missed)


if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=server_process, args=(there,), daemon=True)
    server.start()
    try:
        sys.exit(asyncio.run(main(here.recv())))
    finally:
        server.terminate()
        server.join()
