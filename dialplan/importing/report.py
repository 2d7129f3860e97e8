"""What became of each line of the old configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from dialplan.importing.conf import Place


class Fate(StrEnum):
    """What became of a line."""

    WRITTEN = "written"
    """it is in the site"""
    SAME = "same"
    """nothing to write: Hotline does so by itself"""
    DECIDE = "decide"
    """there is no equivalent, or not a whole one: somebody has to think"""
    FAULT = "fault"
    """it makes no sense; Asterisk skips such a line, or refuses the file"""


@dataclass(frozen=True)
class Row:
    """One line of the old configuration."""

    place: Place
    about: str
    """the section, or the extension"""
    text: str
    """the option and its value, or the dialplan's application"""
    fate: Fate
    why: str
    """where it is now, or why it is not"""

    def flat(self) -> dict[str, Any]:
        """The row for JSON: file, line and column beside the rest."""
        return {**asdict(self.place), "about": self.about, "text": self.text, "fate": self.fate.value, "why": self.why}


@dataclass
class Report:
    """All rows, in the order in which they were found."""

    rows: list[Row] = field(default_factory=list)

    def add(self, place: Place, about: str, text: str, fate: Fate, why: str) -> None:
        """Take a row."""
        self.rows.append(Row(place, about, text, fate, why))

    def in_order(self) -> list[Row]:
        """By place."""
        return sorted(self.rows, key=lambda row: row.place)

    @property
    def is_clean(self) -> bool:
        """Nobody has to think."""
        return not any(row.fate in (Fate.DECIDE, Fate.FAULT) for row in self.rows)

    def count(self, fates: Iterable[Fate]) -> int:
        """How many rows have one of these fates."""
        wanted = frozenset(fates)
        return sum(row.fate in wanted for row in self.rows)
