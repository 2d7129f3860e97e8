"""Whatever an admin types, the loader answers with faults."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from dialplan.loader import Checked, check_site
from tests.unit.dialplan.site_text import sections, write_site

FILES = sorted(file for file in {**sections("good"), **sections("good_hours")} if file != "faults")
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    "#",
    "*",
    "&a ",
    "!x ",
    "|",
    ">",
    '"',
    "'",
    "\n",
    "  ",
    "\t",
    "0",
    "~",
    "中",
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FILES), st.floats(0, 1), st.integers(0, 30), st.sampled_from(["", *PIECES, "\x00", "\x85", "null"])
)
def test_no_typing_mistake_escapes_as_an_exception(file: str, at: float, cut: int, typed: str) -> None:
    """Anything cut out of a file, anything put in: there is a site or an error, and each fault lies within its file."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_site(Path(name), "good_hours")
        text = (folder / file).read_text("utf-8")
        place = int(at * len(text))
        (folder / file).write_text(text[:place] + typed + text[place + cut :], "utf-8")
        checked = check_site(folder)
    judged(checked)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda trees: st.lists(trees, max_size=3) | st.dictionaries(st.text(max_size=8), trees, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FILES), st.floats(0, 1), TREES)
def test_no_value_of_the_wrong_kind_escapes_as_an_exception(file: str, at: float, tree: object) -> None:
    """Any value, at any place of any file, is well or a fault; what hangs on it is still checked."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_site(Path(name), "good_hours")
        values = YAML(typ="safe", pure=True).load((folder / file).read_text("utf-8"))
        places = list(places_in(values))
        holder, key = places[int(at * (len(places) - 1))]
        holder[key] = tree
        (folder / file).write_text(json.dumps(values, ensure_ascii=True), "utf-8")
        judged(check_site(folder))


def test_a_menu_without_nodes_is_a_fault(tmp_path: Path) -> None:
    """What leads into a menu that has no nodes leads nowhere, so the menu is told."""
    folder = write_site(tmp_path, "good_hours", menus__closed_yaml="entry: sorry\nnodes: {}\n")
    judged(checked := check_site(folder))
    assert "menus/closed.yaml:2:8: found no nodes; expected at least one node [empty-value]" in checked.report()


@pytest.mark.parametrize("key", ["languages", "numbers", "trunks", "hours"])
@pytest.mark.parametrize("value", ["true", "7", "x", "[]", "{}", "[1]", "{a: 1}", ""])
def test_a_list_that_is_none_is_a_fault(key: str, value: str, tmp_path: Path) -> None:
    """The lists of site.yaml, which checks count, may be anything at all."""
    folder = write_site(tmp_path, "good")
    text = (folder / "site.yaml").read_text("utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.startswith((key, "  ")))
    (folder / "site.yaml").write_text(f"{kept}\n{key}: {value}\n", "utf-8")
    judged(check_site(folder))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FILES), st.binary(max_size=40), st.floats(0, 1))
def test_no_bytes_escape_as_an_exception(file: str, content: bytes, at: float) -> None:
    """A file may hold anything: NUL bytes, half characters, other encodings, alone or in the midst of what is well."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_site(Path(name), "good_hours")
        good = (folder / file).read_bytes()
        for written in (content, good[: int(at * len(good))] + content):
            (folder / file).write_bytes(written)
            judged(check_site(folder))


HOSTILE = {
    "NUL bytes": b"welcome: \x00\x00",
    "a list in a list in a list": b"[" * 100_000,
    "a mapping in a mapping": b"{a: " * 50_000,
    "keys of keys": b"? " * 50_000,
    "dashes": b"- " * 50_000,
    "a number of 50,000 digits": b"name: " + b"9" * 50_000,
    "a character beyond Unicode": b'name: "\\UFFFFFFFF"',
    "half a character": b'name: "\\uD800"',
    "half of a pair in bytes": b"name: \xed\xa0\x80",
    "UTF-16": "name: 茶".encode("utf-16"),
    "old line ends": b"name: x\r\rname: y\r[",
    "other line ends": "name: x\u2028\u2029\x85y: [".encode(),
    "a directive": b"%YAML 1.1\n---\nname: no\n",
    "a directive and nothing more": b"%YAML 1.2",
    "an unknown directive": b"%TEA\n---\n",
    "only a comment that ignores": b"# hotline: ignore",
    "ignoring within words": b'name: "# hotline: ignore many-choices"',
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_hostile_files_are_faults(file: str, what: str, tmp_path: Path) -> None:
    """Each of these, as any file of a site, is at least one fault and no exception."""
    folder = write_site(tmp_path, "good_hours")
    (folder / file).write_bytes(HOSTILE[what])
    checked = check_site(folder)
    judged(checked)
    assert checked.site is None


@pytest.mark.parametrize("file", ["site.yaml", "prompts.yaml", "phones.yaml", "menus/main.yaml"])
@pytest.mark.parametrize("what", ["folder", "pipe", "lost link", "circle of links"])
def test_what_is_no_file_is_a_fault(file: str, what: str, tmp_path: Path) -> None:
    """A folder or a pipe in the place of a file is told as such and not waited for; a link to nowhere is missing."""
    folder = write_site(tmp_path, "good_hours")
    path = folder / file
    path.unlink(missing_ok=True)
    {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "lost link": lambda: path.symlink_to("nowhere"),
        "circle of links": lambda: path.symlink_to(path.name),
    }[what]()
    checked = check_site(folder)
    judged(checked)
    told = [fault.found for fault in checked.faults if (fault.file, fault.rule) == (file, "missing-file")]
    optional = file == "phones.yaml" and what in ("lost link", "circle of links")
    assert len(told) == (0 if optional else 1)


def judged(checked: Checked) -> None:
    """There is a site or an error, each fault lies within its file, and all of them can be printed, in their order."""
    assert (checked.site is None) == any(fault.severity == "error" for fault in checked.faults)
    for fault in checked.faults:
        assert 1 <= fault.line <= max(len(checked.sources.get(fault.file, ())), 1), fault
        assert fault.column >= 1
    assert len(checked.report().encode()) >= len(checked.faults)
    assert list(checked.faults) == sorted(checked.faults)


def places_in(values: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every mapping and list within the values, with each of its keys or positions."""
    keys = list(values) if isinstance(values, dict) else range(len(values)) if isinstance(values, list) else ()
    for key in keys:
        yield values, key
        yield from places_in(values[key])
