"""JSON Schema of each kind of file of a site, for editors that complete and explain while an admin types.

    python -m dialplan.schema docs/schema

A schema knows the words, their types and their patterns. What lies between entries (a node that is not there, a prompt
without a language) only `hotline check` sees.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter

from dialplan import (
    announcements,
    asking,
    backends,
    deciding,
    hours,
    inquiring,
    music,
    node,
    nodes,
    outbound,
    scenario,
    site,
    waiting,
)
from dialplan.announcements import AnnouncementSettings
from dialplan.backends import Backends
from dialplan.scenario import NamedScenarios, ScenarioText
from dialplan.site import AgentSettings, LocalText, Menu, PhoneSettings, QueueSettings, SiteFile
from dialplan.words import Extension, Name, PromptId

DRAFT = "https://json-schema.org/draft/2020-12/schema"

FILES: Mapping[str, TypeAdapter[Any]] = {
    "site": TypeAdapter(SiteFile),
    "menu": TypeAdapter(Menu),
    "queues": TypeAdapter(dict[Name, QueueSettings]),
    "agents": TypeAdapter(dict[Extension, AgentSettings]),
    "phones": TypeAdapter(dict[Extension, PhoneSettings]),
    "announcements": TypeAdapter(dict[Name, AnnouncementSettings]),
    "backends": TypeAdapter(Backends),
    "prompts": TypeAdapter(dict[PromptId, LocalText]),
    "scenario": TypeAdapter(ScenarioText | NamedScenarios),
}
"""each kind of file and what it holds"""

_MODULES: tuple[ModuleType, ...] = (
    announcements,
    asking,
    backends,
    deciding,
    hours,
    inquiring,
    music,
    node,
    nodes,
    outbound,
    scenario,
    site,
    waiting,
)


def schema_of(kind: str) -> dict[str, Any]:
    """Return the schema of one kind of file, with what the code says of each word."""
    schema = FILES[kind].json_schema(by_alias=True)
    for name, model in {kind: schema, **schema.get("$defs", {})}.items():
        _explain(model.get("title", name), model)
    return {"$schema": DRAFT, **_helpful(schema)}


def write(folder: Path) -> None:
    """Write every schema as `<kind>.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in FILES:
        (folder / f"{kind}.json").write_text(text_of(kind), "utf-8")


def text_of(kind: str) -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def _helpful(schema: Any) -> Any:
    """Return the schema with every choice of nodes as conditions, and no keys but those of the pattern."""
    if isinstance(schema, list):
        return [_helpful(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "discriminator" in schema:
        return _by_type(schema)
    closed = {"additionalProperties": False} if "patternProperties" in schema else {}
    return {key: _helpful(value) for key, value in schema.items()} | closed


def _by_type(choice: dict[str, Any]) -> dict[str, Any]:
    """Return the choice of one kind of node as conditions: so an editor tells what is wrong with that kind alone."""
    kinds: dict[str, str] = choice["discriminator"]["mapping"]
    cases = [
        {"if": {"required": ["type"], "properties": {"type": {"const": kind}}}, "then": {"$ref": reference}}
        for kind, reference in kinds.items()
    ]
    return {"type": "object", "required": ["type"], "properties": {"type": {"enum": [*kinds]}}, "allOf": cases}


def _explain(name: str, model: dict[str, Any]) -> None:
    """Give each property the words that follow its field in the code, in place of a title that repeats its name."""
    for word, value in model.get("properties", {}).items():
        value.pop("title", None)
        said = _said_of(name, word)
        if said:
            value["description"] = said


def _said_of(name: str, word: str) -> str | None:
    for ancestor in _ancestors(name):
        said = _docstrings().get((ancestor, word)) or _docstrings().get((ancestor, f"{word}_"))
        if said:
            return said
    return None


def _ancestors(name: str) -> list[str]:
    found = next((getattr(module, name) for module in _MODULES if hasattr(module, name)), None)
    return [one.__name__ for one in inspect.getmro(found)] if inspect.isclass(found) else []


@cache
def _docstrings() -> dict[tuple[str, str], str]:
    """Return what stands below each field of each class of a site, by class and field."""
    trees = (ast.parse(inspect.getsource(module)) for module in _MODULES)
    classes = (node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))
    return {(one.name, field): words for one in classes for field, words in _fields_of(one)}


def _fields_of(one: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, said in zip(one.body, one.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(said, ast.Expr):
            words = ast.literal_eval(said.value) if isinstance(said.value, ast.Constant) else None
            if isinstance(words, str):
                yield field.target.id, " ".join(words.split())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
