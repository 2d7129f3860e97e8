"""Questions to backends, performed for one call: begun, waited for while the caller may press keys, and let go.

Asterisk hears a caller's key only while a command of ours runs (res_agi.c, run_agi: it reads the channel in between
and drops what it reads), so the time is spent in waits for a digit: short ones first, for most backends are quick.
"""

import asyncio
import logging
from dataclasses import dataclass

from ivr.actions import Came, Reply
from ivr.backends import Backends, Request
from pbx.fastagi import AgiSession

log = logging.getLogger(__name__)

AT_ONCE_SECONDS = 0.005
"""A backend that answers within this time costs no command; a key of this time would be lost."""
FIRST_WAIT_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 0.2


@dataclass
class Inquiry:
    """The question of one call that is under way, if any."""

    agi: AgiSession
    backends: Backends
    request: Request | None = None
    task: asyncio.Task[Reply] | None = None

    def begin(self, request: Request) -> None:
        self.give_up()
        self.request, self.task = request, self.backends.ask(request)

    async def answer(self, seconds: float) -> Came:
        """The answer, or a key that was pressed before it; None after so many seconds. Raises SwitchError."""
        task = self.task
        if task is None:
            return Reply("failed")
        await asyncio.wait({task}, timeout=AT_ONCE_SECONDS)
        left, wait = seconds, FIRST_WAIT_SECONDS
        while not task.done() and left > 0:
            key = await self.agi.wait_for_digit(max(1, round(min(wait, left) * 1000)))
            if key:
                return key
            left -= min(wait, left)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        if not task.done():
            return None
        self.task = None
        return task.result()

    def give_up(self) -> None:
        """Nobody waits any more. What only reads is stopped; what is to be done is done, and told to the log."""
        task, request, self.task = self.task, self.request, None
        if task is None or request is None:
            return
        if not request.key:
            task.cancel()
            return
        task.add_done_callback(lambda done: _told(request, done))


def _told(request: Request, done: asyncio.Task[Reply]) -> None:
    outcome = "unknown, it was stopped" if done.cancelled() else done.result().outcome
    log.warning("nobody waited action=ask backend=%s key=%s outcome=%s", request.backend, request.key, outcome)
