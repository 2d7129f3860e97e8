"""Many callers, or many agents, from one sipp process each."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.phones import scenarios
from hotline.phones.goodbye import hang_up_for
from hotline.phones.ports import free_ports
from hotline.phones.sipp import SipMessage, Sipp, Switch

MEDIA_PORT = 9
"""The discard port: it is named in the SDP, and nobody listens there."""

ERRAND_SECONDS = 30.0
"""How long a registration or a feature code of all agents may take."""

FIRST_CALLER = 13_800_000_000
"""Callers' numbers count up from here, in the order in which they call."""


@dataclass(frozen=True)
class CallerCounts:
    """Callers of one load, each counted once."""

    dialled: int
    answered: int
    """The switch took the call."""
    over: int


class Callers:
    """`count` callers who dial `number` one after another and wait until somebody hangs up.

    Args:
        per_second: how many dial in a second.
        hold_seconds: how long a caller stays at most before hanging up.
        first: number of the first caller; the next one's is one more.
    """

    def __init__(self, switch: Switch, number: str, folder: Path, *, first: int = FIRST_CALLER) -> None:
        self.switch = switch
        self.number = number
        self.first = first
        self._sipp = Sipp(folder, f"callers-{number}-{first}")

    @property
    def pid(self) -> int | None:
        """sipp's process id while it runs."""
        return self._sipp.pid

    async def start(self, count: int, *, per_second: float = 20.0, hold_seconds: float = 120.0) -> None:
        """Let the callers begin to dial; returns at once."""
        values = {"NUMBER": self.number, "HOLD_MS": round(hold_seconds * 1000), "MEDIA_PORT": MEDIA_PORT}
        numbers = [[str(self.first + index)] for index in range(count)]
        limits = ["-m", str(count), "-l", str(count), "-r", str(round(per_second * 10)), "-rp", "10000"]
        await self._sipp.start(scenarios.CALLER, values, remote=str(self.switch), fields=numbers, options=limits)

    def counts(self) -> CallerCounts:
        """Count from sipp's messages so far."""
        return count_callers(self.messages())

    def messages(self) -> list[SipMessage]:
        """Every message of these callers so far."""
        return self._sipp.messages()

    async def stop(self) -> None:
        """End sipp, and hang up for every caller who is still there."""
        if self.pid is None:
            return
        await self._sipp.stop()
        await asyncio.to_thread(hang_up_for, self.messages(), self._sipp.port, self.switch)


class Agents:
    """Agents who register by digest, ring, answer, talk and hang up by themselves: for load, not for ears."""

    def __init__(self, switch: Switch, agents: Sequence[tuple[str, str]], folder: Path) -> None:
        """`agents` is extension and password of each."""
        self.switch = switch
        self.agents = agents
        self._folder = folder
        self._errands = 0
        self._registration = Sipp(folder, "registration")
        self._phones = Sipp(folder, "agents")

    @property
    def pid(self) -> int | None:
        """sipp's process id while it runs."""
        return self._phones.pid

    async def start(self, *, ring_seconds: float, talk_seconds: float, ring_spread_seconds: float = 0.0) -> None:
        """Register all of them and start their phones.

        ring_spread_seconds: each call is answered up to so much later, by chance: without it agents who began together
        hang up together, again and again.

        One port serves both, one after the other: a switch may answer to where a registration came from
        (`rewrite_contact`), whatever its Contact says. What the switch asks in between it asks again.

        Raises:
            LoadError: a registration was refused.
        """
        self._phones.port = self._registration.port = free_ports(1)
        await self._play_once(self._registration, scenarios.REGISTRATION, {})
        times = {
            "RING_MS_MIN": round(ring_seconds * 1000),
            "RING_MS_MAX": round((ring_seconds + ring_spread_seconds) * 1000) + 1,
            "TALK_MS": round(talk_seconds * 1000),
        }
        await self._phones.start(scenarios.AGENT, {**times, "MEDIA_PORT": MEDIA_PORT}, options=["-aa"])

    async def dial(self, number: str) -> None:
        """Let every agent dial `number`, such as a feature code, and stay until the switch hangs up.

        Raises:
            LoadError: a call was refused, or the switch did not hang up.
        """
        self._errands += 1
        errand = Sipp(self._folder, f"errand-{self._errands}")
        await self._play_once(errand, scenarios.ERRAND, {"NUMBER": number, "MEDIA_PORT": MEDIA_PORT})

    async def _play_once(self, sipp: Sipp, scenario: str, values: Mapping[str, object]) -> None:
        rows = [
            [extension, f"[authentication username={extension} password={password}]"]
            for extension, password in self.agents
        ]
        count = ["-m", str(len(rows)), "-r", "50"]
        await sipp.start(scenario, values, remote=str(self.switch), fields=rows, options=count)
        await sipp.finished(ERRAND_SECONDS)

    def messages(self) -> list[SipMessage]:
        """Every message of these agents so far."""
        return self._phones.messages()

    async def stop(self) -> None:
        """End sipp; whoever talks with these agents is left to the switch."""
        await self._registration.stop()
        await self._phones.stop()


def count_callers(messages: Iterable[SipMessage]) -> CallerCounts:
    """Count callers by what was said in their calls."""
    dialled, answered, over = set(), set(), set()
    for message in messages:
        if message.sent and message.method == "INVITE":
            dialled.add(message.call_id)
        elif message.status == 200 and message.cseq_method == "INVITE":
            answered.add(message.call_id)
        elif message.method == "BYE" or (message.status or 0) >= 400:
            over.add(message.call_id)
    return CallerCounts(len(dialled), len(answered), len(over))
