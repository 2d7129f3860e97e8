"""The JSON Schemas that editors use: committed as the code makes them, true to good sites, helpful with wrong ones."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dialplan.schema import FILES, schema_of, text_of
from dialplan.yaml_tree import read
from tests.unit.dialplan.site_text import write_site

CHECKOUT = Path(__file__).parents[3]
SHOP = CHECKOUT / "dialplan" / "sites" / "shop"
COMMITTED = CHECKOUT / "docs" / "schema"
GOOD = (
    "good",
    "good_agents",
    "good_waiting",
    "good_hours",
    "good_handlers",
    "good_flows",
    "good_votes",
    "good_announcements",
    "good_backends",
)


def kind_of(path: Path) -> str:
    folders = {"menus": "menu", "tests": "scenario"}
    return folders.get(path.parent.name, path.stem)


def wrong(path: Path) -> list[str]:
    """What the schema finds wrong with a file, as the place and the message."""
    values: Any = read(path.name, path.read_bytes()).values
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema_of(kind_of(path))).iter_errors(values)
    ]


@pytest.mark.parametrize("kind", FILES)
def test_the_committed_schema_is_what_the_code_says(kind: str) -> None:
    """docs/schema/ is what `make docs` writes now; if this fails, run it and commit the files."""
    Draft202012Validator.check_schema(schema_of(kind))
    assert (COMMITTED / f"{kind}.json").read_text("utf-8") == text_of(kind)


@pytest.mark.parametrize("path", sorted(SHOP.rglob("*.yaml")), ids=lambda path: path.relative_to(SHOP).as_posix())
def test_the_shop_fits_its_schemas(path: Path) -> None:
    """Each file of the site that ships names its schema on the first line, and fits it."""
    named = path.read_text("utf-8").partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == COMMITTED / f"{kind_of(path)}.json"
    assert wrong(path) == []


@pytest.mark.parametrize("name", GOOD)
def test_what_the_loader_takes_the_schema_takes(name: str, tmp_path: Path) -> None:
    """No editor underlines a word of a site that has no faults."""
    for path in sorted(write_site(tmp_path, name).rglob("*.yaml")):
        assert wrong(path) == [], path


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("a: {type: say, prompt: hi, nxt: b}", "$.nodes.a"),
        ("a: {type: sya, prompt: hi, next: b}", "$.nodes.a.type"),
        ("a: {type: say, prompt: hi, next: B}", "$.nodes.a.next"),
        ("a: {type: menu, prompt: hi, choices: {x: b}}", "$.nodes.a.choices"),
        ("a: {type: menu, prompt: hi, choices: {'1': b}, first_digit_seconds: 99}", "$.nodes.a.first_digit_seconds"),
        ("a: {type: collect, prompt: hi, into: x, next: b, as: nmber}", "$.nodes.a.as"),
        ("a: {type: call, flow: b, next: b, with: [x]}", "$.nodes.a.with"),
    ],
)
def test_an_editor_underlines_what_is_wrong(line: str, place: str, tmp_path: Path) -> None:
    """An unknown word, kind or key, a number out of range and a wrong type are found at their place alone."""
    path = tmp_path / "menus" / "main.yaml"
    path.parent.mkdir()
    path.write_text(f"entry: a\nnodes:\n  {line}\n")
    assert {fault.partition(":")[0] for fault in wrong(path)} == {place}


def test_words_are_explained() -> None:
    """What the code says of a word an editor shows: of an inherited one, and of one with Python's _ after it."""
    nodes = schema_of("menu")["$defs"]
    assert nodes["CallNode"]["properties"]["with"]["description"].startswith("the variables that it begins with")
    assert nodes["MenuNode"]["properties"]["exhausted"]["description"].startswith("for a caller who used up every")
    assert "no_input" not in nodes["SayNode"]["properties"]
