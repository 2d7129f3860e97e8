"""Facts about the inbox between link and reader."""

import asyncio

import pytest

from pbx.ami_message import AmiEvent
from pbx.inbox import Inbox, InboxOverflow, LinkLost, LinkUp


def event(number: int) -> AmiEvent:
    return AmiEvent.of("Hangup", {"N": str(number)})


async def drain(inbox: Inbox) -> list[object]:
    letters = [await inbox.get() for _ in range(len(inbox))]
    return [letter["N"] if isinstance(letter, AmiEvent) else letter for letter in letters]


async def test_letters_come_in_order() -> None:
    """Events and changes of the link are read in the order in which they were put."""
    inbox = Inbox(10)
    inbox.put_link(LinkUp(1))
    inbox.put_event(event(1), 1)
    inbox.put_link(LinkLost(1, "x"))
    inbox.put_link(LinkUp(2))
    inbox.put_event(event(2), 2)
    assert await drain(inbox) == [LinkUp(1), "1", LinkLost(1, "x"), LinkUp(2), "2"]


async def test_overflow_replaces_what_waits_with_one_marker() -> None:
    """With `size` events waiting, one more throws them away for a marker; changes of the link stay."""
    inbox = Inbox(3)
    inbox.put_link(LinkUp(1))
    for number in range(8):
        inbox.put_event(event(number), 1)
    assert inbox.overflows == 2
    assert await drain(inbox) == [LinkUp(1), InboxOverflow(1), "6", "7"]
    inbox.put_event(event(9), 1)
    assert await drain(inbox) == ["9"]


async def test_a_reader_waits_and_may_be_cancelled() -> None:
    """A cancelled reader loses nothing; the next one gets the letter."""
    inbox = Inbox(1)
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    reader.cancel()
    inbox.put_event(event(1), 1)
    assert (await inbox.get())["N"] == "1"
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_event(event(2), 1)
    assert (await reader)["N"] == "2"


async def test_what_ended_the_writer_is_raised_after_its_last_letter() -> None:
    """A reader, waiting or not, gets what came before the fault, and then the fault."""
    inbox = Inbox(1)
    inbox.put_event(event(1), 1)
    inbox.fail(RuntimeError("ours"))
    assert (await inbox.get())["N"] == "1"
    with pytest.raises(RuntimeError, match="ours"):
        await inbox.get()
    waited_for = Inbox(1)
    reader = asyncio.create_task(waited_for.get())
    await asyncio.sleep(0)
    waited_for.fail(RuntimeError("later"))
    with pytest.raises(RuntimeError, match="later"):
        await reader


def test_an_inbox_has_room() -> None:
    """A size below one is refused."""
    with pytest.raises(ValueError, match="at least one"):
        Inbox(0)
