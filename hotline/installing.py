"""In `hotline up`: put a generation of the site in the place of the one that runs, or all back as it was.

First the children prepare themselves; what cannot be taken is refused there, with nothing changed. Then Asterisk
reloads, since the ACD may offer to a new agent at once; then the ACD changes over, since the IVR may send to a new
queue; then the IVR. If `up` is killed in the middle its children end with it, and the next start reads the site anew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from hotline import generations
from hotline.control import ask
from hotline.faults import HotlineError
from hotline.processes import run_to_end
from hotline.state import State
from hotline.succession import PREPARE, USE

log = logging.getLogger(__name__)

RELOADS: Final[Mapping[str, tuple[str, ...]]] = {
    "pjsip.conf": ("module reload res_pjsip.so", "module reload res_pjsip_endpoint_identifier_ip.so"),
    "extensions.conf": ("dialplan reload",),
    "musiconhold.conf": ("moh reload",),
}
"""What Asterisk is told when a file has changed. Other files are read when it starts."""
CHILD_PATIENCE_SECONDS = 10.0
"""A child that is just coming back is waited for."""
CHILD_ANSWER_SECONDS = 30.0
ASTERISK_SECONDS = 15.0
SITE_READERS: Final = ("acd", "ivr")

Step = Callable[[], Awaitable[None]]


class Installer:
    """Installs one generation at a time. `asterisk` is the command that a line for its console is added to."""

    def __init__(self, state: State, asterisk: Sequence[str], changed: Callable[[], None]) -> None:
        """changed: called when another site runs than before."""
        self._state = state
        self._asterisk = tuple(asterisk)
        self._changed = changed
        self._lock = asyncio.Lock()

    async def answer(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """`{"generation": name}` to `{"next_start": [file, ...]}`. Raises HotlineError, with the old site running."""
        async with self._lock:
            return {"next_start": await self._install(str(words.get("generation")))}

    async def _install(self, name: str) -> list[str]:
        before = generations.current(self._state)
        if before is None or not (self._state.generations / name).is_dir():
            raise HotlineError(f"there is no generation {name}")
        files = self._different(before, name)
        for child in SITE_READERS:
            await self._child_hears(child, name, PREPARE)
        generations.point_to(self._state, name)
        try:
            for step in self._steps(name, files):
                await step()
        except HotlineError as fault:
            await self._take_back(before, files)
            raise HotlineError(f"{fault}; the old site runs on") from fault
        if generations.mark_of(self._state.generations / name).number is not None:
            generations.publish(self._state, name)
        generations.tidy(self._state)
        self._changed()
        return [file for file in files if file not in RELOADS]

    async def _take_back(self, before: str, files: Sequence[str]) -> None:
        generations.point_to(self._state, before)
        for step in self._steps(before, files):
            try:
                await step()
            except HotlineError as fault:  # whoever does not answer now reads the old site when it comes back
                log.warning("action=take_back fault=%s", fault)

    def _steps(self, name: str, files: Sequence[str]) -> list[Step]:
        console = [line for file in files for line in RELOADS.get(file, ())]
        return [
            *(partial(self._asterisk_hears, line) for line in console),
            *(partial(self._child_hears, child, name, USE) for child in SITE_READERS),
        ]

    async def _asterisk_hears(self, line: str) -> None:
        try:
            async with asyncio.timeout(ASTERISK_SECONDS):
                status = await run_to_end((*self._asterisk, "-rx", line))
        except TimeoutError:
            raise HotlineError(f"Asterisk did not answer `{line}`") from None
        if status != 0:
            raise HotlineError(f"Asterisk refused `{line}`")

    async def _child_hears(self, child: str, name: str, phase: str) -> None:
        await ask(
            self._state.control(child),
            {"generation": name, "phase": phase},
            patience_seconds=CHILD_PATIENCE_SECONDS,
            answer_seconds=CHILD_ANSWER_SECONDS,
        )

    def _different(self, before: str, name: str) -> list[str]:
        old, new = self._etc(before), self._etc(name)
        return [file for file in sorted({*old, *new}) if old.get(file) != new.get(file)]

    def _etc(self, name: str) -> dict[str, bytes]:
        folder: Path = self._state.generations / name / "etc"
        return {path.name: path.read_bytes() for path in folder.glob("*.conf")}
