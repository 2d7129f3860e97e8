"""A site's menus as values: nodes by address, where each menu begins, and what holds for all of them.

An address is `menu.node`. A node refers to another one by `node` (of the same menu), `menu` (its entry) or
`menu.node`; a node of the same menu wins over a menu of that name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from ivr.hours import Hours
from ivr.nodes import Call, Node, Queue, prompts_of, references
from ivr.nodes import Hours as HoursNode

PERSON, BACK, REPEAT, MAIN = "person", "back", "repeat", "main"
"""What a global key does, where it does not lead to a node."""


@dataclass(frozen=True)
class Announcement:
    """What callers are told for a while, once in a call."""

    prompt: tuple[str, ...]
    menus: frozenset[str]
    """At whose entries it is said."""
    first: date = date.min
    last: date = date.max
    """Days of the site's time zone, both included."""


@dataclass(frozen=True)
class Handlers:
    """What becomes of a call at a node to which something happens that the node itself does not provide for."""

    error: str | None = None
    """Where it goes when something fails on our side."""
    hangup: str | None = None
    """What is done in silence for a caller who has hung up there."""
    max_seconds: int | None = None
    """So long a call may be in the menus."""
    too_long: str | None = None
    """Where it goes then."""


NOTHING_HANDLED = Handlers()


class FlowInvalid(ValueError):
    """References that lead nowhere, all of them; `hotline check` reports them with line numbers before."""


@dataclass(frozen=True)
class Flow:
    """All menus of a site: nodes by address, entries from menu name to the address it begins at.

    Raises:
        FlowInvalid: a node, an entry or the hours refer to an unknown node, so a walk can never meet one.
    """

    nodes: Mapping[str, Node]
    entries: Mapping[str, str]
    hours: Hours | None = None
    """Outside of them calls start at their `closed` node; None: always open."""
    handlers: Mapping[str, Handlers] = field(default_factory=dict)
    """By address, with all that is inherited."""
    calendars: Mapping[str, Hours] = field(default_factory=dict)
    """By name, for `hours` nodes."""
    timezone: tzinfo = UTC
    """In which it is today."""
    announcements: Mapping[str, Announcement] = field(default_factory=dict)
    """By id, in the order in which they are said."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Global keys, `star` and `pound` among them, and what each does: PERSON, BACK, REPEAT, MAIN, or a node."""
    without_keys: frozenset[str] = frozenset()
    """Menus in which global keys mean nothing."""
    persons: Mapping[str, str] = field(default_factory=dict)
    """By menu, where its PERSON leads, if it says so."""
    mains: Mapping[str, str] = field(default_factory=dict)
    """By menu, where its MAIN leads, if it says so."""
    tasks: Mapping[str, str] = field(default_factory=dict)
    """By address, what a caller does there, for the reports."""
    version: str = ""
    """Of the published site, 12 hex digits; empty: it was never published."""
    maintained: Mapping[str, str] = field(default_factory=dict)
    """By menu, where a call that begins in it goes while maintenance is on; else it ends."""
    may_call: Callable[[str], bool] = lambda number: False
    """Whether a caller may be sent on to this number: outside, or an agent's extension."""

    def __post_init__(self) -> None:
        lost = [f"entry {menu}: {address}" for menu, address in self.entries.items() if address not in self.nodes]
        for address, node in self.nodes.items():
            lost += [f"{address}: {to}" for to in references(node) if self.find(to, near=address) is None]
            if isinstance(node, Call) and node.flow not in self.entries:
                lost.append(f"{address}: {node.flow}")
            if isinstance(node, HoursNode) and node.calendar not in self.calendars:
                lost.append(f"{address}: {node.calendar}")
        lost += [f"{place}: {to}" for place, near, to in self._leads() if self.find(to, near=near) is None]
        if lost:
            raise FlowInvalid("unknown node at " + "; ".join(lost))

    def _leads(self) -> Iterator[tuple[str, str, str]]:
        """Every reference that no node makes, with where it is written, and what it is read near."""
        if self.hours:
            yield "hours", "", self.hours.closed
        for address, handlers in self.handlers.items():
            yield from ((address, address, to) for to in (handlers.error, handlers.hangup, handlers.too_long) if to)
        for leads in (self.persons, self.mains, self.maintained):
            yield from ((menu, f"{menu}.", to) for menu, to in leads.items())
        yield from ((key, "", to) for key, to in self.keys.items() if to not in (PERSON, BACK, REPEAT, MAIN))

    def find(self, reference: str, near: str = "") -> str | None:
        """The address that a reference means beside the node `near`, or None."""
        beside = f"{menu_of(near)}.{reference}"
        for address in (beside, self.entries.get(reference), reference):
            if address in self.nodes:
                return address
        return None

    def resolve(self, reference: str, near: str = "") -> str:
        """As `find`; the reference must be a good one (KeyError)."""
        address = self.find(reference, near)
        if address is None:
            raise KeyError(reference)
        return address

    def handlers_of(self, address: str) -> Handlers:
        return self.handlers.get(address, NOTHING_HANDLED)

    def announced(self, address: str, today: date) -> dict[str, tuple[str, ...]]:
        """What is said on this day before this node, by id: something at the entry of a menu, nothing elsewhere."""
        menu = menu_of(address)
        if self.entries.get(menu) != address:
            return {}
        here = {name: one for name, one in self.announcements.items() if menu in one.menus}
        return {name: one.prompt for name, one in here.items() if one.first <= today <= one.last}

    def keys_at(self, address: str) -> Mapping[str, str]:
        """The global keys that a node of this menu honours."""
        return {} if menu_of(address) in self.without_keys else self.keys

    def main(self, near: str) -> str:
        """The address of the main menu of a caller at this node."""
        menu = menu_of(near)
        return self.resolve(self.mains.get(menu, self.entries.get(menu, near)), near=near)

    def person(self, near: str) -> str | None:
        """Where a caller at this node goes who wants a person: where the menu says, else to its refuge."""
        reference = self.persons.get(menu_of(near))
        return self.refuge(near) if reference is None else self.resolve(reference, near=near)

    def refuge(self, near: str) -> str | None:
        """Where a call goes that would else walk for ever: to a queue, of the same menu if it has one."""
        queues = [address for address, node in self.nodes.items() if isinstance(node, Queue)]
        beside = [address for address in queues if menu_of(address) == menu_of(near)]
        return next(iter(beside + queues), None)

    def prompts(self) -> frozenset[str]:
        """The ids of all prompts that a walk may ask for."""
        told = (prompt for announcement in self.announcements.values() for prompt in announcement.prompt)
        return frozenset((*told, *(prompt for node in self.nodes.values() for prompt in prompts_of(node))))


def menu_of(address: str) -> str:
    return address.partition(".")[0]


def node_of(address: str) -> str:
    return address.partition(".")[2]
