"""Hanging up for callers whose sipp has ended: it leaves its calls standing, so their BYEs are sent from its port."""

import re
import socket
from collections.abc import Iterable

from hotline.phones.ports import LOOPBACK
from hotline.phones.sipp import SipMessage, Switch, header

ANSWER_SECONDS = 2.0

BYE = """\
BYE {target} SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-bye-{number}
From: {caller}
To: {called}
Call-ID: {call_id}
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

"""
"""RFC 3261 section 15.1.1: within the dialog of the call, to the address that the answer named."""


def hang_up_for(messages: Iterable[SipMessage], port: int, switch: Switch) -> int:
    """Send a BYE from `port` for each call that was answered and is not over; return how many were confirmed.

    `port` must be free again. Blocks up to two seconds for confirmations.
    """
    standing = list(standing_answers(messages))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((LOOPBACK, port))
        line.settimeout(ANSWER_SECONDS)
        for number, answer in enumerate(standing):
            line.sendto(goodbye(answer, port, number), (switch.host, switch.port))
        return _count_confirmations(line, len(standing))


def standing_answers(messages: Iterable[SipMessage]) -> Iterable[SipMessage]:
    """The 200 of each call that has had no BYE."""
    answers: dict[str, SipMessage] = {}
    for message in messages:
        if message.status == 200 and message.cseq_method == "INVITE":
            answers.setdefault(message.call_id, message)
        elif message.method == "BYE":
            answers.pop(message.call_id, None)
    return answers.values()


def goodbye(answer: SipMessage, port: int, number: int) -> bytes:
    """The BYE that belongs to an answer."""
    contact = re.search(r"<([^>]+)>", header(answer.headers, "Contact"))
    text = BYE.format(
        target=contact[1] if contact else answer.to_user,
        host=LOOPBACK,
        port=port,
        number=number,
        caller=header(answer.headers, "From"),
        called=header(answer.headers, "To"),
        call_id=answer.call_id,
    )
    return text.replace("\n", "\r\n").encode()


def _count_confirmations(line: socket.socket, expected: int) -> int:
    confirmed: set[str] = set()
    try:
        while len(confirmed) < expected:
            text = line.recv(65_536).decode(errors="replace")
            if text.startswith("SIP/2.0 200") and " BYE" in header(text, "CSeq"):
                confirmed.add(header(text, "Call-ID"))
    except TimeoutError:  # the rest is gone already, or the switch is
        pass
    return len(confirmed)
