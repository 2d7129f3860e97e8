"""Stand-ins for Asterisk: one end of an AMI and of an AGI connection, led by the test.

The real one is used in tests/live. These let a test produce what the real one does rarely or never on demand: silence,
half answers, a cut within a character, a HANGUP at one exact moment, a peer that is not Asterisk at all. They bind to
loopback and speak real TCP, so what is tested is our code with asyncio's streams beneath it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

DEADLINE_SECONDS = 5.0

Answer = Callable[[dict[str, str]], bytes | None]
"""Action, by header -> bytes to send back; `{id}` in them is replaced by the ActionID. None: silence."""


def message(**headers: str) -> bytes:
    """An AMI message; `_` in a name stands for `-`."""
    return b"".join(f"{key}: {value}\r\n".encode() for key, value in headers.items()) + b"\r\n"


def success(**headers: str) -> bytes:
    return message(Response="Success", ActionID="{id}", **headers)


async def until(condition: Callable[[], object], what: str = "condition") -> None:
    """Poll until the condition holds; AssertionError after the deadline."""
    for _ in range(int(DEADLINE_SECONDS / 0.002)):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"{what} did not come true in {DEADLINE_SECONDS} s")


class AmiPeer:
    """An AMI server that logs everybody in and answers pings, unless told otherwise."""

    def __init__(self) -> None:
        self.actions: list[dict[str, str]] = []
        self.connections = 0
        self.answers: dict[str, Answer] = {
            "Login": lambda _: success(Message="Authentication accepted"),
            "Ping": lambda _: success(Ping="Pong"),
        }
        self.greeting = b"Asterisk Call Manager/11.0.0\r\n"
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.drop()
        await self._server.wait_closed()

    def named(self, action: str) -> list[dict[str, str]]:
        """Every action of this name that came."""
        return [each for each in self.actions if each.get("Action") == action]

    def send(self, data: bytes) -> None:
        """Write to the newest connection."""
        self._writers[-1].write(data)

    def drop(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(self.greeting)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in block.split("\r\n") if ": " in line)
                self.actions.append(action)
                answer = self.answers.get(action.get("Action", ""), lambda _: success())(action)
                if answer is not None:
                    writer.write(answer.replace(b"{id}", action.get("ActionID", "").encode()))
        writer.close()


HEADER = {
    "agi_network": "yes",
    "agi_network_script": "hold",
    "agi_request": "agi://127.0.0.1/hold",
    "agi_channel": "PJSIP/a-00000001",
    "agi_language": "zh",
    "agi_uniqueid": "1.1",
    "agi_callerid": "13800138000",
    "agi_calleridname": "O'Neil",
}


def agi_header(**changed: str) -> bytes:
    return "".join(f"{key}: {value}\n" for key, value in {**HEADER, **changed}.items()).encode() + b"\n"


class AgiPeer:
    """The Asterisk end of one AGI connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def command(self) -> str:
        """The next command that came, without its line end; "" when the connection was closed."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            return (await self.reader.readline()).decode("utf-8", "surrogateescape").rstrip("\n")

    def say(self, text: str | bytes) -> None:
        """Write lines, each with its line end."""
        self.writer.write((text.encode() if isinstance(text, str) else text) + b"\n")

    async def answer(self, text: str | bytes) -> str:
        """Take the next command and answer it; the command."""
        command = await self.command()
        self.say(text)
        return command

    async def closed(self) -> bool:
        """True once the other side has closed."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self.reader.read()
        return True

    async def hang_up(self) -> None:
        """Close this end."""
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@contextlib.asynccontextmanager
async def agi_call(port: int, header: bytes | None = None) -> AsyncIterator[AgiPeer]:
    """A connection to an AGI server; closed at the end. b"" sends no header."""
    peer = AgiPeer(*await asyncio.open_connection("127.0.0.1", port))
    peer.writer.write(agi_header() if header is None else header)
    try:
        yield peer
    finally:
        await peer.hang_up()


def parse_args(line: str) -> list[str]:
    """Words of a command as Asterisk 22 reads them: blanks separate, `"` encloses, `\\` takes the next as it is."""
    words: list[str] = []
    word: str | None = None
    quoted = escaped = False
    for char in line:
        if escaped or (char not in '"\\' and (quoted or char not in " \t")):
            word = (word or "") + char
            escaped = False
        elif char == '"':
            quoted = not quoted
            word = word or ""
        elif char == "\\":
            escaped = True
            word = word or ""
        elif word is not None:
            words.append(word)
            word = None
    if word is not None:
        words.append(word)
    assert len(words) < 128, "Asterisk keeps 128 words"
    return words
