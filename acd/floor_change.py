"""A changed site, taken over while calls go on: nobody is let go, nobody loses the place, no counter begins anew.

An agent who is no longer of the site finishes the call and is logged off as `removed`. A queue that is no more keeps
its callers, and takes those who were still on their way to it through an old menu, by its old rules. Callers who wait
are ranked and classed at once by what their queue asks for now (asterisk#202), as if it had always been so; only the
limit of their wait is never moved forward.
"""

from acd.model import Agent, AgentState, Floor, QueueRules, Segment, Visit, VisitState
from acd.moves import Moves

REMOVED = "removed"
"""The reason with which an agent is logged off whom the site has no more."""


def change_floor(moves: Moves, floor: Floor, now: float) -> None:
    """Make this the floor. What the new one says of a queue or an agent that is in use counts from now on."""
    old, moves.floor = moves.floor, floor
    gone = {queue_id: rules for queue_id, rules in old.queues.items() if queue_id not in floor.queues}
    moves.closing = {
        queue_id: rules for queue_id, rules in moves.closing.items() if queue_id not in floor.queues
    } | gone
    for agent_id in [one for one in moves.agents if one not in floor.agents]:
        _remove(moves, moves.agents[agent_id], now)
    moves.let_go()
    _staff(moves, now)
    moves.handling.know({queue.queue_id: queue.handling_guess for queue in floor.queues.values()})
    moves.floor_is_doubtful = True  # a queue whose callers leave when nobody can serve them any more asks again
    for visit in moves.visits.values():
        _change_rules(moves, visit, old)
        moves.wait_again(visit, now)


def _remove(moves: Moves, agent: Agent, now: float) -> None:
    if agent.profile.agent_id in moves.leaving:
        return
    moves.leaving.add(agent.profile.agent_id)
    moves.staff.ask(agent, AgentState.LOGGED_OFF, REMOVED, (), now)


def _staff(moves: Moves, now: float) -> None:
    """New skills for those who are here, a place for those who are new; empty indexes, and the free ones in them."""
    for position, (agent_id, profile) in enumerate(moves.floor.agents.items()):
        agent = moves.agents.setdefault(agent_id, Agent(profile, since=now))
        agent.profile, agent.position = profile, position
        if agent_id in moves.leaving:  # the site has them back before the call was over
            moves.leaving.discard(agent_id)
            moves.staff.ask(agent, AgentState.READY, "", (), now)
    moves.index(now)


def _change_rules(moves: Moves, visit: Visit, old: Floor) -> None:
    """What queue and segment ask for is exchanged; what the caller brought along stays."""
    before, floor = visit.queue, moves.floor
    visit.queue = floor.queues.get(before.queue_id, before)
    if visit.named_agent_id not in floor.agents:
        visit.named_agent_id = None
    if visit.state is VisitState.CONNECTED:
        return
    visit.ladder, visit.step = moves.entry.ladder(visit), 0
    moves.time_steps(visit)
    was, told = _worth(before, old, visit.segment), _worth(visit.queue, floor, visit.segment)
    if was != told:
        priority = visit.priority + told[0] - was[0]
        head_start = max(0.0, visit.head_start_seconds + told[1] - was[1])  # one given by hand may have been less
        visit.rerank(priority, head_start)
        moves.record("RERANK", visit_id=visit.visit_id, priority=priority, head_start_seconds=head_start)
    if visit.queue != before:
        _bound_wait(moves, visit)


def _worth(queue: QueueRules, floor: Floor, segment_id: str) -> tuple[int, float]:
    """Priority and head start in seconds that every caller of this queue and segment has."""
    segment = floor.segments.get(segment_id, Segment(""))
    return queue.priority + segment.priority, queue.head_start_seconds + segment.head_start_seconds


def _bound_wait(moves: Moves, visit: Visit) -> None:
    limit = visit.wait_deadline
    moves.bound_wait(visit)
    visit.wait_deadline = _later(limit, visit.queue.wait_seconds_max, visit.arrived)
    if visit.wait_deadline is not None:
        moves.alarm(visit.wait_deadline, visit.visit_id)


def _later(deadline: float | None, wait_seconds_max: float | None, arrived: float) -> float | None:
    """The later of the limit that the caller waits under and the new one; None: for ever."""
    if deadline is None or wait_seconds_max is None:
        return None
    return max(deadline, arrived + wait_seconds_max)
