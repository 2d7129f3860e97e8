"""What a caller of the load says: silence every 20 ms, and keys as RFC 4733 wants them."""

import struct

import numpy as np
import pytest

from hotline.phones import rtp


def sent(speaker: rtp.Speaker, ticks: int) -> list[tuple[rtp.Packet, bool]]:
    """All packets of so many ticks, each with whether a key ended in its tick."""
    found = []
    for _ in range(ticks):
        packets, ended = speaker.tick()
        found += [(packet, ended) for data in packets if (packet := rtp.parse(data)) is not None]
    return found


def test_a_key_of_sixty_milliseconds() -> None:
    """Three packets of growing length with the time of the key's beginning; the last is sent three times, with the end
    bit; silence before and after goes on in time and number."""
    speaker = rtp.Speaker(7)
    sent(speaker, 1)
    speaker.press("#", 0.06, 0.02)
    told = sent(speaker, 5)
    keys = [(packet.timestamp, struct.unpack("!BBH", packet.payload)) for packet, _ in told if packet.kind == rtp.EVENT]
    assert keys == [(320, (11, 10, 160)), (320, (11, 10, 320)), *[(320, (11, 138, 480))] * 3]
    assert [packet.sequence for packet, _ in told] == list(range(2, 9))
    assert [packet.timestamp for packet, _ in told if packet.kind == rtp.ULAW] == [800, 960]
    assert [ended for _, ended in told] == [False, False, True, True, True, False, False]


def test_the_same_key_twice_is_two_keys() -> None:
    """The second press has a time of its own, which is what tells a receiver that it is another one."""
    speaker = rtp.Speaker(7)
    for _ in range(2):
        speaker.press("5", 0.04, 0.04)
    begins = {packet.timestamp for packet, _ in sent(speaker, 8) if packet.kind == rtp.EVENT}
    assert begins == {160, 800}


def test_what_is_no_key_is_refused() -> None:
    """A letter is no key of a phone."""
    with pytest.raises(KeyError):
        rtp.Speaker(7).press("x", 0.1, 0.1)


def test_rtcp_and_noise_are_no_packets() -> None:
    """What comes to the port beside RTP is passed over."""
    assert rtp.parse(b"\x80\xc8" + bytes(26)) is None
    assert rtp.parse(b"\x80\x00") is None
    assert rtp.parse(b"\x00" * 172) is None


def test_ulaw_of_known_samples() -> None:
    """ITU-T G.711, table 2a: silence, both ends of the scale, and a step on either side."""
    samples = np.array([0, 32767, -32768, 1000, -1000], np.float32)
    assert rtp.ulaw(samples) == bytes((0xFF, 0x80, 0x00, 0xCE, 0x4E))
