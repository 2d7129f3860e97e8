"""The control line: netstrings in and out, answers to their askers, events to the phone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from hotline.phones.control import ControlLine, ControlLost, Message, encode, read_message

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def stream(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@asynccontextmanager
async def line_to(peer: Answering, events: list[Message], lost: asyncio.Event) -> AsyncIterator[ControlLine]:
    """Open a line to a peer that plays baresip, and close both ends."""
    ended = asyncio.Event()

    async def whole_peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer(reader, writer)
        writer.close()
        ended.set()

    async with await asyncio.start_server(whole_peer, "127.0.0.1", 0) as server:
        line = ControlLine(events.append, lost.set)
        await line.connect("127.0.0.1", server.sockets[0].getsockname()[1])
        try:
            yield line
        finally:
            await line.close()
            await ended.wait()


async def test_a_message_survives_the_way_there_and_back() -> None:
    """A netstring counts bytes, not characters: Chinese words arrive whole."""
    message = {"command": "dial", "params": "订单", "token": "1"}
    assert await read_message(stream(encode(message))) == message


@pytest.mark.parametrize("cut", [b"", b"12", b'12:{"a":'])
async def test_a_line_that_ends_in_the_middle_is_lost(cut: bytes) -> None:
    """The end of the line is told as such wherever in a message it comes."""
    with pytest.raises(ControlLost):
        await read_message(stream(cut))


async def test_an_answer_goes_to_who_asked_and_an_event_to_the_phone() -> None:
    """An event between a command and its response does not disturb either."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read_message(reader)
        writer.write(encode({"event": True, "type": "REGISTER_OK"}))
        writer.write(encode({"response": True, "data": asked["command"].upper(), "token": asked["token"]}))

    events: list[Message] = []
    async with line_to(peer, events, asyncio.Event()) as line:
        assert await line.command("reginfo") == "REGINFO"
        assert [event["type"] for event in events] == ["REGISTER_OK"]


async def test_whoever_waits_is_told_when_the_line_ends() -> None:
    """A command without an answer fails at once when baresip ends, and the phone learns of it."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_message(reader)

    lost = asyncio.Event()
    async with line_to(peer, [], lost) as line:
        with pytest.raises(ControlLost):
            await line.command("quit")
        assert lost.is_set()


async def test_silence_has_a_deadline() -> None:
    """A command that is never answered ends in TimeoutError."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with line_to(peer, [], asyncio.Event()) as line:
        with pytest.raises(TimeoutError):
            await line.command("dial", timeout_seconds=0.01)
