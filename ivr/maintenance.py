"""What calls that begin under maintenance are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Maintenance:
    """What calls that begin now are told instead of the menus."""

    words: str
    """the id of a prompt, or a text; empty: there is no maintenance"""
    sounds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """the words spoken, by language, as STREAM FILE takes them; the first is for callers of any other"""

    def spoken(self, language: str) -> list[str]:
        """What a caller of this language hears."""
        return list(self.sounds.get(language) or next(iter(self.sounds.values()), ()))


NO_MAINTENANCE = Maintenance("")
