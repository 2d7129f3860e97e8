"""The dialogue about a callback: what is asked, what the keys mean, what ends it."""

from collections.abc import Iterable

import pytest

from acd.announcing import Saying
from acd.callback_dialogue import BROKEN_OFF, DECLINED, CallbackDialogue

OWN, OTHER = "13900000081", "13900000082"


class Caller:
    """Presses these keys, one whenever a key can be pressed; None lets a question pass. Stands in for the speech."""

    def __init__(self, keys: Iterable[str | None]) -> None:
        self.keys = iter(keys)
        self.heard: list[str] = []
        self.is_wanted = False

    def _press(self) -> str | None:
        key = next(self.keys, None)
        if key == "agent":
            self.is_wanted = True
            return None
        return key

    async def say(self, sayings: Iterable[Saying], keys: str | None = None) -> str | None:
        for saying in sayings:
            self.heard.append(" ".join([saying.prompt.removeprefix("callback."), *map(str, saying.slots.values())]))
        key = self._press()
        assert key is None or key in (keys or "")
        return key

    async def key(self, seconds: float) -> str | None:
        return self._press()


async def play(number: str, *keys: str | None) -> tuple[str | None, list[str]]:
    caller = Caller(keys)
    dialogue = CallbackDialogue(
        caller,  # type: ignore[arg-type]  # its two methods are all that the dialogue asks for
        lambda number: number in (OWN, OTHER),
        number,
        lambda: caller.is_wanted,
    )
    return await dialogue.run(), caller.heard


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (["1"], OWN),
        ([None, "1"], OWN),  # after the prompt
        (["*"], DECLINED),
        ([None, "*"], DECLINED),
        (["2", *OTHER, "#", "1"], OTHER),
        (["2", None, *OTHER, "#", None, "1"], OTHER),
        (["2", *OTHER, None, "1"], OTHER),  # a pause ends the number as well
        (["2", *OTHER, "#", "2", *OWN, "#", "1"], OWN),
        (["2", *OTHER[:5], "*"], DECLINED),
        (["2", "*"], DECLINED),
        (["agent"], BROKEN_OFF),
        (["2", *OTHER[:5], "agent"], BROKEN_OFF),
        ([None] * 6, DECLINED),
        (["2", *[None] * 6], DECLINED),
        (["2", *["1"] * 20, "*"], DECLINED),
    ],
)
async def test_keys_and_what_they_lead_to(keys: list[str | None], choice: str | None) -> None:
    """1 is right, 2 another number ended by #, star goes on waiting; whoever says nothing waits on, and an agent who is
    there breaks it off."""
    assert (await play(OWN, *keys))[0] == choice


@pytest.mark.parametrize("number", ["", "02160000083"])
async def test_a_number_that_cannot_be_called_is_not_offered(number: str) -> None:
    """Anonymous, or not allowed: the caller is asked for one, which is read back."""
    choice, heard = await play(number, *OTHER, "#", "1")
    assert (choice, heard) == (OTHER, ["enter", f"confirm {OTHER}"])


async def test_a_number_that_is_not_allowed_is_refused() -> None:
    """It is said, and asked for another one, three times in all."""
    choice, heard = await play("", *"110#", None, *"119#", None, *"120#", None)
    assert choice is DECLINED
    assert heard == ["enter", "not_allowed"] * 3
