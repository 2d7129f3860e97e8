"""What a studio has delivered, taken into a site: each file by its name, made fit, written down in the book.

files ──► which line? ──► is it fit? ──► trimmed, levelled, 16 kHz ──► prompts/<language>/<name>.wav, recordings.csv
              └── refused ───┴── with what was found and what was expected; the others are taken all the same
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dialplan.faults import did_you_mean, quoted
from hotline.faults import HotlineError
from hotline.studio.lines import Line
from hotline.studio.stock import PROMPTS_FOLDER
from ivr import levels, quality
from ivr.recordings import BOOK, ENDING, Recordings, Row, book, sound_of

ENDINGS = frozenset({".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff"})
"""What is taken for a sound; anything else in the folder is passed over, and said to be."""
OURS = frozenset({".csv", ".html"})
"""the script itself, which comes back with the files"""
OTHER_LENGTH = (0.4, 2.5)
"""A recording that lasts less or more than so many times the estimate may be of other words."""
_SHORT_SECONDS = 1.0
"""Below it no length says anything."""


class Refused(ValueError):
    """A file that is not taken: what was found, and what was expected."""


@dataclass(frozen=True)
class Taken:
    """A file that is fit, as it is kept."""

    file: str
    line: Line
    wav: bytes
    seconds: float
    dbov: float
    """as it was delivered"""
    replaces: bool
    """there was a recording of these words, or of others under this name"""
    doubt: str = ""
    """why somebody should listen to it"""


@dataclass(frozen=True)
class Delivery:
    """What has become of the files of a folder."""

    taken: tuple[Taken, ...]
    refused: tuple[tuple[str, str], ...]
    """file and why"""
    passed_over: tuple[str, ...]


def look_at(folder: Path, lines: Sequence[Line], recordings: Recordings, language: str = "") -> Delivery:
    """Examine every file of a folder; nothing is written.

    Args:
        language: of all files, where they lie in the folder itself; else each lies below its language's name.

    Raises HotlineError: there is no such folder, or no sound in it.
    """
    if not folder.is_dir():
        raise HotlineError(f"{folder} is no folder")
    known = {(line.language, line.name): line for line in lines}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    sounds = {path: _name(path, folder, language) for path in files if path.suffix.lower() in ENDINGS}
    if not sounds:
        raise HotlineError(f"{folder} holds no sounds; expected files such as {lines[0].file if lines else 'zh/a.wav'}")
    taken, refused = [], []
    for path, name in sounds.items():
        shown = path.relative_to(folder).as_posix()
        try:
            _alone(path, sounds)
            taken.append(_take(path, shown, _line(name, known), recordings))
        except Refused as fault:
            refused.append((shown, str(fault)))
    others = (path for path in files if path not in sounds and path.suffix.lower() not in OURS)
    return Delivery(tuple(taken), tuple(refused), tuple(path.relative_to(folder).as_posix() for path in others))


def put_away(taken: Sequence[Taken], site: Path, day: date) -> None:
    """Write the recordings and then the book: whoever dies between leaves recordings of which the book says nothing,
    and the next import mends it. Raises HotlineError."""
    folder = site / PROMPTS_FOLDER
    rows = Recordings(folder).rows | {(one.line.language, one.line.name): _row(one, day) for one in taken}
    try:
        for one in taken:
            levels.write_whole(one.wav, folder / one.line.language / f"{one.line.name}{ENDING}")
        if taken:
            levels.write_whole(book(rows.values()), folder / BOOK)
    except OSError as fault:
        raise HotlineError(f"{fault.filename or folder} cannot be written: {fault.strerror}") from fault


def _row(one: Taken, day: date) -> Row:
    line = one.line
    facts = (f"{one.seconds:.1f}", f"{one.dbov:.1f}", one.file, day.isoformat())
    return Row(line.language, line.name, line.words, sound_of(one.wav), *facts)


def _name(path: Path, folder: Path, language: str) -> tuple[str, str]:
    """Language and name as the file's place says; composed characters, however the studio's machine wrote them."""
    place = unicodedata.normalize("NFC", path.relative_to(folder).with_suffix("").as_posix())
    first, _, rest = place.partition("/")
    return (language, place) if language else (first, rest) if rest else ("", first)


def _alone(path: Path, sounds: Mapping[Path, tuple[str, str]]) -> None:
    twins = [other.name for other, name in sounds.items() if name == sounds[path] and other != path]
    if twins:
        raise Refused(f"found {', '.join(twins)} beside it; expected one file for a recording")


def _line(name: tuple[str, str], known: Mapping[tuple[str, str], Line]) -> Line:
    if name in known:
        return known[name]
    language, place = name
    languages = sorted({one for one, _ in known})
    if not language:
        raise Refused(f"found no language; expected it in a folder: {' or '.join(languages)}, or --lang")
    if language not in languages:
        hint = did_you_mean(language, languages)
        raise Refused("; ".join(filter(None, (
            f"found the language {quoted(language)}; expected {' or '.join(languages)}", hint,
        ))))  # fmt: skip
    names = {one for of, one in known if of == language}
    parts = sorted(line.name for (of, _), line in known.items() if of == language and line.prompt == place)
    if parts:
        raise Refused(f"found one file; expected {len(parts)}, as values are said between them: {', '.join(parts)}")
    told = (f"found {quoted(place)}, which is not to be recorded", did_you_mean(place, names))
    raise Refused("; ".join(filter(None, told)))


def _take(path: Path, shown: str, line: Line, recordings: Recordings) -> Taken:
    try:
        sound = levels.decode(path)
    except ValueError as fault:
        raise Refused(f"found no sound that can be read: {fault}") from fault
    lacks = list(quality.lacks_of(sound))
    if lacks:
        raise Refused("; ".join(lacks))
    finished = levels.finish(sound, levels.WIDE_HZ)
    seconds: float = finished.duration_seconds
    return Taken(
        file=shown,
        line=line,
        wav=levels.as_wav(finished),
        seconds=seconds,
        dbov=levels.loudness(sound.set_channels(1)),
        replaces=recordings.path(line.language, line.name) is not None,
        doubt="".join(_doubts(seconds, line)),
    )


def _doubts(seconds: float, line: Line) -> Iterator[str]:
    low, high = (share * line.seconds for share in OTHER_LENGTH)
    if not low <= seconds <= high and max(seconds, line.seconds) > _SHORT_SECONDS:
        yield f"{seconds:.1f} s, where {line.seconds:g} s were expected: listen whether it is the right one"
