"""Facts of queue visits and offers that the ACD tells, in the order in which it learned them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db.apply.batch import Batch
from db.apply.calls import call_row
from db.moments import seconds_between
from db.schema import Offer, QueueVisit

Fields = dict[str, Any]

MENU, CONSULT, TRANSFERRED = "menu", "consult", "transferred"
_NOTHING_KNOWN: Fields = {"requirement": "", "priority": 0, "head_start_seconds": 0.0, "recovered": False} | {
    "entered_via": MENU,
    "hold_seconds": 0.0,
    "consult_seconds": 0.0,
}
"""Of a visit whose ENTERQUEUE line was lost."""


def enter(batch: Batch, at: datetime, fields: Fields) -> None:
    """ENTERQUEUE. The first one of a visit counts: a later one is the same visit seen by a restarted ACD."""
    arrived_at = fields["arrived_at"] or at
    visit = _visit_row(batch, fields["visit_id"], arrived_at)
    if visit.call_id is not None:
        return
    visit.arrived_at = arrived_at
    visit.call_id, visit.queue, visit.caller_number = fields["call_id"], fields["queue"], fields["caller_number"]
    visit.resumed_visit_id = fields["resumed_visit_id"] or None
    visit.requirement, visit.segment = fields["requirement"] or "", fields["segment"] or None
    visit.priority, visit.head_start_seconds = fields["priority"] or 0, fields["head_start_seconds"] or 0.0
    visit.entered_via = fields["entered_via"] or MENU
    _link(visit, fields)
    if visit.entered_via == CONSULT:
        return  # an agent's call, and no caller's
    call = call_row(batch, fields["call_id"], arrived_at)
    if call.caller_number is None:
        call.caller_number = fields["caller_number"]


def rerank(batch: Batch, at: datetime, fields: Fields) -> None:
    """RERANK: another place in the order."""
    visit = _visit_row(batch, fields["visit_id"], at)
    visit.priority, visit.head_start_seconds = fields["priority"], fields["head_start_seconds"]


def offer(batch: Batch, at: datetime, fields: Fields) -> None:
    """OFFER."""
    row = _offer_row(batch, fields, at)
    row.step, row.tier = fields["step"], fields["tier"]


def end_offer(batch: Batch, at: datetime, fields: Fields) -> None:
    """OFFEREND. Its offer's beginning follows from how long it took where the OFFER line was lost."""
    took = (fields["ring_seconds"] or 0) + (fields["connect_seconds"] or 0)
    row = _offer_row(batch, fields, at - timedelta(seconds=took))
    if row.ended_at is None:
        row.ended_at, row.outcome, row.ring_seconds = at, fields["outcome"], fields["ring_seconds"]
        row.connect_seconds = fields["connect_seconds"]


def connect(batch: Batch, at: datetime, fields: Fields) -> None:
    """CONNECT: caller and agent are bridged; told late where nobody saw it, and so counted from the wait."""
    visit = _visit_row(batch, fields["visit_id"], at - timedelta(seconds=fields["wait_seconds"]))
    if visit.ended_at is None:
        visit.connected_at = min(at, visit.arrived_at + timedelta(seconds=fields["wait_seconds"]))
        visit.agent_id, visit.offer_id = fields["agent_id"], fields["offer_id"]
        visit.wait_seconds, visit.ring_seconds = fields["wait_seconds"], fields["ring_seconds"]


def change_talk(batch: Batch, at: datetime, fields: Fields) -> None:
    """TALKCHANGE: what was before it is over, and lasted `seconds`."""
    visit = _visit_row(batch, fields["visit_id"], at)
    if fields["previous"] == "hold":
        visit.hold_seconds += fields["seconds"]
    elif fields["previous"] == CONSULT:
        visit.consult_seconds += fields["seconds"]


def transfer(batch: Batch, at: datetime, fields: Fields) -> None:
    """BLINDTRANSFER, ATTENDEDTRANSFER: the agent sent the caller on."""
    visit = _visit_row(batch, fields["visit_id"], at)
    if visit.ended_at is None:
        visit.destination_kind, visit.destination = fields["destination_kind"], fields["destination"]
    _complete(batch, at, fields, TRANSFERRED)


def hand_over(batch: Batch, at: datetime, fields: Fields) -> None:
    """HANDOVER: an agent's consult is the caller's visit now, and what was waited in it before was not their wait."""
    visit = _visit_row(batch, fields["visit_id"], at)
    visit.call_id, visit.caller_number = fields["call_id"], fields["caller_number"]
    visit.entered_via = "transfer"
    visit.arrived_at = visit.connected_at or at
    if visit.connected_at is not None:
        visit.wait_seconds = 0.0
    _link(visit, fields)
    call_row(batch, fields["call_id"], visit.arrived_at)


