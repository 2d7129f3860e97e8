"""What menus hand to callers and whom they send them to: documents that are there, numbers that may be called."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.draft import AGENTS_FILE, SITE_FILE, Draft
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.leaving import FaxSendNode
from dialplan.nodes import TransferNode
from dialplan.outbound import Outbound

_CONVERT = "gs -q -dNOPAUSE -dBATCH -sDEVICE=tiffg4 -r204x196 -sOutputFile=x.tif x.pdf makes one"


def unknown_faxes(draft: Draft) -> Iterator[Fault]:
    """A node sends a document that is not there, or that no fax machine can take."""
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            file = getattr(node, "file", None) if isinstance(node, FaxSendNode) else None
            if file is None or draft.faxes.get(file):
                continue
            at = ("nodes", key, "file")
            if file in draft.faxes:
                found = f"found {quoted(file)}, which is no TIFF file"
                yield fault_at(menu.document, at, "bad-fax", found, "a TIFF file", _CONVERT)
            else:
                found, hint = f"found no file {quoted(file)}", did_you_mean(file, draft.faxes)
                expected = one_of(draft.faxes) if draft.faxes else "a TIFF file of the site"
                yield fault_at(menu.document, at, "unknown-fax", found, expected, hint)


def transfers_to_nobody(draft: Draft) -> Iterator[Fault]:
    """A menu sends callers to a number that may not be called, and that is no agent's."""
    agents = draft.names_in(AGENTS_FILE)
    outbound: Outbound | None = getattr(draft.site, "outbound", None)
    if agents is None or (outbound is None and not draft.calls_nobody):
        return
    for menu in draft.menus.values():
        for key, node in menu.nodes.items():
            to = getattr(node, "to", "{}") if isinstance(node, TransferNode) else "{}"
            if to.startswith("{") or to in agents or (outbound is not None and outbound.allows(to)):
                continue
            found = f"found {quoted(to)}, which is no agent's extension, and which nobody may call"
            expected = f"an extension of {AGENTS_FILE}, or a number that `outbound` in {SITE_FILE} allows"
            yield fault_at(menu.document, ("nodes", key, "to"), "not-callable", found, expected)
