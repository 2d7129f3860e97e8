"""A version is published under fifty callers who are in a menu: each finishes on their own, over kill -9 of the IVR."""

import asyncio
import json
import re
import signal
import socket
import struct
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.schema import Call, IvrStep
from hotline import generations
from hotline.demo.house import House
from hotline.phones.load import Callers
from hotline.phones.patience import eventually
from hotline.phones.sipp import SipMessage
from hotline.state import State
from tests.live.test_reload import command, watch_for

pytestmark = pytest.mark.live

OLD_CALLERS, NEW_CALLERS = 50, 5
FIRST_OLD, FIRST_NEW, FIRST_BACK, FIRST_TOLD = 13_700_000_000, 13_700_001_000, 13_700_002_000, 13_700_003_000
FILES = {
    "site.yaml": """
name: Publish
languages: [en]
numbers: {"5001": main}
trunks: [{name: local, addresses: ["127.0.0.1"]}]
""",
    "queues.yaml": "orders: {name: {en: Orders}, skills: {orders: 1}}\n",
    "agents.yaml": '"1001": {name: Ann, skills: {orders: 5}}\n',
    "prompts.yaml": """
choose: {en: Press 1.}
old: {en: This is the old branch.}
fresh: {en: This is the new branch.}
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
    prompt: choose
    choices: {"1": branch, "0": person}
    first_digit_seconds: 20
    no_input: {max: 9}
    exhausted: person
  branch: {type: say, prompt: old, next: bye}
  person: {type: queue, queue: orders}
  bye: {type: hangup}
""",
}
PUBLISHED = ("  branch: {type: say, prompt: old, next: bye}\n", "  fresh: {type: say, prompt: fresh, next: bye}\n")
PACKETS_BEFORE, PACKETS_OF_KEY, PACKET_SECONDS = 15, 8, 0.02


def write(site: Path) -> Path:
    for file, text in FILES.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(text, "utf-8")
    return site


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path / "house", write(tmp_path / "site")) as house:
        yield house


async def press(messages: Iterable[SipMessage], digit: int) -> None:
    """Let every caller of these messages press a key: silence, so that Asterisk knows who speaks, then RFC 4733."""
    answers = {one.call_id: one for one in messages if one.status == 200 and one.cseq_method == "INVITE"}
    ports = [int(found[1]) for one in answers.values() if (found := re.search(r"m=audio (\d+)", one.headers))]
    voices = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ports]
    for number in range(PACKETS_BEFORE + PACKETS_OF_KEY):
        packet = _silence(number) if number < PACKETS_BEFORE else _key(number, digit)
        for voice, port in zip(voices, ports, strict=True):
            voice.sendto(packet, ("127.0.0.1", port))
        await asyncio.sleep(PACKET_SECONDS)
    for voice in voices:
        voice.close()


def _silence(number: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number, number * 160, 1) + b"\xff" * 160


def _key(number: int, digit: int) -> bytes:
    """The last three packets tell the key's end, all of them its beginning."""
    held = number - PACKETS_BEFORE
    ends = held >= PACKETS_OF_KEY - 3
    begin = struct.pack("!BBHII", 0x80, 101 | (0x80 if held == 0 else 0), number, PACKETS_BEFORE * 160, 1)
    return begin + struct.pack("!BBH", digit, 10 | (0x80 if ends else 0), (held + 1) * 160)


async def callers(house: House, count: int, first: int) -> Callers:
    calling = Callers(house.sip, "5001", house.folder / str(first), first=first)
    await calling.start(count, per_second=25.0, hold_seconds=200.0)
    await eventually(lambda: in_menu(house, first, count), 30.0, f"{count} callers in the menu")
    return calling


def in_menu(house: House, first: int, count: int) -> bool:
    """Their calls are on record, which the IVR writes as they begin."""
    return len(calls(house, first)) == count


def calls(house: House, first: int) -> list[Call]:
    numbers = [str(first + index) for index in range(OLD_CALLERS)]
    with Session(house.engine) as session:
        return list(session.scalars(select(Call).where(Call.caller_number.in_(numbers))))


def branches(house: House, first: int) -> Counter[str]:
    """Which nodes these callers went through after the menu; of a call's steps each counts once."""
    ids = [call.call_id for call in calls(house, first)]
    with Session(house.engine) as session:
        return Counter(session.scalars(select(IvrStep.node).where(IvrStep.call_id.in_(ids), IvrStep.node != "choose")))


async def ended(house: House, calling: Callers, first: int) -> None:
    def over() -> bool:
        return calls(house, first) != [] and all(call.ended_at is not None for call in calls(house, first))

    await eventually(over, 40.0, "the end of these calls in the records")
    await calling.stop()


async def publish(house: House, message: str) -> None:
    code, _, complained = await command(house, "publish", "-m", message, "--author", "wang", "--yes")
    assert code == 0, complained


async def told(house: House) -> dict[int, dict[str, Any]]:
    """`hotline versions`, by number."""
    code, listed, complained = await command(house, "versions", "--json")
    assert code == 0, complained
    return {one["number"]: one for one in json.loads(listed)["versions"]}


def edit(house: House, old: str, new: str) -> None:
    menu = house.site / "menus" / "main.yaml"
    text = menu.read_text("utf-8")
    assert old in text
    menu.write_text(text.replace(old, new).replace('"1": branch', '"1": fresh'), "utf-8")


