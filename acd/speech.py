"""What a waiting caller is told, on the line: prompts between the music, which never hold up an offer.

A prompt plays inside STREAM FILE, and nothing else can be done on the channel until that returns. So an errand that
comes meanwhile wakes it: PlayDTMF over AMI with a digit that no telephone has makes it return within a millisecond. A
phone can send that digit too, so it counts only when it was asked for; without AMI the prompt ends by itself.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from acd.announcing import Saying
from acd.joined_sounds import first_of
from pbx.fastagi import AgiRefused, AgiSession

log = logging.getLogger(__name__)

WAKE_DIGIT: Final = "D"


class Clips(Protocol):
    """The site's voice: sound files without extension that speak a prompt. Unknown prompts are a KeyError."""

    def __call__(self, prompt: str, language: str, /, **slots: int | str) -> list[str]: ...


def silence(prompt: str, language: str, /, **slots: int | str) -> list[str]:
    """The voice of a site that says nothing."""
    return []


class Speech:
    """The prompts of one held caller.

    Args:
        keys: the caller's keys that stop a prompt.
        press: has Asterisk press a digit on a channel as its own phone would.
        join: makes one sound of several.
        tell: counts a fault.
    """

    def __init__(
        self,
        session: AgiSession,
        clips: Clips,
        keys: Iterable[str],
        press: Callable[[str, str], None],
        join: Callable[[Sequence[str]], str] = first_of,
        tell: Callable[[str, object], None] = lambda fault, reason: None,
    ) -> None:
        self._join = join
        self._tell = tell
        self._session = session
        self._clips = clips
        self._stop_digits = "".join(sorted(keys)) + WAKE_DIGIT
        self._press = press
        self._playing = False
        self._interrupted = False

    @property
    def interrupted(self) -> bool:
        """Something more important came while the last words were said."""
        return self._interrupted

    def interrupt(self) -> None:
        """Something more important has come."""
        if self._playing and not self._interrupted:
            self._press(self._session.channel, WAKE_DIGIT)
        self._interrupted = True

    async def say(self, sayings: Iterable[Saying], keys: str | None = None) -> str | None:
        """Play prompts one after another until the end, an interruption or a key; the key that came.

        keys: those that stop a prompt here, where it is not the queue's.

        Raises what a session raises when the caller is gone.
        """
        self._interrupted = False
        for saying in sayings:
            for file in self._files(saying, self._session.language):
                if self._interrupted:
                    return None
                key = await self._play(file, self._stop_digits if keys is None else keys + WAKE_DIGIT)
                if key is not None and key != WAKE_DIGIT:
                    return key
        return None

    def file(self, language: str, *sayings: Saying) -> str:
        """One sound for all of these, for those who can play no more than one; empty where there is none."""
        return self._join([file for saying in sayings if saying.prompt for file in self._files(saying, language)])

    async def key(self, seconds: float) -> str | None:
        """Wait so long for a key, or for an interruption; None where no key came."""
        self._interrupted = False
        self._playing = True
        try:
            key = await self._session.wait_for_digit(int(seconds * 1000))
        finally:
            self._playing = False
        return None if key == WAKE_DIGIT else key

    async def _play(self, file: str, stop_digits: str) -> str | None:
        self._playing = True
        try:
            return (await self._session.stream_file(file, stop_digits)).digit
        except AgiRefused as refusal:  # a sound that cannot be played must not cost the caller the place
            log.error("action=announce file=%s cause=%s", file, refusal)
            self._tell("sound not_played", f"{file}: {refusal}")
            return None
        finally:
            self._playing = False

    def _files(self, saying: Saying, language: str) -> list[str]:
        try:
            return self._clips(saying.prompt, language, **saying.slots)
        except KeyError:
            log.error("action=announce prompt=%s unknown", saying.prompt)
            self._tell("sound unknown", saying.prompt)
            return []
