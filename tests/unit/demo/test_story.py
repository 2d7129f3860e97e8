"""How chapters are played, without a house."""

from typing import cast

import pytest

from hotline.demo import story
from hotline.demo.cast import Cast
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.demo.play import Check, Play
from hotline.demo.story import ACTS, CHAPTERS, Chapter, perform, perform_all
from hotline.phones.patience import NeverHappened
from ivr.voice import Voice


@pytest.fixture
def play() -> Play:
    """A performance whose chapters need nothing but checks."""
    nobody = (cast(House, None), cast(Cast, None), cast(Facts, None), cast(Voice, None))
    return Play(*nobody, lambda text: None, lambda check: None)


async def one_check(play: Play) -> None:
    play.check("one is one", True, "1")


async def breaks_off(play: Play) -> None:
    raise NeverHappened("waited for nothing")


def test_every_chapter_is_in_one_act() -> None:
    """The demo plays each chapter once, and none that the live tests do not play."""
    played = [chapter for act in ACTS for row in act for chapter in row]
    assert sorted(chapter.name for chapter in played) == sorted(chapter.name for chapter in CHAPTERS)
    assert len({chapter.name for chapter in CHAPTERS}) == len(CHAPTERS)


async def test_a_check_bears_the_name_of_its_chapter(play: Play) -> None:
    """Checks of all chapters come together in one list, each with where it was made."""
    await perform(play, Chapter("x", "Counting", one_check))
    assert play.checks == [Check("x", "one is one", True, "1")]


async def test_a_chapter_that_breaks_off_is_a_failed_check(play: Play) -> None:
    """Whatever a chapter raises becomes a failed check with its words; nothing is raised."""
    await perform(play, Chapter("x", "Breaking", breaks_off))
    assert [(check.ok, check.chapter) for check in play.checks] == [(False, "x")]
    assert "waited for nothing" in play.checks[0].detail


async def test_the_others_go_on_when_one_breaks_off(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken chapter ends neither its act nor the acts that follow."""
    broken, fine = Chapter("x", "Breaking", breaks_off), Chapter("y", "Counting", one_check)
    monkeypatch.setattr(story, "ACTS", (((broken, fine), (fine,)), ((fine,),)))
    await perform_all(play)
    assert sorted(check.ok for check in play.checks) == [False, True, True, True]


async def test_what_is_expected_may_take_its_time(play: Play) -> None:
    """expect() holds as soon as the answer is right."""
    answers = iter([1, 2, 3])
    await play.expect("three comes", lambda: next(answers), 3, seconds=5)
    assert play.checks[0].ok


async def test_what_is_expected_in_vain_is_told_with_what_was_found(play: Play) -> None:
    """At the deadline expect() leaves a failed check with the last answer and the right one."""
    await play.expect("three comes", lambda: 2, 3, seconds=0.01)
    assert play.checks == [Check("", "three comes", False, "2 instead of 3")]