async def test_fifty_callers_finish_on_the_version_that_they_began_with(house: House) -> None:
    """What key 1 does is changed under them, and the IVR killed with -9: they get the old branch, new callers the new
    one; a bad site is refused meanwhile, a rollback leads new callers to the old branch, nobody is dropped, and the
    versions say how many calls each had. Maintenance is told to who calls then, and to nobody else."""
    await publish(house, "first")
    old = await callers(house, OLD_CALLERS, FIRST_OLD)
    edit(house, *PUBLISHED)
    (house.site / "queues.yaml").rename(house.folder / "queues.yaml")
    (house.site / "queues.yaml").write_text("orders: [", "utf-8")
    code, complained, _ = await command(house, "publish", "-m", "broken", "--yes")
    assert (code, "queues.yaml:1" in complained) == (1, True)
    (house.folder / "queues.yaml").replace(house.site / "queues.yaml")
    await publish(house, "key 1 leads elsewhere")
    listed = await told(house)
    assert {number: (one["state"], one["calls_running"]) for number, one in listed.items()} == {
        1: ("before", OLD_CALLERS),
        2: ("in force", 0),
    }

    await house.back("ivr", house.kill("ivr"))
    new = await callers(house, NEW_CALLERS, FIRST_NEW)
    assert old.counts().over == 0
    await asyncio.gather(press(old.messages(), 1), press(new.messages(), 1))
    await asyncio.gather(ended(house, old, FIRST_OLD), ended(house, new, FIRST_NEW))
    assert branches(house, FIRST_OLD) == {"branch": OLD_CALLERS, "bye": OLD_CALLERS}
    assert branches(house, FIRST_NEW) == {"fresh": NEW_CALLERS, "bye": NEW_CALLERS}

    code, _, complained = await command(house, "rollback", "--yes")
    assert code == 0, complained
    back = await callers(house, 1, FIRST_BACK)
    await press(back.messages(), 1)
    await ended(house, back, FIRST_BACK)
    assert branches(house, FIRST_BACK) == {"branch": 1, "bye": 1}
    assert {number: (one["calls"], one["calls_running"]) for number, one in (await told(house)).items()} == {
        1: (OLD_CALLERS, 0),
        2: (NEW_CALLERS, 0),
        3: (1, 0),
    }
    await check_maintenance(house)


async def check_maintenance(house: House) -> None:
    """Who calls then is told and let go, without a menu; `hotline status` says so."""
    code, _, complained = await command(house, "maintenance", "on", "We are back at nine.")
    assert code == 0, complained
    assert 'new calls hear "We are back at nine."' in (await command(house, "status"))[1]
    calling = await callers(house, 1, FIRST_TOLD)
    await ended(house, calling, FIRST_TOLD)
    assert branches(house, FIRST_TOLD) == {}
    await command(house, "maintenance", "off")
    assert "maintenance" not in (await command(house, "status"))[1]


class Up:
    """A `hotline up` that is given no site."""

    def __init__(self, state: State, folder: Path) -> None:
        self.state = state
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """Bring it up; the name of the site that runs."""
        self.state.ready.unlink(missing_ok=True)
        words = ("-P", "-m", "hotline", "up", "--state", str(self.state.folder))
        with (self._folder / "up.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=log, stderr=log)
        await eventually(self.state.ready.exists, 60.0, "the hotline to be ready")
        name: str = json.loads(self.state.ready.read_text("utf-8"))["site"]["name"]
        return name

    async def end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        await self._process.wait()


async def hotline(up: Up, *words: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-P", "-m", "hotline", *words, "--state", str(up.state.folder))
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


async def versions(up: Up) -> dict[int, str]:
    told, _ = await (await hotline(up, "versions", "--json")).communicate()
    return {one["number"]: one["state"] for one in json.loads(told)["versions"]}


async def test_killed_as_it_is_decided_the_new_version_is_in_force(tmp_path: Path) -> None:
    """The publisher is killed with -9 when the hotline has just been pointed to the new version: that one runs, and the
    table says so. Then the hotline is killed with -9 too, and one that is given no site starts with it."""
    site = write(tmp_path / "site")
    up = Up(State.at(tmp_path / "state"), tmp_path)
    assert await (await hotline(up, "publish", str(site), "-m", "first", "--yes")).wait() == 0
    assert await versions(up) == {1: "next start"}
    try:
        assert await up.start() == "Publish"
        assert await versions(up) == {1: "in force"}
        (site / "site.yaml").write_text(FILES["site.yaml"].replace("Publish", "Anew"), "utf-8")
        before = generations.current(up.state)
        publisher = await hotline(up, "publish", "-m", "second", "--yes")
        await asyncio.to_thread(watch_for, lambda: generations.current(up.state) != before)
        publisher.kill()
        await publisher.wait()
        await eventually(lambda: "Anew" in up.state.ready.read_text("utf-8"), 20.0, "the new site to run")
        assert await versions(up) == {1: "before", 2: "in force"}
        await up.end(signal.SIGKILL)
        assert await versions(up) == {1: "before", 2: "next start"}
        assert await up.start() == "Anew"
        assert await versions(up) == {1: "before", 2: "in force"}
    finally:
        await up.end(signal.SIGTERM)
