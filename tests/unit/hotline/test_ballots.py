"""Who has voted, by the records and by what is on its way to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from db.engine import open_engine
from db.migrate import upgrade
from db.votes import Vote
from hotline.ballots import NOTED_MAX, RecordedBallots
from ivr.ballots import VotesUnknown
from tests.unit.db.story import moment


async def test_the_records_know_who_has_voted(tmp_path: Path) -> None:
    """A vote of the database is found, and one that was cast a moment ago without it."""
    url = f"sqlite:///{tmp_path / 'hotline.db'}"
    upgrade(url)
    engine = open_engine(url)
    with Session(engine) as session:
        names = {"ballot": "tea", "caller_number": "138", "choice": "green", "call_id": "c", "step_id": "c:3"}
        session.add(Vote(**names, voted_at=moment(0)))
        session.commit()
    ballots = RecordedBallots(engine)
    ballots.note("tea", "139", "d:1")
    ballots.note("tea", "139", "d:2")
    found = [await ballots.step_of_vote("tea", number) for number in ("138", "139", "140")]
    engine.dispose()
    assert found == ["c:3", "d:1", None]


async def test_records_that_cannot_be_read_are_told_apart_from_no_vote(tmp_path: Path) -> None:
    """Without its tables a database knows nothing of anybody: nobody is let vote twice for that."""
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(VotesUnknown):
        await RecordedBallots(engine).step_of_vote("tea", "138")
    engine.dispose()


async def test_what_is_noted_is_bounded(tmp_path: Path) -> None:
    """Of more votes than are ever on their way the oldest are asked of the records again."""
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    ballots = RecordedBallots(engine)
    for number in range(NOTED_MAX + 1):
        ballots.note("tea", str(number), "s")
    assert await ballots.step_of_vote("tea", "1") == "s"
    with pytest.raises(VotesUnknown):
        await ballots.step_of_vote("tea", "0")
    engine.dispose()
