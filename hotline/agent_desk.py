"""The agents of a running hotline, asked and moved over the ACD's unix socket."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from rich.console import Console
from rich.table import Table

from hotline.faults import HotlineError
from hotline.live_status import ANSWER_SECONDS, AcdSilent, seconds, text

Agent = Mapping[str, Any]
"""One agent, as GET /agents/{id} tells (`acd.desk.Standing`)."""

_WHEN = {
    "now": "",
    "after_call": " as soon as this call is over",
    "after_disposition": " as soon as the disposition is given",
}


class DeskRefused(HotlineError):
    """The ACD does not do that; the text says why."""


def ask(socket: Path, path: str, body: Mapping[str, object] | None = None) -> Any:
    """GET the path, or POST the body to it; the JSON that was answered. Raises AcdSilent and DeskRefused."""
    try:
        return asyncio.run(_ask(socket, path, body))
    except (aiohttp.ClientError, OSError, TimeoutError) as silence:
        why = str(silence) or type(silence).__name__
        raise AcdSilent(
            f"the ACD does not answer ({why}); is `hotline up` running with this state folder?"
        ) from silence


async def _ask(socket: Path, path: str, body: Mapping[str, object] | None) -> Any:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.UnixConnector(str(socket))
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        call = session.get(f"http://acd{path}") if body is None else session.post(f"http://acd{path}", json=body)
        async with call as answer:
            told = await answer.json()
            if answer.status != 200:
                raise DeskRefused(told["message"])
            return told


def path_of(agent_id: str, action: str = "") -> str:
    return "/agents/" + "/".join(quote(word, safe="") for word in (agent_id, action) if word)


def said(agent_id: str, words: str, granted: Mapping[str, Any]) -> str:
    """One line for the person who asked."""
    return f"agent {agent_id} {words}{_WHEN[granted['when']]}"


def print_agents(agents: Sequence[Agent]) -> None:
    columns = ("agent", "name", "state", "reason", "since", "phones", "phone", "then", "visit", "disposition")
    table = Table(show_edge=False)
    for heading in columns:
        table.add_column(heading)
    for one in agents:
        table.add_row(
            *(one["agent_id"], one["name"], one["state"], text(one["reason"]), seconds(one["since_seconds"])),
            *(" ".join(one["phones"]), one["device"], text(one["wish"]), text(one["visit_id"])),
            text(one["disposition"]),
        )
    Console().print(table if agents else "no agents")
