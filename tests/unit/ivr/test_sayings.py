"""Prompts as words: values in place, languages, how long they last."""

import wave
from datetime import date
from pathlib import Path

import pytest

from ivr.sayings import Sayings, seconds_of

PROMPTS = {
    "place": {"zh": "您目前排在第{place:number}位。", "en": "You are number {place:number} in line."},
    "only_chinese": {"zh": "您好。"},
    "only_german": {"de": "Guten Tag."},
}


def saying(prompt: str, language: str, recordings: Path | None = None, **variables: str) -> tuple[str, float]:
    said = Sayings(PROMPTS, ("zh", "en"), recordings).say(prompt, language, variables)
    return said.text, said.seconds


@pytest.mark.parametrize(
    ("language", "heard"),
    [("zh", "您目前排在第一百一十位。"), ("en", "You are number one hundred ten in line.")],
)
def test_values_are_told_as_they_are_spoken(language: str, heard: str) -> None:
    """A slot holds the words that the voice speaks for the value, in the caller's language."""
    assert saying("place", language, place="110")[0] == heard


def test_a_value_that_is_not_set_leaves_its_name() -> None:
    """The voice would be silent there; at the terminal it is seen."""
    assert saying("place", "en")[0] == "You are number {place?} in line."


def test_dates_are_told_from_the_day_of_the_call() -> None:
    """The day after the call's is tomorrow, as the voice says it; without a day the date is said in full."""
    sayings = Sayings({"due": {"en": "It comes {day:date}."}}, ("en",))
    said = [sayings.say("due", "en", {"day": "2026-10-02"}, today).text for today in (date(2026, 10, 1), None)]
    assert "tomorrow" in said[0]
    assert "tomorrow" not in said[1]


def test_a_missing_language_is_stood_in_for() -> None:
    """By the site's first language, as the voice does it, else by any that there is."""
    assert (saying("only_chinese", "en")[0], saying("only_german", "en")[0]) == ("您好。", "Guten Tag.")


def test_longer_words_take_longer() -> None:
    """The estimate counts characters, letters, digits and pauses; a final full stop is no pause."""
    assert seconds_of("您好") == seconds_of("您好。") < seconds_of("您好，再见。") < seconds_of("您好，再见，110。")


def test_a_recording_is_as_long_as_it_is(tmp_path: Path) -> None:
    """Where a person has spoken a prompt its length is that of the file; one that cannot be read is estimated."""
    (tmp_path / "zh").mkdir()
    with wave.open(str(tmp_path / "zh" / "only_chinese.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * 4))
    assert saying("only_chinese", "zh", tmp_path) == ("您好。", 4.0)
    (tmp_path / "zh" / "only_chinese.wav").write_bytes(b"no sound")
    assert saying("only_chinese", "zh", tmp_path) == ("您好。", seconds_of("您好。"))
