"""Callbacks in the records against the phones: one leg an attempt, one outcome each, and the talk that came of it."""

from collections.abc import Iterator

from db.schema import CallbackAttempt
from tests.soak.case import CLOCK_SECONDS, CallbackCase
from tests.soak.faults import Outages
from tests.soak.log import LegLog, clock
from tests.soak.rows import epoch

WHISPER_SECONDS = 15.0
"""What is said to the agent, or to the caller, before the other is there takes no longer (acd/callback.py)."""
RUNG = ("answered", "no_answer", "busy")
"""Attempts of which the caller's phone must have rung."""
BLINK_SECONDS = 0.3


def faults_of_callback(case: CallbackCase, outages: Outages) -> Iterator[str]:
    """What is wrong with one callback, in words that begin with its name."""
    for problem in (*_ends(case), *_rings(case, outages), *_talk(case, outages)):
        yield f"{case.name}: {problem}"


def _ends(case: CallbackCase) -> Iterator[str]:
    """One outcome, of the callback and of each attempt; the answered attempt is the callback's answer."""
    if case.callback.outcome is None or case.callback.ended_at is None:
        yield "it has no end"
    if case.visit is None or case.visit.outcome is None:
        yield "its visit has no end"
    for row in (*case.attempts, *case.offers):
        if row.outcome is None:
            yield f"{type(row).__name__} to {row.agent_id} has no end"
    answered = sum(attempt.outcome == "answered" for attempt in case.attempts)
    if answered != (case.callback.outcome == "answered"):
        yield f"{answered} answered attempts, and the callback is {case.callback.outcome}"


def _rings(case: CallbackCase, outages: Outages) -> Iterator[str]:
    """Each ring at the caller's is of an attempt of its own; an attempt that is said to have rung has rung."""
    rings = list(case.town)
    for attempt in reversed(case.attempts):
        ring = next((one for one in reversed(rings) if _is_of(one, attempt)), None)
        if ring is not None:
            rings.remove(ring)
            yield from _same_end(attempt, ring, outages)
        elif attempt.outcome in RUNG:
            yield f"the attempt at {clock(epoch(attempt.started_at))} was {attempt.outcome}, and no phone rang"
    for ring in rings:
        yield f"the caller's phone rang at {clock(ring.call.started_at)}, and there was no attempt"


def _is_of(ring: LegLog, attempt: CallbackAttempt) -> bool:
    began = epoch(attempt.started_at) - CLOCK_SECONDS
    return attempt.ended_at is not None and began <= ring.call.started_at <= epoch(attempt.ended_at) + CLOCK_SECONDS


def _same_end(attempt: CallbackAttempt, ring: LegLog, outages: Outages) -> Iterator[str]:
    blind = outages.touch(ring.call.started_at, ring.ended_at)
    if ring.talk_seconds > BLINK_SECONDS and attempt.outcome != "answered" and not _unseen(ring, outages):
        yield f"answered at {clock(ring.call.established_at or 0)}, the attempt is {attempt.outcome}"
    if ring.call.established_at is None and attempt.outcome == "answered" and not blind:
        yield f"not answered at {clock(ring.call.started_at)}, the attempt is {attempt.outcome}"


def _unseen(ring: LegLog, outages: Outages) -> bool:
    """The answer and the end of the talk came while the ACD was dead or blind: `error` is what it can say of that, and
    the caller may be called again (acd/callback.py). What is known of it is in the legs alone."""
    answered = ring.call.established_at or 0.0
    return any(one.since <= answered and ring.ended_at <= one.until for one in outages.all if one.what != "records")


def _talk(case: CallbackCase, outages: Outages) -> Iterator[str]:
    """The talk's length and agent, as both phones saw them."""
    talks = [ring for ring in case.town if ring.talk_seconds > BLINK_SECONDS and not _unseen(ring, outages)]
    if not talks or case.visit is None:
        return
    if len(talks) > 1:
        yield f"{len(talks)} talks"
    (talk, visit) = talks[0], case.visit
    slack = CLOCK_SECONDS
    if outages.touch(talk.call.started_at, talk.call.established_at or 0):
        slack += WHISPER_SECONDS
    if visit.talk_seconds is None or abs(visit.talk_seconds - talk.talk_seconds) > slack:
        yield f"they talked {talk.talk_seconds:.2f} s until {clock(talk.ended_at)}, in the records {visit.talk_seconds}"
    agents = [leg.agent_id for leg in case.agents if leg.call.established_at is not None]
    if visit.agent_id not in agents:
        yield f"{', '.join(agents)} picked up, in the records {visit.agent_id}"
    expected = _outcomes(talk)
    if visit.outcome not in expected:
        yield f"the outcome is {visit.outcome}, not {' or '.join(expected)}"


def _outcomes(talk: LegLog) -> tuple[str, ...]:
    if talk.left_at is None:
        return ("completed_by_agent",)
    return ("completed_by_caller", "completed_by_agent")
