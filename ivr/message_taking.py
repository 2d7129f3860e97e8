"""What a session does on the caller's channel for messages and faxes.

The file's name is kept with the checkpoint before there is a file, and told to the journal (MESSAGEBEGIN), so that what
was left is found whoever dies: the next IVR by its checkpoint, and where the caller is gone too, people by the record.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ivr.actions import Action, DropMessage, HearMessage, KeepMessage, MeasureMessage, SendFax, TakeFax, TakeMessage
from ivr.message_folder import MessageFolder
from ivr.messages import file_of
from ivr.walk import Walk
from pbx.errors import AgiRefused, CallerGone
from pbx.fastagi import AgiSession

log = logging.getLogger(__name__)

FAX = "fax"
_SENDING = "sending"
"""In the checkpoint: a fax was begun, and the channel tells what came of it."""
_AUDIO = "F"
"""Of SendFAX and ReceiveFAX: no T.38, which few carriers pass on well."""


class Journal(Protocol):
    """Where records go; it never raises and never waits."""

    def append(self, verb: str, **fields: object) -> None: ...


@dataclass(frozen=True)
class Places:
    """Where files are that a session reads and writes."""

    messages: MessageFolder | None = None
    """None: nobody can leave anything."""
    site: Path | None = None
    """Where the documents are that callers have faxed."""


@dataclass
class MessageTaking:
    """One session's part in messages.

    Args:
        prepare: keeps the checkpoint over our death, and sets the channel variables that wait, and these.
        hear: plays a file, without its ending; the key that stopped it.
    """

    agi: AgiSession
    journal: Journal
    places: Places
    prepare: Callable[[Mapping[str, str]], Awaitable[None]]
    hear: Callable[[str, str], Awaitable[str | None]]
    call_id: str

    async def perform(self, walk: Walk, action: Action, step_id: str, moment: datetime) -> str | None:
        """Do one action that concerns messages; the answer."""
        match action:
            case TakeMessage():
                return await self._take(walk, action, step_id, moment)
            case MeasureMessage():
                return await self._measure(walk)
            case HearMessage(stop_keys):
                return await self._play(walk, stop_keys)
            case KeepMessage(kind, seconds, pages):
                told = {"kind": kind, "seconds": seconds, "pages": pages, "language": walk.language}
                self.journal.append("MESSAGE", **self._named(walk), **told, caller_number=self.agi.caller_number)
            case DropMessage():
                self._drop(walk)
            case SendFax(file):
                return await self._send_fax(walk, file)
            case TakeFax():
                return await self._take_fax(walk, step_id, moment)
        return None

    async def _take(self, walk: Walk, take: TakeMessage, step_id: str, moment: datetime) -> str | None:
        file = file_of(take.kind, take.question, moment, step_id)
        path = self._begin(walk, file, take.kind, [take.question] if take.question else [])
        if path is None or self.places.messages is None:
            return None
        await self.prepare({})
        await self.hear(str(self.places.messages.beep().with_suffix("")), "")
        try:
            await self.agi.record_file(
                str(path.with_suffix("")), "wav", take.stop_keys, take.seconds_max * 1000, take.silence_seconds
            )
        except AgiRefused as refusal:
            log.error("nothing recorded action=record linkedid=%s file=%s cause=%s", self.call_id, file, refusal)
            return None
        return await self._measure(walk)

    def _begin(self, walk: Walk, file: str, kind: str, question: list[str]) -> Path | None:
        """Have a place for the file, and tell that something may be in it from now on."""
        if self.places.messages is None:
            log.error("no folder for messages action=record linkedid=%s", self.call_id)
            return None
        if walk.checkpoint.within[-1:] != [file]:
            walk.checkpoint.within = [*question, file]
            told = {"kind": kind, "language": walk.language, "caller_number": self.agi.caller_number}
            self.journal.append("MESSAGEBEGIN", **self._named(walk), **told)
        try:
            self.places.messages.beep()
            return self.places.messages.place(file)
        except OSError as refusal:
            log.error("no place for a message action=record linkedid=%s cause=%s", self.call_id, refusal)
            return None

    async def _measure(self, walk: Walk) -> str | None:
        """Asterisk answers before it closes the file (res_agi.c, handle_recordfile), and closes it before it takes the
        next command."""
        if self.places.messages is None or not walk.checkpoint.within:
            return None
        await self.agi.get_variable("${CHANNEL(linkedid)}", after_hangup=True)
        seconds = self.places.messages.seconds(walk.checkpoint.within[-1])
        return None if seconds is None else f"{seconds:.2f}"

    async def _play(self, walk: Walk, stop_keys: str) -> str | None:
        if self.places.messages is None:
            return None
        path = self.places.messages.folder / walk.checkpoint.within[-1]
        return await self.hear(str(path.with_suffix("")), stop_keys)

    def _drop(self, walk: Walk) -> None:
        if self.places.messages is None or not walk.checkpoint.within:
            return
        self.journal.append("MESSAGEDROP", **self._named(walk))
        try:
            self.places.messages.drop(walk.checkpoint.within[-1])
        except OSError as refusal:
            log.error("not deleted action=drop linkedid=%s cause=%s", self.call_id, refusal)

    async def _send_fax(self, walk: Walk, file: str) -> str | None:
        if self.places.site is None:
            return None
        if not await self._was_begun(walk):
            walk.checkpoint.within = [_SENDING]
            await self._fax("SendFAX", self.places.site / file, walk)
        return "sent" if await self._fax_result("FAXSTATUS") == "SUCCESS" else None

    async def _take_fax(self, walk: Walk, step_id: str, moment: datetime) -> str | None:
        if not await self._was_begun(walk):
            path = self._begin(walk, file_of(FAX, "", moment, step_id), FAX, [])
            if path is None:
                return None
            await self._fax("ReceiveFAX", path, walk)
        pages = await self._fax_result("FAXPAGES")
        # Pages that came before it broke off are there all the same.
        return pages if pages.isdecimal() and int(pages) else None

    async def _was_begun(self, walk: Walk) -> bool:
        """Whether a process before this one has sent or taken this fax: Asterisk says how it ended, and enters us again
        only when it is over."""
        return bool(walk.checkpoint.within) and await self._fax_result("FAXSTATUS") != ""

    async def _fax(self, application: str, path: Path, walk: Walk) -> None:
        """A fax machine hangs up as soon as it is done: what came of it is asked for afterwards."""
        await self.prepare({"FAXSTATUS": "", "FAXPAGES": ""})
        try:
            await self.agi.execute(application, str(path), _AUDIO)
        except AgiRefused as refusal:
            log.warning("fax failed application=%s linkedid=%s cause=%s", application, self.call_id, refusal)
        except CallerGone:
            log.info("fax over application=%s linkedid=%s", application, self.call_id)

    async def _fax_result(self, variable: str) -> str:
        return await self.agi.get_variable(f"${{{variable}}}", after_hangup=True) or ""

    def _named(self, walk: Walk) -> dict[str, str]:
        return {"file": walk.checkpoint.within[-1], "call_id": self.call_id, "node": walk.step.address}
