"""The menus of one version of the site, and where a session finds those of its call."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ivr.backends import Backends, NoBackends
from ivr.flow import Flow
from ivr.voice import Voice


@dataclass(frozen=True)
class Menus:
    """What callers hear and are asked.

    Raises:
        ValueError: the flow asks for prompts that the voice does not have. Asterisk would pass over them in silence.
    """

    flow: Flow
    voice: Voice
    backends: Backends = field(default_factory=NoBackends)
    folder: Path | None = None
    """of the site, where the documents are that callers have faxed to them"""

    @property
    def version(self) -> str:
        """Of the site; empty where nobody counts them."""
        return self.flow.version

    def __post_init__(self) -> None:
        unspoken = self.flow.prompts() - self.voice.prompt_ids
        if unspoken:
            raise ValueError(f"no such prompts: {', '.join(sorted(unspoken))}")


class Shelf(Protocol):
    """Where the menus of every version are that a call may have begun with."""

    @property
    def newest(self) -> Menus:
        """Those of a call that begins now."""
        ...

    async def of(self, version: str) -> Menus | None:
        """Those of this version; None where they cannot be had any more."""
        ...


@dataclass(frozen=True)
class OnlyOne:
    """A shelf with the menus of one version."""

    newest: Menus

    async def of(self, version: str) -> Menus | None:
        """The only ones, if they are these."""
        return self.newest if version == self.newest.version else None
