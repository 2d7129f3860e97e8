"""Messages, faxes and transfers by menus with real Asterisk and real phones: nothing that was said is lost."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from db.messages import Message, messages_left
from hotline.asterisk_tree import find_asterisk
from hotline.demo.house import House
from hotline.phones.hearing import heard_tone
from hotline.phones.patience import eventually
from hotline.phones.sound import RATE_HZ, read_samples
from ivr.message_folder import BEEP_HZ
from tests.live.street import LI, NEWS_SECONDS, ZHANG, Street, street

__all__ = ["street"]

MAIL, FAX_TO_CALLER, FAX_FROM_CALLER, ONWARD = "4201", "4202", "4203", "4204"
SITE = {
    "site.yaml": {
        "numbers": {
            MAIL: "closed.leave",
            FAX_TO_CALLER: "closed.prices",
            FAX_FROM_CALLER: "closed.fax",
            ONWARD: "closed.onward",
        }
    },
    "menus/closed.yaml": {
        "nodes": {
            "prices": {"type": "fax_send", "file": "faxes/price_list.tif", "next": "bye", "failed": "offer"},
            "fax": {"type": "fax_receive", "next": "bye", "failed": "offer"},
            "onward": {
                "type": "transfer",
                "to": ZHANG,
                "ring_seconds": 8,
                "outcomes": {"answered": "bye", "busy": "offer", "failed": "bye"},
            },
        }
    },
}
FAX_SECONDS = 90.0

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(200),
    pytest.mark.parametrize("street", [SITE], indirect=True),
]


async def left(street: Street, number: int) -> Sequence[Message]:
    """The messages that were left, once there are so many."""
    engine = street.play.house.engine
    await eventually(lambda: len(messages_left(engine)) >= number, NEWS_SECONDS, f"{number} messages in the records")
    return messages_left(engine)


def file_of(street: Street, message: Message) -> Path:
    return street.play.house.state.messages / message.file


async def outcome(street: Street, number: str) -> str:
    """How the last call of this number ended, once it has."""
    found = await eventually(
        lambda: (call := street.play.facts.call(number)) and call.outcome, NEWS_SECONDS, "the call's outcome"
    )
    return str(found)


async def test_who_hangs_up_in_a_message_has_left_it(street: Street) -> None:
    """The caller speaks for four seconds and hangs up: the message is there with its sound, once, and the call counts
    as served."""
    play = street.play
    call = await play.cast.call(LI, MAIL)
    await play.hears(call, play.prompts("ask_message", "zh"))
    await asyncio.sleep(4.5)
    assert call.recording is not None
    assert heard_tone(call.recording, BEEP_HZ, last_seconds=5.0) > 0.1, "the tone to speak after"
    await call.hang_up()
    (message,) = await left(street, 1)
    assert (message.kind, message.caller_number, message.node) == ("voice_mail", LI, "closed.leave")
    assert message.seconds is not None and message.seconds > 3
    sound = read_samples(file_of(street, message))
    assert sound.size > 3 * RATE_HZ and abs(sound).max() > 0.01, "the caller's own tone"
    assert await outcome(street, LI) == "self_served"


async def test_the_menus_die_while_a_caller_speaks(street: Street) -> None:
    """kill -9 of the menus in the midst of a recording: it goes on, the next ones review it without a second recording,
    the caller hears it again, and it is left once."""
    play = street.play
    call = await play.cast.call(LI, MAIL)
    await play.hears(call, play.prompts("ask_message", "zh"))
    await asyncio.sleep(2.0)
    killed = play.house.kill("ivr")
    await play.house.back("ivr", killed)
    await asyncio.sleep(2.0)
    await call.digits("#")
    await play.hears(call, play.prompts("review_message", "zh"))
    await call.digits("2")
    await asyncio.sleep(6.0)
    await call.digits("1")
    await play.hears(call, play.prompts("message_taken", "zh"))
    (message,) = await left(street, 1)
    assert message.seconds is not None and message.seconds > 3
    steps = [step.result for step in play.facts.steps(message.call_id)]
    assert steps[0] == "sent"


async def test_faxes_go_both_ways(street: Street, tmp_path: Path) -> None:
    """A machine that calls for the price list has it, page for page; one that sends it back leaves a message."""
    received = tmp_path / "received.tif"
    await dial(street.play.house, FAX_TO_CALLER, f"ReceiveFAX {received},F")
    steps = await eventually(
        lambda: (call := street.play.facts.call("4001")) and street.play.facts.steps(call.call_id),
        FAX_SECONDS,
        "the step",
    )
    assert steps
    assert (steps[0].kind, steps[0].result) == ("fax_send", "sent")
    assert pages(received) == 1
    document = street.play.house.site / "faxes" / "price_list.tif"
    await dial(street.play.house, FAX_FROM_CALLER, f"SendFAX {document},F")
    await eventually(lambda: messages_left(street.play.house.engine), FAX_SECONDS, "the fax as a message")
    (message,) = await left(street, 1)
    assert (message.kind, message.pages) == ("fax", 1)
    assert pages(file_of(street, message)) == 1


async def test_a_talk_that_a_menu_led_to_outlives_the_menus(street: Street) -> None:
    """A caller is sent on to a number outside, the menus die, the two talk on; when the other side hangs up the menu
    goes on, and the call counts as transferred."""
    play = street.play
    call = await play.cast.call(LI, ONWARD)
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    assert outside.peer == "4001"
    killed = play.house.kill("ivr")
    await play.house.back("ivr", killed)
    await asyncio.sleep(1.0)
    assert call.is_talking and outside.is_talking
    await outside.hang_up()
    await play.hears(call, play.prompts("goodbye", "zh"))
    await call.closed(10.0)
    assert await outcome(street, LI) == "transferred"
    found = play.facts.call(LI)
    assert found is not None
    steps = play.facts.steps(found.call_id)
    assert [(step.node, step.result) for step in steps] == [("onward", "answered"), ("bye", "hung_up")]


async def test_who_is_busy_is_told_to_the_menu(street: Street) -> None:
    """The phone outside rejects: the caller comes back to the menu as `busy`, and hears what it says."""
    play = street.play
    call = await play.cast.call(LI, ONWARD)
    await (await street.phone.incoming(NEWS_SECONDS)).reject()
    await play.hears_start(call, play.prompts("offer_message", "zh")[0])
    await call.hang_up()
    assert await outcome(street, LI) == "left_in_menu"


async def dial(house: House, number: str, application: str) -> None:
    """Have Asterisk itself call this number of the site, by SIP and RTP, and be a fax machine there."""
    conf = house.state.asterisk / "etc" / "asterisk.conf"
    where = f"PJSIP/trunk-local/sip:{number}@{house.sip.host}:{house.sip.port}"
    for line in ("module load res_clioriginate.so", f"channel originate {where} application {application}"):
        command = (*find_asterisk().command, "-C", str(conf), "-rx", line)
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=20)
        assert "No such command" not in done.stdout, done.stdout


def pages(file: Path) -> int:
    """How many images a TIFF file has (TIFF 6.0, section 2)."""
    data = file.read_bytes()
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)

    at, count = number(4, 4), 0
    while at:
        count += 1
        at = number(at + 2 + 12 * number(at, 2), 4)
    return count
