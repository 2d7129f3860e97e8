"""What one phone sends and hears as RTP, without I/O: silence, keys, and packets of a prompt told apart.

RFC 3550 (RTP), RFC 3551 (PCMU is payload type 0), RFC 4733 (keys as named events).
"""

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hotline.phones.sound import Samples

PACKET_SECONDS = 0.02
PACKET_SAMPLES = 160
ULAW, EVENT = 0, 101
"""Payload types; ours for events is the one that our SDP offers."""
SILENCE = b"\xff" * PACKET_SAMPLES
EVENTS = {key: number for number, key in enumerate("0123456789*#")}
END_PACKETS = 3
"""RFC 4733, 2.5.1.4: the end is sent three times, for one may be lost."""

_HEADER = struct.Struct("!BBHII")
_KEY = struct.Struct("!BBH")
_END, _VOLUME, _MARKER = 0x80, 10, 0x80


@dataclass(frozen=True)
class Packet:
    sequence: int
    timestamp: int
    kind: int
    """The payload type."""
    payload: bytes


@dataclass(frozen=True)
class Press:
    """One key as it will be pressed; whole packets."""

    key: str
    packets: int
    pause_packets: int
    """Silence after it, before the next one."""


class Speaker:
    """One phone's side of a talk: give what `tick` returns to the wire, every PACKET_SECONDS."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._sequence = self._timestamp = 0
        self._presses: deque[Press] = deque()
        self._sent = 0
        """Packets of the key that is pressed now, its pause included."""

    def press(self, key: str, seconds: float, pause_seconds: float) -> None:
        """Press a key after those that wait.

        Raises:
            KeyError: no such key.
        """
        packets = max(1, round(seconds / PACKET_SECONDS))
        EVENTS[key]
        self._presses.append(Press(key, packets, round(pause_seconds / PACKET_SECONDS)))

    def tick(self) -> tuple[list[bytes], bool]:
        """The packets that are due, and whether a key ends with them."""
        self._timestamp += PACKET_SAMPLES
        if not self._presses:
            return [self._packet(ULAW, self._timestamp, SILENCE)], False
        press = self._presses[0]
        self._sent += 1
        sent, ends = self._sent, self._sent == press.packets
        if sent >= press.packets + press.pause_packets:
            self._presses.popleft()
            self._sent = 0
        if sent > press.packets:
            return [self._packet(ULAW, self._timestamp, SILENCE)], False
        return list(self._event(press, sent)), ends

    def _event(self, press: Press, sent: int) -> Iterator[bytes]:
        """All packets of one key bear the time of its beginning."""
        begun = self._timestamp - (sent - 1) * PACKET_SAMPLES
        ends = sent == press.packets
        payload = _KEY.pack(EVENTS[press.key], _VOLUME | (_END if ends else 0), sent * PACKET_SAMPLES)
        for _ in range(END_PACKETS if ends else 1):
            yield self._packet(EVENT | (_MARKER if sent == 1 else 0), begun, payload)

    def _packet(self, kind: int, timestamp: int, payload: bytes) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        return _HEADER.pack(0x80, kind, self._sequence, timestamp & 0xFFFFFFFF, self._source) + payload


def parse(data: bytes) -> Packet | None:
    """A packet without extension or padding, as Asterisk sends it; None for RTCP and for what is no RTP."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2 or 192 <= data[1] <= 223:
        return None
    _, kind, sequence, timestamp, _ = _HEADER.unpack_from(data)
    return Packet(sequence, timestamp, kind & 0x7F, data[_HEADER.size :])


def ulaw(samples: Samples) -> bytes:
    """Samples of the range of 16 bits as Asterisk encodes them.

    ITU-T G.711; of a sample Asterisk looks at the upper 14 bits, as if the lower two were set (main/ulaw.c, tried).
    """
    wide = samples.astype(np.int32) | 3
    magnitude = np.minimum(np.abs(wide), 32_635) + 132
    exponent = np.frexp(magnitude)[1] - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    encoded = ~((wide < 0) * 0x80 | exponent << 4 | mantissa) & 0xFF
    return bytes(encoded.astype(np.uint8))
