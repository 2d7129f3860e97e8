"""What is different between two menus of the same name, in words: where keys lead now, which nodes are new."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dialplan.node import Handlers, NodeModel
from dialplan.site import Menu
from hotline.saying_changes import inside, say

_EDGES: Final = {"choices": "option", "outcomes": "outcome", "results": "result", "cases": "value"}
"""What one way on of a node is called that has several by a key of the YAML; of others it is the key's own word."""
Around = tuple[Handlers, Handlers]
"""Of the menu file and of the site."""


def menu_changes(name: str, old: Menu, new: Menu, old_site: Handlers, new_site: Handlers) -> Iterator[str]:
    """One line for each node that is new, gone or different, and for the menu itself."""
    own = [{word: plain for word, plain in _plain(menu).items() if word != "nodes"} for menu in (old, new)]
    yield from (f"menu {name}: {line}" for line in inside(*own))
    for node in _by_place(new.nodes.keys() - old.nodes.keys(), new):
        yield f"{name}: node {node} added ({new.nodes[node].type})"
    for node in _by_place(old.nodes.keys() - new.nodes.keys(), old):
        yield f"{name}: node {node} removed ({old.nodes[node].type})"
    around = (old.handlers, old_site), (new.handlers, new_site)
    for node in _by_place(old.nodes.keys() & new.nodes.keys(), new):
        yield from (f"{name}.{node}: {line}" for line in _node(name, old.nodes[node], new.nodes[node], *around))


def _by_place(names: set[str], menu: Menu) -> list[str]:
    return [name for name in menu.nodes if name in names]


def _node(menu: str, old: NodeModel, new: NodeModel, before: Around, after: Around) -> Iterator[str]:
    if old.type != new.type:
        yield f"is a {new.type} now, was a {old.type}"
        return
    for word in type(new).model_fields:
        was, now = getattr(old, word), getattr(new, word)
        if was == now or _is_inherited(word, was, now, before, after):
            continue
        if word in _EDGES and word in new.exit_keys:
            yield from _ways(_EDGES[word], menu, was, now)
        elif word in new.exit_keys:
            yield f"{word.replace('_', ' ')} now leads to {_near(menu, now)}, before to {_near(menu, was)}"
        else:
            yield from inside({word: _plain(was)}, {word: _plain(now)})


def _ways(what: str, menu: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in new:
            yield f"{what} {key} is gone, it led to {_near(menu, old[key])}"
        elif key not in old:
            yield f"{what} {key} is new and leads to {_near(menu, new[key])}"
        elif old[key] != new[key]:
            yield f"{what} {key} now leads to {_near(menu, new[key])}, before to {_near(menu, old[key])}"


def _is_inherited(word: str, was: Any, now: Any, before: Around, after: Around) -> bool:
    """Whether the node only has what the handlers say, where the change is told once for all of them."""
    return all(
        any(value == getattr(handlers, word, ...) for handlers in around)
        for value, around in ((was, before), (now, after))
    )


def _near(menu: str, address: Any) -> str:
    return say(address).removeprefix(f"{menu}.")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value.model_dump() if hasattr(value, "model_dump") else value
