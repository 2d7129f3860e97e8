"""docs/language.md taken apart: its sections, and in them the rows, the points and the sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.conformance.book import CHECKOUT

PAGE = CHECKOUT / "docs" / "language.md"
PREFACE = "The menu language"
_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z`])")
_CODE = re.compile(r"`([^`]+)`")


class Part(NamedTuple):
    """A row, a point of a list or a sentence: what must have an assertion of its own."""

    title: str
    """The heading above it."""
    text: str
    """A row without its bars."""
    word: str
    """Of a row the word in its first cell; empty elsewhere."""

    def begins(self, of: str) -> bool:
        """Whether this is the part that an assertion names."""
        return self.word == of if self.word else self.text.startswith(of)

    @property
    def words(self) -> set[str]:
        """Everything in it that is written as code, word by word."""
        return {word for code in _CODE.findall(self.text) for word in re.findall(r"[a-z][a-z_]+", code)}


def parts(page: str) -> Iterator[Part]:
    """Every part of the page, in order."""
    for title, lines in _sections(page):
        for row, line_before in zip(lines, ["", *lines], strict=False):
            if row.startswith("|") and line_before.startswith("|") and "---" not in row:
                cells = row.strip("| ").split(" | ")
                yield Part(title, " ".join(cells), cells[0].strip("`"))
        for sentence in _sentences([line for line in lines if not line.startswith("|")]):
            yield Part(title, sentence, "")


def _sections(page: str) -> Iterator[tuple[str, list[str]]]:
    for section in re.split(r"^#+ ", page, flags=re.MULTILINE)[1:]:
        title, *lines = section.splitlines()
        yield title, lines


def _sentences(lines: list[str]) -> Iterator[str]:
    """A point is one part, and so is each sentence of a paragraph."""
    for paragraph in "\n".join(lines).split("\n\n"):
        for point in re.split(r"^- ", paragraph, flags=re.MULTILINE):
            text = " ".join(point.split())
            yield from (part for part in ([text] if paragraph.startswith("- ") else _SENTENCE.split(text)) if part)
