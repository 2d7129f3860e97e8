"""The cache of finished sounds: what is missing is rendered, in parallel, and named by what it was made of.

The name of a sound is a hash of its source (text, language and who speaks, or the recording's bytes) and of the code
that treats it. So nothing in the cache is ever stale, a changed rule renders anew by itself, and two processes that
race write the same sound under the same name.
"""

import hashlib
import os
import wave
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ivr import spoken
from ivr.espeak import SpeechUnavailable
from ivr.providers import Provider

FORMATS = ("wav", "ulaw", "alaw", "g722", "sln16")
"""What each sound is there in, by the ending of its file: those that `ivr.formats` writes, written down here as well
because a filled cache need not pay for its libraries. A sound that lacks one of them is rendered anew."""
_TREATMENT = tuple(Path(__file__).with_name(name) for name in ("formats.py", "levels.py", "loudness.py"))
_PAUSE_MILLISECONDS = 160


class NotSpoken(SpeechUnavailable):
    """The provider failed at these words."""

    def __init__(self, spoken: "Spoken", silence: SpeechUnavailable) -> None:
        super().__init__(str(silence))
        self.spoken = spoken


class RecordingUnreadable(ValueError):
    """A recorded prompt is no sound file that can be read: the admin's to mend."""


@dataclass(frozen=True)
class Spoken:
    """Words in a language, to be spoken by the provider."""

    text: str
    language: str


@dataclass(frozen=True)
class Recorded:
    """A person's recording."""

    path: Path


Source = Spoken | Recorded


@dataclass(frozen=True)
class Names:
    """How the sounds of one provider are called in one cache."""

    treatment: bytes
    voice: bytes

    @classmethod
    def of(cls, provider: Provider) -> "Names":
        """Raises SpeechUnavailable where the provider cannot say who it is."""
        treatment = hashlib.sha256(b"".join(path.read_bytes() for path in _TREATMENT)).digest()
        return cls(treatment, hashlib.sha256(provider.identity()).digest())

    def name(self, source: Source) -> str:
        """The file name, without ending, of a source's sound."""
        match source:
            case Spoken(text, language):
                material = self.voice + f"{language}\0{text}".encode()
            case Recorded(path):
                material = path.read_bytes()
        return hashlib.sha256(self.treatment + material).hexdigest()[:24]


def missing_formats(names: Iterable[str], cache: Path) -> dict[str, tuple[str, ...]]:
    """The formats that these sounds lack in the cache, by name; those that lack none are left out."""
    present = {path.name for path in cache.iterdir()} if cache.is_dir() else set()
    lacking = {name: tuple(one for one in FORMATS if f"{name}.{one}" not in present) for name in names}
    return {name: formats for name, formats in lacking.items() if formats}


def prepare(
    sources: Iterable[Source], cache: Path, provider: Provider, *, workers: int | None = None
) -> dict[Source, str]:
    """The path of each source's sound, absolute and without extension, all of them rendered in all FORMATS.

    Args:
        workers: how many are rendered at a time; None: as many as there are processors.

    Raises:
        NotSpoken, SpeechUnavailable, RecordingUnreadable: the sounds rendered before it stay in the cache.
    """
    naming = Names.of(provider)
    names = {source: naming.name(source) for source in sources}
    folder = cache.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lacking = missing_formats(names.values(), folder)
    _render_all({name: source for source, name in names.items() if name in lacking}, folder, provider, workers)
    return {source: str(folder / name) for source, name in names.items()}


def _render_all(sources: dict[str, Source], folder: Path, provider: Provider, workers: int | None) -> None:
    if not sources:
        return
    with ThreadPoolExecutor(workers or len(os.sched_getaffinity(0))) as pool:
        renderings = [pool.submit(_render, source, folder, name, provider) for name, source in sources.items()]
        try:
            for rendering in renderings:
                rendering.result()
        finally:
            # After a failure nobody waits for the other hundreds: whatever ails the provider ails them as well.
            pool.shutdown(wait=False, cancel_futures=True)


def _render(source: Source, folder: Path, name: str, provider: Provider) -> None:
    # Not at the top: they bring numpy, pydub and FFmpeg's libraries, which a filled cache need not pay.
    from ivr import formats, levels

    match source:
        case Spoken(spoken.PAUSE):
            formats.write_silence(_PAUSE_MILLISECONDS, folder, name)
        case Spoken(text, language):
            try:
                speech = provider.render(text, language)
            except SpeechUnavailable as silence:
                raise NotSpoken(source, silence) from silence
            formats.write_all(speech, folder, name)
        case Recorded(recording):
            try:
                sound = levels.decode(recording)
            except ValueError as fault:
                raise RecordingUnreadable(f"{recording}: cannot be read: {fault}") from fault
            formats.write_all(sound, folder, name)


@lru_cache(maxsize=65_536)
def samples_of(path: str) -> int | None:
    """How long a rendered sound is, in samples at 8,000 a second; None where there is none of this path, which has no
    ending. Sounds are named by their content, so what was read once holds."""
    try:
        with wave.open(f"{path}.wav") as sound:
            return int(sound.getnframes() * 8000 / sound.getframerate())
    except (OSError, EOFError, wave.Error):
        return None
