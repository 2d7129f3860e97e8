"""What a caller brings along, made into a visit of a queue."""

from dataclasses import replace
from functools import lru_cache

from acd.events import CallerJoined, RestoredVisit
from acd.ladder import NO_SEGMENT, Ladder, Ladders
from acd.model import Floor, QueueRules, Visit
from acd.requirement import Expr, all_of, at_least, parse


@lru_cache(maxsize=1_024)
def _asked(skills: tuple[tuple[str, int], ...], requires: str) -> tuple[Expr, str]:
    """What the short form and the expression ask for together, and the same in words. Most callers ask for the same."""
    asked = all_of(at_least(dict(skills)), parse(requires))
    return asked, str(asked)


class Entry:
    """Makes the visits of one floor."""

    def __init__(self, floor: Floor, ladders: Ladders) -> None:
        self._floor = floor
        self._ladders = ladders
        self._segment_of = {number: segment for segment in floor.segments.values() for number in segment.numbers}

    def joined(self, event: CallerJoined, queue: QueueRules, now: float) -> Visit:
        """A visit that begins. Raises RequirementFault."""
        requires, text = _asked(tuple(event.skills.items()), event.requires)
        segment = self._floor.segments.get(event.segment) or self._segment_of.get(event.caller_number)
        extra = segment or NO_SEGMENT
        return Visit(
            visit_id=event.visit_id,
            call_id=event.call_id,
            queue=queue,
            caller_number=event.caller_number,
            ladder=self._ladders.of(queue, requires, segment),
            priority=queue.priority + extra.priority + event.priority,
            arrived=now - event.waited_seconds,
            head_start_seconds=queue.head_start_seconds
            + extra.head_start_seconds
            + event.head_start_seconds
            + event.waited_elsewhere_seconds,
            requires=text,
            segment=extra.segment_id,
            named_agent_id=self._named(event.named_agent_id),
        )

    def widen(self, visit: Visit) -> None:
        """Let the queue that this one overflows to help from now on; the next rung is looked for anew."""
        segment = self._floor.segments.get(visit.segment)
        visit.ladder = self._ladders.of(visit.queue, parse(visit.requires), segment, overflowed=True)
        visit.overflowed, visit.step = True, 0

    def restored(self, was: RestoredVisit) -> Visit:
        """A visit that the journal left open; its queue, its segment and its agent may be gone from the site."""
        queue = self._floor.queues.get(was.queue_id)
        requires = parse(was.requirement if queue is None or was.requires is None else was.requires)
        queue = queue or QueueRules(was.queue_id, {})
        return Visit(
            visit_id=was.visit_id,
            call_id=was.call_id,
            queue=queue,
            caller_number=was.caller_number,
            ladder=self._ladders.of(queue, requires, self._floor.segments.get(was.segment), overflowed=was.overflowed),
            overflowed=was.overflowed,
            priority=was.priority,
            arrived=was.arrived,
            head_start_seconds=was.head_start_seconds,
            requires=str(requires),
            segment=was.segment,
            named_agent_id=self._named(was.named_agent_id),
            attached=False,
            entered_via=was.entered_via,
            from_visit_id=was.from_visit_id,
            first_arrived=was.first_arrived,
            callback=None if was.callback is None else replace(was.callback),
        )

    def ladder(self, visit: Visit) -> Ladder:
        """What this floor asks for in the course of this visit's wait."""
        segment = self._floor.segments.get(visit.segment)
        return self._ladders.of(visit.queue, parse(visit.requires), segment, overflowed=visit.overflowed)

    def _named(self, agent_id: str) -> str | None:
        return agent_id if agent_id in self._floor.agents else None
