"""A trace in memory, as its lines would be read back from the disk."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from acd.trace import FLOOR


class Tape:
    """A trace journal that keeps its lines; it begins a new segment before the next line when told to."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.segments: list[int] = []
        """Where in `lines` each segment begins."""
        self.must_roll = False

    def write(self, line: bytes) -> None:
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        self.lines.append(json.loads(line))

    def start_segment(self, carry: Mapping[str, Any] | None) -> bool:
        self.segments.append(len(self.lines))
        self.lines.append(json.loads(json.dumps({"verb": FLOOR, "at": 0.0, **(carry or {})})))
        return True

    def roll(self, carry: Callable[[], Mapping[str, Any]] | None) -> bool:
        if not self.must_roll or carry is None:
            return False
        self.must_roll = False
        return self.start_segment(carry())

    def close(self) -> None:
        """Nothing to let go of."""

    def since(self, segment: int) -> list[dict[str, Any]]:
        return self.lines[self.segments[segment] :]
