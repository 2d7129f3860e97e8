"""A site is changed while twenty callers wait and talk: real Asterisk, real phones, and nobody is dropped."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hotline import generations
from hotline.demo.house import House
from hotline.live_status import ask
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.load import Agents, Callers
from hotline.phones.softphone import Softphone

pytestmark = pytest.mark.live

FILES = {
    "site.yaml": """
name: Reload
languages: [en]
numbers: {"5001": main, "5002": main.orders, "5003": main.support}
trunks: [{name: local, addresses: ["127.0.0.1"]}]
""",
    "queues.yaml": """
orders: {name: {en: Orders}, skills: {orders: 1}, wrap_up_seconds: 1}
support: {name: {en: Support}, skills: {support: 1}, wrap_up_seconds: 1}
""",
    "agents.yaml": """
"1001": {name: Ann, skills: {orders: 5}}
"1002": {name: Bob, skills: {orders: 5}}
"1003": {name: Cho, skills: {sales: 1}}
"1009": {name: Eve, skills: {support: 1}}
""",
    "prompts.yaml": """
main: {en: Press 1 for orders or 2 for support.}
sorry: {en: That is not one of the choices.}
bye: {en: Goodbye.}
agent.logged_in: {en: logged in}
agent.ready: {en: ready}
agent.not_ready: {en: not ready}
agent.logged_off: {en: logged off}
agent.refused: {en: refused}
""",
    "menus/main.yaml": """
entry: choose
nodes:
  choose:
    type: menu
    prompt: main
    choices: {"1": orders, "2": support}
    no_input: {max: 9}
    no_match: {max: 3, prompt: sorry}
    exhausted: bye
  orders: {type: queue, queue: orders}
  support: {type: queue, queue: support}
  bye: {type: hangup, prompt: bye}
