"""Golden tables of what is spoken, and two libraries as referees."""

import cn2an
import num2words
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import spoken

ZH_NUMBERS = {
    0: "零",
    1: "一",
    2: "二",
    10: "十",
    11: "十一",
    20: "二十",
    22: "二十二",
    100: "一百",
    101: "一百零一",
    110: "一百一十",
    111: "一百一十一",
    200: "二百",
    202: "二百零二",
    1000: "一千",
    1001: "一千零一",
    1010: "一千零一十",
    1100: "一千一百",
    2000: "两千",
    2002: "两千零二",
    2026: "两千零二十六",
    10000: "一万",
    10001: "一万零一",
    10010: "一万零一十",
    10500: "一万零五百",
    12000: "一万二千",
    20000: "两万",
    22000: "两万二千",
    100000: "十万",
    100010: "十万零一十",
    105000: "十万五千",
    110000: "十一万",
    1005000: "一百万五千",
    1050000: "一百零五万",
    10000000: "一千万",
    20002000: "两千万二千",
    99999999: "九千九百九十九万九千九百九十九",
    100000000: "一亿",
    100000005: "一亿零五",
    100050000: "一亿零五万",
    100050005: "一亿零五万零五",
    200000000: "两亿",
    1000000000: "十亿",
    spoken.NUMBER_LIMIT - 1: "九千九百九十九亿九千九百九十九万九千九百九十九",
}

EN_NUMBERS = {
    0: "zero",
    7: "seven",
    10: "ten",
    13: "thirteen",
    20: "twenty",
    42: "forty two",
    100: "one hundred",
    110: "one hundred ten",
    305: "three hundred five",
    1000: "one thousand",
    1001: "one thousand one",
    10010: "ten thousand ten",
    100050000: "one hundred million fifty thousand",
    2000000000: "two billion",
}

DIGITS = {
    ("110", "zh"): "幺 幺 零",
    ("10086", "zh"): "幺 零 零 八 六",
    ("13800138000", "zh"): "幺 三 八 … 零 零 幺 三 … 八 零 零 零",
    ("20260001", "zh"): "二 零 二 六 … 零 零 零 幺",
    ("123456", "en"): "one two three … four five six",
    ("1234567", "en"): "one two three four … five six seven",
    ("0012345678", "en"): "zero zero one two … three four five … six seven eight",
    ("A-12", "en"): "one two",
    ("", "zh"): "",
}


@pytest.mark.parametrize(("value", "words"), ZH_NUMBERS.items())
def test_chinese_numbers(value: int, words: str) -> None:
    """Cardinals as a Chinese speaker says them: 零 for gaps, 一 in 一百一十, 两 at the head."""
    assert "".join(spoken.number(value, "zh")) == words


@pytest.mark.parametrize(("value", "words"), EN_NUMBERS.items())
def test_english_numbers(value: int, words: str) -> None:
    """Cardinals as an American speaker says them."""
    assert " ".join(spoken.number(value, "en")) == words


@pytest.mark.parametrize(("order", "words"), DIGITS.items())
def test_digits(order: tuple[str, str], words: str) -> None:
    """Digits are read one by one with 幺 for 1, in groups of three and four with a pause between."""
    assert " ".join(spoken.digits(*order)) == words


@given(st.integers(0, spoken.NUMBER_LIMIT - 1))
def test_chinese_agrees_with_cn2an(value: int) -> None:
    """Apart from 两 every number is worded as the library cn2an words it."""
    ours = "".join(spoken.number(value, "zh")).replace("两", "二")
    theirs = cn2an.an2cn(value)
    assert ours == (theirs[1:] if theirs.startswith("一十") else theirs)


@given(st.integers(0, spoken.NUMBER_LIMIT - 1))
def test_english_agrees_with_num2words(value: int) -> None:
    """Apart from "and" and punctuation every number is worded as the library num2words words it."""
    theirs = num2words.num2words(value).replace("-", " ").replace(",", "")
    assert spoken.number(value, "en") == [word for word in theirs.split() if word != "and"]


@given(st.integers(0, 2 * spoken.NUMBER_LIMIT), st.sampled_from(["zh", "en"]), st.sampled_from(sorted(spoken.KINDS)))
def test_every_clip_is_known_beforehand(value: int, language: str, kind: str) -> None:
    """Whatever is spoken is made of clips that were rendered before the first call."""
    assert set(spoken.speak(value, kind, language)) <= spoken.clips_of(kind, language)


@pytest.mark.parametrize("value", [str(spoken.NUMBER_LIMIT), "12a", "-5", ""])
def test_what_is_no_number_is_read_as_digits(value: str) -> None:
    """A value that comes from a caller or a database never breaks the call."""
    assert spoken.speak(value, "number", "zh") == spoken.digits(value, "zh")


def test_unknown_kind_and_language_are_refused() -> None:
    """The site's mistakes are told with what was expected."""
    with pytest.raises(ValueError, match="unknown kind of slot 'money': expected one of"):
        spoken.speak("1", "money", "zh")
    with pytest.raises(ValueError, match="no rules to speak digits in language 'ja'"):
        spoken.clips_of("digits", "ja")
    with pytest.raises(ValueError, match="cannot speak -1"):
        spoken.number(-1, "zh")
