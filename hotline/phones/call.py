"""One call of one phone, from that phone's side."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, Self

DIGIT_SECONDS = 0.2
"""One RFC 4733 digit and the gap after it, as baresip 1.0.0 sends a row of them."""


class Handset(Protocol):
    """What a call needs of the phone that it is on."""

    def recordings(self) -> frozenset[Path]: ...

    def error(self, text: str) -> Exception: ...

    async def act_on(self, call: "PhoneCall", command: str, params: str = "") -> None: ...

    async def wait(self, happening: Awaitable[Any], seconds: float, what: str) -> Any: ...


@dataclass(eq=False)
class PhoneCall:
    """One call of one phone. Times are epoch seconds; None until it happened."""

    phone: Handset
    direction: Literal["incoming", "outgoing"]
    peer: str
    """The other side's number: the user part of its URI."""
    call_id: str
    """SIP Call-ID; empty until the first answer to a dialled call."""
    started_at: float
    earlier_recordings: frozenset[Path] = frozenset()
    own_number: str = ""
    """Which number of this phone the call is of: it may have several."""
    established_at: float | None = None
    closed_at: float | None = None
    close_reason: str | None = None
    """baresip's words: `Connection reset by peer` is the other side's BYE; else the SIP code and phrase."""
    _established: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def recording(self) -> Path | None:
        """What this phone heard in this call so far; None before there was sound."""
        fresh = sorted(self.phone.recordings() - self.earlier_recordings)
        return fresh[0] if fresh else None

    @property
    def is_closed(self) -> bool:
        """Over, answered or not."""
        return self._closed.is_set()

    @property
    def is_talking(self) -> bool:
        """Answered and not over."""
        return self._established.is_set() and not self._closed.is_set()

    async def established(self, seconds: float = 10.0) -> Self:
        """Wait until the call is answered. Raises PhoneError when it closed instead, or at the deadline."""
        await self.phone.wait(self._answered_or_closed(), seconds, f"the call with {self.peer} to be answered")
        if not self._established.is_set():
            raise self.phone.error(f"the call with {self.peer} ended unanswered: {self.close_reason}")
        return self

    async def closed(self, seconds: float = 30.0) -> str:
        """Wait until the call is over and return baresip's reason. Raises PhoneError at the deadline."""
        await self.phone.wait(self._closed.wait(), seconds, f"the call with {self.peer} to end")
        return self.close_reason or ""

    async def answer(self, seconds: float = 5.0) -> Self:
        """Pick up and wait until the call stands."""
        await self.phone.act_on(self, "accept")
        return await self.established(seconds)

    async def hang_up(self) -> None:
        """End the call: BYE, CANCEL, or 486 to one that rings here. Nothing happens to one that is over."""
        if not self.is_closed:
            await self.phone.act_on(self, "hangup")
            await self.closed(5.0)

    async def reject(self) -> None:
        """Refuse a call that rings; baresip 1.0.0 knows no other code than 486."""
        await self.hang_up()

    async def hold(self) -> None:
        """Put the other side on hold (re-INVITE, sendonly)."""
        await self.phone.act_on(self, "hold")

    async def resume(self) -> None:
        """Take the other side off hold."""
        await self.phone.act_on(self, "resume")

    async def transfer(self, target: str) -> None:
        """Send the other side to this number, or this whole SIP URI (REFER); baresip 1.0.0 hangs up where that is
        refused."""
        await self.phone.act_on(self, "transfer", target)

    async def digits(self, keys: str) -> None:
        """Key RFC 4733 digits and return when the last one should be out; baresip spaces them by itself."""
        await self.phone.act_on(self, "sndcode", keys)
        await asyncio.sleep(len(keys) * DIGIT_SECONDS)

    def note_established(self, at: float) -> None:
        """The phone says: this call stands."""
        self.established_at = at
        self._established.set()

    def note_closed(self, at: float, reason: str) -> None:
        """The phone says: this call is over."""
        self.closed_at, self.close_reason = at, reason
        self._closed.set()

    async def _answered_or_closed(self) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self._established, self._closed)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
