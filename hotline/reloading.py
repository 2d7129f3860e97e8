"""`hotline reload`: prepare a changed site beside the one that runs, and have `hotline up` put it in its place.

All that is slow or can go wrong is done here, before anything changes: checking, speaking the prompts, rendering
Asterisk's configuration. What was checked is a copy, so that an edit in between makes no difference.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dialplan.loader import check_site, load_site
from dialplan.render import UnsafeValue
from dialplan.site import Site
from hotline import generations
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
    with _alone(state), telling_of_the_disk(state.folder):
        settings = load(state)
        source = (site_folder or settings.site).absolute()
        if not source.is_dir():
            raise HotlineError(f"{source} is no folder")
        with generations.made(state, source) as unfinished:
            return _reload(state, replace(settings, site=source), unfinished)


@contextmanager
def _alone(state: State) -> Iterator[None]:
    """One reload at a time; the kernel lets go when the process ends, however it ends."""
    with (state.folder / "reload.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HotlineError("another reload is under way") from None
        yield


def _reload(state: State, settings: Settings, unfinished: Path) -> Reloaded:
    checked = check_site(unfinished / "site")
    if checked.site is None:
        raise SiteRefused(checked.report())
    found = changes(load_site(state.site), checked.site)
    settings = with_agents(settings, checked.site.extensions)
    _prepare(state, checked.site, settings, unfinished)
    # Passwords of new agents more than are used yet: nobody minds, should this be as far as it gets.
    keep(state, settings)
    name = generations.finish(state, unfinished)
    words = {"generation": name}
    told = asyncio.run(
        ask(state.control("up"), words, patience_seconds=UP_PATIENCE_SECONDS, answer_seconds=INSTALL_SECONDS)
    )
    return Reloaded(found, checked.report(), list(told["next_start"]))


def _prepare(state: State, site: Site, settings: Settings, unfinished: Path) -> None:
    """Everything that could be refused. Raises HotlineError."""
    os.umask(0o077)
    floor_of(site)
    voice = site_voice(site, recordings=unfinished / "site" / "prompts")
    check_scripts(site, voice)
    try:
        write_rendered(site, settings, state, find_asterisk(), unfinished)
    except UnsafeValue as unsafe:
        raise HotlineError(f"Asterisk's configuration cannot be written: {unsafe}") from unsafe
