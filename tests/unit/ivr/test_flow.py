"""How references between nodes are read, and that no walk can meet a bad one."""

from datetime import UTC

import pytest

from ivr.flow import Flow, FlowInvalid
from ivr.hours import Hours
from ivr.nodes import Collect, Goto, HangUp, Menu, Queue, Say, Script
from tests.unit.ivr.scripted import site_flow


def test_references() -> None:
    """A node of the same menu wins over a menu of that name; a menu means its entry; a full address is itself."""
    end = HangUp()
    nodes = {"a.start": end, "a.b": end, "b.start": end, "b.end": end}
    flow = Flow(nodes, {"a": "a.start", "b": "b.start"})
    assert flow.resolve("b", near="a.start") == "a.b"
    assert flow.resolve("b", near="b.end") == "b.start"
    assert flow.resolve("a") == "a.start"
    assert flow.resolve("b.end", near="a.start") == "b.end"
    assert flow.find("end", near="a.start") is None
    with pytest.raises(KeyError):
        flow.resolve("end", near="a.start")


def test_all_bad_references_are_told_at_once() -> None:
    """A flow with references that lead nowhere is refused, with every one of them."""
    nodes = {
        "m.menu": Menu(("p",), {"1": "lost1"}, "lost2"),
        "m.number": Collect(("p",), "x", "lost3", "lost4"),
        "m.say": Say(("p",), "lost5"),
        "m.script": Script("s", {"done": "lost6"}, "lost7"),
        "m.goto": Goto("lost8"),
    }
    with pytest.raises(FlowInvalid) as caught:
        Flow(nodes, {"m": "m.lost9"}, Hours(UTC, {}, "lost10"))
    for number in range(1, 11):
        assert f"lost{number}" in str(caught.value)


def test_refuge_is_a_person_of_the_same_menu_first() -> None:
    """A call that walks too long goes to a queue of its own menu, else to any, else nowhere."""
    nodes = {"a.q": Queue("a"), "b.q": Queue("b"), "c.end": HangUp()}
    flow = Flow(nodes, {})
    assert flow.refuge("b.menu") == "b.q"
    assert flow.refuge("c.end") == "a.q"
    assert Flow({"c.end": HangUp()}, {}).refuge("c.end") is None


def test_prompts_are_all_that_can_be_asked_for() -> None:
    """The prompts of every node are known, those of retries too, so a missing one is found before a call."""
    assert site_flow().prompts() == {
        *("welcome", "pick_language", "again", "top", "top_short", "ask", "confirm", "goodbye")
    }
