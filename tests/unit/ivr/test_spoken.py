"""What is spoken: golden tables read by people, libraries as referees, and any value at all."""

from datetime import date, timedelta
from pathlib import Path

import cn2an
import num2words
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import spoken
from ivr.spoken.english.calendar import year_words

GOLDEN = Path(__file__).parents[2] / "golden"
TODAY = date(2026, 2, 27)
CASES_MIN = 300
SILENCE = "(silence)"
VOCABULARY_MAX = 200
"""Clips of one language, whatever its prompts say, but for measure words: each is a sound on disk."""

KINDS = {
    "zh": [*sorted(spoken.KINDS), "count 件", "money USD", "money EUR", "date weekday", "date full"],
    "en": [
        *sorted(spoken.KINDS - {"count"}),
        "count item/items",
        "money USD",
        "money EUR",
        "date weekday",
        "date full",
    ],
}
SPEAKABLE = [(language, kind) for language, kinds in KINDS.items() for kind in kinds]

VALUES = st.one_of(
    st.integers(-10, 2 * spoken.NUMBER_LIMIT).map(str),
    st.integers(0, 20_000).map(str),
    st.decimals(-20_000, 20_000, places=2).map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.dates().map(str),
    st.dates(TODAY - timedelta(5), TODAY + timedelta(5)).map(str),
    st.datetimes().map(str),
    st.times().map(str),
    st.from_regex(r"\+?[0-9 -]{0,20}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9._@ -]{0,70}", fullmatch=True),
    st.text(max_size=30),
)


def golden(language: str) -> list[tuple[str, str, str]]:
    """Value, kind and words of every line."""
    lines = (GOLDEN / f"spoken.{language}.tsv").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def wrong(language: str) -> list[str]:
    """The lines of a golden table that are not what is spoken."""
    found = []
    for value, kind, words in golden(language):
        heard = spoken.written(spoken.speak(value, kind, language, TODAY), language) or SILENCE
        found += [f"{value} as {kind}: {words!r} is right, heard {heard!r}"] if heard != words else []
    return found


@pytest.mark.parametrize("language", spoken.LANGUAGES)
def test_the_golden_table_is_what_is_spoken(language: str) -> None:
    """Every line of the table is spoken word for word as it stands there."""
    assert not wrong(language)


@pytest.mark.parametrize("language", spoken.LANGUAGES)
def test_the_golden_table_is_whole(language: str) -> None:
    """Three hundred lines and more, none of them twice, and some for every kind."""
    cases = golden(language)
    assert len(cases) >= CASES_MIN
    assert len({(value, kind) for value, kind, _ in cases}) == len(cases)
    assert {kind.partition(" ")[0] for _, kind, _ in cases} == spoken.KINDS


@given(st.integers(0, spoken.NUMBER_LIMIT - 1))
def test_chinese_agrees_with_cn2an(value: int) -> None:
    """Apart from 两 every number is worded as the library cn2an words it, which reads it back as the same number."""
    words = spoken.written(spoken.number(value, "zh"), "zh")
    theirs = cn2an.an2cn(value)
    assert words.replace("两", "二") == (theirs[1:] if theirs.startswith("一十") else theirs)
    assert cn2an.cn2an(words, "smart") == value


@given(st.decimals(0, 100_000, places=3))
def test_chinese_decimals_agree_with_cn2an(value: object) -> None:
    """What stands behind 点 is read digit by digit, as the library reads it, zeros at the end apart."""
    words = spoken.written(spoken.exactly(str(value), "number", "zh"), "zh")
    text = str(value).rstrip("0").rstrip(".") if "." in str(value) else str(value)
    theirs = cn2an.an2cn(text)
    assert words.replace("两", "二") == (theirs[1:] if theirs.startswith("一十") else theirs)


@given(st.integers(0, spoken.NUMBER_LIMIT - 1))
def test_english_agrees_with_num2words(value: int) -> None:
    """Apart from "and" and punctuation every number is worded as the library num2words words it."""
    assert spoken.number(value, "en") == plain(num2words.num2words(value))


@given(st.integers(0, spoken.NUMBER_LIMIT - 1))
def test_english_ordinals_agree_with_num2words(value: int) -> None:
    """So is every ordinal."""
    assert spoken.speak(value, "ordinal", "en") == plain(num2words.num2words(value, to="ordinal"))


@given(st.integers(1100, 2099))
def test_english_years_agree_with_num2words(year: int) -> None:
    """Years are read in two halves, as the library reads them."""
    assert year_words(year) == plain(num2words.num2words(year, to="year").replace("oh-", "oh "))


