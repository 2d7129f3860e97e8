"""What is said: prompts that exist, in every language, with slots that can be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dialplan.draft import PROMPTS_FILE, QUEUES_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at, within
from dialplan.yaml_tree import Document, Path
from ivr.spoken import KINDS, expected_of
from ivr.spoken.slots import BRACED, Slot, cut, read

_WIDE_BRACED = re.compile(r"｛\s*([a-z][a-z0-9_]*(?:[:：][^｝]*)?)｝")
"""A slot that would be read out, brace and all. Other words in full-width braces may be meant."""
_LONE_BRACE = re.compile(r"[{}]")


def unknown_prompts(draft: Draft) -> Iterator[Fault]:
    """A node or a queue says a prompt that is not there."""
    listed = draft.names_in(PROMPTS_FILE)
    if listed is None:
        return
    known = listed | draft.prompts.keys()
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            for path, prompt in node.prompt_ids():
                if prompt not in known:
                    found = f"found {quoted(prompt)}, which is not a prompt"
                    at, hint = ("nodes", key, *path), did_you_mean(prompt, known)
                    yield fault_at(menu.document, at, "unknown-prompt", found, f"an id of {PROMPTS_FILE}", hint)
    handlers = [(menu.document, menu.handlers) for menu in draft.menus.values()]
    for document, handler in [*handlers, (draft.documents[SITE_FILE], draft.handlers)]:
        for path, prompt in handler.prompt_ids():
            if prompt not in known:
                found, hint = f"found {quoted(prompt)}, which is not a prompt", did_you_mean(prompt, known)
                at = ("handlers", *path)
                yield fault_at(document, at, "unknown-prompt", found, f"an id of {PROMPTS_FILE}", hint)
    for name, queue in draft.queues.items():
        notice = getattr(queue, "record_notice", None)
        if notice is not None and notice not in known:
            found, hint = f"found {quoted(notice)}, which is not a prompt", did_you_mean(notice, known)
            at = (name, "record_notice")
            yield fault_at(draft.documents[QUEUES_FILE], at, "unknown-prompt", found, f"an id of {PROMPTS_FILE}", hint)


def missing_languages(draft: Draft) -> Iterator[Fault]:
    """Some words are not there in a language of the site, or are there in another one."""
    languages = draft.languages
    for document, path, texts in _texts(draft):
        for language in languages:
            if texts and language not in texts:
                found, expected = (
                    f'found no words in "{language}"',
                    f"every language of the site: {', '.join(languages)}",
                )
                yield fault_at(document, path, "missing-language", found, expected, of_key=True)
        for language in texts if languages else ():
            if language not in languages:
                found = f"found {quoted(language)}, which is not a language of this site"
                at = (*path, language)
                yield fault_at(document, at, "unknown-language", found, one_of(languages), of_key=True)


def bad_slots(draft: Draft) -> Iterator[Fault]:
    """A slot cannot be spoken, or is not the same in all languages."""
    for prompt in draft.prompts.values():
        slots: dict[str, list[Slot]] = {}
        for language, text in prompt.texts.items():
            at = (*prompt.path, language)
            faults = list(_slot_faults(prompt.document, at, text, language))
            yield from faults
            if not faults:
                slots[language] = [part for part in cut(text) if isinstance(part, Slot)]
        for language in list(slots)[1:]:
            first = next(iter(slots))
            # One language may tell {place:ordinal} where another tells {place:number}: the names alone must agree.
            if {slot.name for slot in slots[language]} != {slot.name for slot in slots[first]}:
                found = f'found {_listed(slots[language])} here, but {_listed(slots[first])} in "{first}"'
                at = (*prompt.path, language)
                yield fault_at(prompt.document, at, "slots-differ", found, "slots of the same names in every language")


def _slot_faults(document: Document, path: Path, text: str, language: str) -> Iterator[Fault]:
    """Faults of a text, each at its very slot."""
    if lone := _LONE_BRACE.search(BRACED.sub(lambda slot: " " * len(slot[0]), text)):
        fault = fault_at(document, path, "bad-slot", "found a brace without its partner", "{name:kind}")
        yield within(document, path, fault, lone.start())
    for match in _WIDE_BRACED.finditer(text):
        found, expected = f"found {match[0]} in full-width braces", f"{{{match[1]}}}"
        yield within(document, path, fault_at(document, path, "bad-slot", found, expected), match.start())
    for match in BRACED.finditer(text):
        if told := _told(match[1], language):
            yield within(document, path, fault_at(document, path, *told), match.start())


def _told(inside: str, language: str) -> tuple[str, str, str, str] | None:
    """What is wrong with a slot: rule, found, expected, hint."""
    slot = read(inside)
    if slot is None:
        return "bad-slot", f"found {{{inside}}}", "{name:kind}, such as {order:digits}", ""
    if slot.kind_name not in KINDS:
        hint = did_you_mean(slot.kind_name, KINDS)
        return "unknown-slot-kind", f"found the kind of slot {quoted(slot.kind_name)}", one_of(KINDS, len(KINDS)), hint
    expected = expected_of(slot.kind, language)
    return ("unspeakable-slot", f'found {{{inside}}} in "{language}"', expected, "") if expected else None


def _texts(draft: Draft) -> Iterator[tuple[Document, Path, dict[str, str]]]:
    for prompt in draft.prompts.values():
        yield prompt.document, prompt.path, prompt.texts
    for name, queue in draft.queues.items():
        yield draft.documents[QUEUES_FILE], (name, "name"), getattr(queue, "name", {})


def _listed(slots: Iterable[Slot]) -> str:
    return ", ".join(sorted({f"{{{slot.name}:{slot.kind}}}" for slot in slots})) or "no slot"
