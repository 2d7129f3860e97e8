"""A site half read: what could be understood, and the names of all the rest.

The checks look at a draft, so that a broken queue does not hide an unknown node: what is broken is left out, but its
name stays known, and nobody is told that a queue is missing because its `ring_seconds` is wrong.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from dialplan.announcements import AnnouncementSettings
from dialplan.backends import Backend
from dialplan.hours import Hours
from dialplan.music import MusicFolder
from dialplan.node import Detour, Handlers
from dialplan.nodes import Node
from dialplan.site import AgentSettings, FeatureCodes, PhoneSettings, QueueSettings, SiteFile, Trunk
from dialplan.yaml_tree import Document

T = TypeVar("T", bound=Sized)

SITE_FILE = "site.yaml"
QUEUES_FILE = "queues.yaml"
AGENTS_FILE = "agents.yaml"
PHONES_FILE = "phones.yaml"
"""may be missing: a site need not have desk phones"""
PROMPTS_FILE = "prompts.yaml"
ANNOUNCEMENTS_FILE = "announcements.yaml"
"""may be missing: a site need not announce anything"""
BACKENDS_FILE = "backends.yaml"
"""may be missing: a site need not ask anything"""
MENUS_FOLDER = "menus"


@dataclass(frozen=True)
class PromptDraft:
    """Words in some languages, and where they stand."""

    document: Document
    path: tuple[str | int, ...]
    texts: dict[str, str]


@dataclass
class MenuDraft:
    """One file of `menus/`."""

    document: Document
    entry: str | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    """those of known type; the broken ones without what is wrong with them"""
    broken: set[str] = field(default_factory=set)
    """nodes with faults of their own"""
    names: frozenset[str] = frozenset()
    """all nodes of the file"""
    handlers: Handlers = field(default_factory=Handlers)
    """without what is wrong with them"""
    leads: dict[str, str] = field(default_factory=dict)
    """where the global keys `person` and `main` lead from here, as far as it is written"""
    global_keys: bool = True

    def writes(self, word: str) -> bool:
        """Say whether the file has this handler, however wrong."""
        return _writes(self.document, word)


@dataclass
class Draft:
    """What the files of a site say, as far as each entry makes sense by itself."""

    today: date = field(default_factory=date.today)
    documents: dict[str, Document] = field(default_factory=dict)
    """by file name; a file that is missing has a document with nothing but that fault"""
    site: SiteFile | None = None
    """without what is wrong with it; None when the file is not a mapping"""
    handlers: Handlers = field(default_factory=Handlers)
    """the site's, without what is wrong with them"""
    menus: dict[str, MenuDraft] = field(default_factory=dict)
    queues: dict[str, QueueSettings] = field(default_factory=dict)
    agents: dict[str, AgentSettings] = field(default_factory=dict)
    broken_agents: set[str] = field(default_factory=set)
    """agents with faults of their own"""
    phones: dict[str, PhoneSettings] = field(default_factory=dict)
    prompts: dict[str, PromptDraft] = field(default_factory=dict)
    announcements: dict[str, AnnouncementSettings] = field(default_factory=dict)
    backends: dict[str, Backend] = field(default_factory=dict)
    broken_backends: set[str] = field(default_factory=set)
    """backends with faults of their own"""
    music: dict[str, MusicFolder] = field(default_factory=dict)
    """by the name of the folder"""
    faxes: dict[str, bool] = field(default_factory=dict)
    """the documents below `faxes/`, and whether a fax machine could take each"""

    @property
    def languages(self) -> list[str]:
        """The site's languages; none while their list has a fault, since no one could say which is missing."""
        return self._whole("languages", [])

    @property
    def numbers(self) -> dict[str, str]:
        """The site's numbers that are good ones."""
        numbers: dict[str, str] = getattr(self.site, "numbers", {})
        return numbers

    @property
    def hours(self) -> Hours | None:
        """The site's hours; None while they have a fault."""
        hours: Hours | None = getattr(self.site, "hours", None)
        written: Any = self._written_hours
        whole = hours and (hours.open, hours.holidays) == (written.get("open"), written.get("holidays", {}))
        return hours if whole else None

    @property
    def closed(self) -> str | None:
        """The reference at which calls start outside the hours, however wrong the rest of them is."""
        closed = self._written_hours.get("closed")
        return closed if isinstance(closed, str) else None

    @property
    def starts(self) -> list[str]:
        """Every reference at which calls start; none while one of them has a fault, since it might lead anywhere."""
        numbers: dict[str, str] = self._whole("numbers", {})
        values = self.documents[SITE_FILE].values
        if not numbers or ("hours" in values and self.closed is None):
            return []
        surveys = [reference for _, reference in self.surveys]
        return [*numbers.values(), *surveys, *([] if self.closed is None else [self.closed])]

    @property
    def surveys(self) -> list[tuple[str, str]]:
        """Each queue with the reference at which its survey starts."""
        read = ((name, getattr(queue, "survey", None)) for name, queue in self.queues.items())
        return [(name, reference) for name, reference in read if reference]

    @property
    def keys(self) -> dict[str, str]:
        """The site's global keys that are good ones."""
        keys: dict[str, str] = getattr(self.site, "keys", {})
        return keys

    def writes(self, word: str) -> bool:
        """Say whether the site has this handler, however wrong."""
        return _writes(self.documents[SITE_FILE], word)

    def inherited(self, menu: str, word: str) -> tuple[str, str] | None:
        """Return where this handler leads from nodes without one, and the menu in which that reference is read."""
        for handlers, home in ((self.menus[menu].handlers, menu), (self.handlers, "")):
            value = getattr(handlers, word, None)
            to = getattr(value, "next", None) if isinstance(value, Detour) else value
            if to:
                return to, home
        return None

    @property
    def feature_codes(self) -> FeatureCodes:
        """The site's feature codes; the standard ones while they have a fault."""
        codes: FeatureCodes = getattr(self.site, "feature_codes", FeatureCodes())
        return codes

    @property
    def outbound_trunk(self) -> str | None:
        """The carrier that calls to the outside go to; None where nobody may be called, or it has a fault."""
        return getattr(getattr(self.site, "outbound", None), "trunk", None)

    @property
    def calls_nobody(self) -> bool:
        """Whether the site says nothing of calls to the outside."""
        values: Any = self.documents[SITE_FILE].values
        return isinstance(values, dict) and not values.get("outbound")

    @property
    def trunks(self) -> list[Trunk]:
        """The site's carriers; none while their list has a fault."""
        return self._whole("trunks", [])

    @property
    def _written_hours(self) -> dict[str, Any]:
        values: Any = self.documents[SITE_FILE].values
        hours = values.get("hours") if isinstance(values, dict) else None
        return hours if isinstance(hours, dict) else {}

    def _whole(self, key: str, otherwise: T) -> T:
        values: Any = self.documents[SITE_FILE].values
        read = getattr(self.site, key, otherwise)
        written = values.get(key) if isinstance(values, dict) else None
        whole = isinstance(written, list | dict) and len(written) == len(read)
        return read if whole or not (written or read) else otherwise

    def names_in(self, file: str) -> frozenset[str] | None:
        """Return the top keys of a file, broken ones too; None when the file could not be read at all."""
        values: Any = self.documents[file].values
        return frozenset(values) if isinstance(values, dict) else None

    def resolve(self, reference: str, menu: str) -> str | None:
        """Return the full `menu.node` that a reference in this menu means, or None when there is no such node.

        A node of the same menu goes before a menu of the same name.
        """
        here = self.menus.get(menu)
        if here and reference in here.names:
            return f"{menu}.{reference}"
        name, _, node = reference.partition(".")
        target = self.menus.get(name)
        if target is None:
            return None
        node = node or target.entry or ""
        return f"{name}.{node}" if node in target.names else None

    @property
    def menus_readable(self) -> bool:
        """Whether every menu file could be parsed, so that a name not found really does not exist."""
        return bool(self.menus) and all(isinstance(menu.document.values, dict) for menu in self.menus.values())


def _writes(document: Document, word: str) -> bool:
    values: Any = document.values
    handlers = values.get("handlers") if isinstance(values, dict) else None
    return word in handlers if isinstance(handlers, dict) else handlers is not None
