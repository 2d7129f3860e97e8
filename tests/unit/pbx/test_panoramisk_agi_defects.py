"""P1-P5, P7: each defect of panoramisk 1.4 that touches our AGI path, shown in panoramisk and closed in `pbx`."""

import asyncio
import logging
import subprocess
import sys

import pytest
from panoramisk.fast_agi import Application, Request

from pbx.fastagi import AgiLimits, AgiRefused, AgiServer, AgiSession, AgiTimeout, CallerGone, SwitchGone
from tests.unit.pbx.peers import agi_call, agi_header, parse_args, until


class Sink:
    """A writer that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    async def drain(self) -> None:
        """Nothing to wait for."""


def stock_request(*lines: str) -> Request:
    """panoramisk's request to a switch that says these lines and closes."""
    reader = asyncio.StreamReader()
    reader.feed_data("".join(f"{line}\n" for line in lines).encode())
    reader.feed_eof()
    return Request(None, {}, reader, Sink())


PROBE = """
import asyncio, sys
async def main():
    {server}
    print("ready", flush=True)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    await asyncio.sleep(0.2)
    print("the loop lives", flush=True)
    sys.exit(0)
asyncio.run(main())
"""
STOCK_SERVER = """from panoramisk.fast_agi import Application
    server = await asyncio.start_server(Application(loop=False).handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]"""
OUR_SERVER = """from pbx.fastagi import AgiServer
    port = await AgiServer({}).start("127.0.0.1", 0)"""


