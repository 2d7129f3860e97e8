"""What has gone wrong since this process began, by kind: how often, and the last time. For `hotline status`.

A fault that costs no call is told nowhere else but in the log, where nobody looks on a good day.
"""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class _Last:
    reason: str
    at: float
    """Of time.monotonic."""


class FaultCounts:
    """Counts faults; the kinds are words of the code, so there are few."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last: dict[str, _Last] = {}

    def tell(self, fault: str, reason: object) -> None:
        """One more of this kind.

        Args:
            fault: what went wrong, `recording not_written`.
            reason: about what, in words for whoever has to mend it.
        """
        self._counts[fault] += 1
        self._last[fault] = _Last(str(reason), time.monotonic())

    def told(self, now: float) -> list[dict[str, Any]]:
        """Every kind with its number, its last reason and how long ago that was; the newest first."""
        newest = sorted(self._last.items(), key=lambda item: -item[1].at)
        return [
            {
                "fault": fault,
                "count": self._counts[fault],
                "reason": last.reason,
                "ago_seconds": round(now - last.at, 1),
            }
            for fault, last in newest
        ]
