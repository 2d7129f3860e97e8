"""A finished prompt in every format that Asterisk may play without transcoding it for the phone that hears it.

Of several files of one name Asterisk opens the one that costs the channel least (main/file.c, ast_openstream_full): a
phone that talks G.722 hears the wide band, and of one in G.711 the sound is sent as it lies on the disk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import av
import numpy as np

from ivr import levels


def write_all(source: levels.Sound, folder: Path, name: str) -> None:
    """Write the sound as a prompt in every format: `<folder>/<name>.<format>`."""
    finished = {rate_hz: levels.finish(source, rate_hz) for rate_hz in (levels.RATE_HZ, levels.WIDE_HZ)}
    write_finished(finished, folder, name)


def write_silence(milliseconds: int, folder: Path, name: str) -> None:
    """The same for a pause."""
    pauses = {rate_hz: levels.silence(milliseconds, rate_hz) for rate_hz in (levels.RATE_HZ, levels.WIDE_HZ)}
    write_finished(pauses, folder, name)


def write_finished(by_rate: Mapping[int, levels.Sound], folder: Path, name: str) -> None:
    """The wav comes last: whoever sees it sees the others."""
    for format_, written in reversed(WRITTEN.items()):
        levels.write_whole(written.encode(by_rate[written.rate_hz]), folder / f"{name}.{format_}")


@dataclass(frozen=True)
class Written:
    """How a format is made."""

    rate_hz: int
    encode: Callable[[levels.Sound], bytes]


def _raw(sound: levels.Sound) -> bytes:
    data: bytes = sound.raw_data
    return data


def _coded(codec: str, sound: levels.Sound) -> bytes:
    """By FFmpeg's codec of this name; the samples go in pairs, as G.722 takes them."""
    samples = np.frombuffer(sound.raw_data, dtype="<i2")
    samples = np.pad(samples, (0, len(samples) % 2))
    if not len(samples):
        return b""
    encoder = cast(av.AudioCodecContext, av.AudioCodecContext.create(codec, "w"))
    encoder.sample_rate, encoder.layout, encoder.format = sound.frame_rate, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate = sound.frame_rate
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


WRITTEN: dict[str, Written] = {
    "wav": Written(levels.RATE_HZ, levels.as_wav),
    "ulaw": Written(levels.RATE_HZ, partial(_coded, "pcm_mulaw")),
    "alaw": Written(levels.RATE_HZ, partial(_coded, "pcm_alaw")),
    "g722": Written(levels.WIDE_HZ, partial(_coded, "g722")),
    "sln16": Written(levels.WIDE_HZ, _raw),
}
"""By the ending that Asterisk knows the format by (formats/format_*.c)."""
