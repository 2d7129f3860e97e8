"""The AGI request of a caller to whom a menu proposes a callback."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from urllib.parse import quote

import pytest

from acd.callback import CallbackRules
from acd.callback_calls import CallbackCalls
from acd.callback_menu import CallbackMenu
from acd.events import CallbackBooked, CallerJoined, QueueClosed
from acd.hold_entry import ENTRY
from acd.model import QueueRules
from acd.outside import Outside
from pbx.fastagi import AgiServer
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import AGENTS, Desk
from tests.unit.acd.test_hold_speech import PLAYED, clips
from tests.unit.pbx.peers import AgiPeer, agi_call, agi_header, parse_args

NUMBER, DENIED = "13900000081", "13900000082"
OUTSIDE = Outside(lambda number: number == NUMBER, "carrier", "4001", lambda number: number == DENIED)
CALLS_BACK = QueueRules("orders", {}, callback=CallbackRules())
NEVER_CLOSED = QueueRules("parcels", {}, callback=CallbackRules(refuses_when_closed=True))
NO_CALLBACKS = QueueRules("support", {})


class Line:
    """Asterisk's end of the caller's channel."""

    def __init__(self, desk: Desk, peer: AgiPeer) -> None:
        self.desk, self.peer = desk, peer

    async def enter(self, **told: str) -> None:
        """Answer what the session asks about its channel; a new visit's id is left on it."""
        values = {"CHANNEL(linkedid)": "call-1", "CALLERID(num)": NUMBER, "ACD_QUEUE": "orders", **told}
        assert parse_args(await self.peer.command())[:3] == ["GET", "FULL", "VARIABLE"]
        text = "|".join(quote(values.get(name, ""), safe="") for name in ENTRY)
        self.peer.say(f"200 result=1 ({b64encode(f'.{text}'.encode()).decode()})")
        if "ACD_VISIT" not in told:
            assert (await self.next())[:2] == ["EXEC", "MSet"]
            self.peer.say("200 result=0")

    async def next(self) -> list[str]:
        return parse_args(await self.peer.command())

    async def heard(self, file: str, key: str = "") -> None:
        """The session plays this; the caller presses a key meanwhile."""
        assert (await self.next())[:3] == ["STREAM", "FILE", file]
        self.peer.say(f"200 result={ord(key)} endpos=80" if key else PLAYED)

    async def result(self) -> str:
        command = await self.next()
        assert command[:3] == ["SET", "VARIABLE", "IVR_RESULT"]
        self.peer.say("200 result=1")
        return command[3]

    def said(self, verb: str) -> list[dict[str, object]]:
        return [line for line in self.desk.journal.lines if line["verb"] == verb]


def a_desk() -> Desk:
    desk = Desk(floor_of({agent_id: {} for agent_id in AGENTS}, CALLS_BACK, NEVER_CLOSED, NO_CALLBACKS))
    desk.see_phones()
    return desk


@asynccontextmanager
async def asked(desk: Desk) -> AsyncIterator[Line]:
    numbers = count(1)
    menu = CallbackMenu(desk.distributor, clips, OUTSIDE, lambda: f"menu{next(numbers)}")
    calls = CallbackCalls(desk.distributor, clips, OUTSIDE, menu=menu.handle)
    server = AgiServer({"callback": calls.handle})
    port = await server.start("127.0.0.1", 0)
    async with agi_call(port, agi_header(agi_network_script="callback/menu")) as peer:
        yield Line(desk, peer)
    await server.close()


async def test_a_confirmed_number_is_a_callback() -> None:
    """Read back, confirmed, recorded before the menu knows; the caller hears that they will be called."""
    async with asked(a_desk()) as line:
        await line.enter(ACD_HEAD_START="60", ACD_PRIORITY="2")
        await line.heard(f"zh/callback.confirm-{NUMBER}", "1")
        await line.heard("zh/callback.taken")
        assert await line.result() == "taken"
        (visit,) = line.desk.engine.visits.values()
        assert (visit.caller_number, visit.priority, visit.callback is not None) == (NUMBER, 2, True)
        assert visit.head_start_seconds == 60.0
        assert [one["language"] for one in line.said("CALLBACKTAKEN")] == ["zh"]


