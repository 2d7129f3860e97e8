"""A site's menus as a picture: what is drawn, whatever the language that it is written in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from dialplan.graph import Edge, Graph, graph_of
from dialplan.node import NodeModel
from dialplan.site import Site
from hotline.faults import HotlineError

Shape = Literal["step", "ask", "away", "end", "beyond"]

_SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(("menu", "collect", "vote", "auth", "record", "survey"), "ask"),
    **dict.fromkeys(("script", "callback", "query", "action", "transfer", "fax_send", "fax_receive"), "away"),
    "hangup": "end",
}
"""By the word for the node; all others are steps."""

_TEXT_LENGTH = 22


@dataclass(frozen=True)
class Box:
    """A node, or something outside of the menus that a call comes from or goes to."""

    name: str
    lines: tuple[str, ...]
    shape: Shape
    group: str
    """The menu; empty: of none."""


@dataclass(frozen=True)
class Arrow:
    source: str
    target: str
    label: str
    weight: float | None = None
    """The share of the calls that went this way, 0 to 1, where traffic is shown."""


@dataclass(frozen=True)
class Drawing:
    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_site(site: Site, menu: str | None = None, language: str | None = None) -> Drawing:
    """The flow of a site, or of one menu and what it leads to.

    Args:
        language: of the words that are shown; the site's first where None.

    Raises HotlineError: there is no such menu.
    """
    if menu is not None and menu not in site.menus:
        raise HotlineError(f"found no menu {menu!r}; there are: {', '.join(site.menus)}")
    graph = graph_of(site)
    shown = [address for address in graph.nodes if menu is None or menu_of(address) == menu]
    arrows = [*_numbers(site, shown), *_arrows(graph, shown), *_exits(site, graph, shown)]
    known = {address: _box(site, address, graph.nodes[address], language or site.language) for address in shown}
    beyond = dict.fromkeys(end for arrow in arrows for end in (arrow.source, arrow.target) if end not in known)
    boxes = [*known.values(), *(_beyond(site, name, language or site.language) for name in beyond)]
    return Drawing(f"{site.name}: {menu}" if menu else site.name, tuple(boxes), tuple(arrows))


def menu_of(address: str) -> str:
    return address.partition(".")[0]


def key_label(label: str) -> str:
    """A key as people write it."""
    return {"*": "star", "#": "pound"}.get(label, label)


def _box(site: Site, address: str, node: NodeModel, language: str) -> Box:
    menu, _, name = address.partition(".")
    first = next((prompt for _, prompt in node.prompt_ids()), None)
    return Box(address, (name, *_words(site, first, language)), _SHAPES.get(node.type, "step"), menu)


def _words(site: Site, prompt: str | None, language: str) -> Iterator[str]:
    """The beginning of what is said."""
    texts = site.prompts.get(prompt, {}) if prompt else {}
    text = texts.get(language) or next(iter(texts.values()), "")
    if text:
        yield text if len(text) <= _TEXT_LENGTH else f"{text[:_TEXT_LENGTH]}…"


def _beyond(site: Site, name: str, language: str) -> Box:
    """A number, a queue or a script; or a node of a menu that is not drawn."""
    kind, _, rest = name.partition(" ")
    if kind == "queue" and rest in site.queues:
        names = site.queues[rest].name
        return Box(name, (name, names.get(language, next(iter(names.values())))), "beyond", "")
    return Box(name, (name,), "beyond", "")


def _numbers(site: Site, shown: Iterable[str]) -> Iterator[Arrow]:
    here = set(shown)
    starts = {number: _entry(site, to) for number, to in site.numbers.items()}
    yield from (Arrow(f"number {number}", to, "") for number, to in starts.items() if to in here)
    closed = site.hours and _entry(site, site.hours.closed)
    if closed in here and closed:
        yield Arrow("outside the hours", closed, "")


def _entry(site: Site, reference: str) -> str:
    return f"{reference}.{site.menus[reference].entry}" if reference in site.menus else reference


def _arrows(graph: Graph, shown: Iterable[str]) -> Iterator[Arrow]:
    """One arrow between two nodes, with all that leads along it."""
    for address in shown:
        by_target: dict[str, list[Edge]] = {}
        for edge in graph.leaving(address):
            by_target.setdefault(edge.target, []).append(edge)
        for target, edges in by_target.items():
            labels = [key_label(edge.label) for edge in edges if edge.path not in (("next",), ("to",))]
            yield Arrow(address, target, ", ".join(labels))


def _exits(site: Site, graph: Graph, shown: Iterable[str]) -> Iterator[Arrow]:
    """Where the menus are left for a queue or somebody else, and the keys by which who waits there comes back."""
    queues: dict[str, None] = {}
    for address in shown:
        node = graph.nodes[address]
        if node.type == "queue":
            queue = str(getattr(node, "queue", ""))
            queues[queue] = None
            yield Arrow(address, f"queue {queue}", "")
        elif node.type == "transfer":
            yield Arrow(address, f"to {getattr(node, 'to', '')}", "")
    for queue in queues:
        for key, to in site.queues[queue].keys.items():
            if _entry(site, to) in graph.nodes:
                yield Arrow(f"queue {queue}", _entry(site, to), f"{key_label(key)} while waiting")


# -- traffic ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Traffic:
    """What the records tell of some days."""

    steps: Mapping[str, int]
    """How often callers came to an address."""
    left: Mapping[str, int]
    """How many hung up there."""
    ways: Mapping[tuple[str, str], int]
    """How often one went from one address to another."""


def with_traffic(drawing: Drawing, traffic: Traffic) -> Drawing:
    """The same picture with counts: steps and hang-ups at each node, and of each node's steps the share that went on
    along each arrow."""
    boxes = tuple(
        replace(box, lines=(*box.lines, _steps(box.name, traffic))) if box.group else box for box in drawing.boxes
    )
    return replace(drawing, boxes=boxes, arrows=tuple(_weighed(arrow, traffic) for arrow in drawing.arrows))


def _steps(address: str, traffic: Traffic) -> str:
    steps, left = traffic.steps.get(address, 0), traffic.left.get(address, 0)
    gone = f", {left} hung up ({100 * left / steps:.0f} %)" if left else ""
    return f"{steps} {'step' if steps == 1 else 'steps'}{gone}"


def _weighed(arrow: Arrow, traffic: Traffic) -> Arrow:
    steps = traffic.steps.get(arrow.source, 0)
    if not steps:
        return arrow
    share = traffic.ways.get((arrow.source, arrow.target), 0) / steps
    label = f"{arrow.label} {100 * share:.0f} %".strip()
    return replace(arrow, label=label, weight=share)
