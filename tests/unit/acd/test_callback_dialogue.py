"""The dialogue about a callback: what is asked, what the keys mean, what ends it."""

from collections.abc import Iterable

import pytest

from acd.announcing import Saying
from acd.callback_dialogue import CallbackDialogue, Choice, Ending

OWN, OTHER = "13900000081", "13900000082"
DECLINED, BROKEN_OFF, NOT_ALLOWED = Choice(Ending.DECLINED), Choice(Ending.BROKEN_OFF), Choice(Ending.NOT_ALLOWED)


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


async def play(number: str, *keys: str | None) -> tuple[Choice, list[str]]:
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
async def test_keys_and_what_they_lead_to(keys: list[str | None], choice: Choice | str) -> None:
    """1 is right, 2 another number ended by #, star goes on waiting; whoever says nothing waits on, and an agent who is
    there breaks it off."""
    expected = Choice(Ending.CONFIRMED, choice) if isinstance(choice, str) else choice
    assert (await play(OWN, *keys))[0] == expected


@pytest.mark.parametrize("number", ["", "02160000083"])
async def test_a_number_that_cannot_be_called_is_not_offered(number: str) -> None:
    """Anonymous, or not allowed: the caller is asked for one, which is read back."""
    choice, heard = await play(number, *OTHER, "#", "1")
    assert (choice.number, heard) == (OTHER, ["enter", f"confirm {OTHER}"])


async def test_a_number_that_is_not_allowed_is_refused() -> None:
    """It is said, and asked for another one, three times in all; whoever was told so has not declined."""
    choice, heard = await play("", *"110#", None, *"119#", None, *"120#", None)
    assert choice == NOT_ALLOWED
    assert heard == ["enter", "not_allowed"] * 3


async def test_every_number_that_is_refused_is_told() -> None:
    """The caller's own, one that is keyed, and one that the site comes to deny between reading back and confirming."""
    caller = Caller([*"110#", None, *OTHER, "#", "1", *OWN, "#", "1"])
    allowed = {OWN: [True, True], OTHER: [True, False]}
    refused: list[str] = []
    dialogue = CallbackDialogue(
        caller,  # type: ignore[arg-type]  # its two methods are all that the dialogue asks for
        lambda number: allowed[number].pop(0) if number in allowed else False,
        "02160000083",
        refused=refused.append,
    )
    assert await dialogue.run() == Choice(Ending.CONFIRMED, OWN)
    assert refused == ["02160000083", "110", OTHER]
