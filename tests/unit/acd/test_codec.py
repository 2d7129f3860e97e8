"""Every event, command and floor goes to JSON and comes back equal, with nothing written for any of them by hand."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd import codec
from acd.commands import Command
from acd.events import CallerJoined, Event, FloorChanged, OfferAnswered, Restored, SwitchLost
from acd.model import Floor
from tests.unit.acd.floors import floor_of


def back(hint: Any, value: object) -> Any:
    return codec.decode(hint, json.loads(codec.encode(value)))


# Finite numbers of JSON's own range; text of any kind, since a caller number is whatever a carrier sends.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=True))
st.register_type_strategy(int, st.integers(-(2**53), 2**53))
st.register_type_strategy(object, st.none() | st.booleans() | st.text() | st.integers(-9, 9))


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_event_comes_back_equal(kind: type, data: st.DataObject) -> None:
    """Whatever its fields hold; an event that is added to the union is tried here without a word."""
    event = data.draw(st.from_type(kind))
    assert back(Event, event) == event


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_command_comes_back_equal(kind: type, data: st.DataObject) -> None:
    """Commands are compared with those of the trace."""
    command = data.draw(st.from_type(kind))
    assert back(Command, command) == command


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.from_type(Floor))
def test_a_floor_comes_back_equal(floor: Floor) -> None:
    """The floor is the first line of a trace."""
    assert back(Floor, floor) == floor


def test_a_line_is_one_line_of_ascii() -> None:
    """No value can end a line: a name in Chinese or with a line end in it is written in ASCII."""
    text = codec.encode(OfferAnswered("张\n", "\u2028"))
    assert text.isascii()
    assert "\n" not in text


def test_what_was_written_before_a_field_was_added_has_its_default() -> None:
    """An older trace is read: fields that it does not know get their defaults, those that are no more are left out."""
    told = codec.to_data(CallerJoined("v", "c", "orders", "138"))
    older = {name: value for name, value in told.items() if name not in ("skills", "priority")} | {"colour": "red"}
    assert codec.decode(Event, older) == CallerJoined("v", "c", "orders", "138")


def test_without_a_field_that_has_no_default_nothing_is_made() -> None:
    """A line that lacks what cannot be guessed is refused, and says which."""
    with pytest.raises(codec.Undecodable, match="queue_id"):
        codec.decode(Event, {"is": "CallerJoined", "visit_id": "v", "call_id": "c", "caller_number": ""})


@pytest.mark.parametrize(
    "told",
    [
        *({"is": "NoSuchEvent"}, {}, [], "text", 7, {"is": "AgentAsked", "agent_id": "1", "state": "flying"}),
        {"is": "FloorChanged", "floor": {"is": "QueueRules"}},
    ],
    ids=str,
)
def test_what_is_no_event_is_refused(told: Any) -> None:
    """Damage and other versions' events are told as such."""
    with pytest.raises(codec.Undecodable):
        codec.decode(Event, told)


def test_nothing_is_an_event_only_where_none_is_asked_for() -> None:
    """`None` comes back where the type allows it."""
    assert codec.decode(int | None, None) is None
    assert codec.decode(Restored | None, None) is None


class Colour(StrEnum):
    RED = "red"


class Pair(NamedTuple):
    left: int
    right: Colour


@dataclass(frozen=True)
class Leaf:
    value: int


@dataclass(frozen=True)
class Tree:
    left: "Tree | Leaf"
    right: "Tree | Leaf"


@dataclass(frozen=True)
class Everything:
    """One of each kind of hint."""

    pair: Pair
    by_colour: Mapping[Colour, tuple[Leaf, ...]]
    tree: Tree | Leaf | None
    names: set[str]
    rows: list[tuple[str, float | None]]
    order: OrderedDict[str, int]
    limit: Annotated[int, "at most"]
    word: Literal["a", "b"]
    by_pair: Mapping[tuple[str, int], Leaf] = field(default_factory=dict)
    alone: Leaf = field(default=Leaf(0))
    made: int = field(init=False, default=3)


def test_every_kind_of_hint_is_followed() -> None:
    """Classes in classes, classes that hold themselves, enumerations as keys, sets, pairs and what is left out."""
    value = Everything(
        Pair(1, Colour.RED),
        {Colour.RED: (Leaf(1), Leaf(2))},
        Tree(Leaf(1), Tree(Leaf(2), Leaf(3))),
        {"b", "a"},
        [("x", None), ("y", 0.1)],
        OrderedDict(b=1, a=2),
        5,
        "b",
        {("x", 1): Leaf(7)},
    )
    again = back(Everything, value)
    assert again == value
    assert (type(again.pair), type(again.order), type(again.by_colour[Colour.RED])) == (Pair, OrderedDict, tuple)
    assert codec.to_data(value)["names"] == ["a", "b"]


def test_a_mapping_of_any_kind_is_an_object() -> None:
    """A read-only view, say."""
    assert codec.to_data(MappingProxyType({"a": 1})) == {"a": 1}


@pytest.mark.parametrize("value", [object(), Leaf, lambda: 1], ids=["object", "class", "function"])
def test_what_is_no_data_is_not_written(value: object) -> None:
    """A field that holds code would be our own bug."""
    with pytest.raises(TypeError):
        codec.encode(value)


@pytest.mark.parametrize("hint", ["text", object().__class__.__init__, complex], ids=str)
def test_a_hint_that_cannot_be_followed_is_our_own_bug(hint: Any) -> None:
    """Not something to be read past in silence."""
    with pytest.raises(TypeError):
        codec.decode(hint, {})


def test_no_event_without_fields_is_forgotten() -> None:
    """An event that says nothing but its name is an object of one key."""
    assert codec.to_data(SwitchLost()) == {"is": "SwitchLost"}
    assert back(Event, SwitchLost()) == SwitchLost()


def test_a_changed_floor_holds_the_floor() -> None:
    """What a trace needs to go on after a reload is in the event."""
    floor = floor_of({"1001": {"zh": 3}})
    assert back(Event, FloorChanged(floor)).floor == floor
