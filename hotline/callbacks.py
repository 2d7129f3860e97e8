"""The callbacks of a running hotline, over the ACD's unix socket."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from rich.console import Console
from rich.table import Table

from hotline.agent_desk import DeskRefused
from hotline.live_status import ANSWER_SECONDS, AcdSilent, seconds

_COLUMNS = ("callback_id", "number", "queue", "state", "attempts")
_TIMES = ("asked_seconds", "wait_seconds", "due_seconds")


def ask(socket: Path, cancel: str = "") -> Any:
    """All callbacks; or take the one of this id back. Raises AcdSilent and DeskRefused."""
    try:
        return asyncio.run(_ask(socket, cancel))
    except (aiohttp.ClientError, OSError, TimeoutError) as silence:
        why = str(silence) or type(silence).__name__
        raise AcdSilent(
            f"the ACD does not answer ({why}); is `hotline up` running with this state folder?"
        ) from silence


async def _ask(socket: Path, cancel: str) -> Any:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket)), timeout=timeout) as session:
        url = "http://acd/callbacks"
        async with session.delete(f"{url}/{quote(cancel, safe='')}") if cancel else session.get(url) as answer:
            told = await answer.json()
            if answer.status != 200:
                raise DeskRefused(told["message"])
            return told


def print_callbacks(callbacks: Sequence[Mapping[str, Any]]) -> None:
    table = Table(show_edge=False)
    for heading in (*_COLUMNS, *(name.removesuffix("_seconds") for name in _TIMES)):
        table.add_column(heading, no_wrap=heading == "callback_id")
    for one in callbacks:
        table.add_row(*(str(one[name]) for name in _COLUMNS), *(seconds(one[name]) for name in _TIMES))
    Console().print(table if callbacks else "nobody waits to be called")
