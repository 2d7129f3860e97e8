"""Asterisk's CDR lines, as cdr_custom writes them to legs.csv: CDR_FIELDS, each in double quotes.

The times are raw (`${CDR(start,u)}`): epoch seconds with microseconds, 0.000000 for an answer that never was.
`sequence` is counted by Asterisk over all CDRs of one life, `uniqueid` begins with the channel's epoch second: together
they name one CDR.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from typing import Any

from db.fields import Rejected, identifier, moment, text


def _sequence(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise Rejected(f"expected a number, found {value[:80]!r}")
    return int(value)


def _time(value: str) -> datetime:
    try:
        return moment(float(value))
    except ValueError:
        raise Rejected(f"expected epoch seconds, found {value[:80]!r}") from None


def _time_if_any(value: str) -> datetime | None:
    return None if value in ("", "0.000000") else _time(value)


# Asterisk's name of the field, ours of the column, how the one becomes the other.
_COLUMNS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("uniqueid", "uniqueid", identifier),
    ("linkedid", "linkedid", identifier),
    ("sequence", "sequence", _sequence),
    ("channel", "channel", text),
    ("dstchannel", "destination_channel", text),
    ("src", "source", text),
    ("dst", "destination", text),
    ("dcontext", "context", text),
    ("lastapp", "last_app", text),
    ("lastdata", "last_data", text),
    ("start", "started_at", _time),
    ("answer", "answered_at", _time_if_any),
    ("end", "ended_at", _time),
    ("disposition", "cdr_disposition", text),
)
CDR_FIELDS = tuple(field for field, _, _ in _COLUMNS)
"""What the rendered cdr_custom.conf must write, in this order."""


def parse_leg(line: str) -> dict[str, Any]:
    """The columns of schema.Leg in one line of legs.csv; raises Rejected with the first that does not fit."""
    try:
        values = next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration) as fault:
        raise Rejected(f"not CSV: {fault}") from fault
    if len(values) != len(_COLUMNS):
        raise Rejected(f"expected {len(_COLUMNS)} columns, found {len(values)}")
    leg = {}
    for (_, name, read), value in zip(_COLUMNS, values, strict=True):
        try:
            leg[name] = read(value)
        except Rejected as fault:
            raise Rejected(f"{name}: {fault}") from fault
    return leg
