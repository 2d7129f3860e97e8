"""Which music plays for whom."""

import pytest

from acd.music import MusicStep, change_after, music_at

STEPS = (MusicStep(30.0, "gentle"), MusicStep(120.0, "lively"))


@pytest.mark.parametrize(
    ("waited", "music", "change"),
    [(0.0, "", 30.0), (29.9, "", 30.0), (30.0, "gentle", 120.0), (119.0, "gentle", 120.0), (500.0, "lively", None)],
)
def test_a_wait_has_its_music_and_the_next_change_is_known(waited: float, music: str, change: float | None) -> None:
    """A step counts from its very second on; before the first nothing is said, after the last nothing changes."""
    assert music_at(STEPS, waited) == music
    assert change_after(STEPS, waited) == change


def test_a_queue_without_music_says_nothing() -> None:
    """What the dialplan has started plays on."""
    assert (music_at((), 10.0), change_after((), 10.0)) == ("", None)
