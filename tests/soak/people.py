"""Callers and agents at real softphones, each doing what their dice say; what the phones saw goes into the log."""

import asyncio
import contextlib
import time

from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.phones.baresip import Account
from hotline.phones.patience import NeverHappened, eventually
from hotline.phones.softphone import PhoneError, Softphone
from tests.soak.chances import AgentDice, CallerDice, CallPlan, Onward, RingPlan, Wish
from tests.soak.log import CallerLog, LegLog, Log
from tests.soak.onward import send_on
from tests.soak.picking_up import pick_up
from tests.soak.town import Town

IDLE_LOOK_SECONDS = 1.0
CODE_SECONDS = 10.0
QUESTION_SECONDS = 1.0
"""From the key to the question whether a number is right."""
GOODBYE_SECONDS = 15.0
"""What is said after a callback was asked for takes no longer."""


class SoakCaller:
    """One caller, who calls again and again from one number, and is called back at it."""

    def __init__(self, house: House, number: str, dice: CallerDice, log: Log, town: Town) -> None:
        self.number = number
        self._dice = dice
        self._log = log
        self._town = town
        self.phone = Softphone(Account(number, house.sip.host, house.sip.port), folder=house.folder / "phones" / number)

    async def live(self, closing: asyncio.Event) -> None:
        """Call until told otherwise; the last call is played to its end."""
        while not closing.is_set():
            plan = self._dice.next_call()
            await asyncio.sleep(plan.pause_seconds)
            call = await self.phone.dial(plan.number)
            log = CallerLog(self.number, call)
            self._log.callers.append(log)
            seconds = plan.stay_seconds if plan.wish is None else await self._ask(log, plan, plan.wish)
            try:
                await call.closed(seconds)
            except PhoneError:  # still up: this caller has waited, or talked, for long enough
                await self._leave(log)
            if plan.wish is not None and self._log.was_let_go(log):
                await self._town.called(self.number, plan.wish)

    async def _ask(self, log: CallerLog, plan: CallPlan, wish: Wish) -> float:
        """Key that one would rather be called, if still in the call by then; for how long to stay on."""
        try:
            await log.call.established(plan.stay_seconds)
        except PhoneError:
            return 0.0
        try:
            await log.call.closed(wish.after_seconds)
        except PhoneError:
            await self._key_wish(log)
        return max(plan.stay_seconds - wish.after_seconds, GOODBYE_SECONDS)

    async def _key_wish(self, log: CallerLog) -> None:
        try:
            await log.call.digits("1")
            await asyncio.sleep(QUESTION_SECONDS)
            await log.call.digits("1")
            log.confirmed_at = time.time()
        except PhoneError:  # the other side was first
            if not log.call.is_closed:
                raise

    async def _leave(self, log: CallerLog) -> None:
        if not log.call.is_closed:
            log.left_at = time.time()
            try:
                await log.call.hang_up()
            except PhoneError as late:
                if not log.call.is_closed:
                    self._log.stuck.append(f"{log.name}: the caller's hang-up was not carried out: {late}")


class SoakAgent:
    """One agent, who takes calls, sends some of them on, takes breaks, and is found ready again after each."""

    def __init__(self, house: House, extension: str, dice: AgentDice, log: Log) -> None:
        desk = house.desks[extension]
        self.extension = extension
        self._house = house
        self._dice = dice
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
            plan = self._dice.next_ring()
            leg = LegLog(self.extension, ringing, plan.deed)
            self._log.legs.append(leg)
            await self._pick_up(leg, plan)
            await self._take_a_break()

    async def _pick_up(self, leg: LegLog, plan: RingPlan) -> None:
        await pick_up(leg, plan, self._log, self._until_reached, lambda: self._send_on(leg, plan.onward))

    async def _until_reached(self, leg: LegLog) -> None:
        """An agent who has picked up for somebody at home stays until they are reached, but for a few."""
        number = leg.call.peer
        if self._log.is_on_the_line(number) or not number.startswith("1") or len(number) < 5:
            return
        with contextlib.suppress(NeverHappened):
            await eventually(
                lambda: leg.call.is_closed or self._log.is_called_back(number),
                self._dice.reaching_seconds(),
                "the caller at home",
            )

    async def _send_on(self, leg: LegLog, onward: Onward | None) -> None:
        """Only who called in is sent on: neither a colleague who consults, nor who was called back."""
        if not self._log.is_on_the_line(leg.call.peer) or self._log.is_called_back(leg.call.peer):
            return
        if (chosen := self._dice.first_onward() or onward) is not None:
            await send_on(self._house, self.phone, leg, chosen)

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
