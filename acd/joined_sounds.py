"""Several sounds as one file, for those who can play no more than one: Dial's A (app_dial.c streams a single file).

Each is made once, in about a millisecond, and kept: a sentence with a number in it has as many as there are numbers.
"""

import hashlib
import logging
import os
import wave
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)


def first_of(files: Sequence[str]) -> str:
    """The first of them alone; empty where there is none."""
    return files[0] if files else ""


class JoinedSounds:
    """Keeps joined sounds in a folder that Asterisk can read. Sounds are WAV files, named without extension."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, ...], str] = {}

    def one_of(self, files: Sequence[str]) -> str:
        """One sound that plays all of these; the first alone where it cannot be made, for no caller waits for words."""
        if len(files) < 2:
            return first_of(files)
        key = tuple(files)
        if key not in self._made:
            try:
                self._made[key] = self._join(key)
            except (OSError, EOFError, wave.Error) as fault:
                log.error("action=join_sounds fault=%s", fault)
                return files[0]
        return self._made[key]

    def _join(self, files: tuple[str, ...]) -> str:
        name = hashlib.sha256("\n".join(files).encode()).hexdigest()[:32]
        path = self._folder / f"{name}.wav"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            _write(unfinished, files)
            unfinished.replace(path)
        return str(self._folder / name)


def _write(path: Path, files: Sequence[str]) -> None:
    with wave.open(str(path), "wb") as joined:
        for number, file in enumerate(files):
            with wave.open(f"{file}.wav", "rb") as sound:
                if number == 0:
                    joined.setparams(sound.getparams())
                elif sound.getparams()[:3] != joined.getparams()[:3]:
                    raise wave.Error(f"{file} is of another kind than {files[0]}")
                joined.writeframes(sound.readframes(sound.getnframes()))
