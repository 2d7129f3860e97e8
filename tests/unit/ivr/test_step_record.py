"""What the journal is told of each node that a caller has left."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.collector import Retry
from ivr.flow import Flow
from ivr.nodes import Collect, HangUp, Menu, Say
from ivr.session import IvrSettings, make_handler
from tests.unit.ivr.scripted import Records, ScriptedAgi, soundless_voice

THRICE = Retry(3, ())
FLOW = Flow(
    {
        "m.hello": Say(("hello",), "ask"),
        "m.ask": Menu(("ask",), {"1": "card", "2": "bye"}, "bye", THRICE, THRICE),
        "m.card": Collect(("card",), "card", "bye", "bye", 12, 19, log="masked", confirm=("check",)),
        "m.bye": HangUp(("bye",)),
    },
    {"m": "m.hello"},
    tasks={"m.card": "payment"},
    version="0a1b2c3d4e5f",
)


async def steps_of(*acts: str, flow: Flow = FLOW, **more: Any) -> dict[str, dict[str, Any]]:
    """The step at each node, after these acts of a caller."""
    records = Records()
    agi = ScriptedAgi(acts, {"HOTLINE_ENTRY": "m"}, **more)
    await make_handler(flow, soundless_voice(flow), records, IvrSettings(clock=lambda: 1000.0))(agi)
    return {step["node"]: step for step in records.of("IVRSTEP")}


async def test_a_step_tells_the_version_and_the_task() -> None:
    """The version is that of the menus the call runs, the task that of the node; where there is none, nothing."""
    steps = await steps_of("1", *"4111111111111111#")
    assert {step["version"] for step in steps.values()} == {"0a1b2c3d4e5f"}
    assert (steps["ask"]["task"], steps["card"]["task"]) == (None, "payment")
    unpublished = await steps_of("2", flow=replace(FLOW, version=""))
    assert unpublished["ask"]["version"] is None


async def test_failures_are_counted_apart() -> None:
    """A silence and two wrong keys are one and two, and three attempts before the right one."""
    ask = (await steps_of(".", "9", "8", "2"))["ask"]
    assert (ask["no_input"], ask["no_match"], ask["attempts"], ask["result"]) == (1, 2, 4, "matched")


async def test_failures_of_the_read_back_count_as_well() -> None:
    """Who says nothing to it and then keys nonsense has failed twice at this node."""
    card = (await steps_of("1", *"411111111111", "#", ".", "7", "1"))["card"]
    assert (card["no_input"], card["no_match"], card["attempts"]) == (1, 1, 1)


@pytest.mark.parametrize(("acts", "cut"), [(("!1",), {"hello"}), (("!.", "!2"), {"ask"}), (("2",), set())])
async def test_barge_in_is_told_where_it_happened(acts: tuple[str, ...], cut: set[str]) -> None:
    """At the node whose prompt the key cut off, and not at the one that takes the key."""
    steps = await steps_of(*acts)
    assert {node for node, step in steps.items() if step["barge_in"]} == cut


async def test_sounds_that_asterisk_cannot_play_are_counted() -> None:
    """Each at the node where it was to be heard; the caller goes on."""

    class Mute(ScriptedAgi):
        def _hear(self, path: str, escape_digits: str) -> Any:
            played = super()._hear(path, escape_digits)
            played.endpos = 0 if path == "zh/ask" else 80
            return played

    records = Records()
    agi = Mute((".", "2"), {"HOTLINE_ENTRY": "m"})
    await make_handler(FLOW, soundless_voice(FLOW), records)(agi)
    assert {step["node"]: step["unplayed"] for step in records.of("IVRSTEP")} == {"hello": 0, "ask": 2, "bye": 0}
