"""What has been published: which version is in force, how many calls each had, what is different between two."""

import difflib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from db import site_versions
from db.site_versions import SiteVersion
from dialplan.loader import check_site
from dialplan.site import Site
from hotline import generations
from hotline.faults import HotlineError, telling_of_the_disk
from hotline.publishing import confirm, records
from hotline.settings import default_database_url, load
from hotline.site_changes import Files, file_changes, in_words
from hotline.site_files import read_files, write_files
from hotline.state import State

IN_FORCE: Final = "in force"
NEXT_START: Final = "next start"
BEFORE: Final = "before"
NEVER: Final = "never came into force"


@dataclass(frozen=True)
class Listed:
    """One version, as `hotline versions` tells it."""

    number: int
    version: str
    author: str
    message: str
    stored_at: str
    published_at: str | None
    state: str
    """one of the words above"""
    calls: int
    calls_running: int


@dataclass(frozen=True)
class History:
    """All versions, the newest first."""

    versions: list[Listed]
    unpublished: str | None
    """the version of the site that runs where that is none of them: a folder that was brought up or reloaded"""


@dataclass(frozen=True)
class Side:
    """One side of a comparison."""

    name: str
    files: Files

    def site(self) -> Site:
        """Raises HotlineError where today's program refuses it."""
        with tempfile.TemporaryDirectory(prefix="hotline-version-") as folder:
            write_files(self.files, Path(folder))
            site = check_site(Path(folder)).site
        if site is None:
            raise HotlineError(f"{self.name} cannot be read as a site by this program: compare with --files")
        return site


def history(state: State) -> History:
    """Read it from the database; what a killed publisher could not tell the table is told now. Raises HotlineError."""
    with records(database_url(state)) as engine:
        confirm(state, engine)
        rows = site_versions.versions(engine)
        calls = site_versions.calls_of(engine, rows)
    running = generations.in_force(state)
    mark = generations.mark_of(running) if running else generations.NO_MARK
    now = _number_in_force(mark, rows)
    state_of_it = IN_FORCE if state.is_held() else NEXT_START
    listed = [_listed(row, calls[row.number], state_of_it if row.number == now else _past(row)) for row in rows]
    return History(listed, (mark.version or None) if now is None else None)


def find(state: State, name: str) -> SiteVersion:
    """The version with this number, or whose hash begins so; of several the newest. Raises HotlineError."""
    with records(database_url(state)) as engine:
        return _find(engine, name)


def the_one_before(state: State) -> SiteVersion:
    """The version that was in force before the one that is, and differs from it. Raises HotlineError."""
    told = history(state)
    now = next((one for one in told.versions if one.state in (IN_FORCE, NEXT_START)), None)
    for one in told.versions:
        earlier = now is None or (one.number < now.number and one.version != now.version)
        if one.published_at is not None and earlier:
            return find(state, str(one.number))
    raise HotlineError("no version was in force before the one that is")


def restore(state: State, name: str, folder: Path, url: str | None = None) -> int:
    """Write the files of a version into a folder that is new or empty; return how many.

    url: of the database; None: that of the state folder. Raises HotlineError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HotlineError(f"{folder} is there already, and not empty")
    with records(url or database_url(state)) as engine:
        files = site_versions.files_of(engine, _find(engine, name))
    with telling_of_the_disk(folder):
        write_files(files, folder)
    return len(files)


def sides(state: State, first: str | None, second: str | None) -> tuple[Side, Side]:
    """What to compare: nothing named, the newest version and the site folder; one, that one and the newest; else both.

    A name is a number, a hash or its beginning, or a folder. Raises HotlineError.
    """
    if first is None:
        return _newest(state), _folder(load(state).site)
    return _side(state, first), _newest(state) if second is None else _side(state, second)


def words(old: Side, new: Side) -> list[str]:
    """What is different, for people. Raises HotlineError."""
    return [] if old.files == new.files else in_words(old.site(), new.site(), old.files, new.files)


def unified(old: Side, new: Side) -> list[str]:
    """What is different, as `diff -u` tells it; of files that are no text, that they are."""
    lines: list[str] = []
    for name, word in file_changes(old.files, new.files):
        try:
            before, after = (side.files.get(name, b"").decode("utf-8").splitlines() for side in (old, new))
        except UnicodeDecodeError:
            lines.append(f"Binary file {name} {word}")
            continue
        labels = f"{old.name}/{name}", f"{new.name}/{name}"
        lines += difflib.unified_diff(before, after, *labels, lineterm="")
    return lines


def database_url(state: State) -> str:
    """Where the versions are: in the database of the state folder, which may never have been brought up."""
    return load(state).database_url if state.settings.exists() else default_database_url(state)


def _find(engine: Engine, name: str) -> SiteVersion:
    rows = site_versions.versions(engine)
    for row in rows:
        if str(row.number) == name:
            return row
    found = [row for row in rows if len(name) >= 4 and row.version.startswith(name.lower())]
    if len({row.version for row in found}) > 1:
        raise HotlineError(f"{name} begins more than one version: {', '.join(row.version for row in found)}")
    if not found:
        raise HotlineError(f"there is no version {name}; `hotline versions` lists them")
    return found[0]


def _number_in_force(mark: generations.Mark, rows: Sequence[SiteVersion]) -> int | None:
    """By its own number; of a folder that was reloaded, the version with the same content."""
    alike = [row for row in rows if row.version == mark.version]
    exact = [row.number for row in alike if row.number == mark.number]
    return next(iter(exact + [row.number for row in alike if row.published_at is not None]), None)


def _past(row: SiteVersion) -> str:
    return NEVER if row.published_at is None else BEFORE


def _listed(row: SiteVersion, calls: site_versions.Calls, state: str) -> Listed:
    return Listed(
        row.number,
        row.version,
        row.author,
        row.message,
        row.stored_at.isoformat(timespec="seconds"),
        row.published_at.isoformat(timespec="seconds") if row.published_at else None,
        state,
        calls.ran,
        calls.running,
    )


def _side(state: State, name: str) -> Side:
    folder = Path(name)
    if folder.is_dir() and not name.isdecimal():
        return _folder(folder)
    with records(database_url(state)) as engine:
        row = _find(engine, name)
        return Side(str(row.number), site_versions.files_of(engine, row))


def _folder(folder: Path) -> Side:
    if not folder.is_dir():
        raise HotlineError(f"{folder} is no folder")
    return Side(folder.name or str(folder), read_files(folder))


def _newest(state: State) -> Side:
    name = generations.published(state)
    if name is None:
        raise HotlineError("nothing has been published yet")
    generation = state.generations / name
    number = generations.mark_of(generation).number
    return Side(str(number), read_files(generation / "site"))
