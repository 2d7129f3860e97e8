"""The folder of messages: where Asterisk writes what callers leave, one file each, and the tone they speak after."""

import math
import struct
import wave
from pathlib import Path

BEEP_HZ, BEEP_SECONDS = 1000, 0.3
_BEEP_LEVEL = 0.25
"""Of full scale: as loud as speech."""
_RATE_HZ = 8000
_HEADER_BYTES = 44
"""Of a wav file as Asterisk writes it (formats/format_wav.c)."""
_BYTES_A_SECOND = 16_000
"""8,000 samples of 16 bits."""


class MessageFolder:
    """Names are relative, `2026/11/22/<call and step>.wav`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def beep(self) -> Path:
        """The tone, made where it is not there yet: Asterisk's own is not found in every language. Raises OSError."""
        path = self.folder / "beep.wav"
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_name(".beep.wav")
            with fresh.open("wb") as file, wave.open(file) as sound:
                sound.setparams((1, 2, _RATE_HZ, 0, "NONE", ""))
                sound.writeframes(_tone())
            fresh.replace(path)
        return path

    def place(self, name: str) -> Path:
        """Where the file is to be written; its folder is there. Raises OSError."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def seconds(self, name: str) -> float | None:
        """How much sound a file has, None where there is none. By its size: its header may not be written yet."""
        try:
            size = (self.folder / name).stat().st_size
        except OSError:
            return None
        return round(max(0, size - _HEADER_BYTES) / _BYTES_A_SECOND, 2)

    def drop(self, name: str) -> None:
        """Delete it; one that is not there is deleted."""
        (self.folder / name).unlink(missing_ok=True)


def _tone() -> bytes:
    turns = (BEEP_HZ * sample / _RATE_HZ for sample in range(round(BEEP_SECONDS * _RATE_HZ)))
    return b"".join(struct.pack("<h", round(_BEEP_LEVEL * 32_767 * math.sin(2 * math.pi * turn))) for turn in turns)
