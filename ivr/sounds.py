"""The cache of finished sounds: what is missing is rendered, in parallel, and named by what it was made of.

The name of a sound is a hash of its source (text, language and who speaks, or the recording's bytes) and of the code
that treats it. So nothing in the cache is ever stale, a changed rule renders anew by itself, and two processes that
race write the same sound under the same name.
"""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ivr import spoken
from ivr.providers import Provider

_TREATMENT = tuple(Path(__file__).with_name(name) for name in ("levels.py", "loudness.py"))
_PAUSE_MILLISECONDS = 160


class RecordingUnreadable(ValueError):
    """A recorded prompt is not a wav that can be read: the admin's to mend."""


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


def prepare(sources: Iterable[Source], cache: Path, provider: Provider, *, workers: int = 2) -> dict[Source, str]:
    """The path of each source's sound, absolute and without extension, all of them rendered.

    Raises:
        SpeechUnavailable, RecordingUnreadable: the sounds rendered before it stay in the cache.
    """
    treatment = b"".join(path.read_bytes() for path in _TREATMENT)
    voice = hashlib.sha256(provider.identity()).digest()
    names = {source: _name(source, treatment, voice) for source in sources}
    folder = cache.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    present = {path.name for path in folder.iterdir()}
    missing = {name: source for source, name in names.items() if f"{name}.wav" not in present}
    if missing:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda name: _render(missing[name], folder / f"{name}.wav", provider), missing))
    return {source: str(folder / name) for source, name in names.items()}


def _render(source: Source, path: Path, provider: Provider) -> None:
    # Not at the top: it brings numpy and pydub, half a second that a filled cache need not pay.
    from ivr import levels

    match source:
        case Spoken(spoken.PAUSE):
            levels.write(levels.silence(_PAUSE_MILLISECONDS), path)
        case Spoken(text, language):
            levels.write(levels.finish(provider.render(text, language)), path)
        case Recorded(recording):
            try:
                sound = levels.read(recording)
            except Exception as error:  # pydub raises whatever its wave parser stumbles on
                raise RecordingUnreadable(f"{recording}: cannot be read as wav: {error}") from error
            levels.write(levels.finish(sound), path)


def _name(source: Source, treatment: bytes, voice: bytes) -> str:
    match source:
        case Spoken(text, language):
            material = voice + f"{language}\0{text}".encode()
        case Recorded(path):
            material = path.read_bytes()
    return hashlib.sha256(treatment + material).hexdigest()[:24]
