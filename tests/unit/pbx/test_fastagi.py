"""Facts about the FastAGI server that are not about one defect of panoramisk."""

import asyncio
import base64
import contextlib
import logging
import resource
import socket

import pytest

from pbx.fastagi import AgiLimits, AgiRefused, AgiServer, AgiSession, CallerGone, Played, SwitchGone
from tests.unit.pbx.peers import AgiPeer, agi_call, agi_header, parse_args, until


async def three_commands(session: AgiSession) -> None:
    for number in range(3):
        await session.command("NOOP", number)


async def answer_three(peer: AgiPeer) -> None:
    for number in range(3):
        assert await peer.answer("200 result=0") == f"NOOP {number}"


async def test_headers_have_names(serve) -> None:
    """Channel, uniqueid, number and language of a session are Asterisk's; a withheld number is ""."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        seen.append((session.channel, session.uniqueid, session.caller_number, session.language))

    port = await serve(handler)
    for number in ("13800138000", "unknown"):
        async with agi_call(port, agi_header(agi_callerid=number)) as peer:
            assert await peer.closed()
    assert seen == [("PJSIP/a-00000001", "1.1", "13800138000", "zh"), ("PJSIP/a-00000001", "1.1", "", "zh")]


async def test_a_hangup_is_known_while_no_command_runs(serve) -> None:
    """A handler that waits on `hung_up` only, as a caller on hold does, wakes when Asterisk says HANGUP."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        await session.hung_up.wait()
        seen.append(session.ended_by)
        with pytest.raises(CallerGone):
            await session.command("NOOP")
        await session.set_variable("ACD_DONE", "abandoned", after_hangup=True)

    async with agi_call(await serve(handler)) as peer:
        peer.say("HANGUP")
        assert await peer.answer("200 result=1") == 'SET VARIABLE "ACD_DONE" "abandoned"'
        assert await peer.closed()
    assert seen == ["hangup"]


async def test_a_closed_connection_wakes_who_waits_for_a_hangup(serve) -> None:
    """The end of the connection sets `hung_up` too, with `ended_by` "eof"."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        await session.hung_up.wait()
        seen.append(session.ended_by)

    async with agi_call(await serve(handler)):
        pass
    await until(lambda: seen)
    assert seen == ["eof"]


async def test_commands_are_written_as_asterisk_reads_them(serve) -> None:
    """Each method sends its verb and quoted arguments, and reads its own kind of reply."""
    seen: list[object] = []
    value = base64.b64encode(b'.a" \\ b\n200 result=1 (c)').decode()

    async def handler(session: AgiSession) -> None:
        seen.append(await session.stream_file("/a b/c", "12#"))
        seen.append(await session.stream_file("d"))
        seen.append(await session.get_option("e", "12", 5000))
        seen.append(await session.wait_for_digit(2500))
        seen.append(await session.wait_for_digit(-1))
        seen.append(await session.get_variable("X"))
        seen.append((await session.execute("Dial", "PJSIP/1", "20", "gm")).result)
        with pytest.raises(AgiRefused, match="no such application"):
            await session.execute("Nonsense")
        with pytest.raises(AgiRefused, match="func_base64"):
            await session.get_variable("X")

    async with agi_call(await serve(handler)) as peer:
        commands = [
            await peer.answer(reply)
            for reply in (
                "200 result=35 endpos=800",
                "200 result=0 endpos=1600",
                "200 result=50 endpos=800",
                "200 result=49",
                "200 result=0",
                f"200 result=1 ({value})",
                "200 result=0",
                "200 result=-2",
                "200 result=1 ()",
            )
        ]
        assert await peer.closed()
    assert [parse_args(command) for command in commands[:7]] == [
        ["STREAM", "FILE", "/a b/c", "12#"],
        ["STREAM", "FILE", "d", ""],
        ["GET", "OPTION", "e", "12", "5000"],
        ["WAIT", "FOR", "DIGIT", "2500"],
        ["WAIT", "FOR", "DIGIT", "-1"],
        ["GET", "FULL", "VARIABLE", "${BASE64_ENCODE(.${X})}"],
        ["EXEC", "Dial", "PJSIP/1,20,gm"],
    ]
    assert seen == [Played("#", 800), Played(None, 1600), Played("2", 800), "1", None, 'a" \\ b\n200 result=1 (c)', "0"]


async def test_minus_one_with_a_hangup_is_the_caller_leaving(serve) -> None:
    """A command that ends with -1 raises CallerGone when Asterisk tells the hang-up before the next reply."""
    seen: list[str] = []

    async def handler(session: AgiSession) -> None:
        with pytest.raises(CallerGone):
            await session.execute("Dial", "PJSIP/1")
        seen.append(session.ended_by or "")

    async with agi_call(await serve(handler)) as peer:
        await peer.answer("200 result=-1")
        assert await peer.command() == "NOOP"
        peer.say("HANGUP")
        peer.say("200 result=0")
        assert await peer.closed()
    assert seen == ["hangup"]


async def test_a_raw_command_is_refused(serve) -> None:
    """panoramisk's `send_command`, which sends any text, raises TypeError."""
    seen: list[str] = []

    async def handler(session: AgiSession) -> None:
        with pytest.raises(TypeError, match="use command"):
            await session.send_command("EXEC System x")
        seen.append("refused")

    async with agi_call(await serve(handler)) as peer:
        assert await peer.closed()
    assert seen == ["refused"]


