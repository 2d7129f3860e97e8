"""WAV files of the line's format, finished or not."""

import wave
from pathlib import Path

import numpy as np
import pytest

from hotline.phones.sound import WAV_HEADER_BYTES, read_samples, write_samples, write_tone


def test_samples_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Writing clips to 16 bits and reading gives the same numbers."""
    write_samples(tmp_path / "a.wav", np.array([0.0, 1.0, -5.0, 99_999.0]))
    assert read_samples(tmp_path / "a.wav").tolist() == [0.0, 1.0, -5.0, 32767.0]


def test_a_recording_is_read_while_it_is_written(tmp_path: Path) -> None:
    """The lengths in the header of an unfinished file are zero: what is there counts, up to the last whole sample."""
    whole = tmp_path / "whole.wav"
    write_tone(whole, 500, 0.1)
    data = whole.read_bytes()
    unfinished = tmp_path / "unfinished.wav"
    unfinished.write_bytes(data[:4] + b"\0\0\0\0" + data[8:40] + b"\0\0\0\0" + data[44:-1])
    assert read_samples(unfinished).tolist() == read_samples(whole)[:-1].tolist()


def test_a_file_with_no_more_than_a_header_is_empty(tmp_path: Path) -> None:
    """A recording that has just been opened holds no sound."""
    (tmp_path / "new.wav").write_bytes(b"\0" * WAV_HEADER_BYTES)
    assert read_samples(tmp_path / "new.wav").size == 0


def test_another_format_is_refused(tmp_path: Path) -> None:
    """Sound of another rate would never correlate: that is said instead of compared."""
    with wave.open(str(tmp_path / "cd.wav"), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(44_100)
        sound.writeframes(b"\0\0\0\0" * 10)
    with pytest.raises(ValueError, match="44100 Hz"):
        read_samples(tmp_path / "cd.wav")
