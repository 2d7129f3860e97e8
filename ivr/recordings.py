"""The recordings of a site, and the words that each was recorded for.

`<folder>/<language>/<name>.wav` holds one, where the name is a prompt's id, `<id>.1` and on for the stretches of a
prompt with values in it, or `values/<clip>`. `<folder>/recordings.csv` says what was read into the microphone: once a
prompt's words are others than its recording's, the recording is out of date, and speech stands in for it. A recording
of which the book says nothing, or which was exchanged since, is taken for what its name says.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path

BOOK = "recordings.csv"
ENDING = ".wav"
_UNSPOKEN = re.compile(r"[\W_]+")


class BookUnreadable(ValueError):
    """`recordings.csv` is not as it was written: the admin's to mend."""


@dataclass(frozen=True)
class Row:
    """One recording in the book."""

    language: str
    name: str
    words: str
    """what was recorded"""
    sound: str
    """the first 16 hex digits of the file's SHA-256"""
    seconds: str
    dbov: str
    """active speech level as it was delivered"""
    delivered: str
    """the studio's file"""
    day: str
    """on which it was imported"""


COLUMNS = tuple(field.name for field in fields(Row))


class Standing(StrEnum):
    """What there is of some words."""

    RECORDED = "recorded"
    CHANGED = "changed"
    """recorded, for other words"""
    SPOKEN = "spoken"


class Recordings:
    """All of one folder; None: there are none. Raises BookUnreadable."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.rows = {(row.language, row.name): row for row in read_book(folder)} if folder else {}

    def path(self, language: str, name: str) -> Path | None:
        """The file of this name, whatever words it holds."""
        path = self.folder and self.folder / language / f"{name}{ENDING}"
        return path if path and path.is_file() else None

    def current(self, language: str, name: str, words: str) -> Path | None:
        """The recording of these words, if there is one that is not of others."""
        path = self.path(language, name)
        return path if path and self.recorded_words(path, language, name, words) is None else None

    def standing(self, language: str, name: str, words: str) -> Standing:
        """Whether these words are recorded."""
        if self.path(language, name) is None:
            return Standing.SPOKEN
        return Standing.RECORDED if self.current(language, name, words) else Standing.CHANGED

    def recorded_words(self, path: Path, language: str, name: str, words: str) -> str | None:
        """What this recording says, where that is surely something else than these words."""
        row = self.rows.get((language, name))
        if row is None or alike(row.words, words) or row.sound != sound_of(path.read_bytes()):
            return None
        return row.words

    def names(self) -> list[tuple[str, str]]:
        """Language and name of every recording there is."""
        found = sorted(self.folder.glob(f"*/**/*{ENDING}")) if self.folder else []
        parts = (path.relative_to(self.folder or path).with_suffix("").as_posix() for path in found)
        return [(language, name) for language, _, name in (part.partition("/") for part in parts)]


def alike(one: str, other: str) -> bool:
    """Whether two texts are spoken alike: commas and capitals are no reason to go to a studio."""
    return _UNSPOKEN.sub("", one).casefold() == _UNSPOKEN.sub("", other).casefold()


def sound_of(data: bytes) -> str:
    """What a recording is known by in the book."""
    return hashlib.sha256(data).hexdigest()[:16]


def read_book(folder: Path) -> list[Row]:
    """The rows of a folder's book; none where there is no book. Raises BookUnreadable with file and line."""
    path = folder / BOOK
    if not path.is_file():
        return []
    try:
        lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), strict=True))
    except (UnicodeError, csv.Error) as fault:
        raise BookUnreadable(f"{path}: {fault}") from fault
    for number, line in enumerate(lines, 1):
        if len(line) != len(COLUMNS) or (number == 1 and tuple(line) != COLUMNS):
            raise BookUnreadable(
                f"{path}:{number}: expected {', '.join(COLUMNS)}; import the recordings anew to mend it"
            )
    return [Row(*line) for line in lines[1:]]


def book(rows: Iterable[Row]) -> bytes:
    """The book with these rows, in order; with a byte order mark, or Excel would spoil the Chinese."""
    written = io.StringIO()
    csv.writer(written).writerows([COLUMNS, *sorted(astuple(row) for row in rows)])
    return written.getvalue().encode("utf-8-sig")
