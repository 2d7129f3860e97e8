"""What is different between two sites, in words."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from dialplan.site import Site
from hotline.menu_changes import menu_changes
from hotline.saying_changes import inside

Files = Mapping[str, bytes]
"""Content by path below the site's folder."""

_THINGS = (
    ("agent", "agents"),
    ("queue", "queues"),
    ("menu", "menus"),
    ("number", "numbers"),
    ("trunk", "trunks"),
)
_READ: Final = ("*.yaml", "menus/*.yaml")
"""Files of which `changes` tells all that matters."""


def changes(old: Site, new: Site) -> list[str]:
    """One line each, in the order of the site's files; none where the two say the same."""
    found = [line for thing, name in _THINGS for line in _of_mapping(thing, name, old, new)]
    found += _of_prompts(old.prompts, new.prompts)
    told = {name for _, name in _THINGS} | {"prompts"}
    rest = (name for name in type(new).model_fields if name not in told)
    found += [line for name in rest for line in _of_value(name, _plain(getattr(old, name)), _plain(getattr(new, name)))]
    return found


def first_words(site: Site) -> list[str]:
    """In place of changes, where there is nothing to compare with."""
    nodes = sum(len(menu.nodes) for menu in site.menus.values())
    return [
        f"the first version: {len(site.menus)} menus with {nodes} nodes, {len(site.queues)} queues, "
        f"{len(site.agents)} agents, {len(site.prompts)} prompts"
    ]


def of_files(old: Files, new: Files) -> list[str]:
    """One line for each file that is new, gone or different and that `changes` does not read: sounds and scenarios."""
    return [f"file {name} {word}" for name, word in file_changes(old, new) if not _is_read(name)]


def file_changes(old: Files, new: Files) -> list[tuple[str, str]]:
    """Every file that is `added`, `removed` or `changed`, by name."""
    words = dict.fromkeys(new.keys() - old.keys(), "added") | dict.fromkeys(old.keys() - new.keys(), "removed")
    words |= {name: "changed" for name in old.keys() & new.keys() if old[name] != new[name]}
    return sorted(words.items())


def in_words(old: Site, new: Site, old_files: Files, new_files: Files) -> list[str]:
    """All that is different; where only comments are, the files that have them."""
    said = changes(old, new) + of_files(old_files, new_files)
    files = ", ".join(name for name, _ in file_changes(old_files, new_files))
    return said or ([f"nothing that a caller or an agent would notice, in {files}"] if files else [])


def _is_read(name: str) -> bool:
    return any(name.count("/") == read.count("/") and fnmatchcase(name, read) for read in _READ)


def _named(site: Site, name: str) -> dict[str, Any]:
    things = getattr(site, name, {})
    return {thing.name: thing for thing in things} if isinstance(things, list) else dict(things)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value.model_dump() if hasattr(value, "model_dump") else value


def _of_mapping(thing: str, name: str, old_site: Site, new_site: Site) -> Iterator[str]:
    old, new = _named(old_site, name), _named(new_site, name)
    for key in sorted(new.keys() - old.keys()):
        yield f"{thing} {key} added{_title(new[key])}"
    for key in sorted(old.keys() - new.keys()):
        yield f"{thing} {key} removed{_title(old[key])}"
    for key in sorted(old.keys() & new.keys()):
        if old[key] == new[key]:
            continue
        if thing == "menu":
            yield from menu_changes(key, old[key], new[key], old_site.handlers, new_site.handlers)
        else:
            yield f"{thing} {key}: {'; '.join(inside(_plain(old[key]), _plain(new[key])))}"


def _title(thing: Any) -> str:
    name = thing if isinstance(thing, str) else getattr(thing, "name", None)
    return f" ({name})" if isinstance(name, str) else ""


def _of_prompts(old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for name in sorted(new.keys() - old.keys()):
        yield f"prompt {name} added"
    for name in sorted(old.keys() - new.keys()):
        yield f"prompt {name} removed"
    for name in sorted(old.keys() & new.keys()):
        was, now = old[name], new[name]
        for language in [*now, *(one for one in was if one not in now)]:
            if was.get(language) != now.get(language):
                yield f"prompt {name} ({language}): {_quoted(was.get(language))} -> {_quoted(now.get(language))}"


def _quoted(text: str | None) -> str:
    return "none" if text is None else f'"{text}"'


def _of_value(name: str, old: Any, new: Any) -> Iterator[str]:
    if old != new:
        yield f"{name.replace('_', ' ')}: {'; '.join(inside(old, new, deep=True))}"
