"""What a caller is asked about a callback: the number read back and confirmed, or another one keyed.

One who waits in a queue waits on meanwhile. An agent who becomes free is better than any callback: the dialogue then
breaks off.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final, NamedTuple

from acd.announcing import Saying
from acd.speech import Speech

CONFIRM_KEY: Final = "1"
OTHER_KEY: Final = "2"
WAIT_KEY: Final = "*"
_END_KEY: Final = "#"
_DIGITS: Final = "0123456789"

ROUNDS_MAX: Final = 3
"""So often a caller who says nothing, or keys what is of no use, is asked again."""
ANSWER_SECONDS: Final = 6.0
DIGIT_SECONDS: Final = 5.0
_DIGITS_MAX: Final = 20


class Ending(Enum):
    """What came of the dialogue."""

    CONFIRMED = auto()
    DECLINED = auto()
    """The caller said so, or nothing that could be understood."""
    NOT_ALLOWED = auto()
    """The last number that the caller gave may not be called."""
    BROKEN_OFF = auto()


class Choice(NamedTuple):
    ending: Ending
    number: str = ""
    """With CONFIRMED: one that may be called."""


class CallbackDialogue:
    """One caller's dialogue.

    Args:
        allows: whether a number may be called; asked when it is given, and again when it is confirmed.
        number: the caller's own, empty where it is withheld.
        is_wanted: whether something better than this dialogue has come.
        refused: told of every number that may not be called.
    """

    def __init__(
        self,
        speech: Speech,
        allows: Callable[[str], bool],
        number: str,
        is_wanted: Callable[[], bool] = lambda: False,
        refused: Callable[[str], None] = lambda number: None,
    ) -> None:
        self._speech = speech
        self._allows = allows
        self._is_wanted = is_wanted
        self._refused = refused
        self._was_refused = False
        self._number = number if number and self._may_call(number) else ""

    async def run(self) -> Choice:
        """Ask until there is an answer. Raises what a session raises."""
        unheard = 0
        while unheard < ROUNDS_MAX and not self._is_wanted():
            number = self._number
            key = await self._confirm() if number else await self._enter()
            if key == WAIT_KEY:
                return Choice(Ending.DECLINED)
            if key == CONFIRM_KEY and number and self._may_call(number):
                return Choice(Ending.CONFIRMED, number)
            if key in (OTHER_KEY, CONFIRM_KEY):
                self._number = ""
            unheard += self._number == number
        if self._is_wanted():
            return Choice(Ending.BROKEN_OFF)
        return Choice(Ending.NOT_ALLOWED if self._was_refused else Ending.DECLINED)

    def _may_call(self, number: str) -> bool:
        self._was_refused = not self._allows(number)
        if self._was_refused:
            self._refused(number)
        return not self._was_refused

    async def _confirm(self) -> str | None:
        keys = CONFIRM_KEY + OTHER_KEY + WAIT_KEY
        key = await self._say(Saying("callback.confirm", {"number": self._number}), keys)
        return key if key is not None else await self._key(ANSWER_SECONDS)

    async def _enter(self) -> str | None:
        """Have the caller key a number; the key that ends the dialogue, or None for another round."""
        keyed = await self._say(Saying("callback.enter"), _DIGITS + WAIT_KEY) or ""
        while keyed[-1:] not in (WAIT_KEY, _END_KEY) and len(keyed) < _DIGITS_MAX:
            key = await self._key(DIGIT_SECONDS)
            if key is None:
                break
            keyed += key
        if keyed.endswith(WAIT_KEY):
            return WAIT_KEY
        number = keyed.removesuffix(_END_KEY)
        if number and self._may_call(number):
            self._number = number
        elif number:
            return await self._say(Saying("callback.not_allowed"), WAIT_KEY)
        return None

    async def _say(self, saying: Saying, keys: str) -> str | None:
        return None if self._is_wanted() else await self._speech.say([saying], keys)

    async def _key(self, seconds: float) -> str | None:
        return None if self._is_wanted() else await self._speech.key(seconds)
