"""`hotline publish`: a version of the site is checked, told in words, stored, and put in force; all of it or nothing.

The order is what makes it so. Everything that can be refused comes first. Then the version is stored with its files,
not yet in force; then its generation is pointed to, with one rename(2), which is the decision; then the table is told.
Killed before the decision: the old version is in force, and the row says that the new one never was. Killed after it:
the new one is in force, and whoever looks next (`confirm`) tells the table.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from db import site_versions
from db.engine import open_engine
from db.migrate import upgrade
from dialplan.site import Site
from hotline import compiled, generations
from hotline.faults import HotlineError, StateBusy, telling_of_the_disk
from hotline.generations import Mark
from hotline.reloading import alone, checked_copy, install, prepare
from hotline.settings import Settings, default_site, keep, load, settle, with_agents
from hotline.site_changes import first_words, in_words
from hotline.site_files import read_files, write_files
from hotline.state import State


@dataclass(frozen=True)
class Note:
    """Who publishes, and why."""

    author: str
    message: str


@dataclass(frozen=True)
class Proposal:
    """What would be published."""

    version: str
    changes: list[str]
    """in words, against the version published last"""
    warnings: str
    """of the site, as `hotline check` tells them; may be empty"""


@dataclass(frozen=True)
class Published:
    """What was published."""

    number: int
    version: str
    changes: list[str]
    again: bool
    """the same was in force already, and nothing has changed"""
    runs: bool
    """new calls get it from now on; else from the next start on"""
    next_start: list[str]
    """Files of Asterisk's configuration that changed and are only read at its next start."""


Agree = Callable[[Proposal], bool]
"""Asked before anything is stored; no: nothing is."""


def publish(state: State, site: Path | None, note: Note, agree: Agree) -> Published | None:
    """Put the site in this folder (None: the one that was brought up) in force; None where it was not agreed to.

    Raises HotlineError, SiteRefused among them: then the version of before is in force, whole.
    """
    os.umask(0o077)
    state.make()
    with alone(state, f"publish by {note.author}"), telling_of_the_disk(state.folder):
        known = load(state) if state.settings.exists() else None
        source = (site or (known.site if known else default_site())).absolute()
        if not source.is_dir():
            raise HotlineError(f"{source} is no folder")
        with generations.made(state, source) as unfinished:
            settings = replace(known, site=source) if known else None
            return _publish(state, settings, source, unfinished, note, agree)


def publish_again(state: State, row: site_versions.SiteVersion, note: Note, agree: Agree) -> Published | None:
    """Put a version of before in force again, as the newest. Raises as `publish`."""
    with alone(state, f"rollback by {note.author}"), telling_of_the_disk(state.folder), _scratch() as folder:
        settings = load(state)
        with records(settings.database_url) as engine:
            write_files(site_versions.files_of(engine, row), folder)
        with generations.made(state, folder) as unfinished:
            return _publish(state, settings, settings.site, unfinished, note, agree)


@contextmanager
def records(database_url: str) -> Iterator[Engine]:
    """The database of the records, of today's schema, for writing. Raises HotlineError where it is away."""
    engine = open_engine(database_url, writing=True)
    try:
        upgrade(database_url)
        yield engine
    except (SQLAlchemyError, CommandError) as fault:
        said = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        raise HotlineError(f"the database cannot be used, and versions are kept there: {said}") from fault
    except site_versions.FileLost as lost:
        raise HotlineError(str(lost)) from lost
    finally:
        engine.dispose()


def confirm(state: State, engine: Engine) -> None:
    """Tell the table what is in force, where whoever put it there was killed before they could."""
    with contextlib.suppress(HotlineError), alone(state, "look at the versions"):  # else somebody is just about to
        _confirm(state, engine)


def _confirm(state: State, engine: Engine) -> None:
    for link in (state.current, state.published):
        number = generations.mark_of(link).number
        if number is not None:
            site_versions.came_into_force(engine, number, datetime.fromtimestamp(link.lstat().st_mtime, UTC))


def _publish(
    state: State, settings: Settings | None, source: Path, unfinished: Path, note: Note, agree: Agree
) -> Published | None:
    version = generations.mark_of(unfinished).version
    again = _in_force_already(state, version)
    if again is not None:
        return Published(again, version, [], again=True, runs=state.is_held(), next_start=[])
    before = _before(state)
    site, checked = checked_copy(unfinished, before)
    found = _changes(before, site, unfinished)
    if not agree(Proposal(version, found, checked.report())):
        return None
    settings = settings or _first_settings(state, source, site.extensions)
    settings = with_agents(settings, site.extensions)
    prepare(state, site, settings, unfinished)
    with records(settings.database_url) as engine:
        _confirm(state, engine)
        number = site_versions.store(engine, version, note.author, note.message, read_files(unfinished / "site"))
        generations.mark(unfinished, Mark(version, number))
        keep(state, settings)
        next_start = _put_in_force(state, generations.finish(state, unfinished))
        site_versions.came_into_force(engine, number, datetime.now(UTC))
    return Published(number, version, found, again=False, runs=next_start is not None, next_start=next_start or [])


def _in_force_already(state: State, version: str) -> int | None:
    """The number of the version published last, where it is this one and what new calls get."""
    name, running = generations.published(state), generations.in_force(state)
    if name is None or running is None:
        return None
    last = generations.mark_of(state.generations / name)
    return last.number if last.version == version == generations.mark_of(running).version else None


def _before(state: State) -> Path | None:
    """The generation that was published last; before the first, the one that runs."""
    name = generations.published(state) or generations.current(state)
    return None if name is None else state.generations / name


def _changes(before: Path | None, site: Site, unfinished: Path) -> list[str]:
    if before is None:
        return first_words(site)
    return in_words(compiled.read(before), site, read_files(before / "site"), read_files(unfinished / "site"))


def _first_settings(state: State, source: Path, extensions: Iterable[str]) -> Settings:
    with state.held():
        return settle(state, source, extensions)


def _put_in_force(state: State, generation: str) -> list[str] | None:
    """Return what Asterisk reads at its next start; None where nothing runs, and all of it waits for the next start."""
    try:
        with state.held():
            generations.publish(state, generation)
            generations.tidy(state)
            return None
    except StateBusy:
        return install(state, generation)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hotline-version-") as folder:
        yield Path(folder) / "site"
