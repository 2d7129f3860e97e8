"""The AMI link: events in order, actions with answers, and a connection that comes back by itself.

`AmiClient` is what other rooms use. `SwitchManager` is panoramisk's `Manager` with `Wire` as its `protocol_factory`.
"""

import asyncio
import logging
import random
from dataclasses import dataclass, field

from panoramisk import Manager

from pbx.ami_actions import Fields, SwitchAction
from pbx.ami_message import AmiEvent, AmiReply
from pbx.ami_protocol import Wire
from pbx.errors import ActionRefused, ActionTimeout, LinkDown, SwitchError
from pbx.inbox import Inbox, InboxOverflow, Letter, LinkLost, LinkUp

__all__ = [
    "ActionRefused",
    "ActionTimeout",
    "AmiAddress",
    "AmiClient",
    "AmiEvent",
    "AmiReply",
    "AmiTimes",
    "InboxOverflow",
    "Letter",
    "LinkDown",
    "LinkLost",
    "LinkUp",
    "SwitchError",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AmiAddress:
    """Where Asterisk's manager interface listens, and who we are there."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class AmiTimes:
    """Delays of the link, in seconds."""

    ping_interval_seconds: float = 2.0
    silence_seconds_max: float = 5.0
    """A link on which nothing came for so long, pings notwithstanding, is dead."""
    connect_seconds_max: float = 5.0
    """For the connection, and again for greeting and login."""
    retry_seconds_first: float = 0.2
    retry_seconds_max: float = 5.0


class SwitchManager(Manager):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's manager for one connection after the other; all that it tells goes into the inbox."""

    def __init__(self, address: AmiAddress, wanted: frozenset[str], inbox: Inbox) -> None:
        super().__init__(host=address.host, port=address.port, protocol_factory=lambda: Wire(self))
        self.address = address
        self.wanted = wanted
        self.inbox = inbox
        self.epoch = 0
        self.up = False
        self._login_id: str | None = None

    def connection_made(self, f: "asyncio.Task[tuple[asyncio.Transport, Wire]]") -> None:
        """P13, P15: panoramisk reconnects from here every two seconds for ever; `AmiClient` sees to that instead."""

    def send_awaiting_actions(self, *_: object) -> None:
        """P11, P13: nothing is kept to be sent again, and nothing waits for FullyBooted."""

    def login_action(self) -> SwitchAction:
        """The action that logs us in; ValueError if name or secret cannot be sent."""
        events = "on" if self.wanted else "off"
        fields = {"Username": self.address.username, "Secret": self.address.secret, "Events": events}
        return SwitchAction("Login", fields)

    async def login(self, wire: Wire, timeout_seconds: float) -> None:
        """P15: a refused login raises ActionRefused instead of going unnoticed."""
        action = self.login_action()
        self._login_id = action["ActionID"]
        await wire.send(action, timeout_seconds)

    def settled(self, action: SwitchAction) -> None:
        """The last answer of an action came; synchronously, between the events before and after it."""
        if action["ActionID"] == self._login_id and action.reply is not None:
            self.epoch += 1
            self.up = True
            self.inbox.put_link(LinkUp(self.epoch))

    def dispatch(self, event: AmiEvent) -> None:
        """P16, P17: nobody's code runs here, so none can break the link; order is kept and memory bounded."""
        self.inbox.put_event(event, self.epoch)

    def connection_lost(self, cause: str) -> None:
        """The wire is closed; tell it once, in its place among the events."""
        if self.up:
            self.up = False
            self.inbox.put_link(LinkLost(self.epoch, cause))


class AmiClient:
    """One logged-in AMI link that makes itself again whenever it is lost.

    Call `start`, then read `next` in one task for ever: it gives `LinkUp`, events and `LinkLost` in the order in which
    they happened. After `LinkUp` and `InboxOverflow` ask Asterisk for a snapshot. Nothing is ever sent twice.

    Args:
        events: names of the events to keep; others are dropped before they are decoded.
        inbox_size: events that may wait before they are thrown away for an `InboxOverflow`.
    """

    def __init__(
        self, address: AmiAddress, *, events: frozenset[str], inbox_size: int = 10_000, times: AmiTimes | None = None
    ) -> None:
        self._times = times or AmiTimes()
        self._inbox = Inbox(inbox_size)
        self._manager = SwitchManager(address, events, self._inbox)
        self._wire: Wire | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        """Why there is no link, in words, e.g. "login refused: Authentication failed"; None while it is up."""

    @property
    def epoch(self) -> int:
        """Number of the last link that was logged in; 0 before the first."""
        return self._manager.epoch

    @property
    def up(self) -> bool:
        """True while the link is logged in."""
        return self._manager.up

    async def start(self) -> None:
        """Begin to make the link; returns at once, `LinkUp` tells when it is there.

        Raises:
            ValueError: the address's name or secret cannot be sent.
        """
        self._manager.login_action()
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_up(), name="ami link")
            self._keeper.add_done_callback(self._keeper_ended)

    async def close(self) -> None:
        """Log off by closing the connection; what waits for an answer gets LinkDown."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None

    async def next(self) -> Letter:
        """Wait for what happened next; one reader only. Raises what ended the keeping of the link: a bug of ours, which
        must not look like an Asterisk that has nothing to say."""
        return await self._inbox.get()

    async def send(self, action: str, fields: Fields, *, timeout_seconds: float = 5.0) -> AmiReply:
        """Perform an action and give Asterisk's reply to it.

        Raises:
            ActionRefused: Asterisk said no, with its words.
            ActionTimeout: it said nothing; the action may still be performed.
            LinkDown: there is no link, or it was lost before the reply. Not repeated by us: look at the next snapshot.
            ValueError: a field that cannot be sent as one header; nothing was sent.
        """
        return _reply(await self._perform(SwitchAction(action, fields), timeout_seconds))

    async def collect(
        self, action: str, fields: Fields | None = None, *, timeout_seconds: float = 5.0
    ) -> list[AmiEvent]:
        """Perform an action that answers with a list, and give its items.

        The items are not put into the inbox. Raises what `send` raises.
        """
        return (await self._perform(SwitchAction(action, fields or {}), timeout_seconds)).listed

    async def originate(self, fields: Fields, *, timeout_seconds: float = 60.0) -> AmiEvent:
        """Place a call and give its `OriginateResponse`, which a listener for that event gets as well (P18).

        Give a `ChannelId`: Asterisk refuses a second live channel of that id, and a snapshot can be searched for it.
        """
        action = SwitchAction("Originate", {**fields, "Async": "true"}, final_event="OriginateResponse")
        return (await self._perform(action, timeout_seconds)).listed[0]

    async def _perform(self, action: SwitchAction, timeout_seconds: float) -> SwitchAction:
        wire = self._wire
        if wire is None or not self.up:
            raise LinkDown(f"{action.name} was not sent: {self.trouble or 'no link yet'}")
        try:
            return await wire.send(action, timeout_seconds)
        except TimeoutError:
            raise ActionTimeout(f"{action.name}: no answer in {timeout_seconds:g} s") from None

    async def _keep_up(self) -> None:
        tries = 0
        while True:
            epoch = self.epoch
            trouble, refused = await self._one_link()
            if trouble != self.trouble:
                log.warning("AMI link down: %s", trouble)
            self.trouble = trouble
            # A refused login will be refused again, and every one counts for Asterisk's and fail2ban's limits (S25).
            tries = 0 if self.epoch > epoch else tries + 1
            await asyncio.sleep(self._retry_seconds(tries, refused))

    def _keeper_ended(self, keeper: asyncio.Task[None]) -> None:
        fault = None if keeper.cancelled() else keeper.exception()
        if fault is not None:
            self._inbox.fail(fault)

    def _retry_seconds(self, tries: int, refused: bool) -> float:
        times = self._times
        longest = times.retry_seconds_max
        ceiling = longest if refused else min(longest, times.retry_seconds_first * 2 ** min(tries, 20))
        return random.uniform(ceiling / 2, ceiling)

    async def _one_link(self) -> tuple[str, bool]:
        """Make a link and live with it until it is lost; why it was lost, and whether it was a refused login."""
        wire: Wire | None = None
        try:
            async with asyncio.timeout(self._times.connect_seconds_max):
                _, wire = await self._manager.connect()
            self._wire = wire
            await self._manager.login(wire, self._times.connect_seconds_max)
            self.trouble = None
            log.info("AMI link up: epoch=%d", self.epoch)
            return await self._ping_until_lost(wire), False
        except ActionRefused as error:
            return f"login refused: {error}", True
        except TimeoutError:
            return f"no answer to the login in {self._times.connect_seconds_max:g} s", False
        except (OSError, LinkDown) as error:
            return str(error), False
        finally:
            self._wire = None
            if wire is not None:
                wire.close()

    async def _ping_until_lost(self, wire: Wire) -> str:
        """P14: panoramisk pings without looking for the answer; a half-open link stays "connected" for minutes."""
        times = self._times
        loop = asyncio.get_running_loop()
        while not wire.lost.done():
            silence = loop.time() - wire.heard_at
            if silence >= times.silence_seconds_max:
                wire.close(f"nothing heard for {silence:.1f} s")
                break
            pause = min(times.ping_interval_seconds, times.silence_seconds_max - silence)
            await asyncio.wait([wire.lost], timeout=pause)
            if not wire.lost.done() and loop.time() - wire.heard_at >= times.ping_interval_seconds / 2:
                wire.ping()
        return wire.lost.result()


def _reply(action: SwitchAction) -> AmiReply:
    assert action.reply is not None, "an action settles with its reply or with an exception"
    return action.reply
