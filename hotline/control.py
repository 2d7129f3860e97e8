"""How `hotline up` and its children are told something: one POST on a unix socket of mode 0600, one JSON answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from hotline.faults import HotlineError

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Told the words of the request; a HotlineError that it raises goes to whoever asked."""
RETRY_SECONDS = 0.1


class Control:
    """Answers on `socket` until closed."""

    def __init__(self, socket: Path, answer: Answer) -> None:
        self._socket = socket
        self._answer = answer
        application = web.Application()
        application.router.add_post("/", self._post)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(self._socket)).start()
        self._socket.chmod(0o600)

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"told": await self._answer(await request.json())})
        except HotlineError as fault:
            return web.json_response({"fault": str(fault)})


class NoAnswer(HotlineError):
    """Nobody answers on the socket."""


async def ask(socket: Path, words: Mapping[str, Any], *, patience_seconds: float, answer_seconds: float) -> Any:
    """Ask and return what was told.

    Args:
        patience_seconds: how long a socket may be missing or refuse: its process may just be coming back.
        answer_seconds: how long an answer may take.

    Raises HotlineError: the fault that was answered; NoAnswer.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return await _ask_once(socket, words, answer_seconds)
        except aiohttp.ClientConnectorError as refusal:
            if time.monotonic() >= deadline:
                raise NoAnswer(f"nobody answers on {socket.name}: {refusal.strerror}") from refusal
            await asyncio.sleep(RETRY_SECONDS)
        except (aiohttp.ClientError, TimeoutError, ValueError) as silence:
            raise NoAnswer(f"no answer on {socket.name}: {str(silence) or type(silence).__name__}") from silence


async def _ask_once(socket: Path, words: Mapping[str, Any], answer_seconds: float) -> Any:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(socket)),
            timeout=aiohttp.ClientTimeout(total=answer_seconds),
            raise_for_status=True,
        ) as session,
        session.post("http://hotline/", json=words) as answer,
    ):
        told = await answer.json()
    if "fault" in told:
        raise HotlineError(told["fault"])
    return told["told"]
