"""What belongs together: the phones of one call, or of one callback, and the rows that are about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from db.schema import Call, Callback, CallbackAttempt, Offer, QueueVisit
from tests.soak.chances import OUTSIDE
from tests.soak.log import CallerLog, LegLog, Log, SentOn
from tests.soak.rows import Rows, epoch

CLOCK_SECONDS = 2.0
"""What a phone and the records may differ by: a signal's way, and processors that are busy. 0.3 s was seen where
sixteen processes wanted two processors; Asterisk itself held calls for 2 s and more where the machine was busy,
with AMI unanswered meanwhile. The soak's own clock is watched: `Watch.late_seconds`."""


@dataclass(frozen=True)
class Talk:
    """A time in which an agent had the caller, as the agent's phone saw it."""

    leg: LegLog
    since: float
    handed_by: LegLog | None = None
    """whose consult it was before"""
    until: float | None = None
    """where the talk went on without the phone"""

    @property
    def seconds(self) -> float:
        return (self.leg.ended_at if self.until is None else self.until) - self.since

    @property
    def sent(self) -> SentOn | None:
        """What the agent did to send the caller on, where it was done to the end."""
        return self.leg.sent if self.leg.sent is not None and self.leg.sent.handed_at is not None else None


@dataclass(frozen=True)
class Case:
    """One call as its phones saw it, with the rows that are about it."""

    caller: CallerLog
    legs: Sequence[LegLog]
    """at agents who were rung for this caller"""
    consults: Sequence[tuple[LegLog, LegLog]]
    """at agents whom another one asked about this caller: the asking agent's leg, and theirs"""
    town: Sequence[LegLog]
    """at those outside to whom somebody was sent while this call was on"""
    calls: Sequence[Call]
    visits: Sequence[QueueVisit]
    """the caller's, in order"""
    offers: Sequence[Offer]
    let_go: bool = False
    """the caller was promised a callback"""

    @cached_property
    def talks(self) -> list[Talk]:
        """Everybody who has had this caller, in order."""
        own = [
            Talk(leg, leg.call.established_at, until=self.caller.ended_at if self.is_kept(leg) else None)
            for leg in self.legs
            if leg.call.established_at is not None and not self.is_called_back(leg)
        ]
        return sorted((*own, *self._handed_over()), key=lambda talk: talk.since)

    def is_kept(self, leg: LegLog) -> bool:
        """Whether the talk is this agent's though they have hung up: handed over by keys to a colleague who has not
        answered. Until then Asterisk goes on for the agent, and calls them back (ARCHITECTURE.md, "Transfers")."""
        sent = leg.sent
        if sent is None or sent.way != "attended_keys" or sent.handed_at is None or not is_agents(sent.number):
            return False
        return all(asked.call.established_at is None for asking, asked in self.consults if asking is leg)

    def is_called_back(self, leg: LegLog) -> bool:
        """Whether this is such a call: no offer, and the talk that it was."""
        return any(
            one.agent_id == leg.agent_id and leg.call.started_at >= one.ended_at and self.is_kept(one)
            for one in self.legs
            if one is not leg
        )

    def _handed_over(self) -> Iterator[Talk]:
        """Whom an agent consulted has the caller when the agent is out: a queue's agent since answering, for that was
        a visit already; a colleague who was asked directly since then."""
        for asking, asked in self.consults:
            answered, sent = asked.call.established_at, asking.sent
            if answered is None or sent is None or sent.handed_at is None or asked.ended_at <= asking.ended_at:
                continue
            if sent.handed_at > self.caller.ended_at:
                continue  # the caller had hung up, and the two agents talked on
            to_queue = sent.number.startswith("7")
            yield Talk(asked, answered if to_queue else max(answered, asking.ended_at), asking)


def is_agents(number: str) -> bool:
    """Whether an agent's own extension was dialled, and neither a queue's nor a number outside."""
    return len(number) == len("1001") and number.startswith("1")


@dataclass(frozen=True)
class CallbackCase:
    """One callback, with its attempts, and what rang for it."""

    callback: Callback
    visit: QueueVisit | None
    attempts: Sequence[CallbackAttempt]
    offers: Sequence[Offer]
    agents: Sequence[LegLog]
    town: Sequence[LegLog]

    @property
    def name(self) -> str:
        return f"callback {self.callback.callback_id} of {self.callback.number}"


