"""Keys that mean the same in every menu, and the way back."""

from dataclasses import replace

import pytest

from ivr.actions import Finish, Hear, Leave
from ivr.checkpoint import BACK_MAX, Checkpoint
from ivr.collector import KEYS
from ivr.flow import Flow
from ivr.nodes import Collect, HangUp, Menu, Queue, Say
from ivr.walk import Limits, Walk
from tests.unit.ivr.walking import flow_of, perform, places

MEANING = {"0": "person", "star": "back", "pound": "repeat", "9": "main", "8": "m.news"}

FLOW = replace(
    flow_of(
        top=Menu(("top", "top_short"), {"1": "goods", "2": "number", "5": "bye"}, "bye"),
        goods=Menu(("goods",), {"1": "tea", "star": "bye"}, "bye"),
        tea=Menu(("tea",), {"1": "bye"}, "bye"),
        number=Collect(("number",), "order", "check", "bye", 2, 4),
        check=Menu(("check",), {"1": "bye"}, "bye"),
        news=Say(("news",), "more"),
        more=Menu(("more",), {"1": "bye"}, "bye"),
        person=Queue("orders"),
        bye=HangUp(),
    ),
    keys=MEANING,
)


def walk_of(flow: Flow = FLOW, at: str = "m.top", **more: object) -> Walk:
    return Walk(flow, Checkpoint(at), "zh", **more)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("keys", "way"),
    [
        ("0", ["top", "person"]),
        ("9", ["top", "top"]),
        ("#", ["top", "top"]),
        ("*", ["top", "top"]),
        ("1.1*", ["top", "goods", "tea", "goods"]),
        ("119", ["top", "goods", "tea", "top"]),
        ("8", ["top", "news", "more"]),
        ("8..*", ["top", "news", "more", "top"]),
        ("1#", ["top", "goods", "goods"]),
    ],
)
def test_each_key_does_what_the_site_says(keys: str, way: list[str]) -> None:
    """A person, the main menu, the node again, the node before (this one where there is none), or a node."""
    assert places(walk_of(), "." + ".".join(keys.replace(".", "")), len(way)) == way


def test_a_menus_own_choice_wins() -> None:
    """Where a menu offers star itself, it is that choice and not the way back."""
    assert places(walk_of(at="m.goods"), ".*") == ["goods", "bye"]


def test_a_menu_may_have_no_global_keys() -> None:
    """Where a menu file says so every key is an answer, or none."""
    assert places(walk_of(replace(FLOW, without_keys=frozenset({"m"}))), ".0.9.#") == ["top", "bye"]


def test_the_record_tells_which_key_it_was() -> None:
    """The step ends with what the key did, and its input is the key."""
    walk = walk_of()
    actions = walk.actions()
    for answer in (None, None, None, "0"):
        action = actions.send(answer)
    assert action == Leave("person")
    assert walk.step.input == "0"


def test_repeat_begins_the_node_again() -> None:
    """The long prompt is said, not the short one, and no failure is counted."""
    heard = [action.prompts for action in perform(walk_of(), "...#") if isinstance(action, Hear)]
    assert heard[:3] == [("top",), ("top_short",), ("top",)]


def test_a_number_keeps_its_digits_and_its_end() -> None:
    """0 and 9 are digits of an entry; * is the way back at any moment; # ends an entry, and repeats where there is
    none."""
    way = walk_of()
    assert places(way, "2" + "0" + "9" + "#", 3) == ["top", "number", "check"]
    assert way.checkpoint.variables == {"order": "09"}
    assert places(walk_of(), "22*", 3) == ["top", "number", "top"]
    assert places(walk_of(), "2" + ".#", 3) == ["top", "number", "number"]


def test_the_end_of_a_full_number_is_not_a_global_key() -> None:
    """A # keyed after the last possible digit is passed over although it would repeat what comes next."""
    assert places(walk_of(), "2" + "1234" + ".#.1", 5) == ["top", "number", "check", "bye"]


def test_a_menu_says_where_its_person_and_its_main_menu_are() -> None:
    """`person` and `main` of a menu win over its first queue and its entry."""
    flow = replace(FLOW, persons={"m": "news"}, mains={"m": "goods"})
    assert places(walk_of(flow), ".0", 2) == ["top", "news"]
    assert places(walk_of(flow), ".9", 2) == ["top", "goods"]


def test_the_way_back_outlives_the_process() -> None:
    """The checkpoint holds it: a restarted IVR goes back to where the caller was."""
    walk = walk_of()
    places(walk, ".1.1", 3)
    assert walk.checkpoint.answered == ["m.top", "m.goods"]
    again = Walk(FLOW, walk.checkpoint, "zh")
    assert places(again, ".*", 2) == ["tea", "goods"]


def test_the_way_back_is_bounded_and_ends_in_a_queue() -> None:
    """Eight nodes are kept; whoever goes to an agent and comes back begins a new way."""
    checkpoint = Checkpoint("m.top")
    for number in range(BACK_MAX + 3):
        checkpoint.remember(f"m.{number}")
    assert checkpoint.answered == [f"m.{number}" for number in range(3, BACK_MAX + 3)]
    walk = Walk(FLOW, replace(checkpoint, address="m.person"), "zh")
    assert isinstance(perform(walk, "")[-1], Finish)
    assert walk.checkpoint.answered == []


def test_nodes_that_are_gone_are_passed_over_on_the_way_back() -> None:
    """After a change of the site the way back leads to the last node that still exists."""
    checkpoint = Checkpoint("m.tea", answered=["m.top", "m.lost"])
    assert places(Walk(FLOW, checkpoint, "zh"), ".*", 2) == ["tea", "top"]


def test_pressing_repeat_for_ever_ends_at_a_person() -> None:
    """A node is entered so often and no more."""
    walk = walk_of(limits=Limits(node_entries_max=3, steps_max=50))
    assert places(walk, ".#" * 9) == ["top", "top", "top", "person"]


def test_keys_stop_prompts_as_before() -> None:
    """Global keys bring no keys of their own: any key stops a prompt."""
    assert perform(walk_of(), "")[1] == Hear(("top",), KEYS)
