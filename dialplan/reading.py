"""Reads each file of a site into the draft, entry by entry, so that one broken entry does not hide the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Strict, TypeAdapter

from dialplan.announcements import AnnouncementSettings
from dialplan.backends import KINDS as BACKEND_KINDS
from dialplan.draft import (
    AGENTS_FILE,
    ANNOUNCEMENTS_FILE,
    BACKENDS_FILE,
    PHONES_FILE,
    PROMPTS_FILE,
    QUEUES_FILE,
    SITE_FILE,
    Draft,
    MenuDraft,
    PromptDraft,
)
from dialplan.faults import did_you_mean, one_of, quoted
from dialplan.findings import Entry, describe, fault_at, validate, validate_entry
from dialplan.node import Handlers, NodeModel
from dialplan.nodes import NODE_TYPES, Node
from dialplan.site import AgentSettings, LocalText, Menu, PhoneSettings, QueueSettings, SiteFile
from dialplan.words import Extension, Name, NodeRef, PromptId
from dialplan.yaml_tree import Document, Path

M = TypeVar("M", bound=BaseModel)

_NAME: TypeAdapter[str] = TypeAdapter(Name)
_PROMPT_ID: TypeAdapter[str] = TypeAdapter(PromptId)
_EXTENSION: TypeAdapter[str] = TypeAdapter(Extension)
_TEXTS: TypeAdapter[dict[str, str]] = TypeAdapter(LocalText)

_TRUTH: TypeAdapter[bool] = TypeAdapter(Annotated[bool, Strict()])
_NODE_REF: TypeAdapter[str] = TypeAdapter(NodeRef)

_MENU_KEYS = tuple(Menu.model_fields)
_MENU_NEEDS = ("entry", "nodes")
_ALL_TYPES = len(NODE_TYPES)


def read_site_file(draft: Draft) -> None:
    """Read `site.yaml`; its `draft.site` stays None when anything in it is wrong."""
    document = draft.documents[SITE_FILE]
    if _is_mapping(document, ()):
        lifted = _lift_handlers(draft, "handlers", document, document.values)
        entry = validate_entry(document, (), SiteFile, lifted)
        draft.site = entry.value if entry else None
        draft.handlers = _handlers(document, lifted)
        _lift_agents_words(draft, document)


def _handlers(document: Document, values: dict[str, Any]) -> Handlers:
    """Return a file's handlers without what is wrong with them, which is told once, however often it is found."""
    entry = validate_entry(document, ("handlers",), Handlers, values["handlers"]) if "handlers" in values else None
    return entry.value if entry else Handlers()


def _lift_agents_words(draft: Draft, document: Document) -> None:
    """Reasons and dispositions are spoken to agents: `agent.reason.<id>` and `agent.disposition.<code>`."""
    for key, reason in getattr(draft.site, "not_ready_reasons", {}).items():
        path = ("not_ready_reasons", key, "name")
        draft.prompts[f"agent.reason.{reason.id}"] = PromptDraft(document, path, reason.name)
    for code, name in getattr(draft.site, "dispositions", {}).items():
        draft.prompts[f"agent.disposition.{code}"] = PromptDraft(document, ("dispositions", code), name)


def read_queues(draft: Draft) -> None:
    """Read `queues.yaml`."""
    for name, queue in _entries(draft.documents[QUEUES_FILE], _NAME, QueueSettings):
        draft.queues[name] = queue.value


def read_agents(draft: Draft) -> None:
    """Read `agents.yaml`."""
    for extension, agent in _entries(draft.documents[AGENTS_FILE], _EXTENSION, AgentSettings):
        draft.agents[extension] = agent.value
        if not agent.whole:
            draft.broken_agents.add(extension)


def read_phones(draft: Draft) -> None:
    """Read `phones.yaml`."""
    for extension, phone in _entries(draft.documents[PHONES_FILE], _EXTENSION, PhoneSettings):
        draft.phones[extension] = phone.value


def read_announcements(draft: Draft) -> None:
    """Read `announcements.yaml`; words written there join `draft.prompts` as `announcement.<id>`."""
    document = draft.documents[ANNOUNCEMENTS_FILE]
    for name, value in document.values.items() if _is_mapping(document, ()) else ():
        _check_key(document, _NAME, name, (name,), f"found the key {quoted(name)}")
        lifted = (
            _lift_prompts(draft, f"announcement.{name}", document, (name,), value) if isinstance(value, dict) else value
        )
        entry = validate_entry(document, (name,), AnnouncementSettings, lifted)
        if entry is not None:
            draft.announcements[name] = entry.value