def plain(words: str) -> list[str]:
    return [word for word in words.replace("-", " ").replace(",", "").split() if word != "and"]


@given(st.sampled_from(SPEAKABLE), VALUES, st.sampled_from([None, TODAY]))
def test_every_clip_is_known_beforehand(spoken_as: tuple[str, str], value: str, today: date | None) -> None:
    """Whatever the value, it is spoken, of clips that were rendered before the first call."""
    language, kind = spoken_as
    assert set(spoken.speak(value, kind, language, today)) <= spoken.clips_of(kind, language)


@given(st.sampled_from(SPEAKABLE), VALUES)
def test_what_is_not_of_its_kind_is_spelled(spoken_as: tuple[str, str], value: str) -> None:
    """A value that comes from a caller or a database never breaks the call; who asks is told what was expected."""
    language, kind = spoken_as
    try:
        spoken.exactly(value, kind, language)
    except spoken.Unspeakable as unspeakable:
        assert str(unspeakable).startswith("expected ")
        assert spoken.speak(value, kind, language) == spoken.spelled(value, language)


@pytest.mark.parametrize("value", ["9" * 5000, "0." + "1" * 5000, "A" * 5000, "-" * 5000])
@pytest.mark.parametrize(("language", "kind"), SPEAKABLE)
def test_a_value_of_any_length(language: str, kind: str, value: str) -> None:
    """A value longer than Python would turn into a number is spoken nevertheless, as far as anybody listens."""
    clips = spoken.speak(value, kind, language)
    assert set(clips) <= spoken.clips_of(kind, language)
    assert len(clips) < 100


@pytest.mark.parametrize("language", spoken.LANGUAGES)
def test_the_vocabulary_is_small(language: str) -> None:
    """All kinds of a language together need no more sounds than a voice studio records in an hour."""
    assert len(frozenset().union(*(spoken.clips_of(kind, language) for kind in KINDS[language]))) <= VOCABULARY_MAX


@pytest.mark.parametrize("language", spoken.LANGUAGES)
def test_no_clip_is_rendered_in_vain(language: str) -> None:
    """The golden table needs every clip there is, but for some days of a month and some ordinals."""
    heard = {clip for value, kind, _ in golden(language) for clip in spoken.speak(value, kind, language, TODAY)}
    unheard = frozenset().union(*(spoken.clips_of(kind, language) for kind in KINDS[language])) - heard
    assert not {clip for clip in unheard if not clip.endswith(("日", "th", "st", "nd", "rd"))}


@pytest.mark.parametrize(
    ("kind", "language", "expected"),
    [
        ("monney", "zh", "one of count, date, digits"),
        ("digits", "ja", "a language with rules for values: zh, en"),
        ("digits 3", "zh", "digits with nothing behind it"),
        ("money XYZ", "en", "money with one of CNY, USD, EUR"),
        ("date tomorrow", "zh", "date with one of weekday, full"),
        ("count item/items", "zh", "count with one measure word or none"),
        ("count item", "en", "count with the word for one and for several, such as item/items"),
        ("count", "en", "such as item/items"),
        ("count box/", "en", "such as box/boxs"),
    ],
)
def test_what_a_site_asks_for_and_cannot_have(kind: str, language: str, expected: str) -> None:
    """The site's mistakes are told with what was expected, and refused before the first call."""
    assert expected in spoken.expected_of(kind, language)
    with pytest.raises(ValueError, match="cannot speak"):
        spoken.speak("1", kind, language)
    with pytest.raises(ValueError, match="cannot speak"):
        spoken.clips_of(kind, language)


def test_a_cardinal_has_bounds() -> None:
    """`number` is for code that knows its value: what has no words is our own mistake."""
    for value in (-1, spoken.NUMBER_LIMIT):
        with pytest.raises(ValueError, match=f"cannot speak {value}"):
            spoken.number(value, "zh")


def test_without_today_no_day_is_relative() -> None:
    """Nobody is told 明天 by a voice that does not know the day: the date is said with its year."""
    assert spoken.written(spoken.speak("2026-02-28", "date", "zh"), "zh") == "二零二六年二月二十八日"


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(spoken.LANGUAGES))
def test_a_date_is_relative_near_today_alone(today: date, language: str) -> None:
    """Two dates a week apart are never said by a relative word, and two neighbours always are."""
    relative = set(spoken.speak(today, "date", language, today))
    assert relative in ({"今天"}, {"today"})
    assert not relative & set(spoken.speak(today - timedelta(7), "date", language, today))
