"""The phones outside: callers at home, who are called back, and somebody to whom agents send callers."""

import asyncio
from collections.abc import Sequence

from hotline.demo.house import House
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.softphone import PhoneError, Softphone
from tests.soak.chances import OUTSIDE, RingPlan, TownDice, Wish
from tests.soak.log import LegLog, Log
from tests.soak.picking_up import pick_up

LOOK_SECONDS = 1.0


class Town:
    """One softphone with the lines of everybody outside, at the place where the site's trunk leads.

    Args:
        port: of the trunk; the two above it are free.
    """

    def __init__(self, house: House, port: int, numbers: Sequence[str], seed: int, log: Log) -> None:
        self._numbers = numbers
        self._dice = TownDice(seed)
        self._log = log
        self._wishes: dict[str, Wish] = {}
        self._called: dict[str, asyncio.Event] = {}
        account = Account(OUTSIDE, house.sip.host, house.sip.port)
        self.phone = Softphone(account, folder=house.folder / "phones" / "town", port=port)

    async def start(self) -> None:
        """Connect every line."""
        await self.phone.start()
        for number in self._numbers:
            await self.phone.also_at(number)

    async def called(self, number: str, wish: Wish) -> bool:
        """Wait at home to be called, as long as the patience lasts; whether there was a talk."""
        self._wishes[number] = wish
        self._called[number] = asyncio.Event()
        try:
            async with asyncio.timeout(wish.patience_seconds):
                return await self._called[number].wait()
        except TimeoutError:
            return False

    async def live(self, home: asyncio.Event) -> None:
        """Answer the phone until told otherwise; a caller is reached at home also after the patience is over."""
        async with asyncio.TaskGroup() as rings:
            while not home.is_set():
                try:
                    ringing = await self.phone.incoming(LOOK_SECONDS)
                except PhoneError:  # nobody rang
                    continue
                rings.create_task(self._take(ringing))

    async def _take(self, ringing: PhoneCall) -> None:
        wish = self._wishes.get(ringing.own_number)
        plan = RingPlan(wish.deed, wish.ring_seconds, wish.talk_seconds) if wish else self._dice.next_ring()
        leg = LegLog(ringing.own_number, ringing, plan.deed)
        self._log.town.append(leg)
        await pick_up(leg, plan, self._log)
        if leg.call.established_at is not None and leg.agent_id in self._called:
            self._called[leg.agent_id].set()