def lives_after_a_probe(server: str, seconds: float) -> bool:
    """True if a server's event loop still turns after a connection that was opened and closed."""
    command = [sys.executable, "-c", PROBE.format(server=server)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            return b"lives" in process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            return False


def test_p1_stock_spins_for_ever_after_a_port_probe() -> None:
    """One connect-and-close stops panoramisk's whole event loop."""
    assert not lives_after_a_probe(STOCK_SERVER, 1)


def test_p1_ours_survives_a_port_probe() -> None:
    """The same probe costs us nothing."""
    assert lives_after_a_probe(OUR_SERVER, 10)


async def test_p2_stock_takes_hangup_for_a_reply() -> None:
    """After a HANGUP line panoramisk gives every command the reply of the one before."""
    request = stock_request("HANGUP", "200 result=1 (a)", "200 result=1 (b)")
    first, second = await request.send_command("A"), await request.send_command("B")
    assert first["error"] == "AGIResultHangup"
    assert second["result"] == ("1", "a")


async def test_p2_ours_reads_hangup_out_of_band(serve) -> None:
    """A HANGUP between a command and its reply sets `hung_up` and the reply is still the command's own."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        seen.append((await session.command("NOOP")).value)
        seen.append((session.hung_up.is_set(), session.ended_by))
        with pytest.raises(CallerGone):
            await session.command("NOOP")
        seen.append((await session.command("GET VARIABLE", "X", after_hangup=True)).value)

    async with agi_call(await serve(handler)) as peer:
        assert await peer.command() == "NOOP"
        peer.say("HANGUP")
        peer.say("200 result=1 (a)")
        assert await peer.answer("200 result=1 (b)") == 'GET VARIABLE "X"'
        assert await peer.closed()
    assert seen == ["a", (True, "hangup"), "b"]


USAGE = "520-Invalid command syntax.  Proper usage follows:\nUsage: one\n two\n three\n520 End of proper usage."


async def test_p3_stock_loses_step_after_a_usage_text() -> None:
    """panoramisk reads one line of Asterisk's usage text; the next command gets the second."""
    request = stock_request(*USAGE.split("\n"), "200 result=1 (b)")
    await request.send_command("A")
    with pytest.raises(ValueError, match="int"):
        await request.send_command("B")


async def test_p3_stock_lets_a_value_spoof_a_reply() -> None:
    """A second line in a variable's value becomes the reply to the next command."""
    request = stock_request("200 result=1 (x", "200 result=1 (spoofed)", "200 result=1 (b)")
    await request.send_command("GET VARIABLE X")
    assert (await request.send_command("B"))["result"] == ("1", "spoofed")


async def test_p3_ours_reads_usage_and_values_to_their_end(serve) -> None:
    """A usage text of several lines raises AgiRefused, a value of several lines is whole, and step is kept."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        with pytest.raises(AgiRefused, match="three"):
            await session.command("STREAM FILE")
        seen.append((await session.command("GET VARIABLE", "X")).value)
        seen.append((await session.command("GET VARIABLE", "Y")).value)
        seen.append((await session.command("NOOP")).result)

    async with agi_call(await serve(handler)) as peer:
        await peer.answer(USAGE)
        await peer.answer("200 result=1 (x\n200 result=1 (spoofed)")
        # A value that ends its first line with ")" looks complete; what follows comes with it and is dropped.
        await peer.answer("200 result=1 (y)\n200 result=1 (spoofed)")
        await peer.answer("200 result=0")
        assert await peer.closed()
    assert seen == ["x\n200 result=1 (spoofed", "y", "0"]


async def test_p4_stock_misreads_results() -> None:
    """panoramisk takes a value "hangup" for a hang-up, loses endpos and (timeout), knows neither 511 nor the end."""
    assert (await stock_request("200 result=1 (hangup)").send_command("A"))["error"] == "AGIResultHangup"
    assert "endpos" not in await stock_request("200 result=-1 endpos=800").send_command("A")
    assert (await stock_request("200 result= (timeout)").send_command("A"))["result"] == ("", "")
    assert (await stock_request("511 Command Not Permitted").send_command("A"))["error"] == "AGIUnknownError"
    with pytest.raises(ValueError, match="int"):
        await stock_request().send_command("A")


async def test_p4_ours_reads_each_as_it_is_meant(serve) -> None:
    """The same five replies: a value, a failure with the caller there, a time-out, CallerGone, SwitchGone."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        seen.append((await session.command("GET VARIABLE", "X")).value)
        reply = await session.command("GET DATA", "file", 1000, 4)
        seen.append((reply.result, reply.value))
        with pytest.raises(AgiRefused, match="-1"):
            await session.stream_file("missing")
        with pytest.raises(CallerGone):
            await session.command("NOOP")
        with pytest.raises(CallerGone):
            await session.command("NOOP", after_hangup=True)
        seen.append(session.ended_by)

    async with agi_call(await serve(handler)) as peer:
        await peer.answer("200 result=1 (hangup)")
        await peer.answer("200 result=12 (timeout)")
        await peer.answer("200 result=-1 endpos=800")
        assert await peer.answer("200 result=0") == "NOOP"
        await peer.answer("511 Command Not Permitted on a dead channel or intercept routine")
        await peer.command()
        await peer.hang_up()
        await until(lambda: len(seen) == 3)
    assert seen == ["hangup", ("12", "timeout"), "hangup"]


async def test_p4_ours_tells_a_lost_switch_from_a_caller_who_left(serve) -> None:
    """The end of the connection without HANGUP raises SwitchGone, in a command and after it."""
    seen: list[object] = []
    done = asyncio.Event()

    async def handler(session: AgiSession) -> None:
        for _ in range(2):
            with pytest.raises(SwitchGone):
                await session.command("NOOP")
        seen.append((session.hung_up.is_set(), session.ended_by))
        done.set()

    async with agi_call(await serve(handler)) as peer:
        await peer.command()
        await peer.hang_up()
        await asyncio.wait_for(done.wait(), 5)
    assert seen == [(True, "eof")]


async def test_p5_stock_has_no_route_for_a_query_and_dies_of_latin_1() -> None:
    """With panoramisk a query closes the call, a Latin-1 name raises, and a cancelled handler goes on."""
    reached: list[str] = []

    async def handler(request: Request) -> None:
        reached.append("called")
        raise asyncio.CancelledError

    app = Application(loop=False)
    app.add_route("hold", handler)
    await app.handler(fed(agi_header(agi_network_script="hold?x=1")), ClosingSink())
    assert reached == []
    with pytest.raises(UnicodeDecodeError):
        await app.handler(fed(LATIN_1), ClosingSink())
    await app.handler(fed(agi_header()), ClosingSink())
    assert reached == ["called"], "and the CancelledError did not come out"


LATIN_1 = agi_header(agi_calleridname="Zoë").replace("ë".encode(), "ë".encode("latin-1"))


class ClosingSink(Sink):
    """A writer for panoramisk's handler."""

    def get_extra_info(self, _: str) -> None:
        return None

    def close(self) -> None:
        """Nothing to close."""


def fed(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def test_p5_ours_routes_by_path_and_takes_any_bytes(serve) -> None:
    """Query and rest of the path are parsed, and a Latin-1 name arrives and can be sent back as it was."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        seen.append((session.route, session.path_rest, session.query))
        await session.set_variable("NAME", session.headers["agi_calleridname"])

    script = b"agi_network_script: hold/a/b?x=1&y=a%20b&x=2"
    header = LATIN_1.replace(b"agi_network_script: hold", script)
    async with agi_call(await serve(handler), header) as peer:
        command = await peer.answer("200 result=1")
    assert command.encode("utf-8", "surrogateescape") == b'SET VARIABLE "NAME" "Zo\xeb"'
    assert seen == [("hold", "a/b", {"x": "1", "y": "a b"})]


async def test_p5_ours_quotes_every_argument(serve) -> None:
    """Quotes and backslashes in a value stay in it; a line end is refused and nothing is sent (S8)."""
    value = 'a" "b \\" \\'

    async def handler(session: AgiSession) -> None:
        for bad in ("x\nEXEC System y", "x\ry", "x\0y"):
            with pytest.raises(ValueError, match="control character"):
                await session.set_variable("NAME", bad)
        await session.set_variable("NAME", value)

    async with agi_call(await serve(handler)) as peer:
        assert parse_args(await peer.answer("200 result=1")) == ["SET", "VARIABLE", "NAME", value]


async def test_p5_ours_times_a_command_out_and_keeps_step(serve) -> None:
    """A reply that is late raises AgiTimeout, and when it comes it is not taken for the next command's."""
    seen: list[object] = []

    async def handler(session: AgiSession) -> None:
        with pytest.raises(AgiTimeout):
            await session.command("FIRST", timeout_seconds=0.01)
        seen.append((await session.command("SECOND")).result)

    async with agi_call(await serve(handler)) as peer:
        assert await peer.command() == "FIRST"
        assert await peer.command() == "SECOND"
        peer.say("200 result=1")
        peer.say("200 result=2")
        assert await peer.closed()
    assert seen == ["2"]


async def test_p5_ours_lets_a_cancel_through() -> None:
    """A session that is cancelled ends, with its connection."""
    cancelled = asyncio.Event()

    async def handler(session: AgiSession) -> None:
        try:
            await session.command("NOOP")
        except asyncio.CancelledError:
            cancelled.set()
            raise

    server = AgiServer({"hold": handler})
    async with agi_call(await server.start("127.0.0.1", 0)) as peer:
        await peer.command()
        await server.close()
        assert await peer.closed()
    assert cancelled.is_set()


async def test_p5_ours_closes_a_call_over_the_cap_at_once(serve, caplog: pytest.LogCaptureFixture) -> None:
    """With `sessions_max` calls in progress the next one is closed and those go on."""

    async def handler(session: AgiSession) -> None:
        await session.command("NOOP")

    port = await serve(handler, limits=AgiLimits(sessions_max=1))
    async with agi_call(port) as first:
        assert await first.command() == "NOOP"
        async with agi_call(port) as second:
            assert await second.closed()
        first.say("200 result=0")
        assert await first.closed()
    assert "refused, 1 sessions" in caplog.text


async def test_p5_ours_keeps_a_fault_in_its_own_call(serve, caplog: pytest.LogCaptureFixture) -> None:
    """A handler's exception is logged with path and uniqueid and closes that call; another goes on."""

    async def handler(session: AgiSession) -> None:
        await session.command("NOOP")
        if session.uniqueid == "6.6":
            raise RuntimeError("broken")
        await session.command("NOOP")

    port = await serve(handler)
    async with agi_call(port) as good, agi_call(port, agi_header(agi_uniqueid="6.6")) as bad:
        await good.answer("200 result=0")
        await bad.answer("200 result=0")
        assert await bad.closed()
        assert await good.answer("200 result=0") == "NOOP"
        assert await good.closed()
    assert "path=hold uniqueid=6.6" in caplog.text
    assert "broken" in caplog.text


class CallableHandler:
    """A handler that is an object."""

    async def __call__(self, session: AgiSession) -> None:
        await session.command("NOOP")


def test_p7_stock_cannot_route_to_an_object() -> None:
    """panoramisk asks for asyncio.coroutine, which is no more."""
    with pytest.raises(AttributeError, match="coroutine"):
        Application(loop=False).add_route("x", CallableHandler())


async def test_p7_ours_routes_to_any_callable(serve) -> None:
    """An object with an asynchronous `__call__` serves a route; a second handler for a route is refused."""
    async with agi_call(await serve(CallableHandler())) as peer:
        assert await peer.answer("200 result=0") == "NOOP"
    with pytest.raises(ValueError, match="has a handler"):
        AgiServer({"x": CallableHandler()}).add_route("x", CallableHandler())


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
