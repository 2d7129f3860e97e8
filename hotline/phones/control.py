"""The control line of baresip's module ctrl_tcp: JSON in netstrings, both ways.

A command is `{"command", "params", "token"}`; its response carries the same token. Events come unasked on the
same line. Source: baresip 1.0.0, modules/ctrl_tcp.
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Message = dict[str, Any]


class ControlLost(ConnectionError):
    """baresip closed its control line: it ended, or is about to."""


def encode(message: Message) -> bytes:
    """Wrap a message as a netstring: `<length in bytes>:<json>,`."""
    body = json.dumps(message).encode()
    return b"%d:%s," % (len(body), body)


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Read one netstring and return its JSON object.

    Raises:
        ControlLost: the line ended, also in the middle of a message.
        ValueError: what arrived is not a netstring with a JSON object.
    """
    try:
        length = int((await reader.readuntil(b":"))[:-1])
        body = await reader.readexactly(length + 1)
    except (asyncio.IncompleteReadError, ConnectionError) as lost:
        raise ControlLost("baresip closed its control line") from lost
    message = json.loads(body[:-1])
    if not isinstance(message, dict):
        raise ValueError(f"baresip sent {body[:80]!r} instead of a JSON object")
    return message


class ControlLine:
    """One control connection; events go to `on_event` in the order in which baresip told them."""

    def __init__(self, on_event: Callable[[Message], None], on_lost: Callable[[], None]) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._tokens = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, host: str, port: int) -> None:
        """Open the line; raises OSError while nothing listens there."""
        reader, self._writer = await asyncio.open_connection(host, port)
        self._reading = asyncio.create_task(self._read(reader), name=f"baresip-control-{port}")

    async def command(self, name: str, params: str = "", *, timeout_seconds: float = 5.0) -> str:
        """Send one command and return what baresip printed for it.

        Raises:
            ControlLost: baresip ended before it answered.
            TimeoutError: no answer in time; whether it was carried out is unknown.
        """
        return str((await self._ask(name, params, timeout_seconds)).get("data", ""))

    async def _ask(self, name: str, params: str, timeout_seconds: float) -> Message:
        if self._writer is None:
            raise ControlLost("the control line was not opened")
        token = str(next(self._tokens))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[token] = answer
        try:
            self._writer.write(encode({"command": name, "params": params, "token": token}))
            async with asyncio.timeout(timeout_seconds):
                return await answer
        finally:
            self._waiting.pop(token, None)

    async def close(self) -> None:
        """Close the line and forget who waits for an answer."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            with suppress(ConnectionError):  # the other end was first
                await self._writer.wait_closed()
        self._fail_waiting()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                self._take(await read_message(reader))
        except (ControlLost, ValueError):
            self._fail_waiting()
            self._on_lost()

    def _take(self, message: Message) -> None:
        if message.get("event"):
            self._on_event(message)
        elif (answer := self._waiting.get(str(message.get("token")))) and not answer.done():
            answer.set_result(message)

    def _fail_waiting(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ControlLost("baresip ended before it answered"))
