"""One real softphone: a baresip process with one account, driven over its control line.

An agent's phone has a password and registers by digest; a caller's phone has none and dials with its number as From
user. It needs no sound card: it sends a tone of its own (so that one can tell who is heard) and writes what it receives
to one WAV file per call. Only received packets are written, so time in a recording is time of sound, not of the call.
Source: baresip 1.0.0; its call ends when the sound that it sends does, which bounds a call to `SENT_SECONDS`.
"""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from hotline.phones.baresip import Account, launch
from hotline.phones.call import PhoneCall
from hotline.phones.control import ControlLine, ControlLost, Message
from hotline.phones.ports import LOOPBACK, free_ports

FOUND = "setting current call"
START_ATTEMPTS = 3
START_SECONDS = 5.0
LOG_TAIL_LINES = 25
CLOCK_TICK_SECONDS = 0.01
"""The longest tick that Linux is built with: CONFIG_HZ=100."""

T = TypeVar("T")


class PhoneError(RuntimeError):
    """A phone did not do what was asked; the text ends with the tail of its own log."""


class Softphone:
    """A baresip process; use as `async with Softphone(account, folder=...) as phone`.

    Args:
        folder: of this phone alone; its configuration, log and recordings stay there after the end.
        tone_hz: what the phone sends all the time; 0 is silence.
        port: where it listens for calls, for a switch that has to know; the two ports above it must be free as well.
    """

    def __init__(self, account: Account, *, folder: Path, tone_hz: float = 0.0, port: int | None = None) -> None:
        self.account = account
        self.folder = folder
        self.tone_hz = tone_hz
        self.calls: list[PhoneCall] = []
        """Every call of this phone, oldest first."""
        self._port = port
        self._has_lines = False
        self._incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._registered: asyncio.Future[None] | None = None
        self._acting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._control: ControlLine | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def number(self) -> str:
        """The number of this phone: an agent's extension, or a caller's number."""
        return self.account.number

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    @property
    def talking(self) -> list[PhoneCall]:
        """The calls that stand now."""
        return [call for call in self.calls if call.is_talking]

    async def start(self) -> None:
        """Start baresip and, with a password, wait until it is registered.

        Raises:
            PhoneError: baresip is not installed, did not come up, or the registration was not accepted.
        """
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                await self._start_once()
                break
            except PhoneError:  # somebody took a port between asking and binding
                await self.close()
                if attempt == START_ATTEMPTS:
                    raise
        if self.account.password is not None:
            try:
                await self.registered()
            except PhoneError:
                await self.close()
                raise

    async def registered(self, seconds: float = 10.0) -> None:
        """Wait until the switch has accepted this phone's first registration; baresip renews it by itself.

        Raises:
            PhoneError: it was refused, or not answered in time.
        """
        if self._registered is None:
            raise self.error("it is not running")
        await self.wait(asyncio.shield(self._registered), seconds, "the registration to be accepted")

    async def also_at(self, number: str) -> None:
        """Take the calls of one more number, without a registration: a house with several lines."""
        async with self._acting:
            await self._order("uanew", replace(self.account, number=number, password=None).line)
            self._has_lines = True

    async def dial(self, number: str) -> PhoneCall:
        """Call `number` at the switch; returns at once, the call may still be refused."""
        async with self._acting:
            await self._second_of_its_own()
            call = self._new_call("outgoing", number, "", self.number)
            await self._order("dial", f"sip:{number}@{self.account.host}:{self.account.port}")
            return call

    async def call(self, number: str, seconds: float = 10.0) -> PhoneCall:
        """Call `number` and wait until it is answered."""
        return await (await self.dial(number)).established(seconds)

    async def incoming(self, seconds: float = 10.0) -> PhoneCall:
        """Return the next call that rings, or that rang and was not asked for yet."""
        return await self.wait(self._incoming.get(), seconds, "a call to ring")

    async def answer_next(self, seconds: float = 10.0) -> PhoneCall:
        """Wait for a call to ring, and pick up."""
        return await (await self.incoming(seconds)).answer()

    async def close(self) -> None:
        """End the process, by its id, the control line, and so every call. Safe to call twice."""
        if self._control is not None:
            await self._control.close()
            self._control = None
        self._end_all()
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(2.0):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def recordings(self) -> frozenset[Path]:
        """The received sound of all calls so far."""
        return frozenset(self.folder.glob("dump-*-dec.wav"))

    def error(self, text: str) -> PhoneError:
        """Build the error that tells what went wrong on this phone, with the tail of its log."""
        log = self.folder / "baresip.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return PhoneError("\n  ".join([f"phone {self.number}: {text}; its log ends:", *lines[-LOG_TAIL_LINES:]]))

    async def wait(self, happening: Awaitable[T], seconds: float, what: str) -> T:
        """Await `happening`; raises PhoneError at the deadline, with the words of `what`."""
        try:
            async with asyncio.timeout(seconds):
                return await happening
        except TimeoutError as late:
            raise self.error(f"waited {seconds:g} s for {what}") from late

    async def act_on(self, call: PhoneCall, command: str, params: str = "") -> None:
        """Carry out a command of baresip on this call and no other of the phone. What is over may be hung up again."""
        async with self._acting:
            if command == "accept":
                await self._second_of_its_own()
            if await self._has(call):
                await self._order(command, params)
            elif command != "hangup":
                raise self.error(f"the call with {call.peer} is over ({call.close_reason}): {command} came too late")

    async def _has(self, call: PhoneCall) -> bool:
        """Whether the phone still has this call; if so, the next command is about it."""
        if not call.is_closed:
            if self._has_lines:  # callfind looks among the calls of one line only (menu.c, cmd_find_call)
                await self._order("uafind", f"sip:{call.own_number}@{self.account.host}:{self.account.port}")
            if call.call_id and not await self._finds(call.call_id):
                # A call that a refused REFER has ended is told of by no event; the command would meet another one.
                call.note_closed(time.time(), "the phone has it no more")
        return not call.is_closed  # it may have ended while we asked: what comes next would meet another call

    async def _finds(self, call_id: str) -> bool:
        """callfind counts as carried out whether there is such a call or not; only its words tell (menu.c)."""
        return FOUND in await self._order("callfind", call_id)

    async def _second_of_its_own(self) -> None:
        """baresip names recordings by the second: what two calls of one second heard would be one file. It asks the
        kernel's coarse clock (time(2)), which is up to a tick behind the one that we wait by."""
        now = datetime.now()
        if (self.folder / f"dump-{now:%Y-%m-%d-%H-%M-%S}-dec.wav").exists():
            await asyncio.sleep(1.0 - now.microsecond / 1e6 + CLOCK_TICK_SECONDS)

    async def _start_once(self) -> None:
        # baresip binds SIP's port and the next one; the third is for the control line
        first_port = self._port or free_ports(3)
        try:
            self._process = await launch(self.folder, first_port, first_port + 2, self.tone_hz, wide=self.account.wide)
        except FileNotFoundError as missing:
            raise PhoneError("baresip is not installed: apt-get install baresip-core") from missing
        self._registered = asyncio.get_running_loop().create_future()
        self._control = ControlLine(self.take_event, self._end_all)
        await self.wait(self._connect(self._control, first_port + 2), START_SECONDS, "baresip to start")
        await self._order("uanew", self.account.line)

    async def _connect(self, control: ControlLine, port: int) -> None:
        while self.pid is not None:
            try:
                return await control.connect(LOOPBACK, port)
            except OSError:  # not listening yet
                await asyncio.sleep(0.01)
        raise self.error("baresip ended at its start")

    async def _order(self, command: str, params: str) -> str:
        """Answer what baresip printed."""
        if self._control is None:
            raise self.error("it is not running")
        try:
            return await self._control.command(command, params)
        except (ControlLost, TimeoutError) as lost:
            raise self.error(f"{command} {params} was not carried out: {lost}") from lost

    def take_event(self, message: Message) -> None:
        kind = message.get("type")
        first = self._registered if self._registered and not self._registered.done() else None
        if kind == "REGISTER_OK" and first:
            first.set_result(None)
        elif kind == "REGISTER_FAIL" and first:
            first.set_exception(self.error(f"the registration was refused: {message.get('param')}"))
        elif message.get("class") == "call" or kind == "CALL_REMOTE_SDP":
            self._take_call_event(str(kind), message)

    def _take_call_event(self, kind: str, message: Message) -> None:
        call = self._find_call(message)
        if kind == "CALL_INCOMING" and call is None:
            peer, own = (_user(message.get(uri)) for uri in ("peeruri", "accountaor"))
            self._incoming.put_nowait(self._new_call("incoming", peer, str(message.get("id", "")), own))
        elif call is not None and kind == "CALL_ESTABLISHED":
            call.note_established(time.time())
        elif call is not None and kind == "CALL_CLOSED":
            call.note_closed(time.time(), str(message.get("param", "")))

    def _find_call(self, message: Message) -> PhoneCall | None:
        """Find the call of an event; a dialled call learns its id from its first event."""
        call_id = str(message.get("id", ""))
        for call in self.calls:
            if call.call_id == call_id:
                return call
        if message.get("direction") == "outgoing":
            for call in self.calls:
                if not call.call_id and not call.is_closed:
                    call.call_id = call_id
                    return call
        return None

    def _new_call(self, direction: Literal["incoming", "outgoing"], peer: str, call_id: str, own: str) -> PhoneCall:
        call = PhoneCall(self, direction, peer, call_id, time.time(), self.recordings(), own)
        self.calls.append(call)
        return call

    def _end_all(self) -> None:
        for call in self.calls:
            if not call.is_closed:
                call.note_closed(time.time(), "baresip ended")


def _user(uri: object) -> str:
    """`sip:1001@127.0.0.1` to 1001."""
    return str(uri or "").removeprefix("sip:").partition("@")[0]
