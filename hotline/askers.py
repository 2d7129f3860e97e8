"""What callers of past days asked for beyond their queue, as shares of a traffic file.

The records hold all that was asked for on arrival. A traffic file says what comes on top of the queue and the segment
as the site has them, so their parts are taken off: a site whose queue has changed since asks for the change as well.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from acd.model import Floor, QueueRules, Segment
from acd.requirement import All, Expr, RequirementFault, all_of, parse
from db.reports.traffic import Asked
from dialplan.traffic import Askers

KINDS_MAX: Final = 50
"""Kinds of callers of one queue; those beyond are the rarest, and count as asking for nothing."""
_PRIORITY_MAX: Final = 1_000
_HEAD_START_MAX: Final = 86_400
"""What a traffic file can say."""

Beyond = tuple[str, int, int, str]
"""Requirement, priority, head start in seconds and segment, on top of the queue's."""

_NOTHING: Final[Beyond] = ("", 0, 0, "")


def askers_of(floor: Floor, queue_id: str, asked: Mapping[Asked, int]) -> list[Askers]:
    """The kinds of callers who asked for something, the most frequent first, with their shares of all callers."""
    beyond: Counter[Beyond] = Counter()
    for one, number in asked.items():
        beyond[_beyond(floor, floor.queues[queue_id], one)] += number
    total = beyond.total()
    del beyond[_NOTHING]
    return [_askers(kind, number / total) for kind, number in beyond.most_common(KINDS_MAX)]


def _askers(kind: Beyond, share: float) -> Askers:
    requires, priority, head_start, segment = kind
    return Askers(
        share=int(share * 10_000) / 10_000,  # rounded down: together they are never more than all
        requires=requires or None,
        priority=priority,
        head_start_seconds=head_start,
        segment=segment or None,
    )


def _beyond(floor: Floor, queue: QueueRules, asked: Asked) -> Beyond:
    segment = floor.segments.get(asked.segment, Segment(""))
    priority = asked.priority - queue.priority - segment.priority
    own = queue.head_start_seconds + segment.head_start_seconds
    head_start = 0 if asked.head_start_seconds is None else asked.head_start_seconds - round(own)
    return (
        str(_without(_read(asked.requirement), all_of(queue.requirement, segment.requires))),
        max(-_PRIORITY_MAX, min(_PRIORITY_MAX, priority)),
        max(0, min(_HEAD_START_MAX, head_start)),
        segment.segment_id,
    )


def _read(requirement: str) -> Expr:
    """Records of another version may hold what this one does not read: as good as nothing asked."""
    try:
        return parse(requirement)
    except RequirementFault:
        return parse("")


def _without(asked: Expr, known: Expr) -> Expr:
    """The parts of what was asked that the known does not ask for already."""
    return all_of(*(part for part in _parts(asked) if all_of(known, part) != known))


def _parts(expr: Expr) -> tuple[Expr, ...]:
    return expr.parts if isinstance(expr, All) else (expr,)
