"""Where agents may send callers: what is dialled and keyed for it can be told apart, and the outside can be called."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.draft import AGENTS_FILE, QUEUES_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at


def clashing_queue_extensions(draft: Draft) -> Iterator[Fault]:
    """A queue's extension is also an agent's, a number, a feature code, or another queue's."""
    codes = {code: f"the feature code {name}" for code, name in draft.feature_codes.paths()}
    taken = {**dict.fromkeys(draft.numbers, "a number of the site"), **codes}
    taken |= dict.fromkeys(draft.names_in(AGENTS_FILE) or (), "an agent's")
    for name, queue in draft.queues.items():
        extension = getattr(queue, "extension", None)
        if extension is None:
            continue
        if extension in taken:
            found = f"the extension {extension} is also {taken[extension]}"
            yield fault_at(draft.documents[QUEUES_FILE], (name, "extension"), "clash", found, "another one")
        taken[extension] = f"that of the queue {quoted(name)}"


def unusable_outbound(draft: Draft) -> Iterator[Fault]:
    """Calls to the outside name a carrier that the site does not have, or one that cannot be called."""
    wanted = draft.outbound_trunk
    if wanted is None:
        return
    hosts = {getattr(trunk, "name", ""): getattr(trunk, "host", "") for trunk in draft.trunks}
    at = (draft.documents[SITE_FILE], ("outbound", "trunk"), "unknown-trunk")
    if wanted not in hosts:
        found = f"found {quoted(wanted)}, which is not a trunk"
        yield fault_at(*at, found, one_of(hosts), did_you_mean(wanted, hosts))
    elif hosts[wanted] is None:
        yield fault_at(
            *at, f"found the trunk {quoted(wanted)}, which has no host to send calls to", "a trunk with host"
        )


def clashing_consult_keys(draft: Draft) -> Iterator[Fault]:
    """Two keys of a consult, or the two that begin a transfer, are the same."""
    codes = draft.feature_codes
    groups = (list(codes.consult_keys()), [(codes.transfer, "transfer"), (codes.consult, "consult")])
    for group in groups:
        first: dict[str, str] = {}
        for code, name in group:
            if code in first:
                found = f"{name} and {first[code]} are both {code}"
                yield fault_at(draft.documents[SITE_FILE], ("feature_codes", name), "clash", found, "a code for each")
            first.setdefault(code, name)
