"""The caller's keys: pressed ahead, during what is said, or when waited for. No I/O: a part of a walk."""

from collections import deque
from collections.abc import Callable

from ivr.actions import Await, Came, Hear, HearFile, HearMessage, Walking, key_of
from ivr.collector import KEYS


class Keypad:
    """What one caller presses over a walk.

    Keys pressed ahead are kept over nodes and skip what would be said meanwhile.

    Args:
        stopped: told of each time that a key cuts off what is said.
    """

    def __init__(self, stopped: Callable[[], None] = lambda: None) -> None:
        self._stopped = stopped
        self.spent = ""
        """A key that is passed over if it comes next: it ends what was already complete."""
        self._ahead: deque[str] = deque()

    def hear(self, prompts: tuple[str, ...], then_seconds: float | None = None) -> Walking[None]:
        """then_seconds: how long a key will be waited for next, if that is sure."""
        if prompts and not self._ahead:
            then_seconds = None if self.spent else then_seconds
            self.keep((yield Hear(prompts, self._stop_keys(), then_seconds)))

    def hear_file(self, file: str) -> Walking[None]:
        if not self._ahead:
            self.keep((yield HearFile(file, self._stop_keys())))

    def hear_message(self) -> Walking[None]:
        """Let the caller hear what they have recorded."""
        if not self._ahead:
            self.keep((yield HearMessage(self._stop_keys())))

    def key(self, seconds: float) -> Walking[str | None]:
        """The next key; None after so many seconds without one."""
        if self._ahead:
            return self._ahead.popleft()
        key = key_of((yield Await(seconds)))
        spent, self.spent = self.spent, ""
        if key and key == spent:
            return (yield from self.key(seconds))
        return key

    def forget(self) -> None:
        """What was pressed ahead was meant for something else."""
        self._ahead.clear()

    def hear_meanwhile(self, prompts: tuple[str, ...], file: str | None) -> Walking[None]:
        """Something for callers who wait: whatever they have pressed, they hear it."""
        if prompts:
            self.keep((yield Hear(prompts, self._stop_keys())))
        elif file:
            self.keep((yield HearFile(file, self._stop_keys())))

    def keep(self, came: Came) -> None:
        """A key that was pressed ahead."""
        if key := key_of(came):
            self._stopped()
            self._ahead.append(key)

    def _stop_keys(self) -> str:
        return KEYS.replace(self.spent, "") if self.spent else KEYS
