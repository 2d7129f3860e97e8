"""docs/language.md knows every word of the menu language."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from dialplan.announcements import AnnouncementSettings
from dialplan.backends import SqlBackend, UrlBackend
from dialplan.hours import Calendar
from dialplan.inquiring import AccountLock, WaitAudio
from dialplan.node import Handlers
from dialplan.nodes import NODE_TYPES
from dialplan.site import Menu
from dialplan.words import KEY_ACTIONS

PAGE = (Path(__file__).parents[3] / "docs" / "language.md").read_text("utf-8")
WORDS = frozenset(word for code in re.findall(r"`([^`]+)`", PAGE) for word in re.findall(r"[a-z_]+", code))


OTHERS = (Handlers, Menu, Calendar, AnnouncementSettings, UrlBackend, SqlBackend, WaitAudio, AccountLock)


@pytest.mark.parametrize("kind", NODE_TYPES)
def test_every_kind_of_node_has_a_row_and_every_word_of_it_is_told(kind: str) -> None:
    """The row of a kind begins with its name, and no word of such a node is missing on the page."""
    assert f"\n| `{kind}` | " in PAGE
    fields = NODE_TYPES[kind].model_fields.items()
    assert {info.alias or name for name, info in fields} - WORDS == set()


@pytest.mark.parametrize("model", OTHERS)
def test_every_other_word_is_told(model: type[BaseModel]) -> None:
    """Handlers, what surrounds nodes, calendars, announcements, backends: each word has a row of its own."""
    for word in (info.alias or name for name, info in model.model_fields.items()):
        assert f"\n| `{word}` | " in PAGE, word


def test_every_action_of_a_key_is_told() -> None:
    """What a global key can do has a row for each."""
    assert [action for action in KEY_ACTIONS if f"\n| `{action}` | " not in PAGE] == []
