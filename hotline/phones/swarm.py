"""Many callers in one process who dial, key and hang up by themselves, and know exactly what they heard when.

Theory of operation. All callers share one SIP socket (RFC 3261; no registration, they come in by a trunk). Each has an
RTP socket of its own and speaks silence every 20 ms, as a phone does: Asterisk's Answer() waits for it. A prompt is
known by its first packet's payload, so its start is told also where one prompt cuts another off. The time is the
kernel's own (SO_TIMESTAMPNS, socket(7)), so that a busy machine does not falsify it.
"""

import asyncio
import random
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from hotline.phones import rtp
from hotline.phones.ports import LOOPBACK
from hotline.phones.sipp import Switch, header

SO_TIMESTAMPNS: Final = 35  # asm-generic/socket.h; Python has no name for it
_TIME = struct.Struct("@qq")
_DATAGRAM, _ANCILLARY = 2048, 64
RESEND_SECONDS = 0.5  # RFC 3261, 17.1.1.2: T1
ANSWER_SECONDS = 20.0
KEY_SECONDS, PAUSE_SECONDS = 0.1, 0.1

SDP = """\
v=0\r
o=- 1 1 IN IP4 {host}\r
s=-\r
c=IN IP4 {host}\r
t=0 0\r
m=audio {port} RTP/AVP 0 101\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-15\r
a=ptime:20\r
a=sendrecv\r
"""


class CallFailed(RuntimeError):
    """A call was refused or not answered."""


@dataclass(frozen=True)
class HeardStart:
    """The first packet of a prompt came."""

    at: float
    """Epoch seconds."""
    prompt: str


class SwarmCall:
    """One caller's call; made by `Swarm.dial`."""

    def __init__(self, swarm: "Swarm", number: str, caller_number: str) -> None:
        self.number, self.caller_number = number, caller_number
        self.answered_at = 0.0
        self.heard: list[HeardStart] = []
        """Of the prompts that the swarm knows, in order."""
        self.over = asyncio.Event()
        self.id = f"{random.getrandbits(64):016x}"
        self._swarm = swarm
        self._tag = f"{random.getrandbits(32):08x}"
        self._far = f"<sip:{number}@{swarm.switch.host}>"
        self._target = f"sip:{number}@{swarm.switch}"
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._speaker = rtp.Speaker(random.getrandbits(32))
        self._pressed: list[asyncio.Future[float]] = []
        self._heard_anew = asyncio.Event()
        self._rtp = _socket()
        self._rtp_to: tuple[str, int] | None = None
        self._speaking: asyncio.TimerHandle | None = None
        asyncio.get_running_loop().add_reader(self._rtp, self._hear)

    async def dial(self) -> None:
        """Raises CallFailed."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not self._answer.done():
                    self._send("INVITE", 1, self._sdp())
                    await asyncio.wait([self._answer], timeout=RESEND_SECONDS)
            await self._answer
        except TimeoutError:
            self.close()
            raise CallFailed(f"{self.caller_number}: {self.number} did not answer") from None

    async def press(self, key: str, *, seconds: float = KEY_SECONDS, pause_seconds: float = PAUSE_SECONDS) -> float:
        """Press a key after those that wait; the moment in which its end was sent. The pause follows it."""
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._speaker.press(key, seconds, pause_seconds)
        self._pressed.append(done)
        return await done

    async def hears(self, after: float, seconds: float) -> HeardStart:
        """The first prompt that began after this moment. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                later = [start for start in self.heard[-8:] if start.at > after]
                if later:
                    return later[0]
                self._heard_anew.clear()
                await self._heard_anew.wait()

    def hang_up(self) -> None:
        """Say goodbye, unless the other side has."""
        if not self.over.is_set():
            self._send("BYE", 2)
        self.close()

    def close(self) -> None:
        self.over.set()
        if self._speaking is not None:
            self._speaking.cancel()
        if self._rtp.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._rtp)
            self._rtp.close()
        for waiting in self._pressed:
            waiting.cancel()
        self._swarm.forget(self)

    # What comes by SIP.

    def take(self, message: str, at: float) -> None:
        """A message of this call's."""
        first = message.partition("\r\n")[0].split(" ", 2)
        if first[0] == "BYE":
            self._swarm.send(_reply(message))
            self.close()
        elif first[0].startswith("SIP/") and header(message, "CSeq").endswith("INVITE"):
            self._take_answer(int(first[1]), message, at)

    def _take_answer(self, status: int, message: str, at: float) -> None:
        if status < 200:
            return
        self._far = header(message, "To")
        if status < 300:
            self._target = header(message, "Contact").strip("<>")
        self._send("ACK", 1)
        if self._answer.done():
            return
        if status >= 300:
            self._answer.set_exception(CallFailed(f"{self.caller_number}: {status}"))
            self.close()
            return
        self.answered_at = at
        self._rtp_to = _media_of(message)
        self._speak(asyncio.get_running_loop().time())
        self._answer.set_result(message)

    def _send(self, method: str, sequence: int, body: str = "") -> None:
        here = f"{LOOPBACK}:{self._swarm.port}"
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{self.id}{method if method != 'INVITE' else ''}",
            f"From: <sip:{self.caller_number}@{LOOPBACK}>;tag={self._tag}",
            f"To: {self._far}",
            f"Call-ID: {self.id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self.caller_number}@{here}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._swarm.send("\r\n".join(lines) + "\r\n\r\n" + body)

    def _sdp(self) -> str:
        return SDP.format(host=LOOPBACK, port=self._rtp.getsockname()[1])

    # Sound.

    def _speak(self, due: float) -> None:
        packets, key_ended = self._speaker.tick()
        now = time.time()
        for packet in packets:
            if not self._swarm.loses():
                self._rtp.sendto(packet, self._rtp_to)  # type: ignore[arg-type]  # known since the answer
        if key_ended:
            done = self._pressed.pop(0)
            if not done.done():
                done.set_result(now)
        due += rtp.PACKET_SECONDS
        self._speaking = asyncio.get_running_loop().call_at(due, self._speak, due)

    def _hear(self) -> None:
        while True:
            try:
                data, ancillary, _, _ = self._rtp.recvmsg(_DATAGRAM, _ANCILLARY)
            except (BlockingIOError, ConnectionRefusedError):
                return
            packet = rtp.parse(data)
            prompt = packet and self._swarm.prompts.get(packet.payload)
            if prompt:
                self.heard.append(HeardStart(_arrival(ancillary), prompt))
                self._heard_anew.set()


