"""What docs/speech.md says is spoken, is."""

import re
from datetime import date
from pathlib import Path

from ivr import spoken
from ivr.spoken.slots import Slot, cut

PAGE = (Path(__file__).parents[3] / "docs" / "speech.md").read_text("utf-8")
TODAY = date(2026, 10, 1)
ROWS = [re.split(r"\s*\|\s*", line.strip("| ")) for line in PAGE.splitlines() if line.startswith("| `")]


def test_every_row_of_the_table_is_spoken_so() -> None:
    """Kind, value, and what is heard in both languages; where they need different parameters, the Chinese is first."""
    for kinds, value, *words in ROWS:
        written = re.findall("`([^`]*)`", kinds)
        for kind, language, heard in zip((written[0], written[-1]), spoken.LANGUAGES, words, strict=True):
            assert spoken.written(spoken.speak(value.strip("`"), kind, language, TODAY), language) == heard


def test_every_kind_has_a_row() -> None:
    """The table leaves out no kind."""
    assert {kinds.strip("`").split("`")[0].split()[0] for kinds, *_ in ROWS} == spoken.KINDS


def test_the_example_is_spoken_so() -> None:
    """The sentences of the example are heard as the page says, in each language's order of words."""
    values = {"items": "2", "total": "98.50", "due": "2026-10-02"}
    for language in spoken.LANGUAGES:
        (sentence,) = re.findall(rf"^  {language}: (.*)\.?$", PAGE, re.MULTILINE)
        heard = "".join(_said(part, values, language) for part in cut(sentence)).rstrip("。.")
        assert heard in " ".join(PAGE.split())


def _said(part: str | Slot, values: dict[str, str], language: str) -> str:
    if isinstance(part, str):
        return part
    return spoken.written(spoken.speak(values[part.name], part.kind, language, TODAY), language)
