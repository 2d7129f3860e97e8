"""What is different between two sites, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from dialplan.site import Site

_THINGS = (
    ("agent", "agents"),
    ("queue", "queues"),
    ("menu", "menus"),
    ("number", "numbers"),
    ("trunk", "trunks"),
)


def changes(old: Site, new: Site) -> list[str]:
    """One line each, in the order of the site's files; none where the two say the same."""
    found = [line for thing, name in _THINGS for line in _of_mapping(thing, _named(old, name), _named(new, name))]
    found += _of_prompts(old.prompts, new.prompts)
    told = {name for _, name in _THINGS} | {"prompts"}
    rest = (name for name in type(new).model_fields if name not in told)
    found += [line for name in rest for line in _of_value(name, _plain(getattr(old, name)), _plain(getattr(new, name)))]
    return found


def _named(site: Site, name: str) -> dict[str, Any]:
    things = getattr(site, name, {})
    if isinstance(things, list):
        return {thing.name: _plain(thing) for thing in things}
    return {key: _plain(thing) for key, thing in things.items()}


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _of_mapping(thing: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(new.keys() - old.keys()):
        yield f"{thing} {key} added{_title(new[key])}"
    for key in sorted(old.keys() - new.keys()):
        yield f"{thing} {key} removed{_title(old[key])}"
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield f"{thing} {key}: {'; '.join(_inside(old[key], new[key]))}"


def _title(thing: Any) -> str:
    name = thing.get("name") if isinstance(thing, dict) else thing
    return f" ({name})" if isinstance(name, str) else ""


def _inside(old: Any, new: Any) -> Iterator[str]:
    """What of one thing is different: fields with their values, the nodes of a menu by name."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield f"{_say(old)} -> {_say(new)}"
        return
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name == "nodes":
            yield from _of_nodes(before or {}, after or {})
        else:
            yield f"{name.replace('_', ' ')} {_say(before)} -> {_say(after)}"


def _of_nodes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for word, names in _told_apart(old, new):
        yield f"{word} {', '.join(names)}"


def _of_prompts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for word, names in _told_apart(old, new):
        yield f"prompts {word}: {', '.join(names)}"


def _told_apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The names that are new, gone and different, where there are any."""
    both = old.keys() & new.keys()
    apart = {
        "added": new.keys() - old.keys(),
        "removed": old.keys() - new.keys(),
        "changed": {name for name in both if old[name] != new[name]},
    }
    return ((word, sorted(names)) for word, names in apart.items() if names)


def _of_value(name: str, old: Any, new: Any) -> Iterator[str]:
    if old != new:
        yield f"{name.replace('_', ' ')}: {'; '.join(_inside(old, new))}"


def _say(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_say(one)}" for key, one in value.items()) + "}"
    return "none" if value in (None, "", []) else str(value)
