"""Sounds and the waits behind them, on one caller's channel: what a walk asks for in two actions is one command.

So a key costs the caller no round trip between a prompt and its wait, and none is lost there: Asterisk throws away what
is pressed while no command runs (res_agi.c, run_agi).
"""

import logging
from collections.abc import Awaitable, Callable, Sequence

from pbx.errors import AgiRefused
from pbx.fastagi import AgiSession, Played

log = logging.getLogger(__name__)

_TELEPHONE_ONLY = "ABCD"
"""Keys that no menu has. In a wait they are mistakes; during a prompt they would go unheard."""


class Playing:
    """What one session plays.

    Args:
        prepare: done before anything is heard or waited for.
        was_whole: whether so many samples of a sound are all of it.
        unplayed: told of each sound that could not be heard.
    """

    def __init__(
        self,
        agi: AgiSession,
        prepare: Callable[[], Awaitable[None]],
        was_whole: Callable[[str, int], bool],
        unplayed: Callable[[], None],
    ) -> None:
        self._agi = agi
        self._prepare = prepare
        self._was_whole = was_whole
        self._unplayed = unplayed
        self._has_waited = False
        """The wait that follows a prompt was made together with it."""
        self._waited_for: str | None = None
        """The key that came in it."""

    async def play(self, files: Sequence[str], stop_keys: str, then_seconds: float | None = None) -> str | None:
        """Play sounds one after another, and wait so long for a key after the last of them; the key that cut them off.

        One that comes in the wait is what `wait` answers.
        """
        await self._prepare()
        for number, file in enumerate(files, 1):
            waits = then_seconds is not None and number == len(files)
            try:
                played = await self._played(file, stop_keys, then_seconds if waits else None)
            except AgiRefused as refusal:
                # One sound that Asterisk cannot play must not cost the caller the rest of the call.
                log.error("not played action=play uniqueid=%s file=%s cause=%s", self._agi.uniqueid, file, refusal)
                self._unplayed()
                continue
            if played.digit and not (waits and self._was_whole(file, played.endpos)):
                return played.digit
            self._has_waited, self._waited_for = waits and played.endpos > 0, played.digit
            if not played.endpos:
                log.error("nothing was played action=play uniqueid=%s file=%s", self._agi.uniqueid, file)
                self._unplayed()
        return None

    async def _played(self, file: str, stop_keys: str, then_seconds: float | None) -> Played:
        if then_seconds is None:
            return await self._agi.stream_file(file, stop_keys)
        return await self._agi.get_option(file, stop_keys + _TELEPHONE_ONLY, round(then_seconds * 1000))

    async def wait(self, seconds: float) -> str | None:
        """The next key; None after so many seconds without one."""
        if self._has_waited:
            self._has_waited, key, self._waited_for = False, self._waited_for, None
            return key
        await self._prepare()
        return await self._agi.wait_for_digit(round(seconds * 1000))
