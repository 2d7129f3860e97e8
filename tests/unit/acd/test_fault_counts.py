"""What `hotline status` tells of what went wrong."""

import time

from acd.fault_counts import FaultCounts


def test_each_kind_is_counted_with_its_last_reason() -> None:
    """Two of one kind and one of another: the newest kind first, each with what was said last and how long ago."""
    faults = FaultCounts()
    faults.tell("recording short", "a")
    faults.tell("link lost", OSError("reset"))
    faults.tell("recording short", "b")
    told = faults.told(time.monotonic() + 60.0)
    assert [(one["fault"], one["count"], one["reason"]) for one in told] == [
        ("recording short", 2, "b"),
        ("link lost", 1, "reset"),
    ]
    assert all(60.0 <= one["ago_seconds"] < 70.0 for one in told)


def test_a_good_day_has_none() -> None:
    """Nothing went wrong, nothing is told."""
    assert FaultCounts().told(0.0) == []