def read_backends(draft: Draft) -> None:
    """Read `backends.yaml`."""
    document = draft.documents[BACKENDS_FILE]
    for name, value in document.values.items() if _is_mapping(document, ()) else ():
        _check_key(document, _NAME, name, (name,), f"found the key {quoted(name)}")
        if not _is_mapping(document, (name,), value):
            continue
        kinds = [kind for kind in BACKEND_KINDS if kind in value]
        if len(kinds) != 1:
            found = "found both url and sql" if kinds else 'found neither "url" nor "sql"'
            document.faults.append(fault_at(document, (name,), "missing-key", found, "one of them", of_key=True))
            continue
        entry = validate_entry(document, (name,), BACKEND_KINDS[kinds[0]], value)
        if entry is not None:
            draft.backends[name] = entry.value
        if entry is None or not entry.whole:
            draft.broken_backends.add(name)


def read_prompts(draft: Draft) -> None:
    """Read `prompts.yaml`."""
    document = draft.documents[PROMPTS_FILE]
    for name, value in document.values.items() if _is_mapping(document, ()) else ():
        _check_key(document, _PROMPT_ID, name, (name,), f"found the key {quoted(name)}")
        texts = validate(document, (name,), _TEXTS, value)
        if texts is not None:
            draft.prompts[name] = PromptDraft(document, (name,), texts)


def read_menu(draft: Draft, name: str, document: Document) -> None:
    """Read one file of `menus/`; prompts written inside a node join `draft.prompts`."""
    draft.documents[document.file] = document
    menu = draft.menus[name] = MenuDraft(document)
    _check_key(document, _NAME, name, (), f"found the file name {quoted(name)}")
    if not _is_mapping(document, ()):
        return
    _unknown_keys(document)
    nodes = document.values.get("nodes")
    for key in _MENU_NEEDS:
        if key not in document.values:
            document.faults.append(fault_at(document, (key,), "missing-key", f'found no "{key}"', f"the key {key}"))
    if "nodes" in document.values and _is_mapping(document, ("nodes",), nodes):
        menu.names = frozenset(nodes)
        if not nodes:
            document.faults.append(fault_at(document, ("nodes",), "empty-value", "found no nodes", "at least one node"))
        for key, node in _nodes(draft, name, document, nodes):
            menu.nodes[key] = node.value
            if not node.whole:
                menu.broken.add(key)
    _entry(menu)
    _around_the_nodes(draft, name, menu)


def _around_the_nodes(draft: Draft, name: str, menu: MenuDraft) -> None:
    """Read what holds for all nodes of the menu."""
    document = menu.document
    values = _lift_handlers(draft, name, document, document.values)
    menu.handlers = _handlers(document, values)
    if "global_keys" in values:
        menu.global_keys = validate(document, ("global_keys",), _TRUTH, values["global_keys"]) is not False
    menu.leads = {
        word: values[word]
        for word in ("person", "main")
        if word in values and validate(document, (word,), _NODE_REF, values[word]) is not None
    }


def _entry(menu: MenuDraft) -> None:
    document, entry = menu.document, menu.document.values.get("entry")
    if "entry" not in document.values or validate(document, ("entry",), _NAME, entry) is None:
        return
    menu.entry = entry
    if menu.names and entry not in menu.names:
        found, hint = f"found {quoted(entry)}, which is not a node of this menu", did_you_mean(entry, menu.names)
        document.faults.append(fault_at(document, ("entry",), "unknown-node", found, one_of(menu.names), hint))


def _nodes(draft: Draft, menu: str, document: Document, nodes: dict[str, Any]) -> Iterator[tuple[str, Entry[Any]]]:
    for name, value in nodes.items():
        path = ("nodes", name)
        _check_key(document, _NAME, name, path, f"found the node name {quoted(name)}")
        if not _is_mapping(document, path, value):
            continue
        kind = _node_type(document, path, value)
        if kind is None:
            continue
        node = validate_entry(
            document, path, kind, _lift_prompts(draft, f"{menu}.{name}", document, path, value, kind.prompt_keys)
        )
        if node is not None:
            yield name, node


