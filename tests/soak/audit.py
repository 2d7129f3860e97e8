"""The records against what the phones saw: nobody lost, every call one end, and the same facts on both sides."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.schema import Call, Offer, QueueVisit
from hotline.demo.quick_site import RING_SECONDS
from tests.soak.faults import Outages
from tests.soak.people import CallerLog, LegLog, Log, clock

BLINK_SECONDS = 0.3
"""Two things that happen so close to each other may be told in either order."""
CLOCK_SECONDS = 2.0
"""What a phone and the records may differ by: a signal's way, and processors that are busy (1.5 s was seen where four
times as many processes wanted to run as there were processors)."""
ENTRY_SECONDS = 3.0
"""Who stays longer than this is in a queue: the numbers that are dialled lead straight there."""

COMPLETED = ("completed_by_agent", "completed_by_caller")
ABANDONED = ("abandoned_waiting", "abandoned_ringing")


@dataclass(frozen=True)
class Rows:
    """All rows of the three tables."""

    calls: Sequence[Call]
    visits: Sequence[QueueVisit]
    offers: Sequence[Offer]


@dataclass(frozen=True)
class Case:
    """One call as its phones saw it, with the rows that are about it."""

    caller: CallerLog
    legs: Sequence[LegLog]
    calls: Sequence[Call]
    visits: Sequence[QueueVisit]
    offers: Sequence[Offer]


def read_rows(engine: Engine) -> Rows:
    """Read everything; the database is a house's own, so all of it is this run's."""
    with Session(engine, expire_on_commit=False) as session:
        return Rows(*(session.scalars(select(table)).all() for table in (Call, QueueVisit, Offer)))


def audit(log: Log, rows: Rows, outages: Outages) -> list[str]:
    """Everything that does not fit, each named by its call; empty when all is well."""
    cases = list(build_cases(log, rows))
    problems = [problem for case in cases for problem in faults_of(case, outages)]
    known = {id(leg) for case in cases for leg in case.legs}
    strays = [leg for leg in log.legs if id(leg) not in known]
    problems += [
        f"{leg.agent_id} rang at {clock(leg.call.started_at)} for {leg.call.peer}, who did not call" for leg in strays
    ]
    taken = Counter(call.call_id for case in cases for call in case.calls)
    problems += [
        f"the call {call.call_id} is in the records, and nobody made it"
        for call in rows.calls
        if not taken[call.call_id]
    ]
    return problems


def build_cases(log: Log, rows: Rows) -> Iterator[Case]:
    """Put together what belongs together. A number makes one call at a time, so its calls follow each other."""
    for number in sorted({caller.number for caller in log.callers}):
        callers = sorted((one for one in log.callers if one.number == number), key=lambda one: one.call.started_at)
        legs = [leg for leg in log.legs if leg.call.peer == number]
        calls = [call for call in rows.calls if call.caller_number == number]
        ends = [caller.call.started_at for caller in callers[1:]] + [float("inf")]
        for caller, end in zip(callers, ends, strict=True):
            begin = caller.call.started_at
            mine = [call for call in calls if begin <= _epoch(call.started_at) < end]
            ids = {call.call_id for call in mine}
            visits = [visit for visit in rows.visits if visit.call_id in ids]
            visit_ids = {visit.visit_id for visit in visits}
            yield Case(
                caller,
                [leg for leg in legs if begin <= leg.call.started_at < end],
                mine,
                visits,
                [offer for offer in rows.offers if offer.visit_id in visit_ids],
            )


def faults_of(case: Case, outages: Outages) -> Iterator[str]:
    """What is wrong with one call, in words that begin with its name."""
    for problem in (*_lost(case), *_rows(case), *_visit(case, outages), *_offers(case)):
        yield f"{case.caller.name} ({case.caller.call.close_reason}): {problem}"


def _lost(case: Case) -> Iterator[str]:
    """A caller ends the call, or an agent does after a talk; nobody else may."""
    caller = case.caller
    if not caller.call.is_closed:
        yield "it never ended"
    elif caller.left_at is None and not any(_ended_together(caller, leg) for leg in case.legs):
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
        elif abs(_epoch(call.ended_at) - case.caller.ended_at) > CLOCK_SECONDS:
            yield f"it ended at {clock(case.caller.ended_at)}, in the records at {clock(_epoch(call.ended_at))}"


def _visit(case: Case, outages: Outages) -> Iterator[str]:
    stayed = case.caller.ended_at - (case.caller.call.established_at or case.caller.ended_at)
    if not case.visits:
        if case.legs or (
            stayed > ENTRY_SECONDS
            and not outages.touch(case.caller.call.started_at, case.caller.ended_at, of=("acd", "ivr"))
        ):
            yield "no visit in the records"
        return
    if len(case.visits) > 1:
        yield f"{len(case.visits)} visits in the records"
    visit = case.visits[0]
    expected = expected_outcomes(case)
    if expected[0] in ABANDONED and outages.touch(case.caller.call.started_at, case.caller.ended_at, of=("acd",)):
        expected = ABANDONED  # a ringing that ended while the ACD was away, as it could not know
    if visit.outcome not in expected:
        yield f"the outcome is {visit.outcome}, not {' or '.join(expected)}"
    talks = [leg for leg in case.legs if leg.talk_seconds > BLINK_SECONDS]
    if len(talks) > 1:
        yield f"{len(talks)} agents talked with this caller"
    elif talks and visit.outcome in COMPLETED:
        yield from _talk(visit, talks[0], case.caller, outages)


def expected_outcomes(case: Case) -> tuple[str, ...]:
    """How the visit may have ended, by what the phones saw; more than one where two things happened at once."""
    answered = [leg for leg in case.legs if leg.call.established_at is not None]
    if answered:
        return (
            *_completed(case.caller, answered[-1]),
            *(ABANDONED if answered[-1].talk_seconds <= BLINK_SECONDS else ()),
        )
    left = case.caller.ended_at
    ringing = [
        leg for leg in case.legs if leg.call.started_at <= left + BLINK_SECONDS and leg.ended_at >= left - BLINK_SECONDS
    ]
    if not ringing:
        return ABANDONED[:1]
    surely = all(leg.call.started_at <= left - BLINK_SECONDS and leg.deed != "reject" for leg in ringing)
    still_rang = any(leg.ended_at - leg.call.started_at < RING_SECONDS - BLINK_SECONDS for leg in ringing)
    return ABANDONED[1:] if surely and still_rang else ABANDONED


def _completed(caller: CallerLog, leg: LegLog) -> tuple[str, ...]:
    if caller.left_at is None:
        return COMPLETED[:1]
    if leg.left_at is None:
        return COMPLETED[1:]
    return COMPLETED


def _talk(visit: QueueVisit, leg: LegLog, caller: CallerLog, outages: Outages) -> Iterator[str]:
    begun = leg.call.established_at
    assert begun is not None, "a talk was answered"
    slack = CLOCK_SECONDS
    if outages.touch(leg.call.started_at, begun):
        slack += RING_SECONDS  # nobody saw the answer: the talk is counted from its offer (db/apply/recovered.py)
    if visit.agent_id != leg.agent_id:
        yield f"{leg.agent_id} talked with this caller, in the records {visit.agent_id}"
    if visit.talk_seconds is None or abs(visit.talk_seconds - leg.talk_seconds) > slack:
        yield f"they talked {leg.talk_seconds:.2f} s until {clock(leg.ended_at)}, in the records {visit.talk_seconds}"
    if outages.touch(caller.call.started_at, caller.call.started_at, of=("ivr",)):
        return  # the caller waited for a menu first, and was in no queue yet
    waited = begun - (caller.call.established_at or caller.call.started_at)
    if visit.wait_seconds is None or abs(visit.wait_seconds - waited) > slack:
        yield f"the caller waited {waited:.2f} s, in the records {visit.wait_seconds}"


def _offers(case: Case) -> Iterator[str]:
    """Each ringing that a phone saw is an offer that the records know, with what came of it."""
    for offer in case.offers:
        if offer.outcome is None:
            yield f"the offer to {offer.agent_id} has no end"
    answered = Counter(offer.agent_id for offer in case.offers if offer.outcome == "answered")
    talked = Counter(leg.agent_id for leg in case.legs if leg.talk_seconds > BLINK_SECONDS)
    picked_up = Counter(leg.agent_id for leg in case.legs if leg.call.established_at is not None)
    if talked - answered or answered - picked_up:
        yield f"answered by {_named(picked_up)}, in the records {_named(answered)}"
    offered, rung = Counter(offer.agent_id for offer in case.offers), Counter(leg.agent_id for leg in case.legs)
    if rung - offered:
        yield f"rang at {_named(rung)}, in the records {_named(offered)}"


def _named(agents: Iterable[str]) -> str:
    return ", ".join(agents) or "nobody"


def _epoch(moment: datetime) -> float:
    return moment.timestamp()
