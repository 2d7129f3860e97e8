"""The site that runs, in generations: a folder each with the site and Asterisk's configuration for it, and pointers.

The pointers (symbolic links) are moved with one rename(2) each, so that whoever starts, after whatever was killed,
reads the site and the configuration of one generation, whole. A generation is made under another name first. `current`
is the one that runs; `published` is the one that was published last, with which `hotline up` starts again.

A call that has begun keeps its version of the site, so the generations of before stay for as long as calls may last.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from hotline.site_files import read_files, version_of
from hotline.state import State

UNFINISHED: Final = ".unfinished-"
KEPT: Final = 2
"""Generations that stay at least: the one that runs, and the one before it, for a reload that is taken back."""
KEPT_MOST: Final = 100
"""So many stay at most, for whoever reloads all day long."""
CALL_SECONDS_MAX: Final = 24 * 3600.0
"""For so long a generation that runs no more is kept: no call that came while it ran is in a menu any more."""
_MARK: Final = "version.json"


@dataclass(frozen=True)
class Mark:
    """What a generation is."""

    version: str
    """of its site's files (`hotline.site_files`)"""
    number: int | None = None
    """of the row of `site_versions`; None: a site folder that was not published"""


NO_MARK: Final = Mark("")


def make(state: State, source: Path) -> Path:
    """An unfinished generation with a copy of the site in it. Raises OSError, shutil.Error or SiteTooLarge."""
    unfinished = state.generations / f"{UNFINISHED}{_next_number(state)}"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished / "site", ignore=shutil.ignore_patterns(".*"))
    (unfinished / "etc").mkdir(mode=0o700)
    mark(unfinished, Mark(version_of(read_files(unfinished / "site"))))
    return unfinished


@contextmanager
def made(state: State, source: Path) -> Iterator[Path]:
    """As `make`, and removed at the end unless it was finished."""
    unfinished = make(state, source)
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def mark(generation: Path, what: Mark) -> None:
    """Write down what this generation is."""
    (generation / _MARK).write_text(json.dumps(asdict(what)), "utf-8")


def mark_of(generation: Path) -> Mark:
    """What this generation is; NO_MARK for a folder that is none."""
    try:
        return Mark(**json.loads((generation / _MARK).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return NO_MARK


def finish(state: State, unfinished: Path) -> str:
    """Give a generation that has all its files its name; answers it. Nobody reads it before it is pointed to."""
    finished = state.generations / str(_next_number(state))
    unfinished.rename(finished)
    return finished.name


def current(state: State) -> str | None:
    """The name of the generation that runs; None before the first."""
    return _target(state.current)


def published(state: State) -> str | None:
    """The name of the generation that was published last; None where nothing was."""
    return _target(state.published)


def point_to(state: State, name: str) -> None:
    """From now on whoever looks finds this generation."""
    before = current(state)
    if before is not None and (state.generations / before).is_dir():
        os.utime(state.generations / before)  # how long it is kept counts from here
    _point(state.current, state, name)


def publish(state: State, name: str) -> None:
    """From now on `hotline up` starts with this generation."""
    _point(state.published, state, name)


def in_force(state: State) -> Path | None:
    """The generation whose site new calls get: the one that runs, or else the one with which the next start begins."""
    name = current(state) if state.is_held() else published(state) or current(state)
    return (name and state.generations / name) or None


def of_version(state: State, version: str) -> Path | None:
    """The newest generation with this version of the site that is still kept."""
    numbers = sorted(_numbers(state), reverse=True)
    folders = (state.generations / str(number) for number in numbers)
    return next((folder for folder in folders if version and mark_of(folder).version == version), None)


def tidy(state: State) -> None:
    """Remove what was never finished, and generations that no call can hold any more."""
    kept = {current(state), published(state)}
    numbers = sorted(_numbers(state))
    for place, number in enumerate(reversed(numbers)):
        folder = state.generations / str(number)
        young = time.time() - folder.stat().st_mtime < CALL_SECONDS_MAX and place < KEPT_MOST
        if place >= KEPT and not young and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    for unfinished in state.generations.glob(f"{UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _target(link: Path) -> str | None:
    return link.readlink().name if link.is_symlink() else None


def _point(link: Path, state: State, name: str) -> None:
    fresh = link.with_name(f".{link.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(state.generations.name) / name, target_is_directory=True)
    fresh.replace(link)


def _numbers(state: State) -> Iterator[int]:
    return (int(folder.name) for folder in state.generations.iterdir() if folder.name.isdecimal())


def _next_number(state: State) -> int:
    return max(_numbers(state), default=0) + 1
