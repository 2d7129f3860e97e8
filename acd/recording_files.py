"""Recorded talks on the disk: what they are called, when Asterisk is done with one, and its WAV form.

Asterisk writes two interleaved channels without a header (app_mixmonitor.c, option D: `.raw` only). A finished talk is
a WAV file: the agent on the left, the caller on the right. A `.raw` that nobody writes is one that is owed a header.
"""

import fcntl
import os
import shutil
import struct
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

RATE_HZ: Final = 8_000
CHANNELS: Final = 2
BYTES_PER_SECOND: Final = RATE_HZ * CHANNELS * 2
CHANNEL_WORDS: Final = "agent left, caller right"
_UNSURE_SECONDS: Final = 2.0
"""Where the file system has no leases, a file that has not grown for so long is finished."""


def name_of(visit_id: str, arrived_at: float) -> str:
    """Where the recordings of a visit go, without what tells one from the next: `2026/11/22/<visit_id>`.

    The day is that of the arrival in this machine's time zone: the same for every part of the visit.
    """
    return f"{datetime.fromtimestamp(arrived_at):%Y/%m/%d}/{visit_id}"


def file_of(recording: str) -> str:
    """The finished file of what the dialplan calls a recording."""
    return f"{recording}.wav"


def parts_of(file: str) -> tuple[str, float]:
    """The visit_id and the start in epoch seconds that a file's name tells. Raises ValueError for another's file."""
    visit_id, dash, started = Path(file).stem.rpartition("-")
    if not (visit_id and dash and started.isdecimal()):
        raise ValueError(f"{file!r} is not named like a recording")
    return visit_id, float(started)


def raw_of(folder: Path, file: str) -> Path:
    return (folder / file).with_suffix(".raw")


def unfinished(folder: Path) -> Iterator[str]:
    """The files that are being written, or are owed their header."""
    for raw in sorted(folder.rglob("*.raw")):
        yield raw.relative_to(folder).with_suffix(".wav").as_posix()


def is_being_written(raw: Path) -> bool:
    """Answer whether Asterisk has the file open. Raises FileNotFoundError."""
    descriptor = os.open(raw, os.O_RDONLY)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)  # refused while anybody may write to it (fcntl(2))
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return time.time() - os.fstat(descriptor).st_mtime < _UNSURE_SECONDS
    finally:
        os.close(descriptor)
    return False


def finish(folder: Path, file: str) -> tuple[float, float]:
    """Give a recording its header; answer its seconds of sound, and when the last was written, in epoch seconds.

    Killed in the middle, it is done again: the WAV file appears whole, and only then the raw one goes. Raises OSError.
    """
    raw, wav = raw_of(folder, file), folder / file
    written = raw.stat()
    size = written.st_size - written.st_size % (CHANNELS * 2)
    part = wav.with_suffix(".part")
    with raw.open("rb") as source, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(_header(size))
        shutil.copyfileobj(source, out)
    part.replace(wav)
    raw.unlink()
    return size / BYTES_PER_SECOND, written.st_mtime


def _header(size: int) -> bytes:
    """RIFF WAVE, PCM 16 bit (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft 1991)."""
    frame = CHANNELS * 2
    form = struct.pack("<HHIIHH", 1, CHANNELS, RATE_HZ, BYTES_PER_SECOND, frame, 16)
    limited = min(size, 0xFFFFFFFF - 36)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + limited)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", limited)
    )
