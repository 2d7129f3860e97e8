"""From one line to rows: the verbs as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.apply import agents, callbacks, calls, messages, oversight, switch, visits, votes
from db.apply.batch import Batch, Key
from db.apply.settle import settle
from db.fields import (
    ABANDON_STAGES,
    AGENT_STATES,
    ATTEMPT_OUTCOMES,
    CALLBACK_OUTCOMES,
    DESTINATIONS,
    ENTRIES,
    IVR_OUTCOMES,
    MESSAGE_KINDS,
    OFFER_OUTCOMES,
    OVERFLOW_CAUSES,
    TALK_REASONS,
    Rejected,
    Shape,
    flag,
    identifier,
    identifiers,
    integer,
    moment,
    one_of,
    optional,
    requirement,
    seconds,
    text,
)
from db.legs import parse_leg
from db.schema import AgentInterval, Base, Call, Callback, CallbackAttempt, IvrStep, Leg, Offer, QueueVisit

__all__ = ["Batch", "Rejected", "Told", "read_leg", "read_record", "settle"]


@dataclass(frozen=True)
class Verb:
    """What a line with this verb holds and what becomes of it."""

    shape: Shape
    apply: Callable[[Batch, datetime, dict[str, Any]], None]


def _ignore(batch: Batch, at: datetime, fields: dict[str, Any]) -> None:
    """CARRY, AGENTWISH, RECORDINGSTOP, WRONGPIN and PINLOCK are for the process that wrote them. Of a TAKEOVER, SQL has
    the supervisor's act and the intervals of both agents; the visit stays that of the agent who answered."""


_OFFER = {"offer_id": identifier, "visit_id": identifier, "agent_id": identifier}
_ATTEMPT = {"callback_id": identifier, "attempt_id": identifier}
_VISIT_END = {"visit_id": identifier, "wait_seconds": optional(seconds)}
_COMPLETE = Shape({**_VISIT_END, "agent_id": identifier, "talk_seconds": seconds, "recovered": optional(flag)})
_TRANSFER = Shape(
    {
        **_COMPLETE.readers,
        "destination_kind": one_of(DESTINATIONS),
        "destination": text,
    }
)
_LINK = {"from_visit_id": optional(text), "call_arrived_at": optional(moment)}
_MESSAGE = Shape(
    {
        **dict.fromkeys(("file", "call_id", "node"), identifier),
        "kind": one_of(MESSAGE_KINDS),
        **dict.fromkeys(("caller_number", "language"), text),
    }
)
_LEAVE = Shape({**_VISIT_END, "cause": optional(text), "to": optional(text)})