async def test_an_unknown_route_is_closed(serve, caplog: pytest.LogCaptureFixture) -> None:
    """A request for a route without a handler is logged and its connection closed."""
    async with agi_call(await serve(three_commands), agi_header(agi_network_script="other")) as peer:
        assert await peer.closed()
    assert "unknown route 'other'" in caplog.text


LIMITS = AgiLimits(header_bytes=1000, header_seconds=0.1, greeters_max=50)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"agi_network: yes\nagi_chan", "too slow"),
        (b"agi_x: " + b"y" * 4_000_000, "header line too long"),
        (b"agi_x: y\n" * 400_000, "header of more than 1000 bytes"),
    ],
    ids=["half header", "4 MB line", "4 MB of lines"],
)
async def test_a_bad_header_is_refused_within_its_limits(
    serve, sent: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a header and 4 MB of one are closed within time and size, and a call in progress goes on (S11)."""
    caplog.set_level(logging.INFO)
    port = await serve(three_commands, limits=LIMITS)
    async with agi_call(port) as call:
        assert await call.answer("200 result=0") == "NOOP 0"
        with contextlib.suppress(ConnectionError):
            async with agi_call(port, sent) as attacker:
                with contextlib.suppress(ConnectionError):
                    await attacker.writer.drain()
                assert await attacker.closed()
        assert await call.answer("200 result=0") == "NOOP 1"
        assert await call.answer("200 result=0") == "NOOP 2"
    await until(lambda: reason in caplog.text)


async def test_a_trickling_header_is_refused(serve, caplog: pytest.LogCaptureFixture) -> None:
    """The header's time counts from the connect, so that one byte now and then does not extend it (slow loris)."""
    caplog.set_level(logging.INFO)
    port = await serve(three_commands, limits=LIMITS)
    async with agi_call(port, b"") as attacker:
        closed = asyncio.create_task(attacker.closed())
        while not closed.done():
            attacker.writer.write(b"x\n")
            await asyncio.wait([closed], timeout=0.02)
    assert "too slow" in caplog.text


@pytest.mark.parametrize("pieces", [1, 7, 60])
async def test_a_header_and_its_lines_come_in_any_pieces(serve, pieces: int) -> None:
    """Cut anywhere, in the empty line or in a reply too, a conversation is the same."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        seen.append(session.caller_number)
        seen.append((await session.command("NOOP")).result)
        await session.hung_up.wait()
        seen.append(session.ended_by)

    async with agi_call(await serve(handler), b"") as peer:
        await say_in_pieces(peer, agi_header(), pieces)
        assert await peer.command() == "NOOP"
        await say_in_pieces(peer, b"200 result=7\nHANGUP\n", pieces)
        assert await peer.closed()
    assert seen == ["13800138000", "7", "hangup"]


async def say_in_pieces(peer: AgiPeer, said: bytes, pieces: int) -> None:
    length = max(1, len(said) // pieces)
    for start in range(0, len(said), length):
        peer.writer.write(said[start : start + length])
        await peer.writer.drain()
        await asyncio.sleep(0)


async def test_a_line_without_an_end_is_given_up(serve, caplog: pytest.LogCaptureFixture) -> None:
    """A peer that sends no line end is closed when the line has become too long, and its call ends as a lost one."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        with pytest.raises(SwitchGone):
            await session.command("NOOP")
        seen.append(session.ended_by)

    async with agi_call(await serve(handler, limits=AgiLimits(line_bytes=100))) as peer:
        assert await peer.command() == "NOOP"
        peer.writer.write(b"2" * 101)
        assert await peer.closed()
    await until(lambda: seen)
    assert seen == ["eof"]
    assert "line too long" in caplog.text


async def test_who_asked_is_told_of_a_hangup_within_it(serve) -> None:
    """What was left to be called when the caller is gone is called before the handler itself learns of it, once, and at
    once where the caller has gone before."""
    seen: list[str] = []

    async def handler(session: AgiSession) -> None:
        session.call_when_over(lambda: seen.append("told"))
        await session.hung_up.wait()
        seen.append("woken")
        session.call_when_over(lambda: seen.append("told late"))

    async with agi_call(await serve(handler)) as peer:
        peer.say("HANGUP")
        assert await peer.closed()
    assert seen == ["told", "woken", "told late"]


async def test_panoramisks_own_handler_serves_nobody() -> None:
    """A connection that is given to panoramisk's way of serving, with its defects, raises TypeError."""
    with pytest.raises(TypeError, match="use start"):
        await AgiServer({}).handler(None, None)


async def test_idle_connections_keep_nobody_waiting(serve) -> None:
    """With 2,000 idle sockets, none of them late yet, a call in progress is answered and a new one is too: the oldest
    idle make room."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(files, 8192)), most))
    port = await serve(three_commands, limits=AgiLimits(greeters_max=100, header_seconds=30))
    async with agi_call(port) as call, contextlib.AsyncExitStack() as stack:
        assert await call.answer("200 result=0") == "NOOP 0"
        for number in range(2000):
            idle = stack.enter_context(socket.socket())
            idle.setblocking(False)
            idle.connect_ex(("127.0.0.1", port))
            if number % 100 == 99:
                # The server shares this loop: let it accept before the kernel's backlog is full.
                await asyncio.sleep(0.001)
        assert await call.answer("200 result=0") == "NOOP 1"
        async with agi_call(port) as another:
            await answer_three(another)
        assert await call.answer("200 result=0") == "NOOP 2"


async def test_drain_lets_calls_end_and_takes_no_new_ones() -> None:
    """During a drain a call in progress goes on to its end and a new connection is refused."""
    server = AgiServer({"hold": three_commands})
    port = await server.start("127.0.0.1", 0)
    async with agi_call(port) as call:
        assert await call.answer("200 result=0") == "NOOP 0"
        drain = asyncio.create_task(server.drain(5))
        await asyncio.sleep(0)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        assert await call.answer("200 result=0") == "NOOP 1"
        assert server.sessions == 1
        assert not drain.done()
        assert await call.answer("200 result=0") == "NOOP 2"
        await drain
    assert server.sessions == 0


async def test_drain_cancels_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    """A call that does not end within the drain's time is cancelled and closed, without a fault in the log."""
    server = AgiServer({"hold": three_commands})
    async with agi_call(await server.start("127.0.0.1", 0)) as call:
        assert await call.command() == "NOOP 0"
        await server.drain(0.02)
        assert await call.closed()
    assert caplog.text == ""


async def test_small_commands_are_not_delayed(serve) -> None:
    """TCP_NODELAY is on: a command leaves at once."""
    seen: list[int] = []

    async def handler(session: AgiSession) -> None:
        connection = session.writer.get_extra_info("socket")
        seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        seen.append(connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    async with agi_call(await serve(handler)) as peer:
        assert await peer.closed()
    assert all(seen)
    assert len(seen) == 2


async def test_what_comes_with_the_header_answers_nothing(serve) -> None:
    """A caller's name with an empty line and a reply in it ends the header early, but answers no command (S26)."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        seen.append((await session.command("GET VARIABLE", "X")).value)

    async with agi_call(await serve(handler), agi_header(agi_calleridname="x\n\n200 result=1 (spoofed)")) as peer:
        await peer.answer("200 result=1 (true)")
        assert await peer.closed()
    assert seen == ["true"]


def test_a_server_is_true() -> None:
    """A server can be tested for being there, though panoramisk made it a dictionary."""
    assert AgiServer({})


async def test_nothing_stays_behind(serve) -> None:
    """After calls that ended in every way there is no task of theirs left."""
    port = await serve(three_commands)
    before = asyncio.all_tasks()
    async with agi_call(port) as complete:
        await answer_three(complete)
        assert await complete.closed()
    async with agi_call(port) as cut:
        await cut.command()
    async with agi_call(port, b"agi_x: 1\n"):
        pass
    await until(lambda: asyncio.all_tasks() <= before, "all tasks ended")