def _link(visit: QueueVisit, fields: Fields) -> None:
    visit.from_visit_id = fields["from_visit_id"] or None
    visit.call_arrived_at = fields["call_arrived_at"] or visit.arrived_at


def complete_by_agent(batch: Batch, at: datetime, fields: Fields) -> None:
    """COMPLETEAGENT: the agent hung up first."""
    _complete(batch, at, fields, "completed_by_agent")


def complete_by_caller(batch: Batch, at: datetime, fields: Fields) -> None:
    """COMPLETECALLER: the caller hung up first."""
    _complete(batch, at, fields, "completed_by_caller")


def abandon(batch: Batch, at: datetime, fields: Fields) -> None:
    """ABANDON: the caller hung up before connect."""
    end(batch, at, fields, f"abandoned_{fields['stage']}")


def time_out(batch: Batch, at: datetime, fields: Fields) -> None:
    """EXITWITHTIMEOUT: the queue's longest wait was over."""
    end(batch, at, fields, "timed_out")


def leave_empty(batch: Batch, at: datetime, fields: Fields) -> None:
    """EXITEMPTY: no agent could ever have come."""
    end(batch, at, fields, "no_agents")


def meet_closed(batch: Batch, at: datetime, fields: Fields) -> None:
    """EXITCLOSED: the queue's own hours were over."""
    end(batch, at, fields, "closed")


def overflow(batch: Batch, at: datetime, fields: Fields) -> None:
    """OVERFLOW: the line was too long, in heads or in minutes; `to` is where the caller waits on."""
    end(batch, at, {**fields, "cause": fields["to"] or fields["cause"]}, fields["cause"])


def exit_by_key(batch: Batch, at: datetime, fields: Fields) -> None:
    """EXITWITHKEY: the caller chose another way. The key and where it leads are the cause."""
    end(batch, at, {**fields, "cause": " ".join(filter(None, (fields["key"], fields["to"])))}, "key_exit")


def fail(batch: Batch, at: datetime, fields: Fields) -> None:
    """SYSTEMERROR: our own or Asterisk's fault, named in `cause`; a talk that went with its Asterisk ends here."""
    if fields.get("cause") != "switch_lost":
        end(batch, at, fields, "system_error")
        return
    visit = _visit_row(batch, fields["visit_id"], at - timedelta(seconds=fields["wait_seconds"] or 0))
    if visit.ended_at is None:
        visit.cause = "switch_lost"
        lose_visit(batch, visit, at)


def lose_visit(batch: Batch, visit: QueueVisit, at: datetime) -> None:
    """Close a visit whose Asterisk is gone, at the moment when it went."""
    visit.ended_at, visit.outcome = max(at, visit.connected_at or visit.arrived_at), "switch_lost"
    if visit.connected_at is None:
        visit.wait_seconds = seconds_between(visit.arrived_at, visit.ended_at)
    else:
        visit.talk_seconds = seconds_between(visit.connected_at, visit.ended_at)
    if visit.call_id is not None:
        batch.unsettled.add(visit.call_id)


def _complete(batch: Batch, at: datetime, fields: Fields, outcome: str) -> None:
    waited = timedelta(seconds=fields["wait_seconds"] or 0)
    talked = timedelta(seconds=fields["talk_seconds"])
    visit = _visit_row(batch, fields["visit_id"], at - talked - waited)
    if visit.ended_at is None:
        visit.agent_id = visit.agent_id or fields["agent_id"]
        visit.connected_at = visit.connected_at or at - talked
        visit.talk_seconds = fields["talk_seconds"]
    end(batch, at, fields, outcome)


def end(batch: Batch, at: datetime, fields: Fields, outcome: str) -> None:
    """A visit ends once: what comes after its end is a late echo, for example after SWITCHSTART closed it."""
    visit = _visit_row(batch, fields["visit_id"], at - timedelta(seconds=fields["wait_seconds"] or 0))
    if visit.ended_at is not None:
        return
    visit.ended_at, visit.outcome = max(at, visit.arrived_at), outcome
    visit.recovered = fields.get("recovered") or False
    visit.cause = fields.get("cause")
    if visit.wait_seconds is None:
        visit.wait_seconds = fields["wait_seconds"]
    if visit.call_id is not None:
        batch.unsettled.add(visit.call_id)


def _visit_row(batch: Batch, visit_id: str, arrived_at: datetime) -> QueueVisit:
    return batch.find_or_make(QueueVisit, visit_id, arrived_at=arrived_at, **_NOTHING_KNOWN)


def _offer_row(batch: Batch, fields: Fields, created_at: datetime) -> Offer:
    return batch.find_or_make(
        Offer,
        fields["offer_id"],
        visit_id=fields["visit_id"],
        agent_id=fields["agent_id"],
        created_at=created_at,
    )
