"""What goes on at this moment, asked from the ACD over its unix socket."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from hotline.faults import HotlineError

ANSWER_SECONDS = 3.0

Floor = Mapping[str, Sequence[Mapping[str, Any]]]
"""GET /status: `queues`, `agents`, `calls`, `supervisors` and `faults`, each a list of flat mappings."""


class AcdSilent(HotlineError):
    """Nobody answers on the ACD's socket."""


def ask(socket: Path) -> Floor:
    """Raises AcdSilent."""
    try:
        return asyncio.run(get_status(socket))
    except (aiohttp.ClientError, OSError, TimeoutError) as silence:
        why = str(silence) or type(silence).__name__
        raise AcdSilent(
            f"the ACD does not answer ({why}); is `hotline up` running with this state folder?"
        ) from silence


async def get_status(socket: Path) -> Floor:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(socket)),
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            raise_for_status=True,
        ) as session,
        session.get("http://acd/status") as answer,
    ):
        floor: Floor = await answer.json()
        return floor


def seconds(value: Any) -> str:
    """Seconds as m:ss; a dash where there is nothing to measure."""
    return "-" if value is None else f"{int(value) // 60}:{int(value) % 60:02d}"


def text(value: Any) -> str:
    return "-" if value in (None, "") else str(value)


Column = tuple[str, str, Callable[[Any], str]]
TABLES: Mapping[str, tuple[Column, ...]] = {
    "queues": (
        ("queue", "queue", text),
        ("waiting", "waiting", text),
        ("longest wait", "longest_wait_seconds", seconds),
    ),
    "agents": (
        ("agent", "agent_id", text),
        ("name", "name", text),
        ("state", "state", text),
        ("reason", "reason", text),
        ("since", "since_seconds", seconds),
        ("visit", "visit_id", text),
    ),
    "calls": (
        ("call", "call_id", text),
        ("caller", "caller_number", text),
        ("queue", "queue", text),
        ("state", "state", text),
        ("agents", "agent_ids", " ".join),
        ("wait", "wait_seconds", seconds),
        ("step", "step", text),
        ("segment", "segment", text),
        ("recording", "recording", text),
    ),
    "lockouts": (
        ("locked", "kind", text),
        ("which", "name", text),
        ("yet", "seconds_left", seconds),
    ),
    "supervisors": (
        ("supervisor", "supervisor_id", text),
        ("does", "mode", text),
        ("agent", "agent_id", text),
        ("visit", "visit_id", text),
    ),
    "faults": (
        ("fault", "fault", text),
        ("count", "count", text),
        ("last, ago", "ago_seconds", seconds),
        ("reason", "reason", text),
    ),
}


def print_tables(floor: Floor) -> None:
    console = Console()
    for name, columns in TABLES.items():
        table = Table(title=name, title_justify="left", show_edge=False)
        for heading, _, _ in columns:
            table.add_column(heading)
        for row in floor.get(name, ()):
            table.add_row(*(show(row.get(field)) for _, field, show in columns))
        console.print(table if table.row_count else f"no {name}")
