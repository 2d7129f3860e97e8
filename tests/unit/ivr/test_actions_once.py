"""An action of a call is done once: whatever dies, however long it takes, whoever hangs up."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.actions import Reply
from ivr.backends import Request
from ivr.nodes import Act, HangUp, Menu, Query, Queue, Say, WaitAudio
from ivr.session import IvrSettings, make_handler
from ivr.walk import Limits
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.walking import flow_of

AUDIO = WaitAudio(after_seconds=1, give_up_seconds=3, play=("moment",))
FLOW = flow_of(
    top=Menu(("top",), {"1": "buy", "2": "look"}, "bye"),
    buy=Act("buy", "done", "broken", into={"order": "number"}, wait_audio=AUDIO),
    look=Query("look", "top", "top", "broken", wait_audio=AUDIO),
    done=Say(("done",), "top"),
    broken=Say(("broken",), "person"),
    person=Queue("orders"),
    bye=HangUp(),
)


class Shop:
    """Stands for a backend that keeps its keys, as ours by SQL does: the same key is done once.

    slow: answers wait until `let_go` is set.
    """

    def __init__(self, *, slow: bool = False) -> None:
        self.orders: dict[str, str] = {}
        self.requests: list[Request] = []
        self.let_go = asyncio.Event()
        self.slow = slow
        self.tasks: list[asyncio.Task[Reply]] = []

    def ask(self, request: Request) -> "asyncio.Task[Reply]":
        self.requests.append(request)
        self.tasks.append(asyncio.create_task(self._answer(request)))
        return self.tasks[-1]

    async def _answer(self, request: Request) -> Reply:
        if self.slow:
            await self.let_go.wait()
        if request.key:
            self.orders.setdefault(request.key, str(len(self.orders) + 1))
        return Reply("found", {"number": self.orders.get(request.key, "")})


async def call(
    acts: Iterable[str], shop: Shop, variables: dict[str, str] | None = None, killed_at: int | None = None
) -> tuple[ScriptedAgi, Records]:
    records = Records()
    handle = make_handler(FLOW, soundless_voice(FLOW), records, IvrSettings(Limits(5, 40)), backends=shop)
    agi = ScriptedAgi(acts, {"HOTLINE_ENTRY": "m"} if variables is None else variables, killed_at=killed_at)
    with contextlib.suppress(Killed):
        await handle(agi)
    return agi, records


async def test_an_order() -> None:
    """Asked with the key of this step, taken, told, and recorded as done."""
    shop = Shop()
    agi, records = await call(["1", "hangup"], shop)
    assert [request.key for request in shop.requests] == ["1700000000.1:m.buy:2"]
    assert not shop.requests[0].again
    assert agi.heard == ["zh/top", "zh/done", "zh/top"]
    assert [step["result"] for step in records.of("IVRSTEP")][:2] == ["matched", "done"]


async def test_two_orders_of_one_call_are_two() -> None:
    """Who comes to the node again has another key."""
    shop = Shop()
    await call(["1", "1", "hangup"], shop)
    assert len(shop.orders) == 2


async def test_wherever_the_process_dies_the_order_is_one() -> None:
    """Killed before any command and entered again: one order, and whoever is told of it is told the same number."""
    commands = len((await call(["1", "hangup"], Shop()))[0].commands)
    for killed_at in range(commands):
        shop, variables = Shop(), {"HOTLINE_ENTRY": "m"}
        first, _ = await call(["1", "hangup"], shop, variables, killed_at)
        await call(first.acts or ["hangup"], shop, variables)
        assert len(shop.orders) <= 1
        again = [request for request in shop.requests[1:] if request.key]
        assert all(request.again for request in again)


async def test_the_checkpoint_is_kept_before_anything_is_done() -> None:
    """When the backend is asked, the channel has the node and its step: a death from then on changes no key."""
    shop, variables, seen = Shop(), {"HOTLINE_ENTRY": "m"}, []
    begin = shop.ask

    def ask(request: Request) -> "asyncio.Task[Reply]":
        seen.append(variables.get("IVR_NODE"))
        return begin(request)

    shop.ask = ask  # type: ignore[method-assign]  # the channel is looked at as the backend is asked
    await call(["1", "hangup"], shop, variables)
    assert seen == ["m.buy"]


async def test_a_slow_order_is_given_up_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """The caller hears the wait and goes to `failed`; the order is done afterwards, and the log has its outcome."""
    shop = Shop(slow=True)
    agi, records = await call(["1", *"." * 60], shop)
    assert agi.heard.count("zh/moment") == 2
    assert records.of("IVRSTEP")[1]["result"] == "failed"
    assert agi.variables["IVR_NEXT"] == "queue"
    with caplog.at_level(logging.WARNING):
        shop.let_go.set()
        await shop.tasks[0]
        await asyncio.sleep(0)
    assert len(shop.orders) == 1
    assert "backend=buy key=1700000000.1:m.buy:2 outcome=found" in caplog.text


async def test_who_hangs_up_does_not_stop_an_order() -> None:
    """It goes on without them; what only reads is stopped."""
    for keys, stopped in ("1", False), ("2", True):
        shop = Shop(slow=True)
        await call([keys, ".", "hangup"], shop)
        await asyncio.sleep(0)
        assert shop.tasks[0].cancelled() == stopped
        shop.let_go.set()
        await asyncio.wait(shop.tasks)


async def test_a_key_in_the_wait_is_kept() -> None:
    """Pressed while the backend is slow, it is the answer to the next question."""
    shop = Shop(slow=True)

    def moment(path: str) -> str:
        if path.endswith("moment"):
            shop.let_go.set()
        return ""

    records = Records()
    handle = make_handler(FLOW, soundless_voice(FLOW), records, backends=shop)
    agi = ScriptedAgi(["2", ".", "1", *"." * 12], {"HOTLINE_ENTRY": "m"}, replies=moment)
    await handle(agi)
    assert [step["node"] for step in records.of("IVRSTEP")][:3] == ["top", "look", "top"]
    assert records.of("IVRSTEP")[2]["input"] == "1"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["1", "2", ".", "!1", "!2", "hangup", "9"]), max_size=30), st.integers(0, 40))
def test_any_caller_and_any_death(acts: list[str], killed_at: int) -> None:
    """Whatever is keyed and whenever it dies: each step that ordered has one order, and no order is of no step."""

    async def both() -> tuple[Shop, int]:
        shop, variables = Shop(), {"HOTLINE_ENTRY": "m"}
        first, before = await call(acts, shop, variables, killed_at)
        steps = {step["step_id"] for step in before.of("IVRSTEP") if step["result"] == "done"}
        if len(first.commands) == killed_at and not first.over:
            _, after = await call(first.acts, shop, variables)
            steps |= {step["step_id"] for step in after.of("IVRSTEP") if step["result"] == "done"}
        return shop, len(steps)

    shop, steps = asyncio.run(both())
    assert len(shop.orders) == len({request.key for request in shop.requests if request.key})
    assert steps <= len(shop.orders) <= steps + 1
