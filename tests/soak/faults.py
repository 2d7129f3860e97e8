"""Breaks one thing after the other while people call."""

import asyncio
import time
from dataclasses import dataclass, field

from hotline.asterisk_tree import find_asterisk
from hotline.demo.house import House
from tests.soak.chances import Fault, FaultDice

BACK_SECONDS = 20.0
LINK_SECONDS = 3.0
"""An AMI link that was cut is there again after this at the latest (AmiTimes: the first retry is after 0.2 s)."""


@dataclass
class Outage:
    """A time in which something was broken; epoch seconds."""

    what: Fault
    since: float
    until: float = float("inf")


@dataclass
class Outages:
    """Everything that was broken, and when."""

    all: list[Outage] = field(default_factory=list)

    def touch(self, since: float, until: float, *, of: tuple[Fault, ...] = ("acd", "link")) -> bool:
        """Whether the ACD was blind or dead at some time between."""
        return any(one.what in of and one.since <= until and since <= one.until for one in self.all)


class Breaker:
    """Breaks what the dice say, and waits until it is whole again."""

    def __init__(self, house: House, dice: FaultDice, outages: Outages) -> None:
        self._house = house
        self._dice = dice
        self._outages = outages

    async def live(self, closing: asyncio.Event) -> None:
        """Break things until told otherwise."""
        while True:
            plan = self._dice.next_fault()
            try:
                async with asyncio.timeout(plan.pause_seconds):
                    await closing.wait()
                return
            except TimeoutError:
                await self.break_now(plan.what)

    async def break_now(self, what: Fault) -> None:
        outage = Outage(what, time.time())
        self._outages.all.append(outage)
        if what == "link":
            await self._cut_link()
        else:
            await self._house.back(what, self._house.kill(what), BACK_SECONDS)
        outage.until = time.time() + LINK_SECONDS

    async def _cut_link(self) -> None:
        """Let Asterisk throw the ACD's AMI session out, as it does when it cannot write to it."""
        for session in await self._sessions():
            await self._console(f"manager kick session {session}")

    async def _sessions(self) -> list[str]:
        """File descriptors of the sessions, the fifth column of `manager show connected`."""
        lines = (await self._console("manager show connected")).splitlines()
        return [words[4] for line in lines if len(words := line.split()) > 6 and words[0] == "acd"]

    async def _console(self, line: str) -> str:
        conf = self._house.state.asterisk / "etc" / "asterisk.conf"
        console = await asyncio.create_subprocess_exec(
            *find_asterisk().command, "-C", str(conf), "-rx", line,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await console.communicate()
        return said.decode(errors="replace")
