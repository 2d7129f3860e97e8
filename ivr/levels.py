"""Sound as a telephone line wants it: 8 or 16 kHz, mono, 16 bit, trimmed, every prompt equally loud."""

import io
import math
import os
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from ivr.loudness import active_level, quick_length

with warnings.catch_warnings():
    # pydub looks for ffmpeg when it is imported and warns without it: only wav is read and written here.
    warnings.simplefilter("ignore", RuntimeWarning)
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

Sound: TypeAlias = AudioSegment
"""A sound in memory: pydub's segment, imported here alone because of that warning."""

RATE_HZ = 8000
WIDE_HZ = 16_000
"""of phones that carry more than the old telephone's band"""
TARGET_DBOV = -20.0
"""Active speech level of a finished prompt: narrow-band speech is usually levelled between -26 and -20."""
PEAK_DBFS = -3.0
MARGIN_MILLISECONDS = 25
"""What is kept of the silence at both ends, so that no consonant is cut."""

_FULL_SCALE = 32768.0
_RUMBLE_HZ = (50, 80)
"""gone below the first, whole above the second"""
_SILENCE_DB = 40.0
_LEVELLINGS = 6


def finish(source: Sound, rate_hz: int = RATE_HZ) -> Sound:
    """The recorded or synthesised sound as a prompt. A sound without any signal stays silent."""
    return _level(_trim(_without_rumble(_mono(source, rate_hz))))


def for_line(source: Sound) -> Sound:
    """Music as the line carries it, as loud as a prompt, whole."""
    return _level(_mono(source, RATE_HZ))


def loudness(sound: Sound) -> float:
    """The active speech level in dBov."""
    return active_level(samples_of(sound), sound.frame_rate)


def samples_of(sound: Sound) -> NDArray[np.float64]:
    """The samples of a sound with one channel of 16 bits, between -1 and 1."""
    return np.frombuffer(sound.raw_data, dtype="<i2").astype(np.float64) / _FULL_SCALE


def join(parts: Sequence[Sound], gap_milliseconds: int) -> Sound:
    """One sound of several, with silence between them."""
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + AudioSegment.silent(gap_milliseconds, frame_rate=part.frame_rate) + part
    return joined


def read(path: Path) -> Sound:
    """A wav file; raises what pydub stumbles on where it is none."""
    # Given a path, pydub leaves the file open.
    with path.open("rb") as file:
        return AudioSegment.from_wav(file)


def decode(source: Path | bytes) -> Sound:
    """A sound file of any kind that FFmpeg's libraries read: wav, flac, mp3, ogg, m4a, ...; 16 bits, its own rate and
    channels. Raises ValueError where it is none of them, or holds no sound."""
    file = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with av.open(file, "r") as container:
            if not container.streams.audio:
                raise ValueError("it holds no sound")
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="s16")
            frames = [frame for coded in container.decode(stream) for frame in resampler.resample(coded)]
            return _joined([*frames, *resampler.resample(None)], stream.rate, stream.channels)
    except av.error.FFmpegError as fault:
        raise ValueError(fault.strerror or str(fault)) from fault


def silence(milliseconds: int, rate_hz: int = RATE_HZ) -> Sound:
    return AudioSegment.silent(milliseconds, frame_rate=rate_hz).set_channels(1).set_sample_width(2)


def write(sound: Sound, path: Path) -> None:
    """Write the wav whole or not at all."""
    write_whole(as_wav(sound), path)


def as_wav(sound: Sound) -> bytes:
    """The content of a wav file with this sound."""
    written = io.BytesIO()
    sound.export(written, format="wav")
    return written.getvalue()


def write_whole(data: bytes, path: Path) -> None:
    """A reader, or another process doing the same, never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _mono(source: Sound, rate_hz: int) -> Sound:
    """One channel of 16 bits at this rate, without what it cannot carry: pydub's own resampler would fold it into the
    speech."""
    mono = source.set_channels(1).set_sample_width(2)
    if mono.frame_rate == rate_hz or not mono.raw_data:
        return mono.set_frame_rate(rate_hz)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
    frame = av.AudioFrame.from_ndarray(np.frombuffer(mono.raw_data, dtype="<i2")[None], format="s16", layout="mono")
    frame.sample_rate = mono.frame_rate
    return _joined([*resampler.resample(frame), *resampler.resample(None)], rate_hz, 1)


def _joined(frames: Iterable[av.AudioFrame], rate_hz: int, channels: int) -> Sound:
    data = b"".join(frame.to_ndarray().tobytes() for frame in frames)
    return Sound(data, frame_rate=rate_hz, sample_width=2, channels=channels)


def _trim(sound: Sound) -> Sound:
    threshold_dbfs = sound.max_dBFS - _SILENCE_DB
    if math.isinf(threshold_dbfs):
        return sound
    start = detect_leading_silence(sound, threshold_dbfs, chunk_size=5)
    end = len(sound) - detect_leading_silence(sound.reverse(), threshold_dbfs, chunk_size=5)
    return sound[max(0, start - MARGIN_MILLISECONDS) : end + MARGIN_MILLISECONDS]


def _level(sound: Sound) -> Sound:
    """To the target level, bending only the peaks that would exceed the ceiling.

    Bending takes energy, so the gain is corrected and the sound bent anew a few times; it converges fast, because
    peaks are few in speech.
    """
    samples = bent = samples_of(sound)
    gain = 1.0
    for _ in range(_LEVELLINGS):
        level = active_level(bent, sound.frame_rate)
        if math.isinf(level):
            return sound
        gain *= 10 ** ((TARGET_DBOV - level) / 20)
        bent = _bend(samples * gain)
    return _with_samples(sound, bent)


def _bend(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unchanged up to 6 dB under the ceiling, from there smoothly towards it."""
    ceiling = 10 ** (PEAK_DBFS / 20) - 1 / _FULL_SCALE
    knee = ceiling / 2
    size = np.abs(samples)
    above = knee + (ceiling - knee) * np.tanh((size - knee) / (ceiling - knee))
    return np.sign(samples) * np.where(size > knee, above, size)


def _without_rumble(sound: Sound) -> Sound:
    """Without what lies below any voice: an offset and the hum of mains would count as loudness, and no line carries
    them. Silence around the sound keeps its end from ringing into its beginning."""
    samples = samples_of(sound)
    length = quick_length(len(samples) + sound.frame_rate // 10)
    spectrum = np.fft.rfft(samples, length)
    low, high = _RUMBLE_HZ
    kept = np.clip((np.fft.rfftfreq(length, 1 / sound.frame_rate) - low) / (high - low), 0, 1)
    return _with_samples(sound, np.fft.irfft(spectrum * kept, length)[: len(samples)])


def _with_samples(sound: Sound, samples: NDArray[np.float64]) -> Sound:
    clipped = np.clip(np.round(samples * _FULL_SCALE), -32768, 32767).astype("<i2")
    return Sound(clipped.tobytes(), frame_rate=sound.frame_rate, sample_width=2, channels=1)
