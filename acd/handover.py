"""How a talk goes from one agent to another, and how the visits of one call hang together.

A transfer ends the agent's talk and no call: the caller comes into a queue again (blind), or goes on with whom the
agent consulted (attended), and that is a visit of its own, linked to the one before. An agent's own call into a queue
is a visit too, a consult, and becomes the caller's when the agent hands the caller over to it. A supervisor who takes
over comes into the talk that stands, and its visit goes on.
"""

from dataclasses import replace
from typing import NamedTuple

from acd.commands import FollowCaller, StopRinging
from acd.events import CallerHandedOver, CallerJoined, CallerTransferred
from acd.model import (
    Agent,
    Destination,
    DestinationKind,
    EnteredVia,
    OfferOutcome,
    Visit,
    VisitOutcome,
    VisitState,
)
from acd.moves import Moves
from acd.transitions import VisitStep, move_visit


class Origin(NamedTuple):
    """How a new visit hangs on what was before it."""

    entered_via: EnteredVia = EnteredVia.MENU
    from_visit_id: str = ""
    first_arrived: float | None = None


def origin_of(moves: Moves, event: CallerJoined, now: float) -> Origin:
    """Where this caller comes from.

    A call's caller is in one visit at a time, so one who still talks, for all we know, was transferred here and
    the news is late; one who still waits left without our hearing of it, perhaps from a talk whose answer we
    missed: the legs tell (`db/apply/recovered.py`).
    """
    if event.consulting_agent_id:
        agent = moves.agents.get(event.consulting_agent_id)
        return Origin(EnteredVia.CONSULT, (agent and agent.visit_id) or "")
    contact = moves.contacts.get(event.call_id)
    if contact is None:
        return Origin()
    before = moves.visits.get(contact.visit_id)
    if before is not None and before.state is VisitState.CONNECTED:
        _end_here(
            moves, before, "BLINDTRANSFER", Destination(DestinationKind.QUEUE, event.queue_id), now, recovered=True
        )
    elif before is not None:
        moves.leave(before, now, switch_lost=False, recovered=True)
    transferred = moves.ended.get(contact.visit_id) is VisitOutcome.TRANSFERRED
    entered_via = EnteredVia.TRANSFER if transferred else EnteredVia.MENU
    return Origin(entered_via, contact.visit_id, contact.arrived)


def comes_too_late(moves: Moves, event: CallerJoined) -> bool:
    """A consult by keys, in the caller's own call, whose caller has hung up before it reached the queue: Asterisk has
    taken the agent out as well, and would let a phone ring for nobody."""
    contact = moves.contacts.get(event.call_id)
    return (
        bool(event.consulting_agent_id)
        and contact is not None
        and moves.ended.get(contact.visit_id) is VisitOutcome.COMPLETED_BY_CALLER
    )


def transfer(moves: Moves, event: CallerTransferred, now: float, *, recovered: bool = False) -> None:
    """Blind: the agent is out of the talk; where the caller goes comes as an event of its own."""
    visit = moves.visits.get(event.visit_id)
    if visit is not None and visit.state is VisitState.CONNECTED:
        to = moves.floor.destination(event.extension)
        _end_here(moves, visit, "BLINDTRANSFER", to, now, recovered=recovered)


def hand_over(moves: Moves, event: CallerHandedOver, now: float, *, recovered: bool = False) -> Visit | None:
    """Attended: the caller's visit ends as transferred, and the one with whom the agent consulted is the caller's.

    Whoever was reached outside of the queues has no visit, but for a colleague, who gets one: their time is work.
    Answers the visit in which the caller goes on, where there is one.
    """
    visit = moves.visits.get(event.visit_id)
    consult = moves.visits.get(event.consult_visit_id)
    if visit is not None and (visit.state is not VisitState.CONNECTED or visit.agent_id == event.agent_id):
        return None  # old news: a picture has shown it before
    if consult is not None and consult.entered_via is EnteredVia.CONSULT:
        return _to_consult(moves, visit, consult, event.call_id, now, recovered=recovered)
    if visit is not None and _can_take(moves, event.agent_id):
        return _to_colleague(moves, visit, event.agent_id, now, recovered=recovered)
    if visit is not None:
        to = moves.floor.destination(event.agent_id or event.extension)
        _end_here(moves, visit, "ATTENDEDTRANSFER", to, now, recovered=recovered)
    return None


def consult_with(moves: Moves, agent_id: str) -> Visit | None:
    """The consult in which this agent is the one who was asked."""
    agent = moves.agents.get(agent_id)
    visit = moves.visits.get((agent and agent.visit_id) or "")
    return visit if visit is not None and visit.entered_via is EnteredVia.CONSULT else None


def adopt_returned(moves: Moves, visit: Visit, event: CallerJoined, now: float) -> None:
    """A consult whose channel has become a caller's while nobody watched: the agent has handed the caller over."""
    if visit.entered_via is EnteredVia.CONSULT and not event.consulting_agent_id:
        contact = moves.contacts.get(event.call_id)
        before = moves.visits.get(contact.visit_id) if contact else None
        still_there = before is not None and before.state is VisitState.CONNECTED
        _to_consult(moves, before if still_there else None, visit, event.call_id, now, recovered=True)