async def test_a_menu_that_goes_on_says_it_itself() -> None:
    """A node for `taken` follows: nothing is said here."""
    async with asked(a_desk()) as line:
        await line.enter(ACD_OUTCOMES="declined taken")
        await line.heard(f"zh/callback.confirm-{NUMBER}", "1")
        assert await line.result() == "taken"


async def test_who_waits_already_is_told_apart() -> None:
    """One callback a number: the old one stays, and the menu may say so."""
    desk = a_desk()
    desk.distributor.post(CallbackBooked(CallerJoined("first", "call-0", "orders", NUMBER), NUMBER))
    (before,) = desk.engine.visits
    async with asked(desk) as line:
        await line.enter(ACD_OUTCOMES="already_waiting declined")
        await line.heard(f"zh/callback.confirm-{NUMBER}", "1")
        assert await line.result() == "already_waiting"
        assert list(desk.engine.visits) == [before]


async def test_a_caller_who_would_rather_not() -> None:
    """Nothing is recorded of it here: the menu's own step tells."""
    async with asked(a_desk()) as line:
        await line.enter()
        await line.heard(f"zh/callback.confirm-{NUMBER}", "*")
        assert await line.result() == "declined"
        assert line.desk.journal.verbs == []


async def test_numbers_that_may_not_be_called() -> None:
    """The caller's own is not read back, another is refused, and each refusal is an event with its cause."""
    async with asked(a_desk()) as line:
        await line.enter(**{"CALLERID(num)": DENIED})
        for _ in range(3):
            await line.heard("zh/callback.enter", "1")
            for reply in ("200 result=49", "200 result=35"):
                assert (await line.next())[:3] == ["WAIT", "FOR", "DIGIT"]
                line.peer.say(reply)
            await line.heard("zh/callback.not_allowed")
        assert await line.result() == "not_allowed"
        told = [(one["number"], one["cause"], one["queue"], one["call_id"]) for one in line.said("CALLBACKREFUSED")]
        assert told == [(DENIED, "denied", "orders", "call-1"), *[("11", "not_allowed", "orders", "call-1")] * 3]


@pytest.mark.parametrize(
    ("queue", "result"), [("support", "failed"), ("nothing", "failed"), ("parcels", "closed"), ("orders", None)]
)
async def test_a_queue_that_takes_none_now(queue: str, result: str | None) -> None:
    """No callbacks at all, or none outside the hours: the caller is not even asked. Else it is kept until it opens."""
    desk = a_desk()
    for name in ("orders", "parcels"):
        desk.distributor.post(QueueClosed(name))
    async with asked(desk) as line:
        await line.enter(ACD_QUEUE=queue)
        if result is None:
            await line.heard(f"zh/callback.confirm-{NUMBER}", "1")
            await line.heard("zh/callback.taken")
        assert await line.result() == (result or "taken")


async def test_a_queue_that_closes_in_the_dialogue() -> None:
    """The caller has confirmed just too late, and the menu says why nothing came of it."""
    desk = a_desk()
    async with asked(desk) as line:
        await line.enter(ACD_QUEUE="parcels")
        assert (await line.next())[:3] == ["STREAM", "FILE", f"zh/callback.confirm-{NUMBER}"]
        desk.distributor.post(QueueClosed("parcels"))
        line.peer.say(f"200 result={ord('1')} endpos=80")
        assert await line.result() == "closed"
        assert desk.engine.visits == {}


async def test_a_restarted_acd_asks_nobody_twice() -> None:
    """Killed after the record: the visit on the channel has ended as taken, and the menu goes on."""
    desk = a_desk()
    desk.distributor.post(CallbackBooked(CallerJoined("known", "call-1", "orders", NUMBER), NUMBER))
    async with asked(desk) as line:
        await line.enter(ACD_VISIT="known")
        await line.heard("zh/callback.taken")
        assert await line.result() == "taken"
        assert len(line.said("CALLBACKTAKEN")) == 1
