"""How one value became another, in words."""

from collections.abc import Iterator
from typing import Any


def inside(old: Any, new: Any, *, deep: bool = False) -> Iterator[str]:
    """What of one thing is different: its fields with their values, `priority 0 -> 2`.

    deep: go on into fields that have fields themselves, rather than telling all of them.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield f"{say(old)} -> {say(new)}"
        return
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        word = str(name).replace("_", " ")
        if deep and isinstance(before, dict) and isinstance(after, dict):
            yield from (f"{word} {line}" for line in inside(before, after, deep=True))
        else:
            yield f"{word} {say(before)} -> {say(after)}"


def say(value: Any) -> str:
    """A value as a person would write it; nothing at all is `none`."""
    if isinstance(value, dict) and value:
        return "{" + ", ".join(f"{key}: {say(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple) and value:
        return ", ".join(say(one) for one in value)
    return "none" if value in (None, "", [], (), {}) else str(value)
