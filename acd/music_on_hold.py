"""The music of one held caller. It plays while no AGI command runs, and survives every process but Asterisk.

Which one is CHANNEL(musicclass): Asterisk asks that before any name that StartMusicOnHold, Dial's option m or an
agent's hold come with (res_musiconhold.c, local_ast_moh_start), and the dialplan starts it again where this process is
dead. So a change sets it, and then starts it; what is dead between the two has set what the dialplan starts next.
"""

from collections.abc import Callable, Sequence

from acd.music import MusicStep, change_after, music_at
from pbx.fastagi import AgiSession


class MusicOnHold:
    """Keeps the music of a channel what the caller's wait says.

    Args:
        given: what the channel has been given by the dialplan, or by the process before; it plays.
        steps: those of the caller's queue as it is now; a reload may change them.
        waited: seconds of waiting so far.
    """

    def __init__(
        self, session: AgiSession, given: str, steps: Callable[[], Sequence[MusicStep]], waited: Callable[[], float]
    ) -> None:
        self._session = session
        self._given = self._set = given
        self._playing = True
        self._steps = steps
        self._waited = waited

    @property
    def name(self) -> str:
        """What the caller should hear now."""
        return music_at(self._steps(), self._waited()) or self._given

    @property
    def due_seconds(self) -> float | None:
        """Of waiting in all, at which it has to be looked after; None: never."""
        return 0.0 if self.name != self._set else change_after(self._steps(), self._waited())

    def stopped(self) -> None:
        """A prompt or a Dial has taken its place."""
        self._playing = False

    async def play(self) -> None:
        """Start it where it does not play, or where another one has its turn; else leave it alone.

        Raises what a session raises when the caller is gone.
        """
        name = self.name
        if name != self._set:
            await self._session.execute("MSet", f"CHANNEL(musicclass)={name}")
            self._set, self._playing = name, False
        if not self._playing:
            await self._session.execute("StartMusicOnHold", name)
            self._playing = True
