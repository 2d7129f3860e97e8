"""Prompts for phones that carry more than the old telephone's band: real Asterisk, a real phone that talks G.722."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from hotline.asterisk_tree import find_asterisk
from hotline.demo.house import House
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually
from hotline.phones.softphone import Softphone
from hotline.phones.sound import RATE_HZ, WIDE_HZ, read_samples
from hotline.settings import SHOP_SITE

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

HOTLINE = "4001"
SPEECH_SECONDS = 3.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path / "house", SHOP_SITE) as house:
        yield house


@pytest.mark.parametrize(("wide", "format_", "rate_hz"), [(True, "g722", WIDE_HZ), (False, "ulaw", RATE_HZ)])
async def test_a_phone_hears_prompts_in_its_own_format(house: House, wide: bool, format_: str, rate_hz: int) -> None:
    """While the welcome plays Asterisk transcodes nothing: the file that is open is of the phone's own codec. A phone
    that talks G.722 hears what lies above 4 kHz."""
    account = Account("13700000001", house.sip.host, house.sip.port, wide=wide)
    async with Softphone(account, folder=house.folder / "phone") as phone:
        call = await phone.call(HOTLINE)
        await eventually(lambda: seconds_of(call, rate_hz) > 0.5, 10, "the welcome")
        channel = (await asterisk(house, "core show channels concise")).partition("!")[0]
        told = dict(
            line.strip().split(": ", 1)
            for line in (await asterisk(house, f"core show channel {channel}")).splitlines()
            if ": " in line
        )
        assert told["NativeFormats"] == f"({format_})"
        assert told["WriteFormat"] == format_
        assert told["WriteTranscode"].startswith("No")
        await eventually(lambda: seconds_of(call, rate_hz) > SPEECH_SECONDS, 10, "some seconds of it")
        await call.hang_up()
    assert call.recording is not None
    samples = read_samples(call.recording, rate_hz)
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(samples.size, 1 / rate_hz)
    assert bool(power[frequency > 4500].sum() / power.sum() > 1e-4) is wide


def seconds_of(call: PhoneCall, rate_hz: int) -> float:
    return read_samples(call.recording, rate_hz).size / rate_hz if call.recording else 0.0


async def asterisk(house: House, line: str) -> str:
    """What Asterisk says to a line of its console."""
    console = await asyncio.create_subprocess_exec(
        *find_asterisk().command, "-C", str(house.state.asterisk / "etc" / "asterisk.conf"), "-rx", line,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await console.communicate()
    return said.decode()
