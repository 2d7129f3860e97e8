"""The menus of every version of the site that a call may have begun with: the newest, and on demand those of before."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dialplan.loader import SiteInvalid
from dialplan.site import Site
from hotline import compiled, generations
from hotline.faults import HotlineError
from hotline.flow_of_site import flow_of
from hotline.state import State
from hotline.voices import site_voice
from ivr.backends import Backends
from ivr.menus import Menus

log = logging.getLogger(__name__)

OLD_KEPT: Final = 8
"""Versions of before that stay in memory, the one asked for last longest; others are read again."""


class SiteShelf:
    """Reads a version from its generation the first time that a call of it comes: after a restart, say."""

    def __init__(self, newest: Menus, read: Callable[[str], Menus | None]) -> None:
        """read: finds a version, in a thread; None where it is no more."""
        self._newest = newest
        self._read = read
        self._old: OrderedDict[str, asyncio.Future[Menus | None]] = OrderedDict()

    @property
    def newest(self) -> Menus:
        """Those of a call that begins now."""
        return self._newest

    def put(self, newest: Menus) -> None:
        """Calls that begin from now on get these."""
        self._keep(self._newest.version, _known(self._newest))
        self._newest = newest

    async def of(self, version: str) -> Menus | None:
        """Those of this version. Fifty calls that ask at once wait for one reading; what is lost is looked for anew."""
        if version == self._newest.version:
            return self._newest
        reading = self._old.get(version)
        if reading is None:
            reading = asyncio.ensure_future(asyncio.to_thread(self._read, version))
        self._keep(version, reading)
        found = await asyncio.shield(reading)
        if found is None:
            self._old.pop(version, None)
        return found

    def _keep(self, version: str, reading: "asyncio.Future[Menus | None]") -> None:
        self._old[version] = reading
        self._old.move_to_end(version)
        while len(self._old) > OLD_KEPT:
            self._old.popitem(last=False)


BackendsOf = Callable[[Site, Path], Backends]
"""Those of a site, which is in this folder."""


def menus_in(generation: Path, backends_of: BackendsOf) -> tuple[Site, Menus]:
    """The site of a generation, and its menus, all of them spoken. Raises SiteInvalid or HotlineError."""
    site = compiled.read(generation)
    folder = generation / "site"
    flow = flow_of(site, generations.mark_of(generation).version)
    return site, Menus(flow, site_voice(site, folder / "prompts"), backends_of(site, folder), folder)


def read_version(state: State, backends_of: BackendsOf, version: str) -> Menus | None:
    """The menus of a version of before, from its generation; None where that is gone, or cannot be read by now."""
    generation = generations.of_version(state, version)
    if generation is None:
        return None
    try:
        return menus_in(generation, backends_of)[1]
    except (SiteInvalid, HotlineError, OSError, ValueError) as fault:
        log.error("version not read action=read version=%s cause=%s", version, str(fault).splitlines()[:1])
        return None


def _known(menus: Menus) -> "asyncio.Future[Menus | None]":
    known: asyncio.Future[Menus | None] = asyncio.get_running_loop().create_future()
    known.set_result(menus)
    return known
