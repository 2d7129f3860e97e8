"""The numbered sentences: read from `sentences/*.yaml`, strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

CHECKOUT = Path(__file__).parents[2]
SENTENCES = Path(__file__).parent / "sentences"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scene(_Strict):
    """A site, as far as it differs from the usual one of `playing.py`."""

    nodes: dict[str, Any] = {}
    """of the menu `m`, which begins at the first of them"""
    menu: dict[str, Any] = {}
    """what else stands in the file of that menu"""
    menus: dict[str, Any] = {}
    """further menu files"""
    site: dict[str, Any] = {}
    """what else stands in site.yaml"""
    announcements: dict[str, Any] = {}
    backends: dict[str, Any] = {}
    """in place of the usual ones"""


class Assertion(_Strict):
    """One numbered sentence, and how it is shown."""

    number: str = Field(pattern=r"^L-\d+\.\d+$")
    says: str
    scene: str | None = None
    """one of the file's `scenes`"""
    nodes: dict[str, Any] = {}
    menu: dict[str, Any] = {}
    menus: dict[str, Any] = {}
    site: dict[str, Any] = {}
    announcements: dict[str, Any] = {}
    backends: dict[str, Any] = {}
    given: dict[str, Any] = {}
    """as in a scenario file"""
    keys: str = ""
    goes: tuple[str, ...] | None = None
    """all that happens, word for word; after `etc` anything may follow"""
    words: tuple[str, ...] | None = None
    """the texts that are heard, in order, those that are cut off as well"""
    variables: dict[str, str] = {}
    """at the end"""
    records: dict[str, dict[str, Any]] = {}
    """by node, fields of its last IVRSTEP"""
    survey: tuple[str, ...] | None = None
    """the answers that are recorded"""
    messages: tuple[str, ...] | None = None
    """that are left: the kind, and the seconds of what was said, of a fax the pages"""
    hands_over: dict[str, str] = {}
    """channel variables with which the call leaves the menus"""
    faults: tuple[str, ...] | None = None
    """the rules of `hotline check` that such a site breaks, warnings left out"""
    proof: tuple[str, ...] = ()
    """tests elsewhere, `path::function`"""

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        shown = (self.goes, self.words, self.survey, self.messages, self.faults)
        shows = any(one is not None for one in shown) or self.variables or self.records or self.hands_over
        if bool(shows) == bool(self.proof):
            raise ValueError(f"{self.number} must show something here, or name tests that do, and not both")
        return self


class Unit(_Strict):
    """A row, or a sentence, of docs/language.md."""

    of: str
    """the word of the row, or how the sentence begins"""
    assertions: tuple[Assertion, ...] = Field(min_length=1)


class Chapter(_Strict):
    """A section of docs/language.md."""

    section: int
    title: str
    """its heading there"""
    scenes: dict[str, Scene] = {}
    units: tuple[Unit, ...]


def chapters() -> list[Chapter]:
    """All of them, in the order of the page."""
    found = [Chapter.model_validate(_read(path)) for path in sorted(SENTENCES.glob("*.yaml"))]
    return sorted(found, key=lambda chapter: chapter.section)


def path_of(chapter: Chapter) -> Path:
    return next(SENTENCES.glob(f"{chapter.section:02}_*.yaml"))


def assertions(chapter: Chapter) -> Iterator[Assertion]:
    for unit in chapter.units:
        yield from unit.assertions


def scene_of(chapter: Chapter, assertion: Assertion) -> Scene:
    """The site of an assertion: the scene that it names, with what it says itself on top."""
    named = chapter.scenes[assertion.scene] if assertion.scene else Scene()
    own: Mapping[str, dict[str, Any]] = {word: getattr(assertion, word) for word in Scene.model_fields}
    return Scene(**{word: {**getattr(named, word), **value} for word, value in own.items()})


def _read(path: Path) -> Any:
    values = YAML(typ="safe").load(path.read_text("utf-8"))
    for unit in values["units"]:
        for one in unit["assertions"]:
            if isinstance(one.get("proof"), str):
                one["proof"] = [one["proof"]]
    return values
