"""What menus say of their keys: that each one named can be chosen, and each choice is said, before people forget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dialplan.draft import Draft, MenuDraft, PromptDraft
from dialplan.faults import Fault, Severity, one_of, quoted
from dialplan.findings import fault_at, within
from dialplan.node import NodeModel
from dialplan.spoken_keys import mentioned, named, seconds_before_keys

NAMES = {"*": "star", "#": "pound"}
"""keys that are better written as words"""
SECONDS_MAX = 8
"""Longer than this before the first key, and callers press 0 or hang up (ivr-ux 2.6)."""
SILENT_KEYS = frozenset("*#")
"""Back and repeat: choices that everybody knows and no menu need say."""


def keys_that_are_no_choices(draft: Draft) -> Iterator[Fault]:
    """Warn of words that tell callers to press a key which the menu does not offer."""
    for address, menu, _, node in choosing(draft):
        offered = choices_of(node).keys() | (draft.keys.keys() if menu.global_keys else set())
        for _, prompt in node.prompt_ids():
            for language, text in _texts(draft, prompt):
                for key, at in named(text):
                    if key not in offered:
                        said = draft.prompts[prompt]
                        found = f"found the key {shown(key)}, which is not a choice of {address}"
                        path = (*said.path, language)
                        fault = fault_at(said.document, path, "key-not-a-choice", found, _one_of_keys(offered))
                        yield _warning(within(said.document, path, fault, at))


def choices_that_are_not_said(draft: Draft) -> Iterator[Fault]:
    """Warn of a choice that the menu's first prompt does not speak of, in one of its languages."""
    for _, menu, key, node in choosing(draft):
        prompt = next((prompt for path, prompt in node.prompt_ids() if path[0] == "prompt"), "")
        texts = dict(_texts(draft, prompt))
        for choice in choices_of(node).keys() - SILENT_KEYS if texts else ():
            silent = [quoted(language) for language, text in texts.items() if choice not in mentioned(text)]
            if silent:
                found = f"the prompt {quoted(prompt)} does not say this choice in {' and '.join(silent)}"
                path = ("nodes", key, "choices", choice)
                yield _warning(fault_at(menu.document, path, "choice-not-said", found, "words for it", of_key=True))


def late_choices(draft: Draft) -> Iterator[Fault]:
    """Warn of a menu that talks for long before its first key."""
    for _, _, _, node in choosing(draft):
        for _, prompt in node.prompt_ids():
            for language, text in _texts(draft, prompt):
                seconds = seconds_before_keys(text)
                if seconds is not None and seconds > SECONDS_MAX:
                    said = draft.prompts[prompt]
                    found, expected = f"about {seconds:.0f} s of words before the first key", f"{SECONDS_MAX} s at most"
                    yield _warning(fault_at(said.document, (*said.path, language), "late-choice", found, expected))


def choosing(draft: Draft) -> Iterator[tuple[str, MenuDraft, str, NodeModel]]:
    """Yield every node at which callers choose by keys: its address, its menu, its name and itself."""
    for name, menu in draft.menus.items():
        for key, node in menu.nodes.items():
            if choices_of(node) and key not in menu.broken:
                yield f"{name}.{key}", menu, key, node


def choices_of(node: NodeModel) -> Mapping[str, str]:
    """Return what callers can press here; nothing where they do not choose."""
    choices: Mapping[str, str] = getattr(node, "choices", None) or {}
    return choices


def shown(key: str) -> str:
    """Return the key as admins write it."""
    return NAMES.get(key, f'"{key}"')


def _texts(draft: Draft, prompt: str) -> Iterator[tuple[str, str]]:
    found: PromptDraft | None = draft.prompts.get(prompt)
    yield from found.texts.items() if found else ()


def _one_of_keys(keys: frozenset[str] | set[str]) -> str:
    return one_of(map(shown, keys), 12)


def _warning(fault: Fault) -> Fault:
    return replace(fault, severity=Severity.WARNING)
