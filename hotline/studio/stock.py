"""What there is of a site's prompts: recordings, and rendered sounds in each format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialplan.site import Site
from hotline.state import speech_cache
from hotline.studio.lines import Line, lines_of
from hotline.voices import provider_of
from ivr.espeak import SpeechUnavailable
from ivr.recordings import Recordings, Standing
from ivr.sounds import FORMATS, Names, Recorded, Source, Spoken, missing_formats

PROMPTS_FOLDER = "prompts"
"""of a site: its recordings, and the book of them"""


@dataclass(frozen=True)
class Item:
    """A line with what there is of it."""

    line: Line
    standing: Standing
    recorded_words: str
    """what the recording says, where that is no longer what it should"""
    sound: Path | None
    """without ending; None: nobody could say what it is called, since the provider does not answer"""
    formats: tuple[str, ...]
    """in which it is rendered; none before the first start with these words"""

    @property
    def half_rendered(self) -> bool:
        """Some formats are there and some are not: somebody has deleted them, or a disk was full."""
        return 0 < len(self.formats) < len(FORMATS)


@dataclass(frozen=True)
class Stock:
    """All lines of a site as they stand."""

    site: Site
    items: tuple[Item, ...]
    orphans: tuple[tuple[str, str], ...]
    """language and name of recordings that belong to no line"""

    def recorded_languages(self) -> frozenset[str]:
        """Those in which anything is recorded."""
        return frozenset(item.line.language for item in self.items if item.standing is not Standing.SPOKEN)


def stock_of(site: Site, folder: Path, languages: Sequence[str] = ()) -> Stock:
    """Look at a site's recordings and at the cache. Raises ivr.recordings.BookUnreadable."""
    recordings = Recordings(folder / PROMPTS_FOLDER)
    lines = lines_of(site, languages)
    sources = {line: _source(line, recordings) for line in lines}
    sounds = _rendered(site, sources)
    items = tuple(_item(line, sources[line], sounds, recordings) for line in lines)
    known = {(line.language, line.name) for line in lines}
    orphans = (one for one in recordings.names() if one not in known and (not languages or one[0] in languages))
    return Stock(site, items, tuple(orphans))


def _source(line: Line, recordings: Recordings) -> Source:
    path = recordings.current(line.language, line.name, line.words)
    return Recorded(path) if path else Spoken(line.words, line.language)


def _rendered(site: Site, sources: Mapping[Line, Source]) -> dict[Source, tuple[Path, tuple[str, ...]]]:
    """The sound of each source and the formats it has."""
    try:
        naming = Names.of(provider_of(site))
    except SpeechUnavailable:  # without espeak-ng nothing can be rendered, but what is recorded can be told
        return {}
    cache = speech_cache()
    names = {source: naming.name(source) for source in sources.values()}
    lacking = missing_formats(names.values(), cache)
    return {
        source: (cache / name, tuple(one for one in FORMATS if one not in lacking.get(name, ())))
        for source, name in names.items()
    }


def _item(
    line: Line, source: Source, sounds: Mapping[Source, tuple[Path, tuple[str, ...]]], recordings: Recordings
) -> Item:
    standing = recordings.standing(line.language, line.name, line.words)
    path = recordings.path(line.language, line.name)
    words = path and recordings.recorded_words(path, line.language, line.name, line.words)
    sound, formats = sounds.get(source, (None, ()))
    return Item(line, standing, words or "", sound, formats)
