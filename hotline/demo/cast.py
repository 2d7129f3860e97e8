"""The people of the story: agents and callers, each at a real phone."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.load import Callers
from hotline.phones.patience import eventually
from hotline.phones.softphone import Softphone

STATE_SECONDS = 10.0
LOGGED_OFF = "logged_off"
READY = frozenset({"ready", "offered", "on_call"})
"""What the records may show of an agent who has just become ready: a caller who waits rings at once."""


class Cast:
    """Gives phones to people and takes them back; `close` ends every phone it has started."""

    def __init__(self, house: House, facts: Facts) -> None:
        self.house = house
        self.facts = facts
        self.agents: dict[str, Softphone] = {}
        self._callers: dict[str, Softphone] = {}
        self._crowds: list[Callers] = []

    async def agent(self, extension: str) -> Softphone:
        """The phone of an agent, registered; it is started at the first asking."""
        if extension not in self.agents:
            desk, sip = self.house.desks[extension], self.house.sip
            account = Account(extension, sip.host, sip.port, desk.password)
            self.agents[extension] = Softphone(account, folder=self._folder(extension), tone_hz=_tone(extension))
            await self.agents[extension].start()
        return self.agents[extension]

    async def caller(self, number: str) -> Softphone:
        """The phone of a caller."""
        if number not in self._callers:
            account = Account(number, self.house.sip.host, self.house.sip.port)
            self._callers[number] = Softphone(account, folder=self._folder(number), tone_hz=_tone(number))
            await self._callers[number].start()
        return self._callers[number]

    async def call(self, caller_number: str, number: str) -> PhoneCall:
        """Let a caller dial `number`; returns when the hotline has answered."""
        return await (await self.caller(caller_number)).call(number)

    def crowd(self, number: str, *, first: int) -> Callers:
        """Callers by the dozen, who will dial `number`; their own numbers count up from `first`."""
        callers = Callers(self.house.sip, number, self._folder("crowd"), first=first)
        self._crowds.append(callers)
        return callers

    async def ready(self, *extensions: str) -> None:
        """Let these agents dial the code for ready, together, and wait until the records say so."""
        await asyncio.gather(*(self._key(extension, "ready", READY) for extension in extensions))

    async def not_ready(self, *extensions: str) -> None:
        """Let these agents dial the code for not ready."""
        await asyncio.gather(*(self._key(extension, "not_ready", {"not_ready"}) for extension in extensions))

    async def log_off(self, *extensions: str) -> None:
        """Let these agents, or everybody who is logged on, dial the code for log-off."""
        gone = [extension for extension in extensions or self.agents if self.facts.agent_state(extension) != LOGGED_OFF]
        await asyncio.gather(*(self._key(extension, "log_off", {LOGGED_OFF}) for extension in gone))

    async def is_in(self, extension: str, state: str, seconds: float = STATE_SECONDS) -> None:
        """Wait until the records show this agent in that state, be it over again by then."""
        await self._is_in_one_of(extension, {state}, seconds)

    async def close(self) -> None:
        """Take every phone away."""
        phones = [*self.agents.values(), *self._callers.values()]
        await asyncio.gather(*(crowd.stop() for crowd in self._crowds), *(phone.close() for phone in phones))

    async def _key(self, extension: str, code: str, states: Collection[str]) -> None:
        phone = await self.agent(extension)
        call = await phone.call(self.house.feature_codes[code])
        await self._is_in_one_of(extension, states, STATE_SECONDS)
        await call.hang_up()

    async def _is_in_one_of(self, extension: str, states: Collection[str], seconds: float) -> None:
        before = self.facts.states_seen(extension)
        await eventually(
            lambda: not self.facts.states_since(extension, before).isdisjoint(states),
            seconds,
            f"agent {extension} to be {' or '.join(sorted(states))}",
        )

    def _folder(self, name: str) -> Path:
        return self.house.folder / "phones" / name


def _tone(number: str) -> float:
    """A tone of everybody's own, between 400 and 1000 Hz and away from those of the keys (697 Hz and up)."""
    return 400.0 + int(number[-2:]) * 2.5