""",
}
CHANGES = {
    "site.yaml": ('"5003": main.support', '"5003": main.bye'),
    "queues.yaml": ("support: {name: {en: Support}, skills: {support: 1}, wrap_up_seconds: 1}", ""),
    "agents.yaml": ("Cho, skills: {sales: 1}}", 'Cho, skills: {orders: 3}}\n"1004": {name: Dan, skills: {support: 9}}'),
    "menus/main.yaml": ('{"1": orders, "2": support}', '{"1": bye, "3": orders}'),
}
"""Agent 1003 learns orders, 1004 is new, the queue support is gone, and the keys of the menu mean something else."""
Status = Callable[[], Awaitable[Any]]
FIRST_ORDERS, FIRST_SUPPORT = 13_700_000_000, 13_700_001_000


def write(site: Path) -> None:
    for file, text in FILES.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(text, "utf-8")


def change(site: Path) -> None:
    for file, (old, new) in CHANGES.items():
        text = (site / file).read_text("utf-8")
        assert old in text
        text = text.replace(old, new)
        if file == "menus/main.yaml":
            text = text.replace("  support: {type: queue, queue: support}\n", "")
        (site / file).write_text(text, "utf-8")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    write(tmp_path / "site")
    async with House(tmp_path / "house", tmp_path / "site") as house:
        yield house


async def command(house: House, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a `hotline` command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "hotline", *words, "--state", str(house.state.folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, complained = await process.communicate()
    return process.returncode or 0, told.decode(), complained.decode()


def agent_states(floor: dict[str, Any]) -> dict[str, str]:
    return {agent["agent_id"]: agent["state"] for agent in floor["agents"]}


async def softphone(house: House, number: str, *, agent: bool) -> Softphone:
    password = house.desks[number].password if agent else None
    account = Account(number, house.sip.host, house.sip.port, password)
    phone = Softphone(account, folder=house.folder / "phones" / number)
    await phone.start()
    return phone


async def test_a_site_is_changed_under_twenty_callers(house: House) -> None:
    """Nobody is dropped or overtaken, the agent who is new and the one who learned take calls, a caller in a menu keeps
    it; a site with faults changes nothing at all."""
    status = partial(asyncio.to_thread, ask, house.state.acd_socket)
    desks = [(one, house.desks[one].password) for one in ("1001", "1002", "1003")]
    agents = Agents(house.sip, desks, house.folder / "agents")
    orders = Callers(house.sip, "5002", house.folder / "orders", first=FIRST_ORDERS)
    support = Callers(house.sip, "5003", house.folder / "support", first=FIRST_SUPPORT)
    in_menu = await softphone(house, "13700002000", agent=False)
    try:
        await agents.start(ring_seconds=0.1, talk_seconds=120.0)
        await agents.dial(house.feature_codes["ready"])
        await orders.start(10, hold_seconds=100.0)
        await support.start(10, hold_seconds=100.0)
        await wait_for(status, lambda told: counts(told) == {"connected": 2, "waiting": 18})
        call = await in_menu.call("5001")
        before = await status()

        site = house.site
        shutil.copytree(site, house.folder / "good")
        (site / "queues.yaml").write_text("orders: [", "utf-8")
        code, told, _ = await command(house, "reload")
        assert (code, "queues.yaml:1" in told) == (1, True)
        shutil.rmtree(site)
        shutil.copytree(house.folder / "good", site)
        assert agent_states(await status()) == agent_states(before)

        change(site)
        pids = house.ready["pids"]
        code, told, complained = await command(house, "reload")
        assert code == 0, complained
        assert {"agent 1004 added (Dan)", "queue support removed"} <= set(told.splitlines()), told
        await check_reloaded(house, before, status, pids)
        await check_new_agent(house, call, status, lambda: [orders.counts().over, support.counts().over])
        replayed = json.loads((await command(house, "acd", "replay", "--json"))[1])
        assert (replayed["same"], replayed["differences"]) == (True, 0)
    finally:
        await asyncio.gather(orders.stop(), support.stop(), in_menu.close(), agents.stop())


async def check_reloaded(house: House, before: Any, status: Status, pids: Any) -> None:
    """Talks go on, all who waited wait, in the order they had, but for the one whom 1003 takes at once."""
    after = await wait_for(status, lambda told: counts(told).get("connected") == 3)
    talks = {call["visit_id"]: call["agent_ids"] for call in before["calls"] if call["state"] == "connected"}
    now = {call["visit_id"]: call for call in after["calls"]}
    assert {visit: now[visit]["agent_ids"] for visit in talks} == talks
    assert {call["visit_id"] for call in before["calls"]} <= now.keys()
    waited = {call["visit_id"]: call["wait_seconds"] for call in before["calls"] if call["state"] == "waiting"}
    assert all(now[visit]["wait_seconds"] >= seconds for visit, seconds in waited.items())
    learned = next(call for call in after["calls"] if call["agent_ids"] == ["1003"])
    longest = max((one for one in before["calls"] if one["state"] == "waiting" and one["queue"] == "orders"),
                  key=lambda one: one["wait_seconds"])  # fmt: skip
    assert learned["visit_id"] == longest["visit_id"]
    assert house.ready["pids"] == pids
    assert "1004" in house.desks


async def check_new_agent(house: House, call: PhoneCall, status: Status, over: Callable[[], list[int]]) -> None:
    """1004 registers with a password of their own and serves the queue that is no more; the old menu leads there."""
    await call.digits("2")  # not a choice of the new menu, and support in the old one
    await wait_for(status, lambda told: any(one["caller_number"] == "13700002000" for one in told["calls"]))
    phone = await softphone(house, "1004", agent=True)
    try:
        await (await phone.call(house.feature_codes["ready"])).closed(15.0)
        talk = await phone.answer_next(15.0)
        assert talk.peer == str(FIRST_SUPPORT)
        await wait_for(status, lambda told: agent_states(told)["1004"] == "on_call")
        assert over() == [0, 0]
    finally:
        await phone.close()


def counts(told: Any) -> dict[str, int]:
    states = [call["state"] for call in told["calls"]]
    return {state: states.count(state) for state in set(states)}


async def wait_for(status: Status, fact: Callable[[Any], bool]) -> Any:
    """The first answer of the ACD of which this is so."""
    told: Any = None
    for _ in range(300):
        told = await status()
        if fact(told):
            return told
        await asyncio.sleep(0.1)
    raise AssertionError(f"never came true; at last: {told}")


async def test_nobody_is_asked_without_hotline_up(tmp_path: Path) -> None:
    """`hotline reload` without a hotline that runs says so, with exit code 1."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "hotline", "reload", "--state", str(tmp_path), stderr=asyncio.subprocess.PIPE
    )
    _, complained = await process.communicate()
    assert (process.returncode, b"no `hotline up` runs" in complained) == (1, True)


