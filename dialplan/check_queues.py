"""What callers hear and press while they wait: prompts with the right slots, keys that lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.check_references import is_unknown, references
from dialplan.draft import AGENTS_FILE, PROMPTS_FILE, QUEUES_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.site import QueueSettings
from dialplan.waiting import CALLBACK_PROMPTS, STANDARD_PROMPTS, Announce, nodes_of, queues_of
from dialplan.yaml_tree import Document, Path
from ivr.spoken.slots import BRACED, Slot, read

ALIKE = {"number": {"number", "count", "ordinal"}, "digits": {"digits", "phone", "order_number", "letters"}}
"""For the kind of a slot that is asked for, all kinds that can tell the same value."""


def unsaid_announcements(draft: Draft) -> Iterator[Fault]:
    """A queue tells its callers something for which there is no prompt, or one with other slots."""
    known = draft.names_in(PROMPTS_FILE)
    if known is None:
        return
    for name, queue in draft.queues.items():
        for path, prompt, slot in _said(queue):
            at = (name, *path)
            if prompt not in known | draft.prompts.keys():
                found, hint = f"found no prompt {quoted(prompt)}", did_you_mean(prompt, known)
                yield fault_at(draft.documents[QUEUES_FILE], at, "unknown-prompt", found, f"it in {PROMPTS_FILE}", hint)
            elif prompt in draft.prompts:
                yield from _slot_faults(draft, draft.documents[QUEUES_FILE], at, prompt, slot)


def unsaid_greetings(draft: Draft) -> Iterator[Fault]:
    """An agent greets callers with a prompt that is not there, or has slots."""
    known = draft.names_in(PROMPTS_FILE)
    for extension, agent in draft.agents.items():
        prompt, at = getattr(agent, "greeting", None), (extension, "greeting")
        if prompt is None or known is None:
            continue
        if prompt not in known | draft.prompts.keys():
            found, hint = f"found no prompt {quoted(prompt)}", did_you_mean(prompt, known)
            yield fault_at(draft.documents[AGENTS_FILE], at, "unknown-prompt", found, f"it in {PROMPTS_FILE}", hint)
        elif prompt in draft.prompts:
            yield from _slot_faults(draft, draft.documents[AGENTS_FILE], at, prompt, "")


def lost_keys(draft: Draft) -> Iterator[Fault]:
    """A key of a queue leads to a node or a queue that does not exist."""
    queues = draft.names_in(QUEUES_FILE) or frozenset()
    for name, queue in draft.queues.items():
        keys = getattr(queue, "keys", {})
        for key, reference in nodes_of(keys):
            if is_unknown(draft, reference, ""):
                found = f"found {quoted(reference)}, which is not a menu and not a node of one"
                expected, hint = "menu, menu.node or queue:id", did_you_mean(reference, references(draft, ""))
                yield _key_fault(draft, name, key, "unknown-node", found, expected, hint)
        for key, other in queues_of(keys):
            if other not in queues:
                found, hint = f"found {quoted(other)}, which is not a queue", did_you_mean(other, queues)
                yield _key_fault(draft, name, key, "unknown-queue", found, one_of(queues), hint)
            elif other == name:
                found = "found a key that leads back to its own queue"
                yield _key_fault(draft, name, key, "own-queue", found, "another queue", "")


def lost_overflows(draft: Draft) -> Iterator[Fault]:
    """A queue overflows to one that does not exist, or to itself."""
    queues = draft.names_in(QUEUES_FILE) or frozenset()
    for name, to in _overflows(draft).items():
        if to not in queues:
            found, hint = f"found {quoted(to)}, which is not a queue", did_you_mean(to, queues)
            yield _overflow_fault(draft, name, "unknown-queue", found, one_of(queues), hint)
        elif to == name:
            yield _overflow_fault(draft, name, "own-queue", "found its own queue", "another queue")


def overflow_circles(draft: Draft) -> Iterator[Fault]:
    """Callers who move on would come back to where they were, and so on for ever."""
    moves = {name: to for name, to in _overflows(draft).items() if draft.queues[name].overflow.move}  # type: ignore[union-attr]  # it has one
    for name in moves:
        way = [name]
        while (to := moves.get(way[-1])) is not None and to not in way:
            way.append(to)
        if to == name and len(way) > 1 and name == min(way):
            found = f"callers would move round for ever: {' -> '.join([*way, name])}"
            yield _overflow_fault(draft, name, "endless-loop", found, "one of them without move")


def _overflows(draft: Draft) -> dict[str, str]:
    found = {name: getattr(getattr(queue, "overflow", None), "to", None) for name, queue in draft.queues.items()}
    return {name: to for name, to in found.items() if to is not None}


def _overflow_fault(draft: Draft, queue: str, rule: str, found: str, expected: str, hint: str = "") -> Fault:
    return fault_at(draft.documents[QUEUES_FILE], (queue, "overflow", "to"), rule, found, expected, hint)


def _said(queue: QueueSettings) -> Iterator[tuple[Path, str, str]]:
    """Yield every prompt of a queue with its place, and the one slot that it may have, empty for none."""
    announce = getattr(queue, "announce", None) or Announce.model_construct()
    for part, prompts in STANDARD_PROMPTS.items():
        if getattr(announce, part, False):
            yield from ((("announce", part), prompt, slot) for prompt, slot in prompts.items())
    for index, prompt in enumerate(getattr(announce, "comfort", ())):
        yield ("announce", "comfort", index), prompt, ""
    if getattr(queue, "callback", None) is not None:
        yield from ((("callback",), prompt, slot) for prompt, slot in CALLBACK_PROMPTS.items())
    for part, slot in (("whisper", "{minutes:number}"), ("greeting", "")):
        if prompt := getattr(queue, part, None):
            yield (part,), prompt, slot


def _slot_faults(draft: Draft, document: Document, at: Path, prompt: str, slot: str) -> Iterator[Fault]:
    expected = slot or "no slot"
    wanted = read(slot.strip("{}"))
    for text in draft.prompts[prompt].texts.values():
        wrong = {inside for inside in BRACED.findall(text) if not _tells(read(inside), wanted)}
        if wrong:
            found = f"the prompt {quoted(prompt)} has {', '.join(f'{{{inside}}}' for inside in sorted(wrong))}"
            yield fault_at(document, at, "wrong-slot", found, expected)
            return


def _tells(slot: Slot | None, wanted: Slot | None) -> bool:
    """Whether this slot can say the value of the one that is wanted."""
    if slot is None or wanted is None:
        return False
    return slot.name == wanted.name and slot.kind_name in ALIKE[wanted.kind]


def _key_fault(draft: Draft, queue: str, key: str, rule: str, found: str, expected: str, hint: str) -> Fault:
    document = draft.documents[QUEUES_FILE]
    written = {"*": "star", "#": "pound"}.get(key, key)
    keys = document.values[queue]["keys"]
    return fault_at(document, (queue, "keys", key if key in keys else written), rule, found, expected, hint)
