"""Several sounds become one file, once; where they cannot, the first alone is said."""

import wave
from pathlib import Path

import pytest

from acd.joined_sounds import JoinedSounds, first_of


def sound(folder: Path, name: str, frames: bytes, rate: int = 8000) -> str:
    """A sound of these samples; its name without extension."""
    with wave.open(str(folder / f"{name}.wav"), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(frames)
    return str(folder / name)


def test_sounds_are_joined_in_order_and_kept(tmp_path: Path) -> None:
    """Another process finds what this one has made; nothing unfinished stays."""
    files = [sound(tmp_path, "one", b"\1\0" * 80), sound(tmp_path, "two", b"\2\0" * 40)]
    made = JoinedSounds(tmp_path / "joined").one_of(files)
    with wave.open(f"{made}.wav", "rb") as joined:
        assert joined.readframes(200) == b"\1\0" * 80 + b"\2\0" * 40
    Path(f"{files[0]}.wav").unlink()
    assert JoinedSounds(tmp_path / "joined").one_of(files) == made
    assert [path.suffix for path in (tmp_path / "joined").iterdir()] == [".wav"]
    assert JoinedSounds(tmp_path / "joined").one_of(list(reversed(files))) == files[1]


def test_one_sound_is_itself_and_none_is_nothing(tmp_path: Path) -> None:
    """No file is made for these."""
    joined = JoinedSounds(tmp_path / "joined")
    assert (joined.one_of(["a"]), joined.one_of([]), first_of(["a", "b"]), first_of([])) == ("a", "", "a", "")
    assert not (tmp_path / "joined").exists()


@pytest.mark.parametrize("second", [b"", b"RIFF", None, "other rate"])
def test_what_cannot_be_joined_leaves_the_first(tmp_path: Path, second: bytes | str | None) -> None:
    """A damaged sound, one that is not there, one of another sample rate: an offer is not held up for it."""
    files = [sound(tmp_path, "one", b"\1\0" * 80), str(tmp_path / "two")]
    if isinstance(second, bytes):
        (tmp_path / "two.wav").write_bytes(second)
    elif second:
        sound(tmp_path, "two", b"\2\0", rate=16_000)
    assert JoinedSounds(tmp_path / "joined").one_of(files) == files[0]
