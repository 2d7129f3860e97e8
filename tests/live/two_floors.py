"""One call centre twice, for the oracles: the same phones and callers on Hotline and on Asterisk's own app_queue."""

from pathlib import Path
from typing import Protocol

from hotline.phones.load import Agents, Callers
from hotline.phones.patience import eventually
from hotline.phones.sipp import SipMessage
from tests.two_systems import AppQueueSystem, HotlineSystem, System

ENTER_SECONDS, SERVE_SECONDS = 10.0, 40.0
RING_SECONDS, TALK_SECONDS = 0.02, 0.1


class OracleFloor(System, Protocol):
    """One of the two, as an oracle sees it."""

    async def open_desks(self, agents: Agents) -> None:
        """Make every agent ready."""
        ...

    def entered(self, caller_number: str) -> bool:
        """The queue has taken this caller in, or has refused them."""
        ...

    def refused(self, caller_number: str) -> bool:
        """The queue was full for this caller."""
        ...


class HotlineOracle(HotlineSystem):
    """On a site of the oracle's own."""

    async def open_desks(self, agents: Agents) -> None:
        await agents.dial(self.house.feature_codes["ready"])

    def entered(self, caller_number: str) -> bool:
        return self.facts.visit(caller_number) is not None

    def refused(self, caller_number: str) -> bool:
        visit = self.facts.visit(caller_number)
        return visit is not None and visit.outcome == "full"


class AppQueueOracle(AppQueueSystem):
    """With a dialplan and a queues.conf of the oracle's own.

    The dialplan says `ENTER number` before Queue() and `STATUS number status` after it.
    """

    async def open_desks(self, agents: Agents) -> None:
        for extension in self.extensions:
            await self.switch.command(f"queue unpause member PJSIP/{extension}")

    def entered(self, caller_number: str) -> bool:
        return f"ENTER {caller_number}" in self.log

    def refused(self, caller_number: str) -> bool:
        return f"STATUS {caller_number} FULL" in self.log


class Players:
    """The phones of one floor; use as `async with Players(floor, folder) as players`."""

    def __init__(self, floor: OracleFloor, folder: Path) -> None:
        self.floor = floor
        self._folder = folder / f"phones-{floor.name}-{id(floor)}"
        self._callers: list[Callers] = []
        self.agents: Agents | None = None

    async def __aenter__(self) -> "Players":
        await self.floor.start()
        self.agents = self.floor.agents(self._folder)
        await self.agents.start(ring_seconds=RING_SECONDS, talk_seconds=TALK_SECONDS)
        return self

    async def __aexit__(self, *error: object) -> None:
        for callers in self._callers:
            await callers.stop()
        if self.agents is not None:
            await self.agents.stop()
        await self.floor.stop()

    async def open_desks(self) -> None:
        assert self.agents is not None
        await self.floor.open_desks(self.agents)

    async def call(self, number: str, caller_number: str) -> None:
        """Let one caller dial and wait until the queue has taken them in, or refused them."""
        callers = Callers(self.floor.sip, number, self._folder, first=int(caller_number))
        self._callers.append(callers)
        await callers.start(1, hold_seconds=SERVE_SECONDS * 2)
        what = f"{caller_number} to be in the queue of {self.floor.name}"
        await eventually(lambda: self.floor.entered(caller_number), ENTER_SECONDS, what)

    async def served(self, count: int) -> list[SipMessage]:
        """Wait until so many calls have been answered; their first INVITEs at the agents' phones, in order."""
        what = f"{count} callers of {self.floor.name} to be served, with the end of\n{self.floor.log_tail()}"
        await eventually(lambda: len(self.hang_ups()) >= count, SERVE_SECONDS, what, every_seconds=0.2)
        return self.rings()

    def rings(self) -> list[SipMessage]:
        """The first INVITE of each call at an agent's phone, in order."""
        first: dict[str, SipMessage] = {}
        for message in self._messages():
            if not message.sent and message.method == "INVITE":
                first.setdefault(message.call_id, message)
        return list(first.values())

    def hang_ups(self) -> list[SipMessage]:
        """The first BYE of each call that an agent's phone sent, in order."""
        first: dict[str, SipMessage] = {}
        for message in self._messages():
            if message.sent and message.method == "BYE":
                first.setdefault(message.call_id, message)
        return list(first.values())

    def _messages(self) -> list[SipMessage]:
        assert self.agents is not None
        return self.agents.messages()
