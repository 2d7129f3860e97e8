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

    def __init__(self, hours: Mapping[str, Hours], quiet: Mapping[str, Hours] | None = None) -> None:
        """quiet: hours of queues without their own, outside of which nobody is called back."""
        self._hours = {**(quiet or {}), **hours}
        self._own = frozenset(hours)
        self._closed: dict[str, bool] = {}
        """The queues that are closed, as told last: wholly, or for callbacks alone."""

    @classmethod
    def of_site(cls, site: Site) -> "Opening":
        own = {queue_id: opening_of(queue.hours) for queue_id, queue in site.queues.items() if queue.hours}
        if site.hours is None:
            return cls(own)
        site_hours = opening_of(site.hours)
        return cls(own, {queue_id: site_hours for queue_id, queue in site.queues.items() if queue.callback})

    def become(self, other: "Opening") -> None:
        """The site has changed: from the next asking on its new hours hold."""
        self._hours, self._own = other._hours, other._own

    def changes(self, at: float) -> Iterator[Change]:
        """What has changed since the last asking.

        Args:
            at: epoch seconds.
        """
        moment = datetime.fromtimestamp(at, UTC)
        closed = {
            queue_id: queue_id in self._own for queue_id, hours in self._hours.items() if not is_open(hours, moment)
        }
        for queue_id, wholly in self._closed.items():
            if closed.get(queue_id) is not wholly:
                yield QueueOpened(queue_id)
        for queue_id, wholly in closed.items():
            if self._closed.get(queue_id) is not wholly:
                yield QueueClosed(queue_id, callbacks_only=not wholly)
        self._closed = closed

    async def run(self, post: Callable[[Change], None]) -> None:
        """Tell every change from now on, until cancelled."""
        while True:
            self.tell(post)
            await asyncio.sleep(60.05 - time.time() % 60)

    def tell(self, post: Callable[[Change], None]) -> None:
        """Tell what has changed up to now."""
        for change in self.changes(time.time()):
            post(change)
