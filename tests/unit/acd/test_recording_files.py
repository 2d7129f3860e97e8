"""Recorded talks on the disk, and how a Dial is told to record."""

import wave
from pathlib import Path

import pytest

from acd.recording_files import file_of, finish, is_being_written, name_of, parts_of, raw_of, unfinished
from acd.recording_rules import RecordingRule, dial_option, talk_arguments

FILE = "2026/11/22/v1-1795328729.wav"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    raw_of(tmp_path, FILE).parent.mkdir(parents=True)
    return tmp_path


def test_a_name_tells_its_visit_and_its_start() -> None:
    """The folder is the day of the arrival, the file the visit and the second of its start."""
    name = name_of("v1", 1795328729.5)
    assert name.count("/") == 3 and name.endswith("/v1")
    assert parts_of(file_of(f"{name}-1795328729")) == ("v1", 1795328729.0)


@pytest.mark.parametrize("file", ["notes.wav", "2026/11/22/v1.wav", "2026/11/22/v1-.wav", "-5.wav", "v1-x.wav"])
def test_another_file_is_no_recording(file: str) -> None:
    """What an admin put there is not taken for a talk."""
    with pytest.raises(ValueError, match="not named like a recording"):
        parts_of(file)


def test_a_finished_talk_is_a_stereo_wav(folder: Path) -> None:
    """Two interleaved channels get their header, half a frame at the end is left out, nobody else may read it."""
    raw_of(folder, FILE).write_bytes(b"\x01\x00\x02\x00" * 8000 + b"\x01")
    seconds, written_at = finish(folder, FILE)
    with wave.open(str(folder / FILE)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (2, 8000, 2)
        assert sound.readframes(sound.getnframes())[:4] == b"\x01\x00\x02\x00"
        assert sound.getnframes() == 8000
    assert seconds == 1.0
    assert written_at > 0
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.suffix for path in (folder / FILE).parent.iterdir()] == [".wav"]


def test_a_file_is_unfinished_while_it_is_raw(folder: Path) -> None:
    """What Asterisk has open is being written; closed, it is owed its header."""
    raw = raw_of(folder, FILE)
    with raw.open("wb"):
        assert is_being_written(raw)
    assert not is_being_written(raw)
    assert list(unfinished(folder)) == [FILE]
    finish(folder, FILE)
    assert list(unfinished(folder)) == []


@pytest.mark.parametrize(
    ("mode", "paused", "option"),
    [
        ("never", False, ""),
        ("on_demand", False, "U(talk^on_demand^{name}^)"),
        ("always", True, "U(talk^always^{name}^1)"),
    ],
)
def test_a_dial_says_how_to_record(mode: str, paused: bool, option: str) -> None:
    """A queue that never records costs the Dial nothing."""
    arguments = talk_arguments(RecordingRule(mode), "v1", 1795328729.5, paused=paused)
    assert dial_option(arguments) == option.format(name=name_of("v1", 1795328729.5))
