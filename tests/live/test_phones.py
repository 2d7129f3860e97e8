"""The phones of the live tests and the demo, tried on an Asterisk that has nothing of ours in it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from hotline.asterisk_tree import find_asterisk
from hotline.phones.bare_switch import BareSwitch
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.hearing import heard, heard_tone, which_prompts
from hotline.phones.load import Agents, Callers
from hotline.phones.patience import eventually
from hotline.phones.ports import LOOPBACK, free_ports
from hotline.phones.softphone import PhoneError, Softphone
from hotline.phones.sound import RATE_HZ, read_samples, write_samples

pytestmark = pytest.mark.live

DIALPLAN = """\
exten => 100,1,Answer()
 same => n,Playback({prompt})
 same => n,Read(KEYED,,6,,1,4)
 same => n,Verbose(1,KEYED <${{KEYED}}> FROM <${{CALLERID(num)}}>)
 same => n,Hangup()
exten => _80X,1,Dial(PJSIP/${{EXTEN}},10)
 same => n,Hangup()
exten => 200,1,Answer()
 same => n,Queue(bench)
 same => n,Hangup()
"""

QUEUES = """\
[general]
[bench]
strategy=leastrecent
ringinuse=no
member => PJSIP/801
member => PJSIP/802
"""

AGENTS = [("801", "secret-801"), ("802", "secret-802")]


def sweep(path: Path, from_hz: float, to_hz: float) -> Path:
    """Write two seconds of a rising or falling tone: nothing else correlates with it."""
    times = np.arange(2 * RATE_HZ) / RATE_HZ
    write_samples(path, 8000 * np.sin(2 * np.pi * (from_hz * times + (to_hz - from_hz) * times**2 / 4)))
    return path


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[BareSwitch]:
    prompt = sweep(tmp_path / "prompt.wav", 300, 2500)
    async with BareSwitch(
        find_asterisk(),
        tmp_path / "switch",
        dialplan=DIALPLAN.format(prompt=prompt.with_suffix("")),
        agents=AGENTS,
        files={"queues.conf": QUEUES},
    ) as running:
        yield running


def caller(switch: BareSwitch, folder: Path, number: str = "13900001111", tone_hz: float = 0.0) -> Softphone:
    return Softphone(Account(number, switch.sip.host, switch.sip.port), folder=folder / number, tone_hz=tone_hz)


def agent(switch: BareSwitch, folder: Path, password: str = AGENTS[0][1], tone_hz: float = 0.0) -> Softphone:
    account = Account("801", switch.sip.host, switch.sip.port, password)
    return Softphone(account, folder=folder / f"801-{password}", tone_hz=tone_hz)


async def test_a_caller_hears_a_prompt_and_keys_digits(switch: BareSwitch, tmp_path: Path) -> None:
    """What the phone recorded holds the prompt that was played and no other, and each key arrives, in order."""
    other = sweep(tmp_path / "other.wav", 2500, 300)
    async with caller(switch, tmp_path) as phone:
        call = await phone.call("100")
        await eventually(lambda: heard_so_far(call, tmp_path / "prompt.wav"), 10, "the prompt to be heard")
        await call.digits("9981#")
        await call.closed(10)
        assert call.recording is not None
        assert heard(call.recording, tmp_path / "prompt.wav").score > 0.9
        assert heard(call.recording, other).score < 0.4
        found = which_prompts(call.recording, {"prompt": tmp_path / "prompt.wav", "other": other})
        assert [hit.name for hit in found] == ["prompt"]
    assert re.search(r"KEYED <9981> FROM <13900001111>", switch.log.read_text())


def heard_so_far(call: PhoneCall, prompt: Path) -> bool:
    return call.recording is not None and bool(heard(call.recording, prompt))


async def test_both_sides_of_a_call_hear_each_other(switch: BareSwitch, tmp_path: Path) -> None:
    """An agent's phone registers by digest and rings with the caller's number; each side records the other's tone."""
    async with agent(switch, tmp_path, tone_hz=650) as wang, caller(switch, tmp_path, tone_hz=1040) as phone:
        call = await phone.dial("801")
        ringing = await wang.incoming()
        assert ringing.peer == "13900001111"
        await ringing.answer()
        await call.established()
        await eventually(lambda: seconds_heard(call) > 1.0, 5, "a second of the agent's tone")
        await ringing.hang_up()
        assert await call.closed(5) == "Connection reset by peer"
        assert call.recording is not None
        assert ringing.recording is not None
        assert heard_tone(call.recording, 650) > 0.8 > 0.2 > heard_tone(call.recording, 1040)
        assert heard_tone(ringing.recording, 1040) > 0.8


def seconds_heard(call: PhoneCall) -> float:
    return read_samples(call.recording).size / RATE_HZ if call.recording else 0.0


async def test_a_ringing_call_is_refused_or_given_up(switch: BareSwitch, tmp_path: Path) -> None:
    """A refusal reaches the caller as 486; a caller who gives up ends the ringing at the agent."""
    async with agent(switch, tmp_path) as wang, caller(switch, tmp_path) as phone:
        refused = await phone.dial("801")
        await (await wang.incoming()).reject()
        assert (await refused.closed(5)).startswith("486")
        given_up = await phone.dial("801")
        ringing = await wang.incoming()
        await given_up.hang_up()
        await ringing.closed(5)
        assert ringing.established_at is None


async def test_a_command_about_a_call_that_the_phone_has_no_more_reaches_no_other(tmp_path: Path) -> None:
    """baresip ends a call whose transfer was refused, and tells nobody: the next one that rings is not hung up."""
    port, other = free_ports(3), free_ports(3)
    async with (
        Softphone(Account("140", LOOPBACK, port), folder=tmp_path / "140", port=other) as called,
        Softphone(Account("139", LOOPBACK, other), folder=tmp_path / "139", port=port) as caller,
    ):
        await caller.dial("140")
        ring = await called.incoming()
        gone = PhoneCall(called, "incoming", "138", "gone", ring.started_at)
        await gone.hang_up()
        assert gone.close_reason == "the phone has it no more" and not ring.is_closed
        with pytest.raises(PhoneError, match="came too late"):
            await gone.digits("1")
        await ring.answer()


async def test_a_wrong_password_is_told_at_once(switch: BareSwitch, tmp_path: Path) -> None:
    """A refused registration raises with the switch's words, and the phone's process is gone."""
    phone = agent(switch, tmp_path, password="guess")
    with pytest.raises(PhoneError, match="401 Unauthorized"):
        await phone.start()
    assert phone.pid is None


async def test_sipp_plays_many_callers_and_agents(switch: BareSwitch, tmp_path: Path) -> None:
    """Six callers of sipp, each with a number of its own, are served by two agents of sipp who hang up first."""
    agents, callers = Agents(switch.sip, AGENTS, tmp_path / "load"), Callers(switch.sip, "200", tmp_path / "load")
    try:
        await agents.start(ring_seconds=0.05, talk_seconds=0.3)
        await callers.start(6, per_second=20)
        await eventually(lambda: callers.counts().over == 6, 20, "six callers to be served")
    finally:
        await callers.stop()
        await agents.stop()
    rung = {message.from_user for message in agents.messages() if not message.sent and message.method == "INVITE"}
    assert rung == {str(callers.first + index) for index in range(6)}
    assert {message.to_user for message in agents.messages() if message.method == "INVITE"} == {"801", "802"}
