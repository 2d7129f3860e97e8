"""One thing that was looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    name: str
    well: bool
    found: str
    mend: str = ""
    """The command, or the sentence, that mends it; empty when it is well."""
    needed: bool = True
    """False: only the demo or the tests miss it."""


def lacking(name: str, found: str, mend: str, *, needed: bool = True) -> Finding:
    return Finding(name, False, found, mend, needed)
