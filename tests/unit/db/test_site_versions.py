"""Versions with their files, and the calls that ran on each, on every database."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from db.schema import Call
from db.site_versions import (
    Calls,
    FileLost,
    SiteFile,
    SiteVersion,
    calls_of,
    came_into_force,
    files_of,
    store,
    versions,
)
from tests.unit.db.story import Desk, leg, line, moment

FILES = {"site.yaml": b"name: Tea\n", "music/default/a.wav": bytes(range(256)) * 40, "empty": b""}
FIRST, SECOND = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def put(desk: Desk, version: str, at: float, *, published: bool = True) -> int:
    """Store a version at this moment."""
    number = store(desk.engine, version, "wang", "why", FILES)
    with Session(desk.engine) as session, session.begin():
        session.execute(update(SiteVersion).where(SiteVersion.number == number).values(stored_at=moment(at)))
    if published:
        came_into_force(desk.engine, number, moment(at + 1))
    return number


def call(call_id: str, at: float, version: str | None) -> bytes:
    told = {"channel": "PJSIP/trunk-1", "caller_number": "138", "called_number": "400", "language": "zh"}
    return line("CALLSTART", at, call_id=call_id, **told, **({} if version is None else {"version": version}))


def test_files_come_back_as_they_were(desk: Desk) -> None:
    """Each content is stored once, whoever has it; an empty file is a file."""
    put(desk, FIRST, 0)
    more = {**FILES, "copy.yaml": FILES["site.yaml"], "site.yaml": b"name: Coffee\n"}
    store(desk.engine, SECOND, "li", "more", more)
    second, first = versions(desk.engine)
    assert (files_of(desk.engine, first), files_of(desk.engine, second)) == (FILES, more)
    assert len(desk.rows(SiteFile)) == 4
    assert (second.published_at, first.published_at) == (None, moment(1))


def test_a_file_that_is_lost_is_named(desk: Desk) -> None:
    """Nothing is restored in part."""
    put(desk, FIRST, 0)
    (row,) = versions(desk.engine)
    with Session(desk.engine) as session, session.begin():
        session.execute(delete(SiteFile).where(SiteFile.digest == row.files["site.yaml"]))
    with pytest.raises(FileLost, match=rf"lost site\.yaml of version {row.number}$"):
        files_of(desk.engine, row)


def test_calls_are_counted_by_version(desk: Desk) -> None:
    """Of two versions with the same content a call is of the one that was the newest as it began; one that never came
    into force has none, and takes none away. A line of an older IVR tells no version."""
    numbers = [
        put(desk, FIRST, 0),
        put(desk, SECOND, 100),
        put(desk, FIRST, 200),
        put(desk, FIRST, 300, published=False),
    ]
    calls = [call("1", 10, FIRST), call("2", 110, SECOND), call("3", 210, FIRST), call("4", 310, FIRST)]
    desk.write("ivr", *calls, call("5", 320, None), call("6", 330, ""))
    desk.legs_csv.write_bytes(leg("1", 10, 50) + leg("3", 210, 250))
    desk.apply()
    assert {row.call_id: row.version for row in desk.rows(Call)} == {
        **{"1": FIRST, "2": SECOND, "3": FIRST, "4": FIRST},
        **{"5": None, "6": None},
    }
    counted = calls_of(desk.engine, versions(desk.engine))
    assert [counted[number] for number in numbers] == [Calls(1, 0), Calls(1, 1), Calls(2, 1), Calls(0, 0)]
