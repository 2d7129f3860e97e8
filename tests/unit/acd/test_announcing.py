"""What a waiting caller is told, and when, on a clock that is moved by hand."""

import pytest

from acd.announcing import MINUTES_MAX, Announcements, Announcer, Outlook, Saying

ALL = Announcements(20.0, 45.0, position=True, estimate=True, comfort=("one", "two"))
PLACE = Announcements(20.0, 45.0, position=True)
TIME = Announcements(20.0, 45.0, estimate=True)


def said(announcer: Announcer, *outlooks: tuple[int, float | None]) -> list[list[Saying]]:
    return [announcer.round(20.0 + 45.0 * turn, Outlook(*one)) for turn, one in enumerate(outlooks)]


def test_rounds_come_on_time() -> None:
    """First after 20 s, then every 45 s, however long a round took to be said."""
    announcer = Announcer(ALL, 0.0)
    assert announcer.due_seconds == 20.0
    announcer.round(27.0, Outlook(1, None))
    assert announcer.due_seconds == 65.0
    announcer.round(65.0, Outlook(1, None))
    assert announcer.due_seconds == 110.0


def test_a_caller_who_comes_back_is_not_told_again_at_once() -> None:
    """After a restart the rounds go on where the clock is, not where the session begins."""
    assert Announcer(ALL, 50.0).due_seconds == 65.0


def test_a_queue_with_nothing_to_tell_has_no_rounds() -> None:
    """No round is due, ever."""
    assert Announcer(Announcements(), 0.0).due_seconds is None


def test_a_round_holds_place_then_time_then_comfort_in_turn() -> None:
    """Comfort messages take turns."""
    announcer = Announcer(ALL, 0.0)
    assert said(announcer, (3, 150.0), (2, 100.0), (2, 100.0)) == [
        [Saying("queue.position", {"position": 3}), Saying("queue.estimate", {"minutes": 3}), Saying("one")],
        [Saying("queue.position", {"position": 2}), Saying("queue.estimate", {"minutes": 2}), Saying("two")],
        [Saying("queue.estimate", {"minutes": 2}), Saying("one")],
    ]


def test_only_a_better_place_is_told() -> None:
    """A place that is the same or went up (a resumed or urgent caller came) is passed over; first is "next"."""
    told = said(Announcer(PLACE, 0.0), (4, None), (4, None), (6, None), (2, None), (1, None), (1, None))
    assert told == [
        [Saying("queue.position", {"position": 4})],
        [],
        [],
        [Saying("queue.position", {"position": 2})],
        [Saying("queue.next")],
        [],
    ]


def test_a_longer_time_is_never_told() -> None:
    """Silence is better than a number that grew; unknown is silence as well."""
    told = said(Announcer(TIME, 0.0), (1, 170.0), (1, 400.0), (1, None), (1, 61.0))
    assert told == [[Saying("queue.estimate", {"minutes": 3})], [], [], [Saying("queue.estimate", {"minutes": 2})]]


@pytest.mark.parametrize(
    ("seconds", "saying"),
    [
        (0.0, Saying("queue.estimate_short")),
        (59.9, Saying("queue.estimate_short")),
        (60.0, Saying("queue.estimate", {"minutes": 1})),
        (MINUTES_MAX * 60.0, Saying("queue.estimate", {"minutes": MINUTES_MAX})),
        (MINUTES_MAX * 60.0 + 1, Saying("queue.estimate_long", {"minutes": MINUTES_MAX})),
        (1e9, Saying("queue.estimate_long", {"minutes": MINUTES_MAX})),
    ],
)
def test_a_time_is_rounded_up_with_a_floor_and_a_cap(seconds: float, saying: Saying) -> None:
    """Less than a minute, whole minutes, more than twenty."""
    assert said(Announcer(TIME, 0.0), (1, seconds)) == [[saying]]


def test_what_was_told_outlives_the_session() -> None:
    """The next announcer of the same caller promises nothing worse, and goes on with the next comfort message."""
    before = Announcer(ALL, 0.0)
    before.round(20.0, Outlook(3, 100.0))
    after = Announcer(ALL, 30.0, before.told)
    assert after.round(65.0, Outlook(3, 130.0)) == [Saying("two")]


@pytest.mark.parametrize("told", ["", "garbage", "1:2", "1:2:3:4", "x:1:1"])
def test_a_damaged_memory_is_none(told: str) -> None:
    """What a channel variable holds may be anything."""
    assert Announcer(PLACE, 0.0, told).round(20.0, Outlook(5, None)) == [Saying("queue.position", {"position": 5})]


def test_nothing_told_yet_is_remembered_as_nothing() -> None:
    """A caller of whom nobody knew anything is told the first number that is known."""
    before = Announcer(TIME, 0.0)
    before.round(20.0, Outlook(1, None))
    assert Announcer(TIME, 30.0, before.told).round(65.0, Outlook(1, 30.0)) == [Saying("queue.estimate_short")]
