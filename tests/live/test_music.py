"""The music of those who wait, by the time waited: real Asterisk, a real phone, and tones for music."""

import asyncio
import math
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import pytest

from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.hearing import heard_tone
from hotline.phones.patience import eventually
from hotline.phones.softphone import Softphone
from tests.live.test_reload import command, write

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

TONES: Final = {"gentle": 520.0, "lively": 940.0, "fresh": 1380.0}
"""What is played as each music, in Hz."""
ORDERS: Final = "5002"
CHANGE_SECONDS: Final = 6
MUSIC: Final = "music: [{play: gentle}, {after_seconds: %d, play: lively}], wrap_up_seconds: 1}"
COMFORT: Final = "announce: {first_seconds: 2, every_seconds: 86400, comfort: main}, "
SETTLED_SECONDS: Final = 1.5
"""Of sound: so much of one tone alone is that music."""


def write_tone(path: Path, hz: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    turn = 2 * math.pi * hz / 16_000
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        samples = (round(9000 * math.sin(turn * n)) for n in range(16_000 * 60))
        sound.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    site = tmp_path / "site"
    write(site)
    for name, hz in TONES.items():
        write_tone(site / "music" / name / "tone.wav", hz)
    change_queue(site, "wrap_up_seconds: 1}", MUSIC % CHANGE_SECONDS)
    async with House(tmp_path / "house", site) as house:
        yield house


@pytest.fixture
async def caller(house: House) -> AsyncIterator[Softphone]:
    phone = Softphone(Account("13700000001", house.sip.host, house.sip.port), folder=house.folder / "phones")
    await phone.start()
    yield phone
    await phone.close()


def change_queue(site: Path, old: str, new: str) -> None:
    """In the line of the order desk."""
    text = (site / "queues.yaml").read_text("utf-8")
    first, found, rest = text.partition(old)
    assert found
    (site / "queues.yaml").write_text(first + new + rest, "utf-8")


def hears(call: PhoneCall, music: str) -> Callable[[], bool]:
    """Whether the last sound that the phone received is this music and nothing else."""

    def is_so() -> bool:
        return bool(call.recording) and heard_tone(call.recording, TONES[music], last_seconds=SETTLED_SECONDS) > 0.8

    return is_so


async def test_music_follows_the_wait_over_the_death_of_the_acd_and_a_reload(house: House, caller: Softphone) -> None:
    """The first music from the beginning, the second after its time; killed, the next ACD leaves it playing; a reload
    that says something else is heard at once, by the caller who waits, and one with new sounds as well."""
    call = await caller.call(ORDERS)
    began = asyncio.get_running_loop().time()
    await eventually(hears(call, "gentle"), 5, "the first music")
    await eventually(hears(call, "lively"), CHANGE_SECONDS + 4, "the second")
    assert asyncio.get_running_loop().time() - began > CHANGE_SECONDS

    killed = house.kill("acd")
    await asyncio.sleep(SETTLED_SECONDS + 0.5)
    assert hears(call, "lively")()
    await house.back("acd", killed)
    await asyncio.sleep(SETTLED_SECONDS + 0.5)
    assert hears(call, "lively")()

    change_queue(house.site, MUSIC % CHANGE_SECONDS, "music: fresh, wrap_up_seconds: 1}")
    code, _, complained = await command(house, "reload")
    assert code == 0, complained
    await eventually(hears(call, "fresh"), 5, "what the site says now")
    await call.hang_up()


async def test_a_caller_whom_the_acd_finds_waiting_hears_what_the_wait_says(house: House, caller: Softphone) -> None:
    """Nobody was there as the step came due: the first music plays on, started by the dialplan, and the ACD that comes
    back changes it at once."""
    call = await caller.call(ORDERS)
    await eventually(hears(call, "gentle"), 5, "the first music")
    killed = house.kill("acd")
    await house.back("acd", killed)
    await eventually(hears(call, "lively"), CHANGE_SECONDS + 4, "the second")
    await call.hang_up()


async def test_music_neither_cuts_a_prompt_nor_holds_up_an_agent(house: House, caller: Softphone) -> None:
    """The step comes due while a comfort message plays: that is heard to its end, then the new music. An agent who is
    ready is rung while it plays."""
    change_queue(house.site, MUSIC % CHANGE_SECONDS, COMFORT + MUSIC % 3)
    code, _, complained = await command(house, "reload")
    assert code == 0, complained
    call = await caller.call(ORDERS)
    play = Play.at(house, lambda told: None, lambda check: None)
    await play.hears(call, play.prompts("main", "en"))
    await eventually(hears(call, "lively"), 5, "the second music")
    agent = Softphone(
        Account("1001", house.sip.host, house.sip.port, house.desks["1001"].password), folder=house.folder / "1001"
    )
    await agent.start()
    try:
        await (await agent.call(house.feature_codes["ready"])).closed(15.0)
        assert (await agent.answer_next(5.0)).peer == "13700000001"
    finally:
        await agent.close()
    await call.hang_up()
