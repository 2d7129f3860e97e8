"""What of a site's prompts is missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dialplan.faults import Fault
from hotline.studio.stock import Item, Stock
from hotline.studio.uses import uses_of
from ivr.recordings import Standing
from ivr.sounds import FORMATS

LANGUAGE_RULE = "missing-language"
"""the rule of `hotline check` that tells it"""


class Kind(StrEnum):
    """What is the matter."""

    LANGUAGE = "language"
    """a prompt has no words in a language of the site"""
    RECORDING = "recording"
    CHANGED = "changed"
    """recorded in other words"""
    FORMAT = "format"
    """rendered, but not in all formats"""
    UNUSED = "unused"
    """a prompt that nobody says"""
    ORPHAN = "orphan"
    """a recording of no line"""


_SPARE = frozenset({Kind.UNUSED, Kind.ORPHAN})


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, or that nobody needs."""

    kind: Kind
    language: str
    name: str
    """of the file or, for `language` and `unused`, the id of the prompt"""
    detail: str

    @property
    def is_missing(self) -> bool:
        """Something has to be done; otherwise somebody may want to tidy up."""
        return self.kind not in _SPARE


def lacks_of(stock: Stock, *, all_recorded: bool = False) -> list[Lack]:
    """Everything that is missing, in the order of the script.

    all_recorded: every line has to be recorded; otherwise those of a language of which anything is.
    """
    recorded = frozenset(stock.site.languages) if all_recorded else stock.recorded_languages()
    found = [lack for item in stock.items for lack in _of_item(item, item.line.language in recorded)]
    unused = (prompt for prompt, uses in uses_of(stock.site).items() if not uses)
    found += [Lack(Kind.UNUSED, "", prompt, "nothing in the site says it") for prompt in unused]
    found += [Lack(Kind.ORPHAN, *one, "a recording of nothing that the site says") for one in stock.orphans]
    return found


def missing_words(faults: Iterable[Fault]) -> list[Lack]:
    """The prompts that lack a language, of what a check of the site has found: such a site cannot be run."""
    return [
        Lack(Kind.LANGUAGE, "", f"{fault.file}:{fault.line}", fault.found)
        for fault in faults
        if fault.rule == LANGUAGE_RULE
    ]


def _of_item(item: Item, is_recorded: bool) -> Iterator[Lack]:
    line = item.line
    if item.standing is Standing.CHANGED:
        yield Lack(Kind.CHANGED, line.language, line.name, f"recorded: {item.recorded_words}; now: {line.words}")
    elif item.standing is Standing.SPOKEN and is_recorded:
        yield Lack(Kind.RECORDING, line.language, line.name, line.words)
    if item.half_rendered:
        without = ", ".join(one for one in FORMATS if one not in item.formats)
        yield Lack(
            Kind.FORMAT, line.language, line.name, f"not rendered as {without}; the next start or reload mends it"
        )
