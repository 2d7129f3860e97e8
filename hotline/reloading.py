"""`hotline reload`: prepare a changed site beside the one that runs, and have `hotline up` put it in its place.

All that is slow or can go wrong is done here, before anything changes: checking, speaking the prompts, rendering
Asterisk's configuration. What was checked is a copy, so that an edit in between makes no difference. `hotline publish`
(`hotline.publishing`) takes the same steps.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dialplan.loader import Checked, check_site
from dialplan.render import UnsafeValue
from dialplan.site import Site
from hotline import compiled, generations
from hotline.asterisk_conf import write_rendered
from hotline.asterisk_tree import find_asterisk
from hotline.control import ask
from hotline.faults import HotlineError, telling_of_the_disk
from hotline.floor_of_site import floor_of
from hotline.scripts import check_scripts
from hotline.settings import Settings, keep, load, with_agents
from hotline.site_changes import changes
from hotline.state import State
from hotline.voices import site_voice

UP_PATIENCE_SECONDS = 1.0
INSTALL_SECONDS = 60.0


class SiteRefused(HotlineError):
    """The site has faults; nothing was changed. The message is what `hotline check` says."""


@dataclass(frozen=True)
class Reloaded:
    """What a reload changed."""

    changes: list[str]
    warnings: str
    """of the site, as `hotline check` tells them; may be empty"""
    next_start: list[str]
    """Files of Asterisk's configuration that changed and are only read at its next start."""


def reload_site(state: State, site_folder: Path | None) -> Reloaded:
    """Bring this site (None: the folder that was brought up) in the place of the one that runs, while calls go on.

    Raises HotlineError, SiteRefused among them: then the old site runs on, whole.
    """
    if not state.is_held():
        raise HotlineError(f"no `hotline up` runs with {state.folder}; it reads the site when it starts")
    with alone(state, "reload"), telling_of_the_disk(state.folder):
        settings = load(state)
        source = (site_folder or settings.site).absolute()
        if not source.is_dir():
            raise HotlineError(f"{source} is no folder")
        with generations.made(state, source) as unfinished:
            return _reload(state, replace(settings, site=source), unfinished)


@contextmanager
def alone(state: State, what: str) -> Iterator[None]:
    """One change of the site at a time; the kernel lets go when the process ends, however it ends.

    Args:
        what: what this process does, told to whoever comes meanwhile.
    """
    with (state.folder / "changing.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "change of the site"
            raise HotlineError(f"another {holder} is under way; nothing was changed") from None
        lock.truncate(0)
        lock.write(f"{what} (process {os.getpid()})")
        lock.flush()
        yield


def checked_copy(unfinished: Path, before: Path | None) -> tuple[Site, Checked]:
    """The site of a generation that is being made; of what the one before has as well nothing is parsed again.

    Raises SiteRefused.
    """
    parsed = compiled.Parsed(before)
    checked = check_site(unfinished / "site", read=parsed)
    parsed.write(unfinished)
    if checked.site is None:
        raise SiteRefused(checked.report())
    return checked.site, checked


def prepare(state: State, site: Site, settings: Settings, unfinished: Path) -> None:
    """Do everything that could be refused: speak the prompts, compile, render. Raises HotlineError."""
    os.umask(0o077)
    floor_of(site)
    voice = site_voice(site, recordings=unfinished / "site" / "prompts")
    check_scripts(site, voice)
    compiled.write(site, unfinished)
    try:
        write_rendered(site, settings, state, find_asterisk(), unfinished)
    except UnsafeValue as unsafe:
        raise HotlineError(f"Asterisk's configuration cannot be written: {unsafe}") from unsafe


def install(state: State, generation: str) -> list[str]:
    """Have `hotline up` put it in the place of the one that runs.

    Return the files of Asterisk's configuration that are only read at its next start. Raises HotlineError: the old site
    runs on; NoAnswer: `hotline up` did not say.
    """
    words = {"generation": generation}
    told = asyncio.run(
        ask(state.control("up"), words, patience_seconds=UP_PATIENCE_SECONDS, answer_seconds=INSTALL_SECONDS)
    )
    return list(told["next_start"])


def _reload(state: State, settings: Settings, unfinished: Path) -> Reloaded:
    site, checked = checked_copy(unfinished, state.current)
    found = changes(compiled.read(state.current), site)
    settings = with_agents(settings, site.extensions)
    prepare(state, site, settings, unfinished)
    # Passwords of new agents more than are used yet: nobody minds, should this be as far as it gets.
    keep(state, settings)
    next_start = install(state, generations.finish(state, unfinished))
    return Reloaded(found, checked.report(), next_start)
