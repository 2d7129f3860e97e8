"""Callers and agents at real softphones, each doing what their dice say, and the log of what the phones saw."""

import asyncio
import time
from dataclasses import dataclass, field

from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.softphone import PhoneError, Softphone
from tests.soak.chances import AgentDice, CallerDice, Deed

IDLE_LOOK_SECONDS = 1.0
CODE_SECONDS = 10.0
OTHER_SIDE_SECONDS = 5.0
"""How long a hang-up may take to reach the other phone: longer only when somebody was lost on the way."""


@dataclass(eq=False)
class CallerLog:
    """One call as its caller's phone saw it. Times are epoch seconds."""

    number: str
    call: PhoneCall
    left_at: float | None = None
    """when this caller hung up; None: the other side did"""

    @property
    def name(self) -> str:
        """How a failure names the call."""
        return f"call of {self.number} at {clock(self.call.started_at)}"

    @property
    def ended_at(self) -> float:
        """By whoever was first; the phone itself may tell late of a hang-up of its own."""
        ends = [at for at in (self.call.closed_at, self.left_at) if at is not None]
        return min(ends, default=self.call.started_at)


@dataclass(eq=False)
class LegLog:
    """One ringing at an agent's phone."""

    agent_id: str
    call: PhoneCall
    deed: Deed
    left_at: float | None = None
    """when this agent hung up the talk"""

    @property
    def talk_seconds(self) -> float:
        """Nothing for a leg that was not answered."""
        return 0.0 if self.call.established_at is None else self.ended_at - self.call.established_at

    @property
    def ended_at(self) -> float:
        """By whoever was first."""
        ends = [at for at in (self.call.closed_at, self.left_at) if at is not None]
        return min(ends, default=self.call.started_at)


@dataclass
class Log:
    """All that the phones saw."""

    callers: list[CallerLog] = field(default_factory=list)
    legs: list[LegLog] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    """found while it ran: a phone or an agent that did not do as it was told"""


class SoakCaller:
    """One caller, who calls again and again from one number."""

    def __init__(self, house: House, number: str, seed: int, log: Log) -> None:
        self.number = number
        self._dice = CallerDice(seed, number)
        self._log = log
        self.phone = Softphone(Account(number, house.sip.host, house.sip.port), folder=house.folder / "phones" / number)

    async def live(self, closing: asyncio.Event) -> None:
        """Call until told otherwise; the last call is played to its end."""
        while not closing.is_set():
            plan = self._dice.next_call()
            await asyncio.sleep(plan.pause_seconds)
            call = await self.phone.dial(plan.number)
            log = CallerLog(self.number, call)
            self._log.callers.append(log)
            try:
                await call.closed(plan.stay_seconds)
            except PhoneError:  # still up: this caller has waited, or talked, for long enough
                await self._leave(log)

    async def _leave(self, log: CallerLog) -> None:
        if not log.call.is_closed:
            log.left_at = time.time()
            try:
                await log.call.hang_up()
            except PhoneError as late:
                if not log.call.is_closed:
                    self._log.stuck.append(f"{log.name}: the caller's hang-up was not carried out: {late}")


class SoakAgent:
    """One agent, who takes calls and breaks, and is found ready again after each."""

    def __init__(self, house: House, extension: str, seed: int, log: Log) -> None:
        desk = house.desks[extension]
        self.extension = extension
        self._dice = AgentDice(seed, extension)
        self._log = log
        self._codes = house.feature_codes
        self._facts = Facts(house.engine)
        account = Account(extension, house.sip.host, house.sip.port, desk.password)
        self.phone = Softphone(account, folder=house.folder / "phones" / extension)

    async def live(self, home: asyncio.Event) -> None:
        """Take calls until told otherwise."""
        await self._key("ready")
        while not home.is_set():
            try:
                ringing = await self.phone.incoming(IDLE_LOOK_SECONDS)
            except PhoneError:  # nobody rang
                await self._come_back()
                continue
            await self._take(ringing)
            await self._take_a_break()

    async def _take(self, ringing: PhoneCall) -> None:
        plan = self._dice.next_ring()
        log = LegLog(self.extension, ringing, plan.deed)
        self._log.legs.append(log)
        try:
            await ringing.closed(plan.after_seconds)
        except PhoneError:
            await self._answer_or_not(log, plan.talk_seconds)

    async def _answer_or_not(self, log: LegLog, talk_seconds: float) -> None:
        try:
            match log.deed:
                case "reject":
                    await log.call.reject()
                    await log.call.closed(OTHER_SIDE_SECONDS)
                case "ignore":
                    await log.call.closed(OTHER_SIDE_SECONDS * 4)
                case "answer":
                    await log.call.answer()
                    await self._talk(log, talk_seconds)
        except PhoneError as late:
            if not log.call.is_closed:
                what = f"the leg of {log.call.peer} at {self.extension}, {clock(log.call.started_at)}"
                self._log.stuck.append(f"{what}: {log.deed} did not end it: {late}")
                await log.call.hang_up()

    async def _talk(self, log: LegLog, seconds: float) -> None:
        try:
            await log.call.closed(seconds)
        except PhoneError:
            log.left_at = time.time()
            await log.call.hang_up()

    async def _take_a_break(self) -> None:
        what = self._dice.next_break()
        if what == "unregister":
            await self.phone.close()
            await asyncio.sleep(self._dice.break_seconds())
            await self.phone.start()
        elif what is not None and not self._is_ringing():
            await self._key(what)
            await asyncio.sleep(self._dice.break_seconds())
        await self._come_back()

    async def _come_back(self) -> None:
        """Key ready where the records say otherwise: after a break, or after too many unanswered calls."""
        if not self._is_ringing() and self._facts.agent_state(self.extension) in ("not_ready", "logged_off"):
            await self._key("ready")

    async def _key(self, code: str) -> None:
        """Dial a feature code. While the ACD is away a tone says no: it is tried again later."""
        call = await self.phone.dial(self._codes[code])
        try:
            await call.established(CODE_SECONDS)
            await call.hang_up()
        except PhoneError:
            if not call.is_closed:
                await call.hang_up()

    def _is_ringing(self) -> bool:
        return any(call.direction == "incoming" and not call.is_closed for call in self.phone.calls)


def clock(at: float) -> str:
    """The time of day, as the logs of Hotline and Asterisk have it."""
    return time.strftime("%H:%M:%S", time.localtime(at)) + f"{at % 1:.3f}"[1:]