VERBS = {
    "CALLSTART": Verb(
        Shape(
            {
                "call_id": identifier,
                "channel": text,
                "caller_number": text,
                "called_number": text,
                "language": text,
                "version": optional(text),
            }
        ),
        calls.start,
    ),
    "LANGUAGE": Verb(Shape({"call_id": identifier, "language": text}), calls.choose_language),
    "IVRSTEP": Verb(
        Shape(
            {
                "call_id": identifier,
                "step_id": identifier,
                "menu": text,
                "node": text,
                "kind": text,
                "language": text,
                "started_at": moment,
                "attempts": integer,
                "input": optional(text),
                "result": optional(text),
                "version": optional(text),
                "task": optional(text),
                "no_input": optional(integer),
                "no_match": optional(integer),
                "barge_in": optional(flag),
                "unplayed": optional(integer),
            }
        ),
        calls.step,
    ),
    "IVREND": Verb(
        Shape({"call_id": identifier, "node": optional(text), "outcome": one_of(IVR_OUTCOMES)}), calls.end_of_ivr
    ),
    "ENTERQUEUE": Verb(
        Shape(
            {
                "visit_id": identifier,
                "call_id": identifier,
                "queue": text,
                "caller_number": optional(text),
                "requirement": optional(requirement),
                "priority": optional(integer),
                "head_start_seconds": optional(seconds),
                "segment": optional(text),
                "arrived_at": optional(moment),
                "entered_via": optional(one_of(ENTRIES)),
                **_LINK,
                "resumed_visit_id": optional(text),
            }
        ),
        visits.enter,
    ),
    "RERANK": Verb(Shape({"visit_id": identifier, "priority": integer, "head_start_seconds": seconds}), visits.rerank),
    "OFFER": Verb(Shape({**_OFFER, "step": optional(integer), "tier": optional(integer)}), visits.offer),
    "OFFEREND": Verb(
        Shape(
            {
                **_OFFER,
                "outcome": one_of(OFFER_OUTCOMES),
                "ring_seconds": optional(seconds),
                "connect_seconds": optional(seconds),
            }
        ),
        visits.end_offer,
    ),
    "CONNECT": Verb(
        Shape(
            {
                **_OFFER,
                "offer_id": optional(identifier),
                "wait_seconds": seconds,
                "ring_seconds": optional(seconds),
            }
        ),
        visits.connect,
    ),
    "TALKCHANGE": Verb(
        Shape({"visit_id": identifier, "previous": one_of(TALK_REASONS), "seconds": seconds}), visits.change_talk
    ),
    "BLINDTRANSFER": Verb(_TRANSFER, visits.transfer),
    "ATTENDEDTRANSFER": Verb(_TRANSFER, visits.transfer),
    "HANDOVER": Verb(
        Shape({"visit_id": identifier, "call_id": identifier, "caller_number": optional(text), **_LINK}),
        visits.hand_over,
    ),
    "COMPLETEAGENT": Verb(_COMPLETE, visits.complete_by_agent),
    "COMPLETECALLER": Verb(_COMPLETE, visits.complete_by_caller),
    "ABANDON": Verb(
        Shape({**_VISIT_END, "stage": one_of(ABANDON_STAGES), "recovered": optional(flag)}), visits.abandon
    ),
    "EXITWITHTIMEOUT": Verb(_LEAVE, visits.time_out),
    "EXITEMPTY": Verb(_LEAVE, visits.leave_empty),
    "EXITCLOSED": Verb(_LEAVE, visits.meet_closed),
    "OVERFLOW": Verb(Shape({**_VISIT_END, "cause": one_of(OVERFLOW_CAUSES), "to": optional(text)}), visits.overflow),
    "EXITWITHKEY": Verb(Shape({**_VISIT_END, "key": text, "to": optional(text)}), visits.exit_by_key),
    "SYSTEMERROR": Verb(_LEAVE, visits.fail),
    "CALLBACKTAKEN": Verb(
        Shape({**_VISIT_END, "callback_id": identifier, "number": identifier}),
        callbacks.take,
    ),
    "CALLBACKREFUSED": Verb(Shape({}), _ignore),
    "CALLBACKATTEMPT": Verb(Shape({**_ATTEMPT, "agent_id": optional(text)}), callbacks.begin_attempt),
    "CALLBACKATTEMPTEND": Verb(Shape({**_ATTEMPT, "outcome": one_of(ATTEMPT_OUTCOMES)}), callbacks.end_attempt),
    "CALLBACKEND": Verb(
        Shape(
            {
                "callback_id": identifier,
                "wait_seconds": optional(seconds),
                "outcome": one_of(CALLBACK_OUTCOMES),
                "cause": optional(text),
            }
        ),
        callbacks.end,
    ),
    "AGENTSTATE": Verb(
        Shape(
            {
                "agent_id": identifier,
                "state": one_of(AGENT_STATES),
                "reason": optional(text),
                "phones": optional(identifiers),
            }
        ),
        agents.change_state,
    ),
    "DISPOSITION": Verb(
        Shape({"visit_id": identifier, "agent_id": identifier, "code": identifier}), agents.give_disposition
    ),
    "SWITCHLOST": Verb(Shape({}), switch.lose),
    "SWITCHSTART": Verb(Shape({"started_at": moment}), switch.start),
    "CARRY": Verb(Shape({}), _ignore),
    "WIDEN": Verb(Shape({}), _ignore),
    "AGENTWISH": Verb(Shape({}), _ignore),
    "WRONGPIN": Verb(Shape({}), _ignore),
    "PINLOCK": Verb(Shape({}), _ignore),
    "TAKEOVER": Verb(Shape({}), _ignore),
    "RECORDING": Verb(
        Shape(
            {
                "file": identifier,
                "visit_id": identifier,
                "agent_id": text,
                "channels": text,
                "started_at": moment,
            }
        ),
        oversight.begin_recording,
    ),
    "RECORDINGPAUSE": Verb(Shape({"file": identifier, "by": text}), oversight.pause),
    "RECORDINGRESUME": Verb(Shape({"file": identifier, "by": text}), oversight.resume),
    "RECORDINGSTOP": Verb(Shape({}), _ignore),
    "RECORDINGEND": Verb(
        Shape({"file": identifier, "ended_at": moment, "seconds": seconds, "fault": text}), oversight.end_recording
    ),
    "SUPERVISE": Verb(
        Shape(
            {
                **dict.fromkeys(("act_id", "mode", "route"), identifier),
                **dict.fromkeys(("supervisor_id", "agent_id", "visit_id", "channel_id", "refused"), text),
            }
        ),
        oversight.begin_act,
    ),
    "SUPERVISEEND": Verb(Shape({"act_id": identifier}), oversight.end_act),
    "SURVEY": Verb(
        Shape({"call_id": identifier, "visit_id": text, "question": identifier, "answer": text}), oversight.answer
    ),
    "MESSAGEBEGIN": Verb(_MESSAGE, messages.begin),
    "MESSAGE": Verb(Shape({**_MESSAGE.readers, "seconds": seconds, "pages": integer}), messages.keep),
    "MESSAGEDROP": Verb(Shape({"file": identifier}), messages.drop),
    "VOTE": Verb(
        Shape(dict.fromkeys(("ballot", "caller_number", "choice", "call_id", "step_id"), identifier)), votes.vote
    ),
}


