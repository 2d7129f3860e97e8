"""The ordered, bounded inbox between the AMI link and its one reader.

P17: panoramisk starts one unordered, unbounded task per event. Here events wait in the order in which they happened;
when a reader falls `size` events behind, what waits is thrown away and replaced by one `InboxOverflow`, after which the
reader must ask Asterisk how things are (a snapshot taken after the marker covers all that was lost).
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from pbx.ami_message import AmiEvent


@dataclass(frozen=True)
class LinkUp:
    """A link was made and logged in; take a snapshot now: what happened before is not known."""

    epoch: int


@dataclass(frozen=True)
class LinkLost:
    """The link of this epoch is gone; what happens until the next `LinkUp` will not be told."""

    epoch: int
    cause: str


@dataclass(frozen=True)
class InboxOverflow:
    """Events were lost because they were not read fast enough; take a snapshot now."""

    epoch: int


Letter = AmiEvent | LinkUp | LinkLost | InboxOverflow


class Inbox:
    """First in, first out, for one reader; never blocks the writer."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("an inbox holds at least one event")
        self._size = size
        self._letters: deque[Letter] = deque()
        self._events = 0
        self._waiter: asyncio.Future[None] | None = None
        self._fault: BaseException | None = None
        self.overflows = 0
        """How often events were thrown away."""

    def __len__(self) -> int:
        return len(self._letters)

    def put_event(self, event: AmiEvent, epoch: int) -> None:
        """Add an event, or throw away what waits if there are too many."""
        if self._events >= self._size:
            self._overflow(epoch)
        self._letters.append(event)
        self._events += 1
        if self._waiter is not None:
            self._wake()

    def put_link(self, letter: LinkUp | LinkLost) -> None:
        """Add a change of the link; these are never thrown away."""
        self._letters.append(letter)
        self._wake()

    def fail(self, fault: BaseException) -> None:
        """No more letters will come: `get` raises this when those that wait were read."""
        self._fault = fault
        self._wake()

    async def get(self) -> Letter:
        """Wait for the next letter; cancelling it loses none. Raises what `fail` was given."""
        while not self._letters:
            if self._fault is not None:
                raise self._fault
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        letter = self._letters.popleft()
        if isinstance(letter, AmiEvent):
            self._events -= 1
        return letter

    def _overflow(self, epoch: int) -> None:
        kept = [letter for letter in self._letters if isinstance(letter, LinkUp | LinkLost)]
        self._letters = deque([*kept, InboxOverflow(epoch)])
        self._events = 0
        self.overflows += 1

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
