"""The places in a prompt where a value is spoken, as they are written: `{order:digits}`, `{items:count item/items}`."""

import re
from dataclasses import dataclass

BRACED = re.compile(r"\{([^{}]*)\}")
"""A slot, or what was meant as one; the group is what stands inside."""

_WRITTEN = re.compile(r"([a-z][a-z0-9_]*):([a-z_]*)(?: +([^ {}](?:[^{}]*[^ {}])?))? *")


@dataclass(frozen=True)
class Slot:
    """A place in a prompt where a value is spoken."""

    name: str
    """of the value"""
    kind: str
    """how it is spoken, with what the kind is told: `digits`, `count item/items`"""

    @property
    def kind_name(self) -> str:
        """The kind alone."""
        return self.kind.partition(" ")[0]


def read(inside: str) -> Slot | None:
    """The slot whose braces hold this, whether or not there is such a kind; None where it is not written like one."""
    match = _WRITTEN.fullmatch(inside)
    if match is None:
        return None
    name, kind, parameter = match.groups()
    return Slot(name, f"{kind} {parameter}" if parameter else kind)


def cut(text: str) -> list[str | Slot]:
    """A text cut at its slots, in order; braces that hold no slot stay text."""
    found: list[str | Slot] = []
    end = 0
    for match in BRACED.finditer(text):
        slot = read(match[1])
        if slot is not None:
            found += [text[end : match.start()], slot]
            end = match.end()
    return [*found, text[end:]]
