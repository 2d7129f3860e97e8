"""Checkpoints of the calls in menus, where the next process finds them when this one is killed.

A line is one write(2) to a file opened with O_APPEND, as in the journal: once `keep` returned it is the kernel's. So a
caller's next prompt waits for no round trip to Asterisk. A line that was cut short is none; the one before it holds.
"""

import contextlib
import logging
import os
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ivr.checkpoint import Kept

log = logging.getLogger(__name__)

FORGOTTEN_AFTER_SECONDS: Final = 86_400.0
"""Callers who hung up while no IVR was there leave theirs behind."""


class CheckpointFiles:
    """One file for each channel in a menu.

    Args:
        folder: made where it is missing; one serving process at a time writes in it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._open: dict[str, int] = {}
        self._clean_up()

    def keep(self, channel_id: str, checkpoint: Kept) -> bool:
        """False, and nothing is kept, where the disk refuses: then the channel must have it."""
        line = f"{'|'.join(checkpoint)}\n".encode()
        try:
            descriptor = self._open.get(channel_id)
            if descriptor is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                descriptor = self._open[channel_id] = os.open(self._path(channel_id), flags, 0o600)
            if os.write(descriptor, line) == len(line):
                return True
            raise OSError("no room for a whole line")
        except OSError as refusal:
            log.error("checkpoint goes to the channel action=keep uniqueid=%s cause=%s", channel_id, refusal)
            self.forget(channel_id)
            return False

    def find(self, channel_id: str) -> Kept | None:
        """What was kept last; None: nothing was."""
        try:
            text = self._path(channel_id).read_text("utf-8", "replace")
        except OSError:
            return None
        *_, last, _unfinished = ["", *text.split("\n")]
        fields = last.split("|", len(Kept._fields) - 1)
        return Kept(*fields) if len(fields) == len(Kept._fields) else None

    def forget(self, channel_id: str) -> None:
        """The call has left the menus, or keeps its checkpoint elsewhere."""
        descriptor = self._open.pop(channel_id, None)
        if descriptor is not None:
            os.close(descriptor)
        with contextlib.suppress(OSError):
            self._path(channel_id).unlink(missing_ok=True)

    def _path(self, channel_id: str) -> Path:
        return self._folder / quote(channel_id, safe="")

    def _clean_up(self) -> None:
        before = time.time() - FORGOTTEN_AFTER_SECONDS
        for file in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if file.stat().st_mtime < before:
                    file.unlink()
