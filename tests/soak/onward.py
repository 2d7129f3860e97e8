"""How an agent sends a caller on, at a softphone: at once or after a consult, by phone or by keys."""

import asyncio
import time

from hotline.demo.house import House
from hotline.phones.call import PhoneCall
from hotline.phones.softphone import PhoneError, Softphone
from tests.attended import NoLine, hand_over
from tests.soak.chances import Onward
from tests.soak.log import LegLog, SentOn
from tests.soak.picking_up import OTHER_SIDE_SECONDS

BEEP_SECONDS = 1.0
LINE_SECONDS = 6.0
"""How long an agent waits for a colleague to answer; a queue answers at once."""
SENT_SECONDS = 8.0
"""How long a phone may take to be free of a caller who was sent on: Asterisk waits for the last key."""
SIGNAL_SECONDS = 0.3
"""What a person needs between two keys; a REFER must not overtake the answer in Asterisk."""


async def send_on(house: House, phone: Softphone, leg: LegLog, onward: Onward) -> None:
    """Do it, and note what was done. Where it comes to nothing the agent is back in the talk."""
    leg.sent = SentOn(onward.way, onward.number, time.time())
    try:
        match onward.way:
            case "refer":
                leg.sent.handed_at = time.time()
                await leg.call.transfer(onward.number)
                await leg.call.closed(OTHER_SIDE_SECONDS)
            case "keys":
                await _keys(leg, "##", onward.number)
                leg.sent.handed_at = time.time()
                await leg.call.closed(SENT_SECONDS)
            case "attended_keys":
                await _consult_by_keys(leg, leg.sent, onward)
            case "attended" | "cancelled":
                await _consult_by_phone(house, phone, leg, leg.sent, onward)
    except PhoneError:  # the caller has gone, or stays with the agent
        return


async def _keys(leg: LegLog, code: str, number: str) -> None:
    await leg.call.digits(code)
    await asyncio.sleep(BEEP_SECONDS)
    await leg.call.digits(number)


async def _consult_by_keys(leg: LegLog, sent: SentOn, onward: Onward) -> None:
    await _keys(leg, "*2", onward.number)
    if await _over(leg.call, onward.consult_seconds):
        return
    sent.handed_at = time.time()
    await leg.call.hang_up()


async def _consult_by_phone(house: House, phone: Softphone, leg: LegLog, sent: SentOn, onward: Onward) -> None:
    await leg.call.hold()
    await asyncio.sleep(SIGNAL_SECONDS)
    line = sent.line = await phone.dial(onward.number)
    try:
        await line.established(LINE_SECONDS)
        consulted = not await _over(line, onward.consult_seconds)
    except PhoneError:  # busy, or nobody there
        consulted = False
    try:
        if consulted and onward.way == "attended" and not leg.call.is_closed:
            sent.handed_at = time.time()
            await hand_over(house, leg.call, leg.agent_id, onward.number)
            await leg.call.closed(OTHER_SIDE_SECONDS)
    except NoLine:
        sent.handed_at = None
    finally:
        await line.hang_up()
        if not leg.call.is_closed:
            await leg.call.resume()
            await _over(leg.call, onward.consult_seconds)


async def _over(call: PhoneCall, seconds: float) -> bool:
    """Whether this call is over within so many seconds."""
    try:
        await call.closed(seconds)
    except PhoneError:
        return False
    return True
