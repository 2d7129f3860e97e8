"""What a softphone asks its switch for when its agent hands a caller over: REFER with Replaces (RFC 3891).

baresip 1.0.0 has none of its own, so the dialog of the agent's newest line is asked of Asterisk, where the phone is.
"""

import asyncio
from urllib.parse import quote

from hotline.demo.house import House
from hotline.phones.call import PhoneCall
from hotline.ports import HOST
from hotline.settings import AMI_USER, load

TAGS = ("call-id", "local_tag", "remote_tag")


class NoLine(RuntimeError):
    """The agent's second line is gone; nothing was asked for."""


async def hand_over(house: House, talk: PhoneCall, extension: str, number: str) -> None:
    """Hand the caller of `talk` over to whoever is at the other end of this extension's newest line.

    Args:
        number: what was dialled there.

    Raises:
        NoLine: there is no such line any more.
    """
    channels = await _ask(house, "CoreShowChannels", "Channel")
    lines = sorted(channel for channel in channels if channel.startswith(f"PJSIP/{extension}-"))
    if len(lines) < 2:
        raise NoLine(extension)
    asked = f"Getvar\r\nChannel: {lines[-1]}\r\nVariable: CHANNEL(pjsip,{{}})"
    tags = [await _ask(house, asked.format(name), "Value") for name in TAGS]
    if not all(tags):
        raise NoLine(extension)
    replaces = quote("{};to-tag={};from-tag={}".format(*(found[0] for found in tags)), safe="")
    await talk.transfer(f"sip:{number}@{house.sip.host}:{house.sip.port}?Replaces={replaces}")


async def _ask(house: House, action: str, field: str) -> list[str]:
    """The values of a field in AMI's answer, asked for as plainly as can be: the link of ours sends no commas."""
    settings = load(house.state)
    reader, writer = await asyncio.open_connection(HOST, settings.ports.ami)
    login = f"Action: Login\r\nUsername: {AMI_USER}\r\nSecret: {settings.ami_secret}\r\nEvents: off\r\n\r\n"
    writer.write(f"{login}Action: {action}\r\n\r\nAction: Logoff\r\n\r\n".encode())
    told = (await reader.read()).decode().splitlines()
    writer.close()
    return [line.partition(": ")[2] for line in told if line.startswith(f"{field}: ")]
