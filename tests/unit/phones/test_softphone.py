"""What a phone makes of baresip's events, without baresip."""

import asyncio
from pathlib import Path

import pytest

from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.control import Message
from hotline.phones.softphone import PhoneError, Softphone


@pytest.fixture
def phone(tmp_path: Path) -> Softphone:
    return Softphone(Account("1001", "127.0.0.1", 5060, "secret"), folder=tmp_path)


def event(kind: str, call_id: str, *, direction: str = "incoming", param: str = "") -> Message:
    uri = "sip:13900001111@127.0.0.1:5060"
    return {
        "event": True, "class": "call", "type": kind, "id": call_id, "direction": direction, "peeruri": uri,
        "param": param,
    }  # fmt: skip


async def ring(phone: Softphone, call_id: str = "a") -> PhoneCall:
    phone.take_event(event("CALL_INCOMING", call_id))
    return await phone.incoming(0.1)


async def test_a_call_that_rings_is_handed_out_once_with_its_number(phone: Softphone) -> None:
    """incoming() gives each ringing call once, with the user part of the other side's URI."""
    assert (await ring(phone)).peer == "13900001111"
    with pytest.raises(PhoneError, match=r"waited 0\.01 s for a call to ring"):
        await phone.incoming(0.01)


async def test_a_call_is_followed_from_answer_to_end(phone: Softphone) -> None:
    """established() and closed() return when baresip says so, with its reason."""
    call = await ring(phone)
    phone.take_event(event("CALL_ESTABLISHED", "a"))
    assert (await call.established(0.1)).is_talking
    assert phone.talking == [call]
    phone.take_event(event("CALL_CLOSED", "a", param="Connection reset by peer"))
    assert await call.closed(0.1) == "Connection reset by peer"
    assert phone.talking == []


async def test_waiting_for_an_answer_ends_when_the_call_does(phone: Softphone) -> None:
    """A refused call raises at once instead of at the deadline, with the reason."""
    call = await ring(phone)
    waiting = asyncio.create_task(call.established(60))
    phone.take_event(event("CALL_CLOSED", "a", param="486 Busy Here"))
    with pytest.raises(PhoneError, match="486 Busy Here"):
        await waiting


async def test_a_second_call_does_not_disturb_the_first(phone: Softphone) -> None:
    """Events go to the call of their id."""
    first, second = await ring(phone, "a"), await ring(phone, "b")
    phone.take_event(event("CALL_CLOSED", "b"))
    assert second.is_closed
    assert not first.is_closed


async def test_an_error_ends_with_the_tail_of_the_log(phone: Softphone) -> None:
    """Whoever reads a failed test sees what baresip said."""
    (phone.folder / "baresip.log").write_text("early\n" * 100 + "403 Forbidden\n")
    with pytest.raises(PhoneError, match=r"403 Forbidden$"):
        await phone.incoming(0.0)


async def test_a_command_for_a_call_that_is_over_is_refused(phone: Softphone) -> None:
    """Digits into a closed call would go to another call of the phone: they raise; hanging up again does nothing."""
    call = await ring(phone)
    phone.take_event(event("CALL_CLOSED", "a"))
    await call.hang_up()
    with pytest.raises(PhoneError, match="too late"):
        await call.digits("1")


def test_only_a_phone_with_a_password_registers() -> None:
    """The account line of a caller says regint=0; an agent's has the password and a registration interval."""
    assert Account("139", "127.0.0.1", 5060).line.endswith(";regint=0")
    assert "auth_pass=secret" in Account("1001", "127.0.0.1", 5060, "secret").line
    assert "answermode=auto" in Account("1001", "127.0.0.1", 5060, "secret", auto_answer=True).line
