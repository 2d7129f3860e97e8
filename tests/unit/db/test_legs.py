"""Asterisk's CDR lines: the columns that we render are the columns that we read."""

from __future__ import annotations

from datetime import UTC, datetime

from db.legs import CDR_FIELDS, parse_leg
from db.schema import Leg
from dialplan.render import LEGS_COLUMNS

# As an Asterisk 22.10 wrote it.
REAL_LINE = (
    '"1795329270.1","1795329270.0","1","Local/1@a-00000000;2","Local/2@a-00000002;1","13800","1","a","Dial",'
    '"Local/2@a,5","1795329270.670604","0.000000","1795329271.676265","NO ANSWER"'
)


def test_the_rendered_configuration_writes_what_is_read() -> None:
    """Renderer and reader agree on fields, order and raw times, though neither room knows the other."""
    assert tuple((field, field in ("start", "answer", "end")) for field in CDR_FIELDS) == LEGS_COLUMNS


def test_a_real_line_is_read_to_the_microsecond() -> None:
    """Quoted commas stay in their column; what was not answered has no time of answer."""
    leg = parse_leg(REAL_LINE)
    assert set(leg) == {column.key for column in Leg.__mapper__.columns} - {"leg_id"}
    assert (leg["uniqueid"], leg["sequence"], leg["last_data"]) == ("1795329270.1", 1, "Local/2@a,5")
    assert leg["started_at"] == datetime(2026, 11, 22, 6, 34, 30, 670604, tzinfo=UTC)
    assert leg["answered_at"] is None