class Swarm:
    """Callers of one trunk; use as `async with Swarm(switch) as swarm`.

    Args:
        prompts: the payload of a prompt's first packet to its name.
        loss: share of the packets that callers send and nobody receives.
    """

    def __init__(
        self, switch: Switch, prompts: Mapping[bytes, str] | None = None, *, loss: float = 0.0, seed: int = 1
    ) -> None:
        self.switch = switch
        self.prompts = dict(prompts or {})
        self.port = 0
        self._loss = loss
        self._chance = random.Random(seed)
        self._calls: dict[str, SwarmCall] = {}
        self._sip: socket.socket | None = None

    async def __aenter__(self) -> Self:
        self._sip = _socket()
        self.port = self._sip.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._sip, self._take)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for call in list(self._calls.values()):
            call.hang_up()
        await asyncio.sleep(0.1)  # the last goodbyes are answered
        assert self._sip is not None
        asyncio.get_running_loop().remove_reader(self._sip)
        self._sip.close()

    async def dial(self, number: str, caller_number: str) -> SwarmCall:
        """Return when the call is answered. Raises CallFailed."""
        call = SwarmCall(self, number, caller_number)
        self._calls[call.id] = call
        await call.dial()
        return call

    def loses(self) -> bool:
        return self._loss > 0 and self._chance.random() < self._loss

    def send(self, message: str) -> None:
        assert self._sip is not None
        self._sip.sendto(message.encode(), (self.switch.host, self.switch.port))

    def forget(self, call: SwarmCall) -> None:
        self._calls.pop(call.id, None)

    def _take(self) -> None:
        assert self._sip is not None
        while True:
            try:
                data, ancillary, _, _ = self._sip.recvmsg(65_536, _ANCILLARY)
            except BlockingIOError:
                return
            message = data.decode(errors="replace")
            call = self._calls.get(header(message, "Call-ID"))
            if call is not None:
                call.take(message, _arrival(ancillary))
            elif message.startswith("BYE "):  # both hung up at once
                self.send(_reply(message))


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((LOOPBACK, 0))
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return made


def _arrival(ancillary: Sequence[tuple[int, int, bytes]]) -> float:
    """When the kernel took the datagram, epoch seconds."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = _TIME.unpack(data[: _TIME.size])
            return float(seconds + nanoseconds / 1e9)
    return time.time()


def _media_of(message: str) -> tuple[str, int]:
    lines = dict(
        line.split("=", 1) for line in message.partition("\r\n\r\n")[2].splitlines() if line[:2] in ("c=", "m=")
    )
    return lines["c"].split()[-1], int(lines["m"].split()[1])


def _reply(request: str) -> str:
    kept = [f"{name}: {header(request, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
    return "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0"]) + "\r\n\r\n"
