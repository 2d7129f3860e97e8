"""What is different in a menu is told as whoever edits menus would say it."""

from pathlib import Path

import pytest

from dialplan.loader import load_site
from hotline.site_changes import changes, first_words
from tests.unit.dialplan.site_text import write_site

SITE = """\
name: Tea House
languages: [zh, en]
numbers: {"4001": main, "4002": main.choose, "4003": main.person}
handlers: {no_input: {max: 3}, exhausted: main.end}
trunks:
  - {name: carrier, addresses: ["192.0.2.10"]}
hours:
  timezone: Asia/Shanghai
  open: {monday-friday: ["09:00-18:00"]}
  closed: main.end
"""
MENU = """\
entry: welcome
nodes:
  welcome: {type: say, prompt: welcome, next: choose}
  choose: {type: menu, prompt: choose, choices: {"1": person, star: welcome}}
  person: {type: queue, queue: orders, skills: {mandarin: 3}, outcomes: {full: end}}
  end: {type: hangup, prompt: bye}
"""
EDITS = {
    "an option leads elsewhere": (
        {"menus__main_yaml": ('"1": person', '"1": end')},
        ["main.choose: option 1 now leads to end, before to person"],
    ),
    "an option is new, one is gone": (
        {"menus__main_yaml": ("star: welcome", '"2": end')},
        ["main.choose: option 2 is new and leads to end", "main.choose: option * is gone, it led to welcome"],
    ),
    "what follows": (
        {"menus__main_yaml": ("next: choose", "next: person")},
        ["main.welcome: next now leads to person, before to choose"],
    ),
    "an outcome": (
        {"menus__main_yaml": ("{full: end}", "{full: choose}")},
        ["main.person: outcome full now leads to choose, before to end"],
    ),
    "a node is added": (
        {"menus__main_yaml": ("star: welcome}}\n", '"2": news}}\n  news: {type: say, prompt: bye, next: end}\n')},
        [
            "main: node news added (say)",
            "main.choose: option 2 is new and leads to news",
            "main.choose: option * is gone, it led to welcome",
        ],
    ),
    "a node is another kind": (
        {"menus__main_yaml": ("{type: say, prompt: welcome, next: choose}", "{type: goto, to: choose}")},
        ["main.welcome: is a goto now, was a say"],
    ),
    "another prompt": (
        {"menus__main_yaml": ("prompt: welcome, next", "prompt: bye, next")},
        ["main.welcome: prompt welcome -> bye"],
    ),
    "where the menu begins": (
        {"menus__main_yaml": ("entry: welcome", "entry: choose")},
        ["menu main: entry welcome -> choose", "number 4001: main.welcome -> main.choose"],
    ),
    "a handler of the site is told once": (
        {"site_yaml": ("{no_input: {max: 3}", "{no_input: {max: 2}")},
        ["handlers: no input max 3 -> 2"],
    ),
    "hours": (
        {"site_yaml": ("18:00", "17:00")},
        ["hours: open monday-friday 09:00-18:00 -> 09:00-17:00"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_different_is_told(edit: str, tmp_path: Path) -> None:
    """One line for each way, node or word."""
    edits, told = EDITS[edit]
    texts = {"site_yaml": SITE, "menus__main_yaml": MENU}
    assert all(old in texts[file] for file, (old, _) in edits.items())
    changed = {file: text.replace(*edits[file], 1) if file in edits else text for file, text in texts.items()}
    before, after = (
        load_site(write_site(tmp_path / name, **files)) for name, files in (("old", texts), ("new", changed))
    )
    assert changes(before, after) == told


def test_the_first_version_is_told_by_its_size(tmp_path: Path) -> None:
    """There is nothing to compare it with."""
    (said,) = first_words(load_site(write_site(tmp_path)))
    assert said.startswith("the first version: 1 menus with 4 nodes, 1 queues, 2 agents, ")
