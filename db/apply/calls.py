"""Facts of a call that the IVR tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.apply.batch import Batch
from db.schema import Call, IvrStep

SERVED = {"script": "done", "record": "sent", "fax_receive": "received", "fax_send": "sent"}
"""Kinds of nodes, and the result of theirs that a caller has called for."""

Fields = dict[str, Any]

CARRIER = "PJSIP/trunk-"
"""How the channels of those begin who call from outside; an agent's feature code has legs as well."""


def call_row(batch: Batch, call_id: str, at: datetime) -> Call:
    """The call's row, made from what little is known when this is the first line about it."""
    batch.unsettled.add(call_id)
    call = batch.find_or_make(Call, call_id, started_at=at)
    if call.channel is None:
        call.started_at = min(call.started_at, at)
    return call


def start(batch: Batch, at: datetime, fields: Fields) -> None:
    """CALLSTART. A second one comes from an IVR that was restarted in mid-call, and tells nothing new."""
    call = call_row(batch, fields["call_id"], at)
    if call.channel is not None:
        return
    call.started_at = at
    call.channel = fields["channel"]
    call.caller_number = fields["caller_number"]
    call.called_number = fields["called_number"]
    call.version = fields["version"] or None
    if call.language_at is None:
        call.language = fields["language"]


def choose_language(batch: Batch, at: datetime, fields: Fields) -> None:
    """LANGUAGE. The latest choice stands, whichever IVR's journal is read first."""
    call = call_row(batch, fields["call_id"], at)
    if call.language_at is None or at >= call.language_at:
        call.language, call.language_at = fields["language"], at


def step(batch: Batch, at: datetime, fields: Fields) -> None:
    """IVRSTEP, told when the node is left. Of those of a known call few tell how it went (`settle`)."""
    call = batch.find(Call, fields["call_id"])
    if call is None or call.channel is None or fields["kind"] in SERVED:
        call_row(batch, fields["call_id"], fields["started_at"])
    told = {**fields, "ended_at": max(at, fields["started_at"])}
    row = batch.find_or_make(IvrStep, told.pop("step_id"), **told)
    for name, value in told.items():
        setattr(row, name, value)


def end_of_ivr(batch: Batch, at: datetime, fields: Fields) -> None:
    """IVREND. A call comes back from a script, so the last one counts."""
    call = call_row(batch, fields["call_id"], at)
    if call.ivr_ended_at is None or at >= call.ivr_ended_at:
        call.ivr_ended_at, call.ivr_outcome, call.ivr_node = at, fields["outcome"], fields["node"]


def take_leg(batch: Batch, leg: Fields) -> None:
    """A leg of the call's own channel. A caller who came and went while the IVR was away has nothing but that."""
    batch.unsettled.add(leg["uniqueid"])
    if leg["channel"].startswith(CARRIER):
        call = call_row(batch, leg["uniqueid"], leg["started_at"])
        if call.caller_number is None:
            call.caller_number = leg["source"]
