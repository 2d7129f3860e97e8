"""Reading sipp's log of messages."""

from string import Template
from xml.etree import ElementTree

import pytest

from hotline.phones import scenarios
from hotline.phones.goodbye import goodbye, standing_answers
from hotline.phones.load import CallerCounts, count_callers
from hotline.phones.sipp import parse_messages

RULE = "-" * 47
LOG = f"""\
{RULE} 2026-11-22 06:19:58.125156
UDP message sent (861 bytes):

INVITE sip:4002@127.0.0.1:5060 SIP/2.0\r
From: <sip:13800000001@127.0.0.1:17534>;tag=1\r
To: <sip:4002@127.0.0.1:5060>\r
Call-ID: 1-2@127.0.0.1\r
CSeq: 1 INVITE\r
\r
{RULE} 2026-11-22 06:19:58.225156
UDP message received [400] bytes :

SIP/2.0 200 OK
From: <sip:13800000001@127.0.0.1:17534>;tag=1
To: <sip:4002@127.0.0.1:5060>;tag=9
Contact: <sip:127.0.0.1:5060>
Call-ID: 1-2@127.0.0.1
CSeq: 1 INVITE

{RULE} 2026-11-22 06:20:00.000001
UDP message received [400] bytes :

BYE sip:13800000001@127.0.0.1:17534 SIP/2.0
From: <sip:4002@127.0.0.1:5060>;tag=9
To: <sip:13800000001@127.0.0.1>;tag=1
Call-ID: 1-2@127.0.0.1
CSeq: 1 BYE
"""


def test_each_message_is_read_with_its_time_and_parties() -> None:
    """Direction, start line, users, CSeq and microseconds of each message."""
    invite, answer, bye = parse_messages(LOG)
    assert (invite.sent, invite.method, invite.to_user, invite.from_user) == (True, "INVITE", "4002", "13800000001")
    assert (answer.sent, answer.status, answer.method, answer.cseq_method) == (False, 200, None, "INVITE")
    assert answer.at - invite.at == pytest.approx(0.1, abs=2e-6)
    assert bye.at - invite.at == pytest.approx(1.874845, abs=2e-6)
    assert bye.call_id == invite.call_id == "1-2@127.0.0.1"


def test_callers_are_counted_once_each() -> None:
    """A caller is dialled, answered and over by the messages of its call."""
    messages = list(parse_messages(LOG))
    assert count_callers(messages) == CallerCounts(1, 1, 1)
    assert count_callers(messages[:2] * 2) == CallerCounts(1, 1, 0)
    assert count_callers(list(parse_messages(""))) == CallerCounts(0, 0, 0)


@pytest.mark.parametrize("scenario", [scenarios.CALLER, scenarios.AGENT, scenarios.ERRAND, scenarios.REGISTRATION])
def test_every_scenario_is_whole_xml(scenario: str) -> None:
    """With its blanks filled in, each scenario is well-formed, and each label that is jumped to exists."""
    blanks = dict.fromkeys(("NUMBER", "HOLD_MS", "MEDIA_PORT", "RING_MS_MIN", "RING_MS_MAX", "TALK_MS"), "1")
    tree = ElementTree.fromstring(Template(scenario).substitute(blanks).encode())
    labels = {label.get("id") for label in tree.iter("label")}
    jumps = {step.get(word) for step in tree for word in ("next", "ontimeout")} - {None}
    assert jumps <= labels


def test_a_caller_who_is_left_gets_a_goodbye_of_the_own_call() -> None:
    """The BYE is of the answered dialog: its tags, its Call-ID, the address that the answer named."""
    answered = list(parse_messages(LOG))[:2]
    assert [answer.call_id for answer in standing_answers(answered)] == ["1-2@127.0.0.1"]
    lines = goodbye(answered[1], 17534, 0).decode().splitlines()
    assert lines[0] == "BYE sip:127.0.0.1:5060 SIP/2.0"
    assert "To: <sip:4002@127.0.0.1:5060>;tag=9" in lines
    assert "From: <sip:13800000001@127.0.0.1:17534>;tag=1" in lines
    assert "Call-ID: 1-2@127.0.0.1" in lines


def test_a_call_that_had_its_goodbye_is_left_alone() -> None:
    """Whoever was hung up on is not hung up again."""
    assert list(standing_answers(parse_messages(LOG))) == []
