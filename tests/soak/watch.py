"""Looks at the floor twice a second for agents who do not get on: in a ringing, a talk or a wrap-up that is over."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import aiohttp

from acd.model import Floor
from hotline.demo.house import House
from hotline.demo.quick_site import RING_SECONDS, WRAP_UP_SECONDS
from hotline.live_status import get_status
from hotline.phones.softphone import Softphone
from tests.soak.log import Log, clock

LOOK_SECONDS = 0.5
NAP_SECONDS = 0.05
MARGIN_SECONDS = 1.0 + LOOK_SECONDS
LEASE_SECONDS = Floor({}, {}).lease_grace_seconds
"""An offer that nobody tells about is closed so long after its ring time: the longest that anything may be wrong."""

LONGEST: Mapping[str, float] = {
    "offered": RING_SECONDS + LEASE_SECONDS + MARGIN_SECONDS,
    "wrap_up": WRAP_UP_SECONDS + MARGIN_SECONDS,
    "on_call": LEASE_SECONDS + MARGIN_SECONDS,  # with nobody on the phone
    "external": LEASE_SECONDS + MARGIN_SECONDS,  # the same
}
BUSY = frozenset({"offered", "on_call", "external"})
"""States that last as long as there is a call on the phone: an agent whom a callback was offered to talks already."""


class Watch:
    """What the ACD says of itself, followed until the end."""

    def __init__(self, house: House, phones: Mapping[str, Softphone], log: Log) -> None:
        self._socket = house.state.acd_socket
        self._phones = phones
        self._log = log
        self._since: dict[str, tuple[object, float]] = {}
        self._reported: set[object] = set()
        self.refused: Counter[str] = Counter()
        """Events that the engine could not take, by kind, in the ACD that runs now: each is a fault of ours."""
        self.calls: Sequence[Mapping[str, object]] = ()
        self.late_seconds = 0.0

    async def live(self, home: asyncio.Event) -> None:
        """Look until told otherwise."""
        while not home.is_set():
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def time_passes(self, home: asyncio.Event) -> None:
        """Note how late this process itself is woken: what phones tell is stamped by its clock."""
        while not home.is_set():
            asked = time.monotonic()
            await asyncio.sleep(NAP_SECONDS)
            self.late_seconds = max(self.late_seconds, time.monotonic() - asked - NAP_SECONDS)

    async def look(self) -> None:
        """Look once. While nobody answers, or the ACD is blind, no time is counted."""
        try:
            floor = await get_status(self._socket)
        except (aiohttp.ClientError, OSError, TimeoutError):
            floor = {}
        if floor.get("switch") != "up":
            self._since.clear()
            return
        self.calls = floor["calls"]
        self._note_refused(dict(floor["refused_events"]))
        for agent in floor["agents"]:
            self._look_at(str(agent["agent_id"]), str(agent["state"]), agent["visit_id"], time.time())

    def _note_refused(self, counts: Mapping[str, int]) -> None:
        for what, count in (Counter(counts) - self.refused).items():
            self._log.stuck.append(f"{clock(time.time())}: the engine refused {count} x {what}")
        self.refused = Counter(counts)

    def _look_at(self, agent_id: str, state: str, visit_id: object, now: float) -> None:
        phone = self._phones.get(agent_id)
        if state in BUSY and phone is not None and phone.talking:
            self._since.pop(agent_id, None)
            return
        stay = (agent_id, state, visit_id)
        if self._since.get(agent_id, (None, 0.0))[0] != stay:
            self._since[agent_id] = (stay, now)
        seconds = now - self._since[agent_id][1]
        if state in LONGEST and seconds > LONGEST[state] and stay not in self._reported:
            self._reported.add(stay)
            self._log.stuck.append(f"agent {agent_id} is {state} for {seconds:.1f} s at {clock(now)}, visit {visit_id}")
