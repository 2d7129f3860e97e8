"""From the site that admins wrote to the flow that the IVR walks. Field names are the same on both sides."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dialplan.announcements import AnnouncementSettings
from dialplan.hours import DAYS_OF, Hours, OpeningTimes, minutes_of
from dialplan.inquiring import AccountLock, WaitAudio
from dialplan.node import Maintenance, NodeModel, Retry
from dialplan.questions import QuestionSettings
from dialplan.site import Site
from ivr import flow, nodes
from ivr.collector import Retry as FlowRetry
from ivr.hours import Hours as FlowHours
from ivr.hours import Span

CLASSES = {word: kind for kind, word in nodes.KINDS.items()}


def flow_of(site: Site, version: str = "") -> flow.Flow:
    """The loader has resolved every reference, so this cannot raise FlowInvalid for a loaded site.

    Args:
        version: of the published site, 12 hex digits.
    """
    return flow.Flow(
        nodes={f"{menu}.{name}": _node(node) for menu, tree in site.menus.items() for name, node in tree.nodes.items()},
        entries={menu: f"{menu}.{tree.entry}" for menu, tree in site.menus.items()},
        hours=_hours(site.hours) if site.hours else None,
        announcements={name: _announcement(one) for name, one in site.announcements.items()},
        calendars={name: opening_of(calendar) for name, calendar in site.calendars.items()},
        timezone=_timezone(site),
        handlers={
            f"{menu}.{name}": _handlers(node) for menu, tree in site.menus.items() for name, node in tree.nodes.items()
        },
        keys=site.keys,
        without_keys=frozenset(menu for menu, tree in site.menus.items() if not tree.global_keys),
        persons={menu: tree.person for menu, tree in site.menus.items() if tree.person},
        mains={menu: tree.main for menu, tree in site.menus.items() if tree.main},
        tasks={
            f"{menu}.{name}": node.report
            for menu, tree in site.menus.items()
            for name, node in tree.nodes.items()
            if node.report
        },
        version=version,
        maintained={menu: handler.next for menu, handler in _maintained(site)},
        may_call=lambda number: number in site.agents or (site.outbound is not None and site.outbound.allows(number)),
    )


def _maintained(site: Site) -> Iterator[tuple[str, Maintenance]]:
    for menu, tree in site.menus.items():
        handler = tree.handlers.maintenance or site.handlers.maintenance
        if handler is not None:
            yield menu, handler


def _announcement(one: AnnouncementSettings) -> flow.Announcement:
    first, last = (day and date.fromisoformat(day) for day in (one.from_, one.until))
    return flow.Announcement(one.prompt, frozenset(one.at), first or date.min, last or date.max)


def _timezone(site: Site) -> tzinfo:
    """In which it is today: that of the site's hours, else of its first calendar."""
    times = [site.hours, *site.calendars.values()]
    return next((ZoneInfo(one.timezone) for one in times if one is not None), ZoneInfo("UTC"))


def _handlers(node: NodeModel) -> flow.Handlers:
    """What the node has inherited by now."""
    limit = node.max_duration
    if limit is None:
        return flow.Handlers(node.error, node.hangup)
    return flow.Handlers(node.error, node.hangup, limit.seconds, limit.next)


def _hours(hours: Hours) -> FlowHours:
    return opening_of(hours, hours.closed)


def opening_of(hours: OpeningTimes, closed: str = "") -> FlowHours:
    """The times of a site, or of one of its queues, as something that can be asked whether it is open."""
    return FlowHours(
        timezone=ZoneInfo(hours.timezone),
        week={day: _spans(ranges) for days, ranges in hours.open.items() for day in DAYS_OF[days]},
        closed=closed,
        holidays={day: _spans(ranges) for day, ranges in hours.special_days().items()},
    )


def _spans(ranges: Iterable[str]) -> tuple[Span, ...]:
    return tuple(Span(*minutes_of(text)) for text in ranges)


def _node(node: NodeModel) -> nodes.Node:
    kind: Any = CLASSES[node.type]
    made: nodes.Node = kind(**{field.name: _value(getattr(node, field.name)) for field in fields(kind)})
    return made


def _value(value: object) -> object:
    match value:
        case Retry():
            return FlowRetry(max=value.max, prompt=value.prompt)
        case WaitAudio() | AccountLock():
            kind = nodes.WaitAudio if isinstance(value, WaitAudio) else nodes.Lock
            return kind(**value.model_dump())
        case QuestionSettings():
            seconds = value.comment.max_seconds if value.comment else 0
            return nodes.Question(value.prompt, value.answers, value.skip_key, seconds)
        case dict():
            return {name: _value(inner) for name, inner in value.items()}
    return value
