"""What callers are told for a while: on its days, at its menus, once in a call."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ivr.actions import Enter, Hear
from ivr.checkpoint import Checkpoint, restore
from ivr.collector import KEYS
from ivr.flow import Announcement
from ivr.nodes import HangUp, Menu, Say
from ivr.walk import Walk
from tests.unit.ivr.walking import flow_of, perform

FLOW = replace(
    flow_of(top=Menu(("top",), {"1": "more", "2": "bye"}, "bye"), more=Say(("more",), "top"), bye=HangUp()),
    announcements={
        "sale": Announcement(("sale",), frozenset({"m"}), date(2026, 11, 1), date(2026, 11, 12)),
        "moved": Announcement(("moved",), frozenset({"m"})),
        "elsewhere": Announcement(("elsewhere",), frozenset({"other"})),
    },
)


def heard(walk: Walk, keys: str) -> list[str]:
    return [action.prompts[0] for action in perform(walk, keys) if isinstance(action, Hear)]


def on(day: date) -> Walk:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    return Walk(FLOW, Checkpoint("m.top"), "zh", clock=lambda: noon)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 10, 31), ["moved"]),
        (date(2026, 11, 1), ["sale", "moved"]),
        (date(2026, 11, 12), ["sale", "moved"]),
        (date(2026, 11, 13), ["moved"]),
    ],
)
def test_announcements_have_their_days_and_their_menus(day: date, said: list[str]) -> None:
    """The first and the last day are included; one without days is always said; one of another menu is not."""
    assert heard(on(day), "." * (len(said) + 1) + "2") == [*said, "top"]


def test_they_are_said_once_in_a_call() -> None:
    """Whoever comes to the entry again, or is resumed by a restarted IVR, does not hear them again."""
    walk = on(date(2026, 11, 5))
    assert heard(walk, "...1" + "..2") == ["sale", "moved", "top", "more", "top"]
    kept = walk.checkpoint.channel_variables()
    again = restore("m.top", kept["IVR_VARS"])
    assert again.told == ["sale", "moved"]
    assert heard(Walk(FLOW, again, "zh"), "2") == ["top"]


def test_a_key_passes_over_them() -> None:
    """Who knows the way presses through: the key counts for the menu."""
    actions = perform(on(date(2026, 11, 5)), "2")
    assert actions[:2] == [Enter(), Hear(("sale",), KEYS)]
    assert [action.prompts for action in actions if isinstance(action, Hear)] == [("sale",)]


def test_their_prompts_are_known_before_the_first_call() -> None:
    """A voice must have them, as it must have those of nodes."""
    assert {"sale", "moved", "elsewhere"} <= FLOW.prompts()
