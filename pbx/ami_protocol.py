"""One AMI connection, on panoramisk's `AMIProtocol`: bytes in, events and answers out.

It lives from connect to loss. What it tells goes synchronously, in the order of the bytes, to its factory
(`ami.SwitchManager`): `login`, `dispatch`, `connection_lost`.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from panoramisk.ami_protocol import AMIProtocol

from pbx.ami_actions import SwitchAction
from pbx.ami_framing import Framer, NotAmi, action_id_of, name_of
from pbx.ami_message import AmiEvent, AmiReply
from pbx.errors import LinkDown

if TYPE_CHECKING:
    from pbx.ami import SwitchManager

log = logging.getLogger(__name__)


class Wire(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """The connection's framing, its unanswered actions and its write buffer."""

    def __init__(self, factory: "SwitchManager") -> None:
        self.factory = factory
        self.framer = Framer()
        self.pending: dict[str, SwitchAction] = {}
        """Actions without their last answer, by ActionID."""
        self.heard_at = 0.0
        """When bytes last came, on the loop's clock; what the ping deadline counts from (P14)."""
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done when the connection is over; its result is the cause."""
        self.transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Start listening. asyncio sets TCP_NODELAY on every TCP transport."""
        self.transport = transport
        self.heard_at = asyncio.get_running_loop().time()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """P19: frame first, decode afterwards: a character split between two chunks stays whole."""
        self.heard_at = asyncio.get_running_loop().time()
        try:
            messages = self.framer.feed(data)
        except NotAmi as error:
            self.close(f"the peer does not speak AMI: {error}")
            return
        wanted = self.factory.wanted
        for message in messages:
            name = name_of(message)
            if name is None:
                continue
            if name in wanted:
                event = AmiEvent(name, message)
                # P18: an event with the id of an action goes to the listener too, unless it is an item of a list.
                if not (self.pending and self._answer(event)):
                    self.factory.dispatch(event)
            elif name == "Response":
                self._answer(AmiReply(name, message))
            elif self.pending:
                self._answer(AmiEvent(name, message))

    def _answer(self, message: AmiEvent | AmiReply) -> bool:
        """Give a message to the action that waits for it; True if it belongs to that action alone."""
        action_id = action_id_of(message.raw)
        action = self.pending.get(action_id) if action_id is not None else None
        if action is None:
            return False
        private = action.listing
        if action.add_message(message):
            del self.pending[action["ActionID"]]
            # Here and not in whoever awaits the answer: LinkUp must enter the inbox before the events that follow.
            self.factory.settled(action)
        return private

    async def send(self, action: SwitchAction, timeout_seconds: float) -> SwitchAction:
        """Write an action and wait for its last answer.

        Raises:
            ActionRefused, TimeoutError, LinkDown: see `AmiClient.send`; nothing of the action stays behind.
        """
        action_id = action["ActionID"]
        try:
            async with asyncio.timeout(timeout_seconds):
                # P21: panoramisk writes whether Asterisk reads or not, and before there is a connection.
                await self._writable.wait()
                if self.transport is None or self.lost.done():
                    raise LinkDown(f"{action.name} was not sent: no link")
                self.pending[action_id] = action
                log.debug("> action=%s id=%s", action.name, action_id)
                self.transport.write(action.wire)
                await action.future
        finally:
            self.pending.pop(action_id, None)
            action.future.cancel()
        return action

    def ping(self) -> None:
        """Make Asterisk say something. Its answer is not waited for: any byte shows that the link is alive."""
        if self.transport is not None and not self.lost.done():
            self.transport.write(SwitchAction("Ping", {}).wire)

    def pause_writing(self) -> None:
        """Asterisk does not read: hold further actions back until their deadline."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Asterisk reads again."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is over."""
        self.close(str(exc) if exc else "Asterisk closed the connection")

    def close(self, cause: str = "closed") -> None:
        """End the connection at once and fail what waits.

        P11: panoramisk keeps unanswered actions and sends them again after the next connect; a call would be made
        twice. P12: it forgets those with half an answer, and their callers wait for ever.
        """
        if self.lost.done():
            return
        self.lost.set_result(cause)
        self._writable.set()
        for action in self.pending.values():
            if not action.future.done():
                action.future.set_exception(LinkDown(f"{action.name}: {cause}; it may or may not have been performed"))
        if self.transport is not None:
            self.transport.abort()
        self.factory.connection_lost(cause)
