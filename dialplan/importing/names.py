"""Old names as ids of a site: lower-case letters, digits and `_`."""

from __future__ import annotations

import re

LENGTH_MAX = 40


class Ids:
    """One id for each old name, and none twice."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The id of this name: always the same one."""
        if name not in self._ids:
            self._ids[name] = self._fresh(slug(name))
        return self._ids[name]

    def _fresh(self, wanted: str) -> str:
        taken, number, fresh = set(self._ids.values()), 2, wanted
        while fresh in taken:
            fresh = f"{wanted[: LENGTH_MAX - 4]}_{number}"
            number += 1
        return fresh


def slug(name: str) -> str:
    """The nearest id to this name."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return (words if re.match(r"[a-z]", words) else f"q_{words}".rstrip("_"))[:LENGTH_MAX]
