"""The AGI request of a caller to whom a menu proposes a callback: asked here, answered to the menu by IVR_RESULT.

The caller waits in no queue. IVR_RESULT is the sentinel: the dialplan (context `callback`) enters again without it, and
finds in ACD_VISIT what was asked for, so that a process which was killed after the record asks nobody twice.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from acd.announcing import Saying
from acd.callback_dialogue import CallbackDialogue, Ending
from acd.calling_back import is_refused
from acd.distributor import Distributor
from acd.events import CallbackBooked
from acd.hold_entry import ENTRY, Entry, read_entry, variables
from acd.joined_sounds import first_of
from acd.model import VisitOutcome
from acd.outside import Outside, tell_refused
from acd.speech import Clips, Speech
from pbx.fastagi import AgiSession

_WORDS: Final = {
    Ending.DECLINED: "declined",
    Ending.BROKEN_OFF: "declined",
    Ending.NOT_ALLOWED: "not_allowed",
}
TAKEN: Final = "taken"
ALREADY_WAITING: Final = "already_waiting"
CLOSED: Final = "closed"
FAILED: Final = "failed"


class CallbackMenu:
    """`handle` serves one request; raises what a session raises."""

    def __init__(
        self,
        distributor: Distributor,
        clips: Clips,
        outside: Outside,
        new_id: Callable[[], str],
        join: Callable[[Sequence[str]], str] = first_of,
    ) -> None:
        self._distributor = distributor
        self._clips = clips
        self._outside = outside
        self._new_id = new_id
        self._join = join

    async def handle(self, session: AgiSession) -> None:
        """Ask one caller, and leave on the channel what came of it."""
        entry = await self._enter(session)
        speech = Speech(session, self._clips, (), self._distributor.press, self._join)
        result = await self._serve(entry, speech, session.language)
        if result in (TAKEN, ALREADY_WAITING) and entry.handled.isdisjoint({TAKEN, result}):
            await speech.say([Saying("callback.taken")])
        await session.set_variable("IVR_RESULT", result)

    async def _enter(self, session: AgiSession) -> Entry:
        """The place is that of this moment, however long the dialogue takes."""
        values = dict(zip(ENTRY, await variables(session, ENTRY), strict=True))
        entry = read_entry(values, self._new_id, time.time())
        if entry.is_new:
            arrived_at = time.time() - entry.joined.waited_seconds
            await session.execute("MSet", f"ACD_ARRIVED={arrived_at:.3f}", f"ACD_VISIT={entry.joined.visit_id}")
        return entry

    async def _serve(self, entry: Entry, speech: Speech, language: str) -> str:
        joined, engine = entry.joined, self._distributor.engine
        if engine.ended.get(joined.visit_id) is VisitOutcome.CALLBACK_TAKEN:
            return TAKEN
        if (why := self._refusal(joined.queue_id)) is not None:
            return why
        refused = partial(tell_refused, self._distributor, self._outside, joined.call_id, joined.queue_id)
        began = time.monotonic()
        choice = await CallbackDialogue(speech, self._outside.allows, joined.caller_number, refused=refused).run()
        if choice.ending is not Ending.CONFIRMED:
            return _WORDS[choice.ending]
        waited = joined.waited_seconds + time.monotonic() - began
        return self._book(CallbackBooked(replace(joined, waited_seconds=waited), choice.number, language))

    def _refusal(self, queue_id: str) -> str | None:
        """Why nobody can have a callback of this queue now."""
        engine = self._distributor.engine
        queue = engine.floor.queues.get(queue_id)
        if queue is None or queue.callback is None:
            return FAILED
        return CLOSED if is_refused(queue, engine.quiet) else None

    def _book(self, event: CallbackBooked) -> str:
        """Nothing is awaited between the question who waits and the answer who waits now."""
        engine, name = self._distributor.engine, (event.joined.queue_id, event.number)
        before = engine.callbacks.get(name)
        self._distributor.post(event)
        if engine.ended.get(event.joined.visit_id) is not VisitOutcome.CALLBACK_TAKEN:
            return self._refusal(event.joined.queue_id) or FAILED
        return ALREADY_WAITING if before is not None and engine.callbacks.get(name) == before else TAKEN
