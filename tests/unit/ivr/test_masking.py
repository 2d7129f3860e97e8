"""What a caller keys in confidence is in no journal line, on no channel and in no log."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.checkpoint import Checkpoint, restore
from ivr.flow import Flow
from ivr.nodes import Call, Collect, HangUp, Menu, Queue, Return, Script, Set
from ivr.sealing import KeySealing
from ivr.session import IvrSettings, make_handler
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice

CARD, PIN = "4111111111111111", "83917"
SEALING = KeySealing("a secret of the state folder, thirty-two bytes")
CARDS = {"as_": "card", "log": "masked", "checksum": "luhn"}
FLOW = Flow(
    {
        "m.card": Collect(("card",), "card", "pin", "bye", 12, 19, **CARDS),  # type: ignore[arg-type]  # by name
        "m.pin": Collect(("pin",), "pin", "copy", "bye", 4, 6, log="off", survey="the_pin"),
        "m.copy": Set({"copied": "card {card}", "harmless": "tea"}, "look"),
        "m.look": Script("lookup", {"done": "pay"}, "bye"),
        "m.pay": Call("sub", "ask", {"number": "{card}"}, {"paid": "used"}),
        "m.ask": Menu(("ask",), {"1": "person"}, "bye"),
        "m.person": Queue("orders", outcomes={"full": "bye"}),
        "m.bye": HangUp(("bye",)),
        "sub.ask": Menu(("ask",), {"1": "back"}, "back"),
        "sub.back": Return({"used": "{number}"}),
    },
    {"m": "m.card", "sub": "sub.ask"},
)


class WholeCall:
    """One call over its sessions, and everything of it that somebody else can read."""

    def __init__(self) -> None:
        self.variables = {"HOTLINE_ENTRY": "m"}
        self.records = Records()
        self.commands: list[str] = []
        settings = IvrSettings(clock=lambda: 1000.0, sealing=SEALING)
        self._handle = make_handler(FLOW, soundless_voice(FLOW), self.records, settings)

    async def session(self, *acts: str, killed_at: int | None = None) -> None:
        agi = ScriptedAgi(acts, self.variables, killed_at=killed_at)
        try:
            await self._handle(agi)
        finally:
            self.commands += agi.commands

    def readable(self) -> Iterator[str]:
        yield from map(str, self.records)
        yield from self.commands
        yield from self.variables.values()

    def leaks(self) -> list[str]:
        """Whatever holds the card but for its last four digits, or the PIN."""
        return [text for text in self.readable() if CARD[:8] in text or PIN in text]


async def test_a_whole_call_shows_neither_card_nor_pin(caplog: pytest.LogCaptureFixture) -> None:
    """Keyed, copied, handed to a sub-flow and back, kept over a script and into a queue: nobody can read them, and the
    IVR knows them all the time."""
    caplog.set_level(logging.DEBUG)
    call = WholeCall()
    await call.session(*CARD, "#", *PIN, "#")
    assert call.variables["IVR_NEXT"] == "script"
    call.variables |= {"IVR_RESULT": "done", "IVR_NEXT": ""}
    await call.session("1", "1")
    assert call.variables["IVR_NEXT"] == "queue"
    assert call.leaks() == []
    assert CARD[:8] not in caplog.text
    kept = restore(call.variables["IVR_NODE"], call.variables["IVR_VARS"], SEALING.unseal)
    assert (kept.variables["paid"], kept.variables["copied"]) == (CARD, f"card {CARD}")
    assert set(kept.secret) == {"card", "pin", "copied", "paid"}
    steps = {step["node"]: step["input"] for step in call.records.of("IVRSTEP")}
    assert (steps["card"], steps["pin"]) == ("xxxxxxxxxxxx1111", "")
    assert [line["answer"] for line in call.records.of("SURVEY")] == [""]


@pytest.mark.parametrize(
    "acts", [("hangup",), ("*",), (".", "9", "*", "*"), (*CARD[:12], "hangup"), (*CARD[:15], "7", "#")]
)
async def test_what_is_keyed_in_vain_is_masked_as_well(acts: tuple[str, ...]) -> None:
    """Whoever hangs up in the midst, or keys a number that does not fit, has still keyed a card."""
    call = WholeCall()
    await call.session(*acts)
    assert call.leaks() == []


@pytest.mark.parametrize("killed_at", range(10))
async def test_a_killed_ivr_leaves_nothing_to_read_and_forgets_nothing(killed_at: int) -> None:
    """Killed before any command after the card, it goes on with the card where it was."""
    call = WholeCall()
    with pytest.raises(Killed):
        await call.session(*CARD, "#", *PIN, "#", killed_at=18 + killed_at)
    assert call.leaks() == []
    kept = restore(call.variables["IVR_NODE"], call.variables["IVR_VARS"], SEALING.unseal)
    assert kept.variables.get("card", CARD) == CARD


def test_a_foreign_seal_opens_nothing() -> None:
    """With another key, or tampered with, the step and the place are known, and no variable."""
    checkpoint = Checkpoint("m.pin", 3)
    checkpoint.keep({"card": CARD}, ["card"])
    kept = checkpoint.channel_variables(SEALING.seal)
    foreign = restore(kept["IVR_NODE"], kept["IVR_VARS"], KeySealing("another one").unseal)
    assert (foreign.step, foreign.variables, foreign.secret) == (3, {}, [])
    assert restore(kept["IVR_NODE"], kept["IVR_VARS"][:-8], SEALING.unseal).variables == {}


def test_a_name_that_is_given_a_harmless_value_is_no_secret_any_more() -> None:
    """What is sealed costs room on the channel: it is sealed no longer than it must be."""
    checkpoint = Checkpoint("m.pin", 3)
    checkpoint.keep({"card": CARD}, ["card"])
    checkpoint.keep({"card": "none"})
    assert "card=none" in checkpoint.channel_variables(SEALING.seal)["IVR_VARS"]


WHATEVER = st.one_of(
    st.just(CARD), st.just(PIN), st.sampled_from([*"0123456789*#", ".", "!1", "hangup", "!hangup", "lost"])
)


@settings(deadline=None)
@given(st.lists(WHATEVER, max_size=12), st.sampled_from(["done", "", "strange"]))
def test_whatever_a_caller_does_nobody_can_read_the_card(done: list[str], result: str) -> None:
    """The card and the PIN at any node, whole or broken off, ahead or in vain, over a script and back."""
    acts = [key for act in done for key in (act if act in (CARD, PIN) else [act])]
    call = WholeCall()
    asyncio.run(call.session(*acts))
    if call.variables["IVR_NEXT"] == "script":
        call.variables |= {"IVR_RESULT": result, "IVR_NEXT": ""}
        asyncio.run(call.session("1", *CARD, "1", *PIN))
    assert call.leaks() == []
