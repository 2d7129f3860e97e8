"""From the site that admins wrote to the flow that the IVR walks. Field names are the same on both sides."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from dialplan.hours import DAYS_OF, Hours, OpeningTimes, minutes_of
from dialplan.nodes import NodeModel, Retry
from dialplan.site import Site
from ivr import flow
from ivr.collector import Retry as FlowRetry
from ivr.hours import Hours as FlowHours
from ivr.hours import Span

CLASSES = {word: kind for kind, word in flow.KINDS.items()}


def flow_of(site: Site) -> flow.Flow:
    """The loader has resolved every reference, so this cannot raise FlowInvalid for a loaded site."""
    return flow.Flow(
        nodes={f"{menu}.{name}": _node(node) for menu, tree in site.menus.items() for name, node in tree.nodes.items()},
        entries={menu: f"{menu}.{tree.entry}" for menu, tree in site.menus.items()},
        hours=_hours(site.hours) if site.hours else None,
    )


def _hours(hours: Hours) -> FlowHours:
    return opening_of(hours, hours.closed)


def opening_of(hours: OpeningTimes, closed: str = "") -> FlowHours:
    """The times of a site, or of one of its queues, as something that can be asked whether it is open."""
    return FlowHours(
        timezone=ZoneInfo(hours.timezone),
        week={day: _spans(ranges) for days, ranges in hours.open.items() for day in DAYS_OF[days]},
        closed=closed,
        holidays={date.fromisoformat(day): _spans(ranges) for day, ranges in hours.holidays.items()},
    )


def _spans(ranges: Iterable[str]) -> tuple[Span, ...]:
    return tuple(Span(*minutes_of(text)) for text in ranges)


def _node(node: NodeModel) -> flow.Node:
    kind: Any = CLASSES[node.type]
    made: flow.Node = kind(**{field.name: _value(getattr(node, field.name)) for field in fields(kind)})
    return made


def _value(value: object) -> object:
    return FlowRetry(max=value.max, prompt=value.prompt) if isinstance(value, Retry) else value
