"""The queues of a running hotline and who waits in them, for people; asked over the ACD's unix socket."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotline.live_status import seconds, text

Row = Mapping[str, Any]
ID_SHOWN = 8
"""Characters of a visit's id: as many as tell those apart who wait at one time."""


def queue_path(queue_id: str) -> str:
    return f"/queues/{quote(queue_id, safe='')}"


def rank_path(caller: str) -> str:
    return f"/callers/{quote(caller, safe='')}/rank"


def print_queues(queues: Sequence[Row]) -> None:
    """One line a queue (`acd.line.QueueStanding`)."""
    table = _table("queue", "waiting", "longest", "talking", "agents", "free", "asks for")
    for one in queues:
        table.add_row(
            Text(one["queue"] + (" (closed)" if one["closed"] else "")),
            *(str(one["waiting"]), seconds(one["longest_wait_seconds"]), str(one["talking"])),
            *(str(len(one["could_serve"])), str(len(one["free"])), Text(text(one["requirement"]))),
        )
    Console(soft_wrap=True).print(table if queues else "no queues")


def print_queue(one: Row) -> None:
    """A queue and the callers in it."""
    print_queues([one])
    print()
    print_callers(one["callers"])


def print_callers(callers: Sequence[Row]) -> None:
    """One line a caller (`acd.line.Waiting`), the next one first."""
    table = _table(
        *("caller", "number", "queue", "waits", "place", "expected", "step", "segment", "priority", "head start"),
        *("agents", "free", "asks for"),
    )
    for one in callers:
        table.add_row(
            *(Text(words) for words in (one["visit_id"][:ID_SHOWN], text(one["caller_number"]), one["queue"])),
            *(seconds(one["wait_seconds"]), _place(one), seconds(one["estimate_seconds"]), _step(one)),
            *(text(one["segment"]), str(one["priority"]), seconds(one["head_start_seconds"])),
            *(" ".join(one["could_serve"]) or "nobody", " ".join(one["free"]) or "-"),
            Text(text(one["requirement"])),
        )
    Console(soft_wrap=True).print(table if callers else "nobody waits")


def ranked(one: Row) -> str:
    """One line for the person who gave the place."""
    place = "rings an agent now" if one["position"] is None else f"is number {one['position']}"
    return f"caller {one['visit_id'][:ID_SHOWN]} of {one['queue']} {place}"


def _place(one: Row) -> str:
    if one["position"] is None:
        return "rings"
    return f"{one['position']}, kept for {one['kept_for']}" if one["kept_for"] else str(one["position"])


def _step(one: Row) -> str:
    """`1 of 2, next in 0:14`"""
    if not one["steps"]:
        return "-"
    reached = f"{one['step']} of {one['steps']}"
    return reached if one["next_step_seconds"] is None else f"{reached}, next in {seconds(one['next_step_seconds'])}"


def _table(*headings: str) -> Table:
    table = Table(show_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table