def watch_for(fact: Callable[[], bool]) -> None:
    """Return within a millisecond of when it is so, in a thread of its own."""
    until = time.monotonic() + 20.0
    while not fact():
        assert time.monotonic() < until, "the reload never came so far"
        time.sleep(0.001)


def is_prepared(house: House, before: str | None) -> bool:
    """A new generation is there whole; the ACD is about to be asked what it makes of it."""
    return any(int(folder.name) > int(before or 0) for folder in house.state.generations.glob("[0-9]*"))


def is_pointed_to(house: House, before: str | None) -> bool:
    """Whoever looks now finds the new generation; Asterisk and the ACD are about to change over."""
    return generations.current(house.state) != before


@pytest.mark.parametrize("moment", [is_prepared, is_pointed_to])
async def test_killed_in_the_midst_of_a_reload_it_is_one_site_or_the_other(
    house: House, moment: Callable[[House, str | None], bool]
) -> None:
    """kill -9 of the ACD as the reload reaches it, or as it has just been decided: what the command says is what runs,
    in the ACD, in Asterisk and in the IVR alike; nobody's call is dropped, and all who wait keep their place."""
    status = partial(asyncio.to_thread, ask, house.state.acd_socket)
    desks = [("1001", house.desks["1001"].password)]
    agents = Agents(house.sip, desks, house.folder / "agents")
    callers = Callers(house.sip, "5002", house.folder / "orders", first=FIRST_ORDERS)
    late = await softphone(house, "13700002000", agent=False)
    try:
        await agents.start(ring_seconds=0.1, talk_seconds=120.0)
        await agents.dial(house.feature_codes["ready"])
        await callers.start(6, hold_seconds=100.0)
        before = await wait_for(status, lambda told: counts(told) == {"connected": 1, "waiting": 5})
        change(house.site)
        generation = generations.current(house.state)
        reload = asyncio.create_task(command(house, "reload"))
        await asyncio.to_thread(watch_for, lambda: moment(house, generation))
        killed = house.kill("acd")
        code, _, complained = await reload
        await house.back("acd", killed)
        after = await wait_for(status, lambda told: counts(told) == {"connected": 1, "waiting": 5})
        changed = generations.current(house.state) != generation
        assert code == (0 if changed else 1), complained
        check_same_line(before, after)
        assert callers.counts().over == 0
        assert ("1004" in agent_states(after), "1004" in house.desks) == (changed, changed)
        await check_number(house, late, closes=changed)
    finally:
        await asyncio.gather(callers.stop(), late.close(), agents.stop())


def check_same_line(before: Any, after: Any) -> None:
    """Who waited waits, in the order of before, and nobody has begun anew."""

    def line(told: Any) -> list[str]:
        waiting = [call for call in told["calls"] if call["state"] == "waiting"]
        return [call["visit_id"] for call in sorted(waiting, key=lambda call: -call["wait_seconds"])]

    assert line(after) == line(before)
    waited = {call["visit_id"]: call["wait_seconds"] for call in before["calls"] if call["state"] == "waiting"}
    now = {call["visit_id"]: call["wait_seconds"] for call in after["calls"]}
    assert all(now[visit] >= seconds for visit, seconds in waited.items())


async def check_number(house: House, phone: Softphone, *, closes: bool) -> None:
    """5003 leads to goodbye in the new site, and to the queue support in the old one."""
    status = partial(asyncio.to_thread, ask, house.state.acd_socket)
    call = await phone.call("5003")
    if closes:
        await call.closed(20.0)
    else:
        await wait_for(status, lambda told: any(one["queue"] == "support" for one in told["calls"]))
        await call.hang_up()