_AT = Shape({"at": moment})
"""What every line has."""

_ROW_OF_FIELD: Mapping[str, type[Base]] = {
    "call_id": Call,
    "visit_id": QueueVisit,
    "offer_id": Offer,
    "callback_id": Callback,
    "attempt_id": CallbackAttempt,
    "step_id": IvrStep,
    "agent_id": AgentInterval,
}
"""What the ids in a line stand for."""


@dataclass(frozen=True)
class Told:
    """One line, read: the rows that it is about, and what it does to them."""

    keys: tuple[Key, ...]
    apply: Callable[[Batch], None]
    """May ask for the keys only once the batch was told to expect them."""


def read_record(line: bytes) -> Told:
    """Read one line of a journal; raises Rejected when it is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise Rejected(f"not JSON: {fault}") from fault
    if not isinstance(record, dict):
        raise Rejected("not a JSON object")
    verb = VERBS.get(record["verb"]) if isinstance(record.get("verb"), str) else None
    if verb is None:
        raise Rejected(f"unknown verb {repr(record.get('verb'))[:80]}")
    at = _AT.read(record)["at"]
    fields = verb.shape.read(record)
    keys = tuple((model, fields[name]) for name, model in _ROW_OF_FIELD.items() if fields.get(name) is not None)
    return Told(keys, lambda batch: verb.apply(batch, at, fields))


def read_leg(line: bytes) -> Told:
    """Read one line of legs.csv; raises Rejected likewise."""
    fields = parse_leg(line.decode("utf-8", "replace"))
    keys = ((Leg, fields["uniqueid"]), (Call, fields["uniqueid"]))
    return Told(keys, lambda batch: _apply_leg(batch, fields))


def _apply_leg(batch: Batch, fields: dict[str, Any]) -> None:
    """A leg that is known is left as it is."""
    key = (fields["uniqueid"], fields["sequence"])
    if key not in batch.legs:
        batch.legs.add(key)
        batch.insert(Leg, **fields)
    batch.unsettled.add(fields["linkedid"])
    # Only the caller's own channel tells when the call ended.
    if fields["uniqueid"] == fields["linkedid"]:
        calls.take_leg(batch, fields)
