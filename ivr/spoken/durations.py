"""Seconds -> days, hours, minutes and seconds, as many of them as anybody wants to hear."""

from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["day", "hour", "minute", "second"]

_SECONDS: dict[Unit, int] = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def parts(seconds: int) -> list[tuple[int, Unit]]:
    """At most two units, the greater one first, none of them 0 but for `0 second`.

    From an hour on it is rounded to minutes, from a day on to hours: what is less is noise to a listener.
    """
    finest: Unit = "second"
    if seconds >= _SECONDS["hour"]:
        finest = "minute"
    if _rounded(seconds, finest) >= _SECONDS["day"]:
        finest = "hour"
    left, found = _rounded(seconds, finest), list[tuple[int, Unit]]()
    for unit, size in _SECONDS.items():
        count, left = divmod(left, size)
        found += [(count, unit)] if count else []
    return found or [(0, "second")]


def _rounded(seconds: int, unit: Unit) -> int:
    size = _SECONDS[unit]
    return (seconds + size // 2) // size * size
