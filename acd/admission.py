"""Who may join a queue, and who has to leave it: checks as a table, in the order in which they are made.

At entry all of them are made. Later only those that the floor's own changes can turn, and on these changes, never by
the clock: an agent logs off, a queue closes, an offer came to nothing. Whoever has joined keeps the place whatever the
length of the line becomes, and a phone that rings is never cut off by a limit (FS-10237).
"""

from collections.abc import Callable, Iterator

from acd.estimate import NO_WAIT, Wait, effective_agents, wait_behind
from acd.model import EnteredVia, Visit, VisitOutcome, VisitState
from acd.moves import Moves

Check = tuple[VisitOutcome, Callable[[Moves, Visit], bool]]


def refusal(moves: Moves, visit: Visit) -> VisitOutcome | None:
    """Why this caller cannot join; None when they can. The visit is not in the line yet.

    Whom an agent sends here is never turned away: nobody would be there to take them back.
    """
    if visit.entered_via is EnteredVia.TRANSFER:
        return None
    return _first_failing(_AT_ENTRY, moves, visit)


def overflows(moves: Moves, visit: Visit) -> bool:
    """Answer whether this queue is too full, or too slow, for a caller about to join it."""
    overflow = visit.queue.overflow
    if overflow is None:
        return False
    if overflow.size is not None and moves.waiting_in[visit.queue.queue_id] >= overflow.size:
        return True
    wait = None if overflow.estimate_seconds is None else estimate(moves, visit)
    return wait is not None and wait.mean_seconds > (overflow.estimate_seconds or 0.0)


def dismissals(moves: Moves) -> Iterator[tuple[Visit, VisitOutcome]]:
    """The waiting callers who have to leave as things are now, with the reason. Asking puts all doubts to rest."""
    doubtful = list(moves.visits) if moves.floor_is_doubtful else moves.doubtful
    moves.floor_is_doubtful, moves.doubtful = False, []
    for visit_id in doubtful:
        visit = moves.visits.get(visit_id)
        if visit is not None and visit.state is VisitState.WAITING and visit.is_on_line:
            outcome = _first_failing(_WHILE_WAITING, moves, visit)
            if outcome is not None:
                yield visit, outcome


def _first_failing(checks: tuple[Check, ...], moves: Moves, visit: Visit) -> VisitOutcome | None:
    for outcome, fails in checks:
        if fails(moves, visit):
            return outcome
    return None


def estimate(moves: Moves, visit: Visit) -> Wait | None:
    """How long this caller will wait, in the line or about to join it; None where nobody works who could serve them."""
    able = visit.caller_class.able
    ahead = moves.line.ahead_in_class(visit)
    if ahead == 0 and moves.free.kinds & able:
        return NO_WAIT
    classes = {visit.caller_class, *(one for one, _ in moves.line.public())}
    agents = effective_agents(able, moves.working.by_kind, [one.able for one in classes])
    queue_id = visit.queue.queue_id
    return wait_behind(ahead, moves.handling.of(queue_id), agents, moves.patience.rate(queue_id))


def position(moves: Moves, visit: Visit) -> int:
    """1 and one more for each caller ahead who waits for an agent that could serve this one too."""
    return 1 + moves.line.competing_ahead(visit)


def _is_closed(moves: Moves, visit: Visit) -> bool:
    return visit.queue.queue_id in moves.closed


def _is_full(moves: Moves, visit: Visit) -> bool:
    size_max = visit.queue.size_max
    return size_max is not None and moves.waiting_in[visit.queue.queue_id] >= size_max


def _is_unstaffed(moves: Moves, visit: Visit) -> bool:
    return visit.queue.leave_unstaffed and not _has_staff(moves, visit)


def _is_slow(moves: Moves, visit: Visit) -> bool:
    limit = visit.queue.estimate_seconds_max
    if limit is None:
        return False
    wait = estimate(moves, visit)
    return wait is not None and wait.mean_seconds > limit


def _is_deserted(moves: Moves, visit: Visit) -> bool:
    """Closing time cuts nobody off who can still be served: whoever came in time waits while somebody is there."""
    return visit.queue.queue_id in moves.closed and not _has_staff(moves, visit)


def _has_staff(moves: Moves, visit: Visit) -> bool:
    """Answer whether somebody is logged in who may serve this caller at any step."""
    return bool(moves.staff.logged_in.kinds & visit.ladder[-1].caller_class.able)


_AT_ENTRY: tuple[Check, ...] = (
    (VisitOutcome.CLOSED, _is_closed),
    (VisitOutcome.FULL, _is_full),
    (VisitOutcome.NO_AGENTS, _is_unstaffed),
    (VisitOutcome.ESTIMATE_TOO_LONG, _is_slow),
)
_WHILE_WAITING: tuple[Check, ...] = (
    (VisitOutcome.CLOSED, _is_deserted),
    (VisitOutcome.NO_AGENTS, _is_unstaffed),
)
