"""The least that two menus over AGI can be: no records, checkpoints or walk. What Asterisk and a loop cost alone."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import uvloop


class BareMenus(asyncio.Protocol):
    """One call: key 1 leads from each of the two prompts to the other."""

    def __init__(self, commands: list[bytes]) -> None:
        self._commands = commands
        self._place = 0
        self._header = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of a stream socket
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._header.endswith(b"\n\n"):
            self._header += data
            if not self._header.endswith(b"\n\n"):
                return
        elif b"result=49" in data:
            self._place = 1 - self._place
        elif b"HANGUP" in data or b"result=-1" in data or b"511" in data:
            self._transport.close()
            return
        self._transport.write(self._commands[self._place])


async def _serve(prompts: list[str], there: Connection) -> None:
    commands = [f'GET OPTION "{prompt}" "12" 30000\n'.encode() for prompt in prompts]
    server = await asyncio.get_running_loop().create_server(lambda: BareMenus(commands), "127.0.0.1", 0)
    there.send(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


def _run(prompts: list[str], there: Connection) -> None:
    uvloop.run(_serve(prompts, there))


@contextmanager
def bare_menus(prompts: list[str]) -> Iterator[int]:
    """Serve calls that go between these two sound files, in a process of its own; gives the port."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(prompts, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()
