"""The story of the demo, chapter by chapter, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.demo.house import House
from hotline.demo.play import Check, Play
from hotline.demo.quick_site import make_quick_site
from hotline.demo.story import CHAPTERS, Chapter, perform

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


@pytest.fixture(params=["sqlite", "postgres"])
def records_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """A database that the hotline has to make for itself; None is SQLite in its own state folder."""
    if request.param == "sqlite":
        yield None
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
async def test_every_check_of_a_chapter_holds(chapter: Chapter, records_url: str | None, tmp_path: Path) -> None:
    """Played by itself in a fresh house, with real Asterisk, real SIP and real RTP, no check of the chapter fails."""
    told: list[str] = []
    failed: list[Check] = []
    async with House(tmp_path, make_quick_site(tmp_path / "site"), database_url=records_url) as house:
        play = Play.at(house, told.append, lambda check: None if check.ok else failed.append(check))
        try:
            await perform(play, chapter)
        finally:
            await play.cast.close()
        assert play.checks, "a chapter without a check proves nothing"
        assert not failed, "\n".join([*told, *(f"{check.name}: {check.detail}" for check in failed), house.log_tail()])
