"""What a Chinese keyboard types where YAML and the language mean something else is named, and what was meant."""

from pathlib import Path

import pytest

from dialplan.full_width import hint_of, stray
from dialplan.loader import SiteInvalid, load_site
from dialplan.yaml_tree import read
from tests.unit.hotline.test_cli import CHECKOUT

FLOWERS = CHECKOUT / "dialplan" / "sites" / "flowers"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("entry：welcome\nnodes:\n  a: 1\n", '1:6: found the full-width "："; expected ":" and a space'),
        ("a: {b: c， d: e， f: g}\n", '1:9: found the full-width "，"; expected "," and a space'),
        ('a: {b: 1, "0"：person}\n', '1:14: found the full-width "："; expected ":" and a space'),
        ("a: ｛b: c, d: e}\n", '1:4: found the full-width "｛"; expected "{"'),
        ("a:\n　　b: c\n    d: e\n", '2:1: found the full-width "　"; expected spaces'),
        ("a:\n  － b: c\n    d: e\n", '2:3: found the full-width "－"; expected "-" and a space'),
    ],
)
def test_yaml_that_cannot_be_read_for_it(text: str, told: str) -> None:
    """The place of the very character, and not the one at which the parser gave up."""
    (fault,) = read("menus/main.yaml", text.encode()).faults
    assert f"{fault.line}:{fault.column}: {fault.message}" == told


@pytest.mark.parametrize(
    "text", ["a: {b: 您好，这里是花店：请按1\nc: d\n", "welcome: {zh: 您好｛name｝, en: [}\n", "a: b: c\n"]
)
def test_other_yaml_that_cannot_be_read(text: str) -> None:
    """Within words such a character is what it is: the parser's own message stands."""
    (fault,) = read("menus/main.yaml", text.encode()).faults
    assert fault.message.startswith("the YAML cannot be read here")


def test_only_lines_that_the_parser_may_have_meant_are_looked_at() -> None:
    """The one at which it gave up, and two before."""
    assert stray(["a：b", "c: d", "e: f"], 3) == (1, 2, "：", '":" and a space')
    assert stray(["a：b", "c: d", "e: f", "g: h"], 4) is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("０", 'did you mean "0"?'),
        ("“0”", 'did you mean "0"?'),
        ("09：00-18：00", 'did you mean "09:00-18:00"?'),
        ("取花号", ""),
        ("0", ""),
        ("“”", ""),
    ],
)
def test_what_was_meant_is_asked(text: str, hint: str) -> None:
    """Of what is another text once its characters are the narrow ones; not of words that are Chinese anyway."""
    assert hint_of(text) == hint


@pytest.mark.parametrize(
    ("file", "found", "instead", "told"),
    [
        ("prompts.yaml", "{ticket:digits}", "｛ticket:digits｝", "6:20: found ｛ticket:digits｝ in full-width braces"),
        ("menus/main.yaml", '"0": person', "“0”: person", '12:28: found the key "“0”"; expected keys of a phone'),
        ("site.yaml", '"09:00-18:00"', '"09：00-18：00"', '11:28: found "09：00-18：00"; expected a time of day'),
    ],
)
def test_a_site_with_such_a_character(tmp_path: Path, file: str, found: str, instead: str, told: str) -> None:
    """A slot in full-width braces would be read out, brace and all; a key and a time are told with what was meant."""
    for path in FLOWERS.rglob("*.yaml"):
        copy = tmp_path / path.relative_to(FLOWERS)
        copy.parent.mkdir(exist_ok=True)
        words = path.read_text("utf-8")
        copy.write_text(words.replace(found, instead) if path == FLOWERS / file else words, "utf-8")
    with pytest.raises(SiteInvalid) as invalid:
        load_site(tmp_path)
    (fault,) = invalid.value.faults
    assert f"{fault.line}:{fault.column}: {fault.message}".startswith(told)


def test_a_menu_with_a_bad_entry_is_there_all_the_same(tmp_path: Path) -> None:
    """Whoever leads to it is not told that there is no such menu: the mistake is in the menu, and told once."""
    for path in FLOWERS.rglob("*.yaml"):
        copy = tmp_path / path.relative_to(FLOWERS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text("utf-8").replace("entry: welcome", "entry: welcom"), "utf-8")
    with pytest.raises(SiteInvalid) as invalid:
        load_site(tmp_path)
    assert [fault.file for fault in invalid.value.faults] == ["menus/main.yaml"]