def callback_cases(log: Log, rows: Rows) -> Iterator[CallbackCase]:
    """Each callback, with the rings nearest to its offers and attempts. A number has one callback at a time."""
    visits = {visit.visit_id: visit for visit in rows.visits}
    for callback in rows.callbacks:
        offers = [offer for offer in rows.offers if offer.visit_id == callback.callback_id]
        attempts = [attempt for attempt in rows.attempts if attempt.callback_id == callback.callback_id]
        asked = epoch(callback.asked_at)
        end = epoch(callback.ended_at) if callback.ended_at is not None else float("inf")
        yield CallbackCase(
            callback,
            visits.get(callback.callback_id),
            sorted(attempts, key=lambda one: one.started_at),
            offers,
            [leg for leg in log.legs if leg.call.peer == callback.number and _offer_of(leg, rows) in offers],
            [
                leg
                for leg in log.town
                if leg.agent_id == callback.number and asked <= leg.call.started_at <= end + CLOCK_SECONDS
            ],
        )


def _offer_of(leg: LegLog, rows: Rows) -> Offer | None:
    """The offer of this agent that is nearest in time to the ring."""
    began = leg.call.started_at
    near = [
        (abs(epoch(offer.created_at) - began), offer.offer_id, offer)
        for offer in rows.offers
        if offer.agent_id == leg.agent_id and abs(epoch(offer.created_at) - began) <= CLOCK_SECONDS
    ]
    return min(near)[2] if near else None


def call_cases(log: Log, rows: Rows, called_back: Sequence[LegLog]) -> Iterator[Case]:
    """Put together what belongs together. A number makes one call at a time, so its calls follow each other.

    Args:
        called_back: legs that are about callbacks.
    """
    other, attempts = set(map(id, called_back)), {attempt.attempt_id for attempt in rows.attempts}
    for number in sorted({caller.number for caller in log.callers}):
        callers = sorted((one for one in log.callers if one.number == number), key=lambda one: one.call.started_at)
        legs = [leg for leg in log.legs if leg.call.peer == number and id(leg) not in other]
        calls = [call for call in rows.calls if call.caller_number == number and call.call_id not in attempts]
        ends = [caller.call.started_at for caller in callers[1:]] + [float("inf")]
        for caller, end in zip(callers, ends, strict=True):
            begin = caller.call.started_at
            mine = [call for call in calls if begin <= epoch(call.started_at) < end]
            yield _case(log, rows, caller, [leg for leg in legs if begin <= leg.call.started_at < end], mine)


def _case(log: Log, rows: Rows, caller: CallerLog, legs: Sequence[LegLog], calls: Sequence[Call]) -> Case:
    ids = {call.call_id for call in calls}
    visits = [visit for visit in rows.visits if visit.call_id in ids and visit.entered_via != "consult"]
    visit_ids = {visit.visit_id for visit in visits}
    begin, end = caller.call.started_at, caller.ended_at
    return Case(
        caller,
        legs,
        [(leg, asked) for leg in legs for asked in consulted(log, leg)],
        [one for one in log.town if one.agent_id == OUTSIDE and begin <= one.call.started_at <= end],
        calls,
        sorted(visits, key=lambda visit: (visit.arrived_at, visit.from_visit_id or "")),
        [offer for offer in rows.offers if offer.visit_id in visit_ids],
        caller.confirmed_at is not None and caller.left_at is None and not any(leg.talk_seconds for leg in legs),
    )


def consulted(log: Log, leg: LegLog) -> list[LegLog]:
    """The rings at colleagues that came of this agent's consult in this talk."""
    if leg.sent is None or leg.sent.way in ("refer", "keys"):
        return []
    sent = leg.sent
    mine = [one for one in log.legs if one.agent_id == leg.agent_id and one.call.started_at > leg.call.started_at]
    next_began = min((one.sent.at for one in mine if one.sent is not None), default=float("inf"))
    return [one for one in log.legs if one.call.peer == leg.agent_id and sent.at <= one.call.started_at < next_began]
