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

BLINK_SECONDS = 0.3
"""Two things that happen so close to each other may be told in either order."""


@dataclass(frozen=True)
class Talk:
    """A time in which an agent had the caller, as the agent's phone saw it."""

    leg: LegLog
    since: float
    handed_by: LegLog | None = None
    """whose consult it was before"""
    until: float | None = None
    """where it ended at another moment than the phone's own call did"""

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
    consulted: Sequence[QueueVisit] = ()
    """queues that an agent consulted about this caller, where the consult stayed one"""

    @cached_property
    def talks(self) -> list[Talk]:
        """Everybody who has had this caller, in order."""
        own = [
            Talk(leg, leg.call.established_at, until=self._until(leg))
            for leg in self.legs
            if leg.call.established_at is not None and not self.is_called_back(leg)
        ]
        return sorted((*own, *self._handed_over()), key=lambda talk: talk.since)

    def is_kept(self, leg: LegLog) -> bool:
        """Whether the talk is this agent's though they have hung up: handed over by keys to somebody who has not
        answered. Until then Asterisk goes on for the agent, and calls them back (ARCHITECTURE.md, "Transfers")."""
        if not _is_keyed(leg) or self.left_before_handed(leg) or self._answer_to(leg) is not None:
            return False
        rang = any(one.call.started_at <= leg.ended_at <= one.ended_at for one in self._asked(leg))
        return _goes_to_agent(leg) or (_goes_outside(leg) and rang)

    def left_before_handed(self, leg: LegLog) -> bool:
        """Whether the caller hung up in this agent's consult by keys, before they were handed over."""
        handed_at, left_at = leg.sent and leg.sent.handed_at, self.caller.left_at
        if not _is_keyed(leg) or handed_at is None or left_at is None:
            return False
        return left_at < handed_at - BLINK_SECONDS and self._is_consulting(leg)

    def _until(self, leg: LegLog) -> float | None:
        """When the talk ended, where that is not when the agent's phone did. Until somebody whom the agent asked by
        keys has answered it is the agent's; a caller who hangs up in a consult leaves the agent in it."""
        if self.is_kept(leg) or self.left_before_handed(leg):
            return self.caller.ended_at
        answered = self._answer_to(leg) if _is_keyed(leg) else None
        return answered if answered is not None and answered > leg.ended_at else None

    def _is_consulting(self, leg: LegLog) -> bool:
        """Whether somebody was being asked as the caller left: a phone rang or talked, or a queue had the agent."""
        left = self.caller.ended_at
        queues = ((epoch(one.arrived_at), one.ended_at) for one in self.consulted)
        return any(one.call.started_at <= left <= one.ended_at for one in self._asked(leg)) or any(
            began <= left and ended is not None and left <= epoch(ended) for began, ended in queues
        )

    def _answer_to(self, leg: LegLog) -> float | None:
        """When one who was asked, and has nobody else's caller, answered. No queue does: it has answered before."""
        with_caller = (
            one
            for one in self._asked(leg)
            if not _goes_outside(leg) or abs(one.ended_at - self.caller.ended_at) <= CLOCK_SECONDS
        )
        answers = (one.call.established_at for one in with_caller if _goes_outside(leg) or _goes_to_agent(leg))
        return min((at for at in answers if at is not None), default=None)

    def _asked(self, leg: LegLog) -> list[LegLog]:
        """The phones that rang, or may have, for this agent's consult: of colleagues, or outside."""
        if leg.sent is not None and _goes_outside(leg):
            return [one for one in self.town if leg.sent.at <= one.call.started_at]
        return [asked for asking, asked in self.consults if asking is leg]

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


def _is_keyed(leg: LegLog) -> bool:
    """Whether this agent consulted by keys, and hung up to hand the caller over."""
    return leg.sent is not None and leg.sent.way == "attended_keys" and leg.sent.handed_at is not None


def _goes_outside(leg: LegLog) -> bool:
    return leg.sent is not None and leg.sent.number == OUTSIDE


def _goes_to_agent(leg: LegLog) -> bool:
    """Whether an agent's own extension was dialled to send the caller on, and neither a queue's nor one outside."""
    return leg.sent is not None and len(leg.sent.number) == len("1001") and leg.sent.number.startswith("1")


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
        [visit for visit in rows.visits if visit.entered_via == "consult" and visit.from_visit_id in visit_ids],
    )


def consulted(log: Log, leg: LegLog) -> list[LegLog]:
    """The rings at colleagues that came of this agent's consult in this talk."""
    if leg.sent is None or leg.sent.way in ("refer", "keys"):
        return []
    sent = leg.sent
    mine = [one for one in log.legs if one.agent_id == leg.agent_id and one.call.started_at > leg.call.started_at]
    next_began = min((one.sent.at for one in mine if one.sent is not None), default=float("inf"))
    return [one for one in log.legs if one.call.peer == leg.agent_id and sent.at <= one.call.started_at < next_began]
