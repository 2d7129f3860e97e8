"""AGI commands a second in one process: Hotline's server and IVR, panoramisk's and pyst2 as they come, in one run.

    python -m tests.bench.bench_agi_commands [rounds]

Each server is a process of its own, this program plays Asterisk's side and answers at once. `per_processor` is by the
server's own processor time, which what else the machine does cannot falsify; the other rates are by the clock.

- hotline, panoramisk: SET VARIABLE on `CALLS` calls at a time.
- pyst2: the same on one call, for it serves one: its AGI class needs the main thread (S26).
- ivr: whole calls through two menus, key by key, walked and recorded as live ones are.
"""

import asyncio
import base64
import contextlib
import io
import logging
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop
from asterisk.agi import AGI, AGIException
from panoramisk.fast_agi import Application, Request

from db.journal import Journal
from ivr.flow import Flow
from ivr.nodes import HangUp, Menu
from ivr.session import make_handler
from ivr.sounds import Spoken
from ivr.voice import Utterance, Voice
from pbx.fastagi import AgiServer, AgiSession, SessionOver

CALLS = 50
SECONDS = 2.0
TARGET = 10_000
HEADER = (
    b"agi_network: yes\nagi_network_script: bench\nagi_request: agi://127.0.0.1/bench\n"
    b"agi_channel: PJSIP/trunk-00000001\nagi_language: en\nagi_uniqueid: 1.1\nagi_callerid: 13800000001\n\n"
)

Server = Callable[[Connection], None]


async def set_variables(session: AgiSession) -> None:
    with contextlib.suppress(SessionOver):
        while True:
            await session.set_variable("NAME", "value")


def tell_processor_time(there: Connection) -> None:
    """Answer each question with the processor time of this process so far."""
    asyncio.get_running_loop().add_reader(there.fileno(), lambda: there.send(there.recv() and time.process_time()))


async def serve_hotline(there: Connection) -> None:
    tell_processor_time(there)
    there.send(await AgiServer({"bench": set_variables}).start("127.0.0.1", 0))
    await asyncio.Event().wait()


def two_menus() -> tuple[Flow, Voice]:
    menus = {here: Menu((here,), {"1": there, "2": "m.bye"}, "m.bye") for here, there in (("a", "m.b"), ("b", "m.a"))}
    spoken = {name: Spoken(name, "en") for name in menus}
    utterances = {name: {"en": Utterance("en", (source,))} for name, source in spoken.items()}
    voice = Voice(["en"], utterances, {source: f"/sounds/{name}" for name, source in spoken.items()})
    return Flow({"m.a": menus["a"], "m.b": menus["b"], "m.bye": HangUp()}, {"m": "m.a"}), voice


async def serve_ivr(there: Connection) -> None:
    tell_processor_time(there)
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        handler = make_handler(*two_menus(), Journal(Path(folder), "ivr"))
        there.send(await AgiServer({"bench": handler}).start("127.0.0.1", 0))
        await asyncio.Event().wait()


async def serve_panoramisk(there: Connection) -> None:
    async def handle(request: Request) -> None:
        while (await request.send_command("SET VARIABLE NAME value"))["status_code"] == 200:
            pass

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("bench", handle)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    tell_processor_time(there)
    there.send(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


def run_hotline(there: Connection) -> None:
    uvloop.run(serve_hotline(there))


def run_ivr(there: Connection) -> None:
    uvloop.run(serve_ivr(there))


def run_panoramisk(there: Connection) -> None:
    logging.disable()  # it tells at length of each call that ends
    asyncio.run(serve_panoramisk(there))


def converse(connection: socket.socket) -> None:
    """pyst2's own AGI class on a socket, until the other side closes it."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("r") as stdin, connection.makefile("w") as stdout:
        agi = AGI(stdin, stdout, io.StringIO())
        while True:
            agi.set_variable("NAME", "value")


def run_pyst2(there: Connection) -> None:
    """One call after another, as a program that Asterisk starts for each call would."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there.send(listener.getsockname()[1])
        while there.recv():
            there.send(time.process_time())
            connection, _ = listener.accept()
            with contextlib.suppress(AGIException, OSError, ValueError):
                converse(connection)
            there.recv()
            there.send(time.process_time())


class Asterisk(asyncio.Protocol):
    """Answers every command at once; what is asked for at the start of a call is that it begins at menu `a`."""

    commands = 0
    _ANSWER = base64.b64encode(b".0||||m.a|1.1|7000")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of a stream socket
        self.transport = transport
        transport.write(HEADER)

    def data_received(self, data: bytes) -> None:
        Asterisk.commands += data.count(b"\n")
        if data.startswith(b"GET FULL"):
            self.transport.write(b"200 result=1 (" + self._ANSWER + b")\n")
        elif data.startswith(b"GET OPTION"):
            self.transport.write(b"200 result=49 endpos=800\n")
        else:
            self.transport.write(b"200 result=0\n")

    def connection_lost(self, exc: Exception | None) -> None:
        """The walk has come to its end; `Caller` calls again."""
        self.over.set()

    def __init__(self) -> None:
        self.over = asyncio.Event()


async def call_again_and_again(port: int, until: float) -> None:
    """A walk through menus is bounded, so a call ends by itself after a while."""
    while (left := until - time.monotonic()) > 0:
        transport, call = await asyncio.get_running_loop().create_connection(Asterisk, "127.0.0.1", port)
        try:
            await asyncio.wait_for(call.over.wait(), left)
        except TimeoutError:
            transport.abort()
            return


async def rates(port: int, here: Connection, calls: int) -> tuple[float, float]:
    """Commands a second by the clock, and by the server's processor time."""
    here.send(True)
    used, began = here.recv(), time.monotonic()
    Asterisk.commands = 0
    await asyncio.gather(*(call_again_and_again(port, began + SECONDS) for _ in range(calls)))
    took, commands = time.monotonic() - began, Asterisk.commands
    here.send(True)
    return commands / took, commands / (here.recv() - used)


SERVERS: dict[str, tuple[Server, int]] = {
    "hotline": (run_hotline, CALLS),
    "ivr": (run_ivr, CALLS),
    "panoramisk": (run_panoramisk, CALLS),
    "pyst2": (run_pyst2, 1),
}


def main(rounds: int) -> int:
    """Run the servers in turns and print the medians."""
    context = multiprocessing.get_context("spawn")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVERS}
    running = {}
    for name, (server, calls) in SERVERS.items():
        here, there = context.Pipe()
        process = context.Process(target=server, args=(there,), daemon=True)
        process.start()
        running[name] = here.recv(), here, calls, process
    for _ in range(rounds):
        for name, (port, here, calls, _process) in running.items():
            found[name].append(uvloop.run(rates(port, here, calls)))
    for *_, process in running.values():
        process.terminate()
        process.join()
    rate, of_processor = ({name: statistics.median(pair[k] for pair in found[name]) for name in found} for k in (0, 1))
    for name in SERVERS:
        target = f">={TARGET}" if name in ("hotline", "ivr") else "-"
        print(f"agi_commands_{name} {rate[name]:.0f} commands/s -")
        print(f"agi_commands_per_processor_{name} {of_processor[name]:.0f} commands/s {target}")
    print(f"agi_commands_times_panoramisk {of_processor['hotline'] / of_processor['panoramisk']:.1f} x -")
    return int(min(of_processor["hotline"], of_processor["ivr"]) < TARGET)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
