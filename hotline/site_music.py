"""The site's own music as Asterisk can play it: 8 kHz, mono, 16 bit, and no louder than a prompt.

Each class is a folder of the cache, named by what is in it. So music that stays the same stays where it is over every
reload, and Asterisk need not be told; what has changed is another folder, while those who hear the old one hear it out.
"""

import fcntl
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dialplan.site import Site
from hotline.faults import HotlineError
from hotline.state import speech_cache

_TREATMENT: Final = b"1"
"""Of another treatment come other sounds: raise it when `_convert` changes."""


def prepare_music(site: Site, folder: Path) -> dict[str, Path]:
    """The folder of each class, made where it is missing.

    Args:
        folder: the site's.

    Raises HotlineError where a sound cannot be converted.
    """
    if not site.music:
        return {}
    cache = speech_cache().parent / "music"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return {name: _made(cache, [folder / file for file in files]) for name, files in site.music.items()}


def _made(cache: Path, files: Sequence[Path]) -> Path:
    digest = hashlib.sha256(_TREATMENT)
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    made = cache.resolve() / digest.hexdigest()[:24]
    if not made.is_dir():
        unfinished = made.with_suffix(".unfinished")
        for number, file in enumerate(files):
            _convert(file, unfinished / f"{number:04d}.wav")
        unfinished.rename(made)
    return made


def _convert(file: Path, to: Path) -> None:
    from ivr import levels  # not at the top: it brings numpy and pydub, which a filled cache need not pay

    try:
        sound = levels.read(file)
    except Exception as fault:  # pydub raises whatever its wave parser stumbles on
        raise HotlineError(f"{file}: cannot be read as wav: {fault}") from fault
    levels.write(levels.for_line(sound), to)
