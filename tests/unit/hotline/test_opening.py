"""When the distributor is told that a queue opens or closes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from acd.events import QueueClosed, QueueOpened
from hotline.opening import Change, Opening
from ivr.hours import Hours, Span

NINE_TO_FIVE = Hours(UTC, {day: (Span(9 * 60, 17 * 60),) for day in range(5)}, closed="")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hours: float) -> float:
    return (MONDAY + timedelta(hours=hours)).timestamp()


def test_each_change_is_told_once() -> None:
    """The engine takes a queue for open, so only its closing is news; then its opening, each once."""
    opening = Opening({"orders": NINE_TO_FIVE})
    told = [list(opening.changes(at(hours))) for hours in (8, 8.5, 9, 12, 17, 17.5)]
    assert told == [[QueueClosed("orders")], [], [QueueOpened("orders")], [], [QueueClosed("orders")], []]


def test_a_queue_that_is_open_at_the_start_is_no_news() -> None:
    """Nothing is told, and nothing of queues without hours of their own."""
    assert list(Opening({"orders": NINE_TO_FIVE}).changes(at(10))) == []
    assert list(Opening({}).changes(at(3))) == []


async def test_it_is_told_until_cancelled() -> None:
    """The first telling comes at once; then it waits for the next minute."""
    closed = Hours(UTC, {}, closed="")
    told: list[Change] = []
    task = asyncio.create_task(Opening({"orders": closed}).run(told.append))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == [QueueClosed("orders")]


def test_a_changed_site_has_its_hours_told_at_the_next_asking() -> None:
    """A queue that was closed and has no hours any more opens; one that is closed for callbacks alone now closes for
    everybody."""
    closed = Hours(UTC, {}, closed="")
    opening = Opening({"orders": closed}, {"support": closed})
    assert list(opening.changes(at(8))) == [QueueClosed("support", callbacks_only=True), QueueClosed("orders")]
    opening.become(Opening({"support": closed}))
    told = list(opening.changes(at(8.5)))
    assert told == [QueueOpened("support"), QueueOpened("orders"), QueueClosed("support")]
