"""Who turns words into sound: espeak-ng, or any program that a site names; a service over HTTP is in `speech_service`.

A provider says what its sounds depend on beside their text and language; that is part of a sound's name in the cache,
so another voice, or another version of the same, is rendered anew and none is stale.
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ivr import espeak
from ivr.espeak import SpeechUnavailable
from ivr.filling import filled

if TYPE_CHECKING:
    from ivr.levels import Sound

_ESPEAK_RULES = (
    Path(__file__).with_name("speech.py"),
    *sorted(Path(__file__).with_name("spoken").rglob("*.py")),
)


class Provider(Protocol):
    """Turns words into sound. It is asked from several threads at a time."""

    def identity(self) -> bytes:
        """All that a sound depends on beside its text and language. Raises SpeechUnavailable."""
        ...

    def render(self, text: str, language: str) -> "Sound":
        """The words spoken, at any rate and loudness. Raises SpeechUnavailable."""
        ...


class Espeak:
    """espeak-ng, and our rules for what it reads wrongly."""

    def identity(self) -> bytes:
        """Its version, and the source of our rules."""
        return b"".join([espeak.version().encode(), *(path.read_bytes() for path in _ESPEAK_RULES)])

    def render(self, text: str, language: str) -> "Sound":
        """Speak Chinese by its pinyin, English as it stands."""
        from ivr import speech  # not at the top: it brings numpy and pypinyin, which a filled cache need not pay

        return speech.render(text, language)


@dataclass(frozen=True)
class Command:
    """A program that is started once for each text, without a shell; it has the text on its standard input as well."""

    words: tuple[str, ...]
    """the program and its arguments; {text}, {language} and {file}, where it has to write a wav, are filled in"""
    version: str = "1"
    """what the admin changes when the same command speaks differently: a new model in the same file"""
    seconds_max: float = 60.0

    def identity(self) -> bytes:
        """The command as it is written, and its version."""
        return json.dumps([self.words, self.version]).encode()

    def render(self, text: str, language: str) -> "Sound":
        """Run it to its end and read what it has written; the error names the program, the text and what it said."""
        from ivr import levels  # not at the top: it brings numpy and pydub

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "speech.wav")
            self._run({"text": text, "language": language, "file": str(path)})
            if not path.exists():
                raise self._fault(text, f"wrote no {path.name}")
            try:
                return levels.decode(path)
            except ValueError as fault:
                raise self._fault(text, f"wrote what is no sound: {fault}") from fault

    def _run(self, values: dict[str, str]) -> None:
        text = values["text"]
        command = [filled(word, values) for word in self.words]
        try:
            subprocess.run(command, input=text.encode(), capture_output=True, timeout=self.seconds_max, check=True)
        except FileNotFoundError:
            raise SpeechUnavailable(f"the speech command {self.words[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise self._fault(text, f"took longer than {self.seconds_max:g} s") from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines()
            raise self._fault(
                text, f"ended with {error.returncode}: {said[-1] if said else 'no word of why'}"
            ) from None
        except OSError as error:
            raise self._fault(text, f"cannot be run: {error}") from error

    def _fault(self, text: str, what: str) -> SpeechUnavailable:
        return SpeechUnavailable(
            f"the speech command {self.words[0]} {what} (for {json.dumps(text, ensure_ascii=False)})"
        )
