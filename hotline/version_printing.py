"""Versions as a table."""

from rich.console import Console
from rich.table import Table

from hotline.version_history import History, Listed

_HEADINGS = ("number", "version", "published", "by", "why", "state", "calls", "going on")


def print_history(told: History, console: Console | None = None) -> None:
    """One row each, the newest first; times are UTC, to the minute."""
    console = console or Console()
    table = Table(show_edge=False)
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold", no_wrap=heading != "why")
    for one in told.versions:
        table.add_row(*_row(one))
    console.print(table if table.row_count else "nothing has been published")
    if told.unpublished:
        console.print(f"What runs is no published version: a site folder with the content {told.unpublished}")


def _row(one: Listed) -> tuple[str, ...]:
    when = (one.published_at or "-")[:16].replace("T", " ")
    return (
        *(str(one.number), one.version, when, one.author, one.message, one.state),
        *(str(one.calls), str(one.calls_running)),
    )
