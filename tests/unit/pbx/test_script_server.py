"""Facts about FastAGI for synchronous scripts."""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

import pytest

from pbx.fastagi import AgiLimits
from pbx.pyst import Agi
from pbx.script_server import ScriptServer
from tests.unit.pbx.peers import DEADLINE_SECONDS, agi_header

LIMITS = AgiLimits(header_bytes=1000, header_seconds=0.1, greeters_max=20)
ENDED = threading.Semaphore(0)


def two_commands(agi: Agi) -> None:
    try:
        agi.noop()
        agi.verbose(agi.env["agi_uniqueid"])
    finally:
        ENDED.release()


def broken(agi: Agi) -> None:
    raise RuntimeError("broken")


@pytest.fixture
def port() -> Iterator[int]:
    """Port of a server with two scripts and room for two calls."""
    server = ScriptServer({"two": two_commands, "broken": broken}, 2, limits=LIMITS)
    yield server.start("127.0.0.1", 0)
    server.close()


class Call:
    """The Asterisk end of one call, blocking."""

    def __init__(self, port: int, header: bytes) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_SECONDS)
        # A server that refuses closes while we still send.
        with contextlib.suppress(ConnectionError):
            self.connection.sendall(header)
        self.lines = self.connection.makefile("rb")

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self.connection.close()

    def command(self) -> str:
        """The next command; "" when the connection was closed."""
        try:
            return self.lines.readline().decode().rstrip("\n")
        except ConnectionError:
            return ""

    def answer(self, text: str = "200 result=0") -> str:
        command = self.command()
        self.connection.sendall(text.encode() + b"\n")
        return command


def header(script: str = "two", uniqueid: str = "1.1") -> bytes:
    return agi_header(agi_network_script=script, agi_uniqueid=uniqueid)


def complete(call: Call, uniqueid: str) -> None:
    assert call.answer() == "NOOP"
    assert call.answer() == f'VERBOSE "{uniqueid}" 1'
    assert call.command() == ""


def test_each_call_runs_its_script_in_a_thread(port: int) -> None:
    """Two calls at once, interleaved, each with its own environment; a query does not change the route."""
    with Call(port, header("two?x=1", "1.1")) as first, Call(port, header("two", "2.2")) as second:
        assert first.answer() == "NOOP"
        complete(second, "2.2")
        assert first.answer() == 'VERBOSE "1.1" 1'
        assert first.command() == ""


def test_a_header_may_come_in_pieces(port: int) -> None:
    """A header split anywhere, its empty line included, is read whole, and what follows it goes to the script."""
    whole = header()
    with Call(port, whole[:-1]) as call:
        call.connection.sendall(whole[-1:] + b"200 result=0\n")
        assert call.command() == "NOOP"
        assert call.answer().startswith("VERBOSE")


def test_a_call_over_the_cap_is_closed_at_once(port: int) -> None:
    """With `max_threads` scripts running the next call is closed, and those go on."""
    with Call(port, header()) as first, Call(port, header()) as second:
        assert first.command() == second.command() == "NOOP"
        with Call(port, header()) as third:
            assert third.command() == ""
        first.connection.sendall(b"200 result=0\n")
        assert first.command().startswith("VERBOSE")


def test_a_fault_stays_in_its_own_call(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """A script's exception is logged with path and uniqueid and closes its call; an unknown script is closed too."""
    with Call(port, header("broken", "6.6")) as call:
        assert call.command() == ""
    with Call(port, header("nothing", "7.7")) as call:
        assert call.command() == ""
    assert "script failed: path=broken uniqueid=6.6" in caplog.text
    assert "unknown script path=nothing uniqueid=7.7" in caplog.text
    with Call(port, header()) as call:
        complete(call, "1.1")


def test_a_thread_that_cannot_start_costs_its_own_call(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without another thread a call is closed, and the next one is served when there is one again."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(3):  # more than there is room for: none of them is still counted
            with Call(port, header()) as call:
                assert call.command() == ""
    with Call(port, header()) as call:
        complete(call, "1.1")


def test_a_caller_who_leaves_ends_the_script(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """A closed connection ends the script at its next command, without an error in the log."""
    while ENDED.acquire(blocking=False):
        pass
    with Call(port, header()) as call:
        assert call.command() == "NOOP"
    assert ENDED.acquire(timeout=DEADLINE_SECONDS)
    assert "failed" not in caplog.text


@pytest.mark.parametrize(
    "sent",
    [b"", b"agi_network: yes\nagi_chan", b"agi_x: " + b"y" * 4_000_000, b"agi_x: y\n" * 400_000],
    ids=["silence", "half header", "4 MB line", "4 MB of lines"],
)
def test_a_bad_header_costs_no_thread(port: int, sent: bytes) -> None:
    """Silence, half a header and 4 MB of one are closed within their limits while a call goes on (S11)."""
    threads = threading.active_count()
    with Call(port, header()) as call:
        assert call.answer() == "NOOP"
        with Call(port, sent) as attacker:
            assert attacker.command() == ""
        assert threading.active_count() <= threads + 1
        assert call.answer().startswith("VERBOSE")


def test_a_port_probe_is_nothing(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Connect and close leaves the server as it was."""
    caplog.set_level(logging.ERROR)
    for _ in range(20):
        socket.create_connection(("127.0.0.1", port)).close()
    with Call(port, header()) as call:
        complete(call, "1.1")
    assert caplog.text == ""


def test_idle_connections_make_room() -> None:
    """With more idle connections than may greet, none of them late yet, a new call is served: the oldest idle ones are
    closed."""
    server = ScriptServer({"two": two_commands}, 2, limits=AgiLimits(greeters_max=20, header_seconds=30))
    port = server.start("127.0.0.1", 0)
    with contextlib.ExitStack() as stack:
        stack.callback(server.close)
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        complete(stack.enter_context(Call(port, header())), "1.1")


def test_close_ends_what_runs() -> None:
    """`close` ends a script that waits for Asterisk, and can be called before `start` and twice."""
    server = ScriptServer({"two": two_commands})
    server.close()
    with Call(server.start("127.0.0.1", 0), header()) as call:
        assert call.command() == "NOOP"
        server.close()
        assert call.command() == ""
    server.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("script")]