def _node_type(document: Document, path: Path, value: dict[str, Any]) -> type[Node] | None:
    if "type" not in value:
        expected = one_of(NODE_TYPES, _ALL_TYPES)
        document.faults.append(fault_at(document, path, "missing-key", 'found no "type"', expected, of_key=True))
        return None
    kind = value["type"]
    if isinstance(kind, str) and kind in NODE_TYPES:
        return NODE_TYPES[kind]
    hint = did_you_mean(kind, NODE_TYPES) if isinstance(kind, str) else ""
    found = f"found the node type {describe(kind)}"
    document.faults.append(
        fault_at(document, (*path, "type"), "unknown-node-type", found, one_of(NODE_TYPES, _ALL_TYPES), hint)
    )
    return None


_PROMPTS_WITHIN = {"no_input": "prompt", "no_match": "prompt", "wait_audio": "play"}
"""words that hold a prompt within them"""


def _lift_prompts(
    draft: Draft,
    owner: str,
    document: Document,
    path: Path,
    value: dict[str, Any],
    keys: Sequence[str] = NodeModel.prompt_keys,
) -> dict[str, Any]:
    """Return the node with each `{zh: ..., en: ...}` replaced by the id under which it joins the prompts.

    The id is `menu.node.prompt`, `menu.node.no_input` and the like; in a list its number follows, from 1.
    Of a question of a survey it is `menu.node.question.prompt`.
    """

    def lifted(text: Any, name: str, at: Path) -> Any:
        if isinstance(text, list):
            return [lifted(item, f"{name}.{number}", (*at, number - 1)) for number, item in enumerate(text, start=1)]
        if not isinstance(text, dict):
            return text
        texts = validate(document, at, _TEXTS, text)
        draft.prompts[name] = PromptDraft(document, at, texts or {})
        return name

    changed = dict(value)
    for key in keys:
        if changed.get(key) is not None:
            changed[key] = lifted(changed[key], f"{owner}.{key}", (*path, key))
    questions = changed.get("questions")
    if isinstance(questions, dict):
        changed["questions"] = {
            name: _lift_prompts(draft, f"{owner}.{name}", document, (*path, "questions", name), question)
            if isinstance(question, dict)
            else question
            for name, question in questions.items()
        }
    for key, word in _PROMPTS_WITHIN.items():
        inner = changed.get(key)
        if isinstance(inner, dict) and word in inner:
            changed[key] = {**inner, word: lifted(inner[word], f"{owner}.{key}", (*path, key, word))}
    return changed


def _lift_handlers(draft: Draft, owner: str, document: Document, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a file with the prompts of its `handlers` lifted, to `menu.no_input` and the like."""
    handlers = values.get("handlers")
    if not isinstance(handlers, dict):
        return values
    return {**values, "handlers": _lift_prompts(draft, owner, document, ("handlers",), handlers, ())}


def _entries(document: Document, key_type: TypeAdapter[str], model: type[M]) -> Iterator[tuple[str, Entry[M]]]:
    if not _is_mapping(document, ()):
        return
    for key, value in document.values.items():
        _check_key(document, key_type, key, (key,), f"found the key {quoted(key)}")
        entry = validate_entry(document, (key,), model, value)
        if entry is not None:
            yield key, entry


def _check_key(document: Document, key_type: TypeAdapter[str], key: str, path: Path, found: str) -> None:
    """Check the key; the place of a fault is that of the key."""
    before = len(document.faults)
    validate(document, path, key_type, key)
    document.faults[before:] = [
        fault_at(document, path, fault.rule, found, fault.expected, of_key=True) for fault in document.faults[before:]
    ]


def _is_mapping(document: Document, path: Path, value: Any = ...) -> bool:
    value = document.values if value is ... else value
    if isinstance(value, dict):
        return True
    # A file that could not be parsed has said so already, and has no values.
    if path or document.places:
        document.faults.append(
            fault_at(document, path, "not-a-mapping", f"found {describe(value)}", "a mapping of keys")
        )
    return False


def _unknown_keys(document: Document) -> None:
    for key in document.values:
        if key not in _MENU_KEYS:
            hint = did_you_mean(key, _MENU_KEYS)
            document.faults.append(
                fault_at(
                    document,
                    (key,),
                    "unknown-key",
                    f"found the key {quoted(key)}",
                    one_of(_MENU_KEYS),
                    hint,
                    of_key=True,
                )
            )
