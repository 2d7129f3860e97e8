"""From a queue's rules and a caller's wishes to the classes that the caller passes through while waiting.

At each step who may serve is: (the queue's own requirement, or any step's that has opened) and the caller's own. So
every rung admits all whom the one before it admitted. A segment's wish is part of the caller's own until it is dropped.
"""

from collections.abc import Iterator

from acd.indexes import Kinds
from acd.model import CallerClass, Floor, QueueRules, Rung, Segment, Step, Visit
from acd.requirement import Expr, all_of, any_of

Ladder = tuple[Rung, ...]
_REMEMBERED = 4_096
"""Ladders; a script may ask for something else of every caller."""
NO_SEGMENT = Segment("")
"""Of a caller who is in none."""


class Ladders:
    """Those of one floor, each made once: callers who ask for the same are of the same classes."""

    def __init__(self, floor: Floor, kinds: Kinds) -> None:
        self._kinds = kinds
        self._queues = tuple(queue.requirement for queue in floor.queues.values())
        self._flexibility: dict[int, int] = {}
        self._floor = floor
        self._made: dict[tuple[str, Expr, str, bool], Ladder] = {}
        self._classes: dict[tuple[str, Expr, bool], CallerClass] = {}

    def of(self, queue: QueueRules, requires: Expr, segment: Segment | None, *, overflowed: bool = False) -> Ladder:
        """The ladder of a caller with these wishes in this queue; the first rung is reached on arrival.

        overflowed: the queue that this one overflows to helps from the start.
        """
        segment = segment or NO_SEGMENT
        key = (queue.queue_id, requires, segment.segment_id, overflowed)
        if (made := self._made.get(key)) is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
                self._classes.clear()
            self._made[key] = made = tuple(self._rungs(queue, requires, segment, overflowed))
        return made

    def _rungs(self, queue: QueueRules, requires: Expr, segment: Segment, overflowed: bool) -> Iterator[Rung]:
        before: CallerClass | None = None
        steps = (*queue.steps, *self._help(queue, overflowed))
        for after in sorted({0.0, segment.requires_seconds, *(step.after_seconds for step in steps)}):
            opened = [step for step in steps if step.after_seconds <= after]
            wide = any_of(queue.requirement, *(step.requires for step in opened if step.requires is not None))
            own = all_of(requires, segment.requires) if after < segment.requires_seconds else requires
            reached = self._class(queue, all_of(wide, own), any(step.reserve for step in opened))
            if reached is not before:
                yield Rung(after, reached)
            before = reached

    def _help(self, queue: QueueRules, overflowed: bool) -> Iterator[Step]:
        """The step at which agents of another queue may serve callers of this one, who keep their place in it."""
        overflow = queue.overflow
        other = self._floor.queues.get(overflow.to) if overflow is not None and not overflow.moves else None
        if overflow is not None and other is not None and (overflowed or overflow.after_seconds is not None):
            yield Step(0.0 if overflowed else overflow.after_seconds or 0.0, other.requirement)

    def _class(self, queue: QueueRules, requirement: Expr, reserve: bool) -> CallerClass:
        key = (queue.queue_id, requirement, reserve)
        if key not in self._classes:
            able = self._kinds.able(requirement, reserve)
            tiers = tuple(self._tiers(queue, able))
            self._classes[key] = CallerClass(requirement, str(requirement), reserve, able, tiers, queue.strategy)
        return self._classes[key]

    def _tiers(self, queue: QueueRules, able: int) -> Iterator[int]:
        """Reserve agents last; before that by preference, and then, if the queue wants it, by flexibility."""
        tiers: dict[tuple[bool, int, int], int] = {}
        for kind in self._kinds.each(able):
            skills = self._kinds.skills(kind)
            preferred = (number for number, wish in enumerate(queue.prefer) if wish.met_by(skills))
            flexibility = self._flexible(kind) if queue.least_flexible_first else 0
            tier = self._kinds.is_reserve(kind), next(preferred, len(queue.prefer)), flexibility
            tiers[tier] = tiers.get(tier, 0) | kind
        return (tiers[tier] for tier in sorted(tiers))

    def _flexible(self, kind: int) -> int:
        """How many queues of the floor agents of this kind could serve."""
        if kind not in self._flexibility:
            skills = self._kinds.skills(kind)
            self._flexibility[kind] = sum(requirement.met_by(skills) for requirement in self._queues)
        return self._flexibility[kind]


def climb(visit: Visit, staffed: int, now: float) -> None:
    """Take the visit up to the rung that its wait has reached, and past those that nobody logged in can serve.

    An agent who is logged in but not free, or does not answer, keeps no step from opening in its time; one who logs in
    later closes none.

    Args:
        staffed: the bits of all kinds that have somebody logged in.
    """
    while visit.step + 1 < len(visit.ladder) and (
        not visit.caller_class.able & staffed or visit.arrived + visit.ladder[visit.step + 1].after_seconds <= now
    ):
        visit.step += 1
