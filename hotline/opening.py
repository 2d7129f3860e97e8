"""Tells the distributor when the hours of a queue begin and end.

Hours are written to the minute, on a wall clock that may be moved; so every new minute the clock is read and compared
with what was told last. Callers are not asked after: the engine acts on the two events.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from acd.events import QueueClosed, QueueOpened
from dialplan.site import Site
from hotline.flow_of_site import opening_of
from ivr.hours import Hours, is_open

Change = QueueOpened | QueueClosed


class Opening:
    """The queues that have hours of their own; the engine takes each for open until it is told otherwise."""

    def __init__(self, hours: Mapping[str, Hours]) -> None:
        self._hours = hours
        self._closed: set[str] = set()

    @classmethod
    def of_site(cls, site: Site) -> "Opening":
        return cls({queue_id: opening_of(queue.hours) for queue_id, queue in site.queues.items() if queue.hours})

    def changes(self, at: float) -> Iterator[Change]:
        """What has changed since the last asking.

        Args:
            at: epoch seconds.
        """
        moment = datetime.fromtimestamp(at, UTC)
        for queue_id, hours in self._hours.items():
            if is_open(hours, moment) and queue_id in self._closed:
                self._closed.discard(queue_id)
                yield QueueOpened(queue_id)
            elif not is_open(hours, moment) and queue_id not in self._closed:
                self._closed.add(queue_id)
                yield QueueClosed(queue_id)

    async def run(self, post: Callable[[Change], None]) -> None:
        """Tell every change from now on, until cancelled."""
        while self._hours:
            self.tell(post)
            await asyncio.sleep(60.05 - time.time() % 60)

    def tell(self, post: Callable[[Change], None]) -> None:
        """Tell what has changed up to now."""
        for change in self.changes(time.time()):
            post(change)
