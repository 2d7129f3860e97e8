"""Each sentence of docs/language.md holds, and each is in the book."""

import json
from collections import Counter
from pathlib import Path

import pytest

from dialplan.announcements import AnnouncementSettings
from dialplan.backends import SqlBackend, UrlBackend
from dialplan.faults import Severity
from dialplan.hours import Calendar
from dialplan.inquiring import AccountLock, WaitAudio
from dialplan.node import Handlers
from dialplan.nodes import NODE_TYPES
from dialplan.questions import CommentSettings, QuestionSettings
from dialplan.site import Menu
from tests.conformance.book import CHECKOUT, Assertion, Chapter, assertions, chapters, scene_of
from tests.conformance.language_page import PAGE, Part, parts
from tests.conformance.page import page
from tests.conformance.playing import checked, handed_over, heard, left, play, recorded, told
from tests.unit.test_rules import functions

CHAPTERS = chapters()
EVERY = [(chapter, one) for chapter in CHAPTERS for one in assertions(chapter)]
PLAYED = [pytest.param(chapter, one, id=one.number) for chapter, one in EVERY if not one.proof]
PARTS = list(parts(PAGE.read_text("utf-8")))
WORDS = frozenset(
    info.alias or name
    for model in (
        *(*NODE_TYPES.values(), Handlers, Menu, Calendar, AnnouncementSettings, UrlBackend, SqlBackend),
        *(WaitAudio, AccountLock, QuestionSettings, CommentSettings),
    )
    for name, info in model.model_fields.items()
)
ETC = "etc"


@pytest.mark.parametrize(("chapter", "assertion"), PLAYED)
def test_it_holds(chapter: Chapter, assertion: Assertion, tmp_path: Path) -> None:
    """The call, or the check of the site, goes as the book says."""
    scene = scene_of(chapter, assertion)
    if assertion.faults is not None:
        found = checked(scene, tmp_path).faults
        assert tuple(fault.rule for fault in found if fault.severity is Severity.ERROR) == assertion.faults
        return
    if assertion.hands_over:
        assert handed_over(scene, tmp_path).items() >= assertion.hands_over.items()
        return
    call = play(scene, assertion.given, assertion.keys, tmp_path)
    if assertion.goes is not None:
        happened = told(call.transcript)
        wanted = list(assertion.goes)
        if wanted[-1] == ETC:
            wanted.pop()
            happened = happened[: len(wanted)]
        assert happened == wanted
    if assertion.words is not None:
        assert heard(call) == assertion.words
    if assertion.survey is not None:
        assert tuple(line["answer"] for line in recorded(call, "SURVEY")) == assertion.survey
    if assertion.messages is not None:
        assert left(call) == assertion.messages
    assert call.variables.items() >= assertion.variables.items()
    steps = {line["node"]: line for line in recorded(call, "IVRSTEP")}
    for node, fields in assertion.records.items():
        assert {name: steps[node][name] for name in fields} == fields


@pytest.mark.parametrize("proof", sorted({proof for _, one in EVERY for proof in one.proof}))
def test_a_proof_is_there(proof: str) -> None:
    """A sentence that is proven elsewhere names a test that there is."""
    path, _, function = proof.partition("::")
    assert function in functions(CHECKOUT / path)


def test_numbers_are_given_once_and_are_those_of_their_section() -> None:
    """Whoever quotes L-8.3 means one sentence, for ever."""
    assert [number for number, times in Counter(one.number for _, one in EVERY).items() if times > 1] == []
    assert [one.number for chapter, one in EVERY if not one.number.startswith(f"L-{chapter.section}.")] == []


def test_every_part_of_the_page_has_an_assertion() -> None:
    """A row, a point or a sentence that is new in docs/language.md fails here until it has a number and a test."""
    assert [f"{part.title}: {part.text[:60]}" for part in PARTS if not told_of(part)] == []


def test_every_assertion_is_about_a_part_of_the_page() -> None:
    """What is no longer in docs/language.md, or begins there with other words, is in the book no more."""
    named = [(chapter.title, unit.of) for chapter in CHAPTERS for unit in chapter.units]
    there = [(title, of) for title, of in named if sum(part.title == title and part.begins(of) for part in PARTS) == 1]
    assert [one for one in named if one not in there] == []


@pytest.mark.parametrize("part", [part for part in PARTS if part.words & WORDS], ids=lambda part: part.text[:40])
def test_every_word_of_a_part_is_in_its_assertions(part: Part) -> None:
    """Not only has each row an assertion: each word of the language that it names is in one, or in its site."""
    assert [word for word in sorted(part.words & WORDS) if word not in told_of(part)] == []


@pytest.mark.parametrize("kind", NODE_TYPES)
def test_every_word_of_a_node_is_in_an_assertion(kind: str) -> None:
    """A word that a kind of node learns is shown by a site in the book that has a node of this kind with this word."""
    shown = {word for chapter, one in EVERY for word in _words_of_nodes(chapter, one, kind)}
    assert {info.alias or name for name, info in NODE_TYPES[kind].model_fields.items()} - shown == set()


def test_the_page_is_the_book() -> None:
    """docs/conformance.md is what `make docs` writes."""
    assert (CHECKOUT / "docs" / "conformance.md").read_text("utf-8") == page()


def test_a_part_without_an_assertion_is_found() -> None:
    """Rows, points and sentences of a page that nobody has numbered are all told apart."""
    found = list(
        parts(
            "# A\n\nOne thing. Another\none.\n\n| word | does |\n|---|---|\n| `say` | speaks `prompt` |\n\n- a: b. c\n"
        )
    )
    assert [(part.word, part.text) for part in found] == [
        *(("say", "`say` speaks `prompt`"), ("", "One thing."), ("", "Another one."), ("", "a: b. c")),
    ]
    assert found[0].words == {"say", "prompt"}
    assert [part for part in found if told_of(part)] == []


def told_of(part: Part) -> str:
    """All that the assertions of this part say, and their sites."""
    return " ".join(
        json.dumps(scene_of(chapter, one).model_dump()) + one.model_dump_json()
        for chapter in CHAPTERS
        if chapter.title == part.title
        for unit in chapter.units
        if part.begins(unit.of)
        for one in unit.assertions
    )


def _words_of_nodes(chapter: Chapter, one: Assertion, kind: str) -> set[str]:
    scene = scene_of(chapter, one)
    menus = [scene.nodes, *(menu.get("nodes", {}) for menu in scene.menus.values())]
    return {word for nodes in menus for node in nodes.values() if node.get("type") == kind for word in node}
