"""Sound as arrays: mono 16-bit, at the 8 kHz of our lines unless a phone talks G.722."""

import struct
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8_000
WIDE_HZ = 16_000
WAV_HEADER_BYTES = 44
"""RIFF, one `fmt ` chunk of 16 bytes, the head of `data`: what libsndfile, pydub and Python write for PCM."""

Samples = NDArray[np.float32]


def read_samples(path: Path, rate_hz: int = RATE_HZ) -> Samples:
    """Read a WAV file of the line's format, or of that of a wide phone, also one that is still being written.

    The lengths in the header of an unfinished file are not true yet, so the file's own length counts.

    Raises:
        ValueError: the file has another rate, width or number of channels.
    """
    data = path.read_bytes()
    if len(data) <= WAV_HEADER_BYTES:
        return np.zeros(0, np.float32)
    channels, rate, _, _, bits = struct.unpack_from("<HIIHH", data, 22)
    if (rate, bits, channels) != (rate_hz, 16, 1):
        raise ValueError(f"{path.name}: {rate} Hz, {bits} bits, {channels} channels; expected {rate_hz} Hz, 16, 1")
    body = data[WAV_HEADER_BYTES:]
    return np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.float32)


def write_samples(path: Path, samples: NDArray[Any], rate_hz: int = RATE_HZ) -> None:
    """Write samples of the range of 16 bits as a WAV file of the line's format, or of that of a wide phone."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())


def write_tone(path: Path, hz: float, seconds: float, amplitude: float = 3000.0, *, rate_hz: int = RATE_HZ) -> None:
    """Write a steady tone; 0 Hz is silence."""
    times = np.arange(int(seconds * rate_hz)) / rate_hz
    write_samples(path, amplitude * np.sin(2 * np.pi * hz * times), rate_hz)
