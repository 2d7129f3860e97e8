"""What is dialled inside: extensions and feature codes."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.draft import AGENTS_FILE, PHONES_FILE, QUEUES_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at


def clashing_extensions(draft: Draft) -> Iterator[Fault]:
    """An agent's extension is also a number or a feature code."""
    codes = {code: f"the feature code {name}" for code, name in draft.feature_codes.paths()}
    taken = {**dict.fromkeys(draft.numbers, "a number of the site"), **codes}
    for file in (AGENTS_FILE, PHONES_FILE):
        for extension in sorted(draft.names_in(file) or ()):
            if extension in taken:
                found = f"the extension {extension} is also {taken[extension]}"
                yield fault_at(draft.documents[file], (extension,), "clash", found, "another one", of_key=True)
        taken |= dict.fromkeys(draft.names_in(file) or (), "an agent's")


def clashing_codes(draft: Draft) -> Iterator[Fault]:
    """Two feature codes are the same, or one is another with an agent's extension behind it."""
    codes = draft.feature_codes
    dialled = [*codes.paths(), *codes.supervision()]
    yield from _clashes(draft, [*dialled, *_with_extensions(draft)])
    yield from _clashes(draft, [*codes.talk_keys()])


def _with_extensions(draft: Draft) -> Iterator[tuple[str, str]]:
    extensions = sorted(draft.names_in(AGENTS_FILE) or ())
    yield from ((f"{code}{one}", name) for code, name in draft.feature_codes.supervision() for one in extensions)


def _clashes(draft: Draft, codes: list[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for code, name in codes:
        if code in first:
            found = f"{name} and {first[code]} are both {code}"
            yield fault_at(draft.documents[SITE_FILE], ("feature_codes", name), "clash", found, "a code for each")
        first.setdefault(code, name)
    for code, name, most in draft.feature_codes.extended():
        for other, other_name in draft.feature_codes.paths():
            if code != other and other.startswith(code) and len(other) <= len(code) + most:
                found = f"{other_name} is {other}, which is also {name} with digits behind it"
                yield fault_at(
                    draft.documents[SITE_FILE], ("feature_codes", other_name), "clash", found, "another code"
                )


def unknown_phones(draft: Draft) -> Iterator[Fault]:
    """An agent names a phone that the site does not have."""
    known = (draft.names_in(AGENTS_FILE) or frozenset()) | (draft.names_in(PHONES_FILE) or frozenset())
    for extension, agent in draft.agents.items():
        for number, phone in enumerate(getattr(agent, "phones", [])):
            if phone not in known:
                found, hint = f"found the phone {quoted(phone)}", did_you_mean(phone, known)
                at = (extension, "phones", number)
                yield fault_at(draft.documents[AGENTS_FILE], at, "unknown-phone", found, one_of(known), hint)


def wrap_ups_without_end(draft: Draft) -> Iterator[Fault]:
    """A wrap-up that waits for a disposition where there is none to give, or that is longer than its limit."""
    codes = getattr(draft.site, "dispositions", {})
    for name, queue in draft.queues.items():
        document = draft.documents[QUEUES_FILE]
        if getattr(queue, "wrap_up", "") == "until_disposition" and not codes:
            found = f"{quoted(name)} waits for a disposition, and the site has none"
            yield fault_at(document, (name, "wrap_up"), "no-dispositions", found, f"dispositions in {SITE_FILE}")
        limit = getattr(queue, "wrap_up_seconds_max", 0)
        if getattr(queue, "wrap_up_seconds", 0) > limit > 0:
            found = f"wrap_up_seconds is more than wrap_up_seconds_max, which is {limit}"
            yield fault_at(document, (name, "wrap_up_seconds"), "out-of-range", found, f"{limit} at most")
