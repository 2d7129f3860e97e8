"""The site that runs, in generations: a folder each with the site and Asterisk's configuration for it, and one pointer.

The pointer (`current`, a symbolic link) is moved with one rename(2), so that whoever starts, after whatever was killed,
reads the site and the configuration of one generation, whole. A generation is made under another name first.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hotline.state import State

UNFINISHED: Final = ".unfinished-"
KEPT: Final = 2
"""Generations that stay: the one that runs, and the one before it, for a reload that is taken back."""


def make(state: State, source: Path) -> Path:
    """An unfinished generation with a copy of the site in it. Raises OSError or shutil.Error."""
    unfinished = state.generations / f"{UNFINISHED}{_next_number(state)}"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished / "site")
    (unfinished / "etc").mkdir(mode=0o700)
    return unfinished


@contextmanager
def made(state: State, source: Path) -> Iterator[Path]:
    """As `make`, and removed at the end unless it was finished."""
    unfinished = make(state, source)
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def finish(state: State, unfinished: Path) -> str:
    """Give a generation that has all its files its name; answers it. Nobody reads it before `point_to`."""
    finished = state.generations / str(_next_number(state))
    unfinished.rename(finished)
    return finished.name


def current(state: State) -> str | None:
    """The name of the generation that runs; None before the first."""
    return state.current.readlink().name if state.current.is_symlink() else None


def point_to(state: State, name: str) -> None:
    """From now on whoever looks finds this generation."""
    fresh = state.current.with_name(f".{state.current.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(state.generations.name) / name, target_is_directory=True)
    fresh.replace(state.current)


def tidy(state: State) -> None:
    """Remove what was never finished, and generations older than those that are kept."""
    running = current(state)
    numbers = sorted(_numbers(state))
    for number in numbers[:-KEPT]:
        if str(number) != running:
            shutil.rmtree(state.generations / str(number), ignore_errors=True)
    for unfinished in state.generations.glob(f"{UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _numbers(state: State) -> Iterator[int]:
    return (int(folder.name) for folder in state.generations.iterdir() if folder.name.isdecimal())


def _next_number(state: State) -> int:
    return max(_numbers(state), default=0) + 1
