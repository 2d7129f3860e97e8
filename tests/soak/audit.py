"""The records against what the phones saw: nobody lost, every call and every part of it one end, and the same facts on
both sides."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from db.schema import QueueVisit
from hotline.demo.quick_site import RING_SECONDS
from tests.soak.audit_callbacks import faults_of_callback
from tests.soak.case import BLINK_SECONDS, CLOCK_SECONDS, Case, Talk, call_cases, callback_cases
from tests.soak.chances import OUTSIDE
from tests.soak.faults import Outages
from tests.soak.log import CallerLog, LegLog, Log, clock
from tests.soak.rows import Rows, epoch

ENTRY_SECONDS = 3.0
"""Who stays longer than this is in a queue: the numbers that are dialled lead straight there."""

COMPLETED = ("completed_by_agent", "completed_by_caller")
ABANDONED = ("abandoned_waiting", "abandoned_ringing")
SENT_ON = "transferred"


def audit(log: Log, rows: Rows, outages: Outages) -> list[str]:
    """Everything that does not fit, each named by its call; empty when all is well."""
    callbacks = list(callback_cases(log, rows))
    called_back = [leg for case in callbacks for leg in case.agents]
    cases = list(call_cases(log, rows, called_back))
    problems = [problem for case in cases for problem in faults_of(case, outages)]
    problems += [problem for case in callbacks for problem in faults_of_callback(case, outages)]
    known = {id(leg) for leg in called_back}
    known |= {id(leg) for case in cases for leg in (*case.legs, *(asked for _, asked in case.consults))}
    problems += _strays(log, known)
    taken = {call.call_id for case in cases for call in case.calls}
    taken |= {attempt.attempt_id for attempt in rows.attempts}
    problems += [
        f"the call {call.call_id} is in the records, and nobody made it"
        for call in rows.calls
        if call.call_id not in taken
    ]
    problems += [
        f"the visit {visit.visit_id} (a consult of {visit.caller_number}) has no end"
        for visit in rows.visits
        if visit.entered_via == "consult" and visit.outcome is None
    ]
    return problems


def gaps(log: Log, rows: Rows, outages: Outages) -> dict[str, tuple[float, str]]:
    """The largest differences between phones and records while nothing was broken, in seconds, with whose they are."""
    called_back = [leg for case in callback_cases(log, rows) for leg in case.agents]
    found: dict[str, tuple[float, str]] = {}
    for case in call_cases(log, rows, called_back):
        caller = case.caller
        if outages.touch(caller.call.started_at, caller.ended_at, of=("acd", "link", "ivr")):
            continue
        for what, seconds in _gaps(case):
            found[what] = max(found.get(what, (0.0, "")), (abs(seconds), caller.name))
    return found


def _gaps(case: Case) -> Iterator[tuple[str, float]]:
    caller = case.caller
    if case.visits and caller.call.established_at is not None:
        yield "entry", epoch(case.visits[0].arrived_at) - caller.call.established_at
    for call in case.calls:
        if call.ended_at is not None:
            yield "end", epoch(call.ended_at) - caller.ended_at
    served = [visit for visit in case.visits if visit.agent_id is not None]
    if len(served) == len(case.talks):
        for visit, talk in zip(served, case.talks, strict=True):
            yield "talk", (visit.talk_seconds or 0.0) - talk.seconds


def _strays(log: Log, known: set[int]) -> Iterator[str]:
    for leg in log.legs:
        if id(leg) not in known:
            yield f"{leg.agent_id} rang at {clock(leg.call.started_at)} for {leg.call.peer}, who did not call"


def faults_of(case: Case, outages: Outages) -> Iterator[str]:
    """What is wrong with one call, in words that begin with its name."""
    for problem in (*_lost(case), *_rows(case), *_visits(case, outages), *_offers(case)):
        yield f"{case.caller.name} ({case.caller.call.close_reason}): {problem}"


def _lost(case: Case) -> Iterator[str]:
    """A caller ends the call, or an agent does after a talk; nobody else may, unless a callback is promised."""
    caller = case.caller
    if not caller.call.is_closed:
        yield "it never ended"
        return
    others = (*case.legs, *(asked for _, asked in case.consults), *case.town)
    if caller.left_at is None and not case.let_go and not any(_ended_together(caller, leg) for leg in others):
        yield f"LOST: neither the caller nor an agent ended it, at {clock(caller.ended_at)}"


def _ended_together(caller: CallerLog, leg: LegLog) -> bool:
    return leg.call.established_at is not None and abs(leg.ended_at - caller.ended_at) <= CLOCK_SECONDS


def _rows(case: Case) -> Iterator[str]:
    """One call, one row with one outcome, and the moment of its end."""
    if len(case.calls) > 1 or (not case.calls and case.caller.call.established_at is not None):
        yield f"{len(case.calls)} calls in the records"
    for call in case.calls:
        if call.outcome is None or call.ended_at is None:
            yield f"the call has no end: {call.outcome}"
        elif abs(epoch(call.ended_at) - case.caller.ended_at) > CLOCK_SECONDS:
            yield f"it ended at {clock(case.caller.ended_at)}, in the records at {clock(epoch(call.ended_at))}"


def _visits(case: Case, outages: Outages) -> Iterator[str]:
    caller = case.caller
    stayed = caller.ended_at - (caller.call.established_at or caller.ended_at)
    if not case.visits:
        if case.legs or (
            stayed > ENTRY_SECONDS and not outages.touch(caller.call.started_at, caller.ended_at, of=("acd", "ivr"))
        ):
            yield "no visit in the records"
        return
    yield from _chain(case.visits)
    visit = case.visits[-1]
    expected = expected_outcomes(case)
    if set(expected) & set(ABANDONED) and outages.touch(caller.call.started_at, caller.ended_at, of=("acd",)):
        expected = (*expected, *ABANDONED)  # a ringing that ended while the ACD was away, as it could not know
        if case.talks and case.talks[-1].sent is not None:
            expected = (*expected, SENT_ON)  # to a queue that the caller left before the ACD was back
    if caller.confirmed_at is not None and caller.left_at is not None:
        expected = (*expected, "callback_taken")  # promised, and left before our goodbye was over
    if visit.outcome not in expected:
        yield f"the outcome is {visit.outcome}, not {' or '.join(dict.fromkeys(expected))}"
    yield from _talks(case, outages)


def _chain(visits: Sequence[QueueVisit]) -> Iterator[str]:
    """One visit a part of the call, each linked to the one before, which was left by a transfer."""
    if visits[0].from_visit_id is not None:
        yield f"the first visit comes from {visits[0].from_visit_id}"
    for before, visit in itertools.pairwise(visits):
        if visit.entered_via != "transfer" or visit.from_visit_id != before.visit_id:
            came = f"({visit.entered_via}) from {visit.from_visit_id}"
            yield f"visit {visit.visit_id} comes {came}, not {before.visit_id}"
        if before.outcome != SENT_ON:
            yield f"visit {before.visit_id} is {before.outcome}, and {visit.visit_id} follows it"


def expected_outcomes(case: Case) -> tuple[str, ...]:
    """How the last visit may have ended, by what the phones saw; more than one where two things happened at once."""
    if case.let_go:
        return ("callback_taken",)
    if not case.talks:
        return _abandoned(case, 0.0)
    last = case.talks[-1]
    if case.is_kept(last.leg):
        called_back = [leg for leg in case.legs if case.is_called_back(leg)]
        return _completed(case.caller, (called_back or [last.leg])[-1])
    if case.left_before_handed(last.leg):
        return COMPLETED[1:]
    went_on = case.caller.ended_at - last.leg.ended_at
    if last.sent is None or went_on <= BLINK_SECONDS:
        blink = ABANDONED if last.seconds <= BLINK_SECONDS or last.sent is not None else ()
        return (*_completed(case.caller, last.leg), *blink, *((SENT_ON,) if last.sent is not None else ()))
    outside = (SENT_ON,) if last.sent.number == OUTSIDE else ()
    if any(leg.call.established_at is not None for leg in case.town) and outside:
        return (*outside, *ABANDONED)
    return (*_abandoned(case, last.sent.handed_at or 0.0), *outside)


def _abandoned(case: Case, since: float) -> tuple[str, ...]:
    """Waiting or ringing, by the phones that rang for this caller after `since`."""
    left = case.caller.ended_at
    asked = [
        leg for asking, leg in case.consults if _by_queue(asking)
    ]  # it rang for the consult that is the caller's now
    ringing = [
        leg
        for leg in (*(one for one in case.legs if since <= one.call.started_at), *asked)
        if leg.call.started_at <= left + BLINK_SECONDS and leg.ended_at >= left - BLINK_SECONDS
    ]
    if not ringing:
        offered = any(abs(epoch(offer.created_at) - left) <= BLINK_SECONDS for offer in case.offers)
        return ABANDONED if offered else ABANDONED[:1]  # too short for a phone to ring
    surely = all(leg.call.started_at <= left - BLINK_SECONDS and leg.deed != "reject" for leg in ringing)
    still_rang = any(leg.ended_at - leg.call.started_at < RING_SECONDS - BLINK_SECONDS for leg in ringing)
    return ABANDONED[1:] if surely and still_rang else ABANDONED


def _completed(caller: CallerLog, leg: LegLog) -> tuple[str, ...]:
    if caller.left_at is None:
        return COMPLETED[:1]
    if leg.left_at is None:
        return COMPLETED[1:]
    return COMPLETED


def _talks(case: Case, outages: Outages) -> Iterator[str]:
    """Whoever had the caller, in this order and for so long."""
    served = [visit for visit in case.visits if visit.agent_id is not None]
    talks = case.talks if len(case.talks) == len(served) else [one for one in case.talks if one.seconds > BLINK_SECONDS]
    if len(talks) != len(served):
        by_phones, by_records = (
            _named(one.leg.agent_id for one in talks),
            _named(one.agent_id or "" for one in served),
        )
        yield f"talked with {by_phones}, in the records with {by_records}"
        return
    for number, (visit, talk) in enumerate(zip(served, talks, strict=True)):
        before = talks[number - 1] if number else None
        yield from _talk(case.caller, visit, talk, before, outages)


def _talk(caller: CallerLog, visit: QueueVisit, talk: Talk, before: Talk | None, outages: Outages) -> Iterator[str]:
    leg, slack = talk.leg, CLOCK_SECONDS
    if outages.touch(leg.call.started_at, talk.since):
        slack += RING_SECONDS  # nobody saw the answer: the talk is counted from its offer (db/apply/recovered.py)
    if visit.agent_id != leg.agent_id:
        yield f"{leg.agent_id} talked with this caller, in the records {visit.agent_id}"
    if visit.talk_seconds is None or abs(visit.talk_seconds - talk.seconds) > slack:
        yield (
            f"{leg.agent_id} talked {talk.seconds:.2f} s until {clock(leg.ended_at)}, in the records"
            f" {visit.talk_seconds} ({visit.outcome}, {visit.entered_via})"
        )
    if outages.touch(caller.call.started_at, caller.call.started_at, of=("ivr",)):
        return  # the caller waited for a menu first, and was in no queue yet
    if before is None:
        came = caller.call.established_at or caller.call.started_at
    elif talk.handed_by is None and before.sent is not None and before.sent.number != OUTSIDE:
        came = before.leg.ended_at
    else:
        return  # who was handed over has waited for nobody; outside it rang first
    if visit.wait_seconds is None or abs(visit.wait_seconds - (talk.since - came)) > slack:
        yield f"the caller waited {talk.since - came:.2f} s for {leg.agent_id}, in the records {visit.wait_seconds}"


def _offers(case: Case) -> Iterator[str]:
    """Each ringing that a phone saw is an offer that the records know, with what came of it."""
    for offer in case.offers:
        if offer.outcome is None:
            yield f"the offer to {offer.agent_id} has no end"
    through_queue = [talk.leg for talk in case.talks if talk.handed_by is not None and _by_queue(talk.handed_by)]
    legs = [*(leg for leg in case.legs if not case.is_called_back(leg)), *through_queue]
    answered = Counter(offer.agent_id for offer in case.offers if offer.outcome == "answered")
    talked = Counter(leg.agent_id for leg in legs if leg.talk_seconds > BLINK_SECONDS)
    picked_up = Counter(leg.agent_id for leg in legs if leg.call.established_at is not None)
    if talked - answered or answered - picked_up:
        yield f"answered by {_named(picked_up)}, in the records {_named(answered)}"
    offered, rung = Counter(offer.agent_id for offer in case.offers), Counter(leg.agent_id for leg in legs)
    if rung - offered:
        yield f"rang at {_named(rung)}, in the records {_named(offered)}"


def _by_queue(leg: LegLog) -> bool:
    return leg.sent is not None and leg.sent.number.startswith("7")


def _named(agents: Iterable[str]) -> str:
    return ", ".join(agents) or "nobody"