def _to_consult(
    moves: Moves, visit: Visit | None, consult: Visit, call_id: str, now: float, *, recovered: bool
) -> Visit:
    if visit is not None:
        to = Destination(DestinationKind.QUEUE, consult.queue.queue_id)
        onward = None if consult.connected is None else consult
        _end_here(moves, visit, "ATTENDEDTRANSFER", to, now, recovered=recovered, onward=onward)
    _adopt(moves, consult, visit, call_id, now)
    return consult


def _can_take(moves: Moves, agent_id: str) -> bool:
    """Whoever has another caller cannot be given this one as well: that talk is nobody's record but Asterisk's."""
    agent = moves.agents.get(agent_id)
    return agent is not None and moves.staff.can_take(agent)


def _to_colleague(moves: Moves, visit: Visit, agent_id: str, now: float, *, recovered: bool) -> Visit:
    agent = moves.agents[agent_id]
    if (rung_for := moves.visits.get(agent.visit_id or "")) is not None:
        moves.do(StopRinging(rung_for.visit_id, rung_for.call_id, agent_id))
        moves.end_offer(rung_for, rung_for.offers[agent_id], OfferOutcome.CANCEL_AGENT, now)
    onward = replace(
        visit,
        visit_id=moves.new_id(),
        arrived=now,
        state=VisitState.WAITING,
        agent_id=None,
        connected=now,
        refused_until={},
        entered_via=EnteredVia.TRANSFER,
        from_visit_id=visit.visit_id,
        first_arrived=visit.call_arrived,
        aside=None,
    )
    to = Destination(DestinationKind.AGENT, agent_id)
    _end_here(moves, visit, "ATTENDEDTRANSFER", to, now, recovered=recovered, onward=onward)
    moves.open_visit(onward, 0.0)
    moves.record(
        "CONNECT", visit_id=onward.visit_id, offer_id=None, agent_id=agent_id, wait_seconds=0.0, ring_seconds=0.0
    )
    _come_in(moves, onward, agent, now)
    moves.remember_agent(onward)
    return onward


def take_over(moves: Moves, visit: Visit, agent: Agent, now: float) -> None:
    """This agent has come into the talk in the first one's place, who goes on to wrap-up.

    Nothing changes where nobody talks yet, or where the one who came has a caller already: that is an old leg.
    """
    first = moves.agents.get(visit.agent_id or "")
    if first is None or agent.visit_id is not None:
        return
    moves.record(
        "TAKEOVER", visit_id=visit.visit_id, agent_id=agent.profile.agent_id, from_agent_id=first.profile.agent_id
    )
    _come_in(moves, visit, agent, now)
    moves.staff.end_talk(first, now)


def _come_in(moves: Moves, visit: Visit, agent: Agent, now: float) -> None:
    """The caller of this visit is this agent's from now on, without an offer."""
    move_visit(visit, VisitStep.TAKE_OVER)
    visit.agent_id = agent.profile.agent_id
    moves.staff.take_over(agent, visit.visit_id, visit.queue, now)


def _end_here(
    moves: Moves, visit: Visit, verb: str, to: Destination, now: float, *, recovered: bool, onward: Visit | None = None
) -> None:
    """The talk is over for its agent, the caller goes on elsewhere.

    Args:
        onward: the visit in which the caller talks now inside the same Dial, where there is one.
    """
    move_visit(visit, VisitStep.TRANSFER)
    moves.record_talk_end(verb, visit, now, recovered=recovered, destination_kind=to.kind, destination=to.name)
    if onward is not None:
        onward.attached = visit.attached
        moves.do(FollowCaller(visit.visit_id, onward.visit_id))
    moves.close_visit(visit, VisitOutcome.TRANSFERRED, now)


def _adopt(moves: Moves, consult: Visit, before: Visit | None, call_id: str, now: float) -> None:
    """An agent's consult becomes the visit of the caller whom the agent hands over. It keeps its place; the caller's
    wait in it begins now."""
    consult.call_id, consult.entered_via = call_id, EnteredVia.TRANSFER
    began = now if consult.connected is None else consult.connected
    consult.arrived, waited_seconds = began, began - consult.arrived
    consult.rerank(consult.priority, consult.head_start_seconds + waited_seconds)
    contact = moves.contacts.get(call_id)
    consult.from_visit_id = "" if contact is None else contact.visit_id
    consult.first_arrived = None if contact is None else contact.arrived
    if before is not None:
        consult.caller_number = before.caller_number
    moves.remember_contact(consult)
    moves.remember_agent(consult)
    moves.record(
        "HANDOVER",
        visit_id=consult.visit_id,
        call_id=call_id,
        from_visit_id=consult.from_visit_id,
        caller_number=consult.caller_number,
        head_start_seconds=consult.head_start_seconds,
        call_waited_seconds=now - consult.call_arrived,
    )
