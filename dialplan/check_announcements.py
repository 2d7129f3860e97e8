"""Announcements: at menus that exist, with prompts that exist, and not over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialplan.draft import ANNOUNCEMENTS_FILE, PROMPTS_FILE, Draft
from dialplan.faults import Fault, Severity, did_you_mean, one_of, quoted
from dialplan.findings import fault_at


def lost_announcements(draft: Draft) -> Iterator[Fault]:
    """An announcement is made at a menu that is not there, or says a prompt that is not."""
    document = draft.documents[ANNOUNCEMENTS_FILE]
    known = (draft.names_in(PROMPTS_FILE) or frozenset()) | draft.prompts.keys()
    for name, announcement in draft.announcements.items():
        for index, menu in enumerate(getattr(announcement, "at", ())):
            if menu is not None and menu not in draft.menus:
                found, hint = f"found {quoted(menu)}, which is not a menu", did_you_mean(menu, draft.menus)
                yield fault_at(document, (name, "at", index), "unknown-menu", found, one_of(draft.menus), hint)
        for index, prompt in enumerate(getattr(announcement, "prompt", ())):
            if draft.names_in(PROMPTS_FILE) is not None and prompt not in known:
                found, hint = f"found {quoted(prompt)}, which is not a prompt", did_you_mean(prompt, known)
                at = (name, "prompt", index)
                yield fault_at(document, at, "unknown-prompt", found, f"an id of {PROMPTS_FILE}", hint)


def announcements_that_are_over(draft: Draft) -> Iterator[Fault]:
    """Warn of an announcement that nobody will hear any more."""
    for name, announcement in draft.announcements.items():
        until: str | None = getattr(announcement, "until", None)
        if until is not None and until < draft.today.isoformat():
            found = f"nobody hears this any more since {until}"
            fault = fault_at(draft.documents[ANNOUNCEMENTS_FILE], (name, "until"), "announcement-over", found)
            yield replace(fault, severity=Severity.WARNING)
