"""Reads a folder of YAML into a Site, or says everything that is wrong with it in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dialplan.checks import CHECKS
from dialplan.draft import (
    AGENTS_FILE,
    ANNOUNCEMENTS_FILE,
    BACKENDS_FILE,
    MENUS_FOLDER,
    PHONES_FILE,
    PROMPTS_FILE,
    QUEUES_FILE,
    SITE_FILE,
    Draft,
)
from dialplan.faults import Fault, Severity, render_all
from dialplan.faxes import read_faxes
from dialplan.ignoring import without_ignored
from dialplan.music import read_music
from dialplan.node import Handlers
from dialplan.reading import (
    read_agents,
    read_announcements,
    read_backends,
    read_menu,
    read_phones,
    read_prompts,
    read_queues,
    read_site_file,
)
from dialplan.scenario import FOLDER, SUFFIX
from dialplan.site import Agent, Menu, Phone, Queue, Site
from dialplan.waiting import nodes_of
from dialplan.words import KEY_ACTIONS
from dialplan.yaml_tree import BYTES_MAX, Document, read

_FILES = (SITE_FILE, QUEUES_FILE, AGENTS_FILE, PROMPTS_FILE)
_OPTIONAL_FILES = (PHONES_FILE, ANNOUNCEMENTS_FILE, BACKENDS_FILE)
Read = Callable[[str, bytes], Document]
_EXPECTED = f"{', '.join(_FILES)} or {MENUS_FOLDER}/*.yaml"


class SiteInvalid(Exception):
    """The admin's mistakes. Nothing was loaded, nothing has changed.

    Attributes:
        faults: every one, warnings included, in the order of file, line and column.
    """

    def __init__(self, faults: Sequence[Fault], sources: Mapping[str, Sequence[str]]) -> None:
        super().__init__(render_all(faults, sources))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Checked:
    """What came of looking at a folder."""

    site: Site | None
    """None when any fault is an error"""
    faults: tuple[Fault, ...]
    sources: Mapping[str, Sequence[str]]
    """the lines of each file, for showing a fault in its place"""

    def report(self) -> str:
        """Return all faults for people to read; empty when there are none."""
        return render_all(self.faults, self.sources)


def load_site(folder: Path) -> Site:
    """Return the site in this folder. Warnings do not stop it: `check_site` tells them.

    Raises:
        SiteInvalid: with every fault of every file.
    """
    checked = check_site(folder)
    if checked.site is None:
        raise SiteInvalid(checked.faults, checked.sources)
    return checked.site


def check_site(folder: Path, today: date | None = None, read: Read = read) -> Checked:
    """Return the site in this folder together with its faults; never raises for what an admin wrote.

    Args:
        today: for warnings of what is about to run out; None: the machine's own.
        read: parses the content of a file, whose name comes first; gives what is its caller's own to change.
    """
    draft = _draft(folder, today or date.today(), read)
    found = [fault for document in draft.documents.values() for fault in document.faults]
    found += _strays(folder)
    found += [fault for check in CHECKS for fault in check(draft)]
    faults = _first_per_place(without_ignored(found, draft.documents.values()))
    sources = {file: document.lines for file, document in draft.documents.items()}
    broken = any(fault.severity is Severity.ERROR for fault in faults)
    return Checked(None if broken else _site(draft), faults, sources)


def _strays(folder: Path) -> list[Fault]:
    """Warn of YAML files that nobody reads: `menus/points.yml` looks like a menu, and is none."""
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.glob("**/*.y*ml"))]
    menu = f"{MENUS_FOLDER}/[!.]*.yaml"
    return [
        Fault(file, 1, 1, "stray-file", "found a file that is not read", _EXPECTED, severity=Severity.WARNING)
        for file in files
        if file not in (*_FILES, *_OPTIONAL_FILES)
        and not fnmatchcase(file, menu)
        and not fnmatchcase(file, f"{FOLDER}/*{SUFFIX}")
        and not _is_hidden(file)
    ]


def _is_hidden(file: str) -> bool:
    return any(part.startswith(".") for part in file.split("/"))


def _draft(folder: Path, today: date, read: Read) -> Draft:
    draft = Draft(today)
    for file in _FILES:
        draft.documents[file] = _read(folder, file, read)
    for file in _OPTIONAL_FILES:
        draft.documents[file] = _read(folder, file, read) if (folder / file).exists() else Document(file, (), {})
    draft.music = read_music(folder)
    draft.faxes = read_faxes(folder)
    read_site_file(draft)
    read_queues(draft)
    read_agents(draft)
    read_phones(draft)
    read_prompts(draft)
    read_announcements(draft)
    read_backends(draft)
    menus = sorted((folder / MENUS_FOLDER).glob("[!.]*.yaml"))
    for path in menus:
        read_menu(draft, path.stem, _read(folder, f"{MENUS_FOLDER}/{path.name}", read))
    if not menus:
        fault = Fault(
            f"{MENUS_FOLDER}/", 1, 1, "missing-file", "found no menus", f"{MENUS_FOLDER}/*.yaml, at least one"
        )
        draft.documents[SITE_FILE].faults.append(fault)
    return draft


def _read(folder: Path, file: str, read: Read) -> Document:
    path = folder / file
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise OSError(0, "it is no file")
        with path.open("rb") as opened:
            content = opened.read(BYTES_MAX + 1)  # enough to see that it is too large
    except OSError as error:
        found = f"the file cannot be read: {error.strerror}"
        return Document(file, (), faults=[Fault(file, 1, 1, "missing-file", found, f"{file} in the site's folder")])
    return read(file, content)


def _first_per_place(faults: list[Fault]) -> tuple[Fault, ...]:
    """Sort, and keep the first error of each place: what follows there is told of the same mistake."""
    kept: dict[Any, Fault] = {}
    for fault in faults:
        # Two warnings may well share a place; only errors repeat each other.
        key = (fault.file, fault.line, fault.column, fault.severity is Severity.ERROR or fault.rule)
        kept.setdefault(key, fault)
    return tuple(sorted(kept.values()))


def _site(draft: Draft) -> Site:
    if draft.site is None:  # impossible: a site file that did not load has left an error
        raise AssertionError("no site file and no fault")
    settings, hours = draft.site, draft.site.hours
    resolved = {
        "handlers": _site_handlers(draft),
        "keys": {key: to if to in KEY_ACTIONS else _address(draft, to) for key, to in settings.keys.items()},
        "numbers": {number: _address(draft, to) for number, to in settings.numbers.items()},
        "hours": hours and hours.model_copy(update={"closed": _address(draft, hours.closed)}),
    }
    return Site(
        **{**vars(settings), **resolved},
        menus={name: _menu(draft, name) for name in draft.menus},
        prompts={name: prompt.texts for name, prompt in draft.prompts.items()},
        queues={name: _queue(draft, name) for name in draft.queues},
        agents={extension: Agent(extension=extension, **dict(agent)) for extension, agent in draft.agents.items()},
        music={name: list(music.files) for name, music in draft.music.items()},
        announcements=draft.announcements,
        backends=draft.backends,
        phones={extension: Phone(extension=extension, **dict(phone)) for extension, phone in draft.phones.items()},
    )


def _queue(draft: Draft, name: str) -> Queue:
    settings = draft.queues[name]
    nodes = {key: _address(draft, reference) for key, reference in nodes_of(settings.keys)}
    survey = settings.survey and _address(draft, settings.survey)
    # Not dict(settings): a field named keys makes it look like a mapping.
    return Queue(id=name, **{**vars(settings), "keys": {**settings.keys, **nodes}, "survey": survey})


def _menu(draft: Draft, name: str) -> Menu:
    menu = draft.menus[name]

    def address(reference: str) -> str:
        return _address(draft, reference, name)

    around = menu.handlers.with_exits(address), _site_handlers(draft)
    return Menu(
        entry=menu.entry or "",
        nodes={key: node.with_exits(address).inheriting(*around) for key, node in menu.nodes.items()},
        handlers=around[0],
        global_keys=menu.global_keys,
        **{word: address(reference) for word, reference in menu.leads.items()},
    )


def _site_handlers(draft: Draft) -> Handlers:
    return draft.handlers.with_exits(lambda reference: _address(draft, reference))


def _address(draft: Draft, reference: str, menu: str = "") -> str:
    address = draft.resolve(reference, menu)
    if address is None:  # impossible: the checks have refused such a site
        raise AssertionError(f"unresolved {reference}")
    return address
