"""Which keys the words of a prompt speak of, in Chinese, in English, and in both at once."""

from __future__ import annotations

import pytest

from dialplan.spoken_keys import mentioned, named, seconds_before_keys

NAMED = {
    "查询订单请按1，转人工请按0。": ["1", "0"],
    "中文服务请按1。For English, press 2.": ["1", "2"],
    "返回主菜单请按米字键，结束请按井号键": ["*", "#"],
    "请按星号键，或按 # 键": ["*", "#"],
    "按一或按二、三": ["1", "2", "3"],
    "请按数字键１": ["1"],
    "按12": ["12"],
    "Press the pound key, or press star.": ["#", "*"],
    "Press one or two; hit the number 3.": ["1", "2", "3"],
    "PRESS 4 and 5": ["4", "5"],
    "press 1 to 5": ["1"],
}
NOT_NAMED = [
    "请输入您的4位密码",
    "按4位数字",
    "请按一下键盘",
    "press 2 times",
    "press any key",
    "enter your 4 digits",
    "按{key:digits}",
    "请稍候。",
    "Check an order, 1.",
    "",
]


@pytest.mark.parametrize(("text", "keys"), NAMED.items())
def test_what_people_are_told_to_press_is_found(text: str, keys: list[str]) -> None:
    """Digits, words for digits, star and pound in either language, also several after one verb."""
    assert [key for key, _ in named(text)] == keys
    assert set(keys) <= mentioned(text)


@pytest.mark.parametrize("text", NOT_NAMED)
def test_what_is_not_surely_a_key_is_none(text: str) -> None:
    """A number of digits, of times, a slot: nobody is told to press these."""
    assert list(named(text)) == []


def test_a_key_has_its_place() -> None:
    """The place is that of the key itself, behind slots as well, which keep their width."""
    text = "您好{name:digits}，请按井号键"
    assert [(key, text[at]) for key, at in named(text)] == [("#", "井")]


def test_whatever_might_be_a_key_is_mentioned() -> None:
    """Without any verb, and between the ends of a range; a number of two digits is one key."""
    assert mentioned("Check an order, 1. A person, zero.") == {"1", "0"}
    assert mentioned("请评分，1到5分") == {"1", "2", "3", "4", "5"}
    assert mentioned("from 2 to 4, or 12") == {"2", "3", "4", "12"}


def test_the_time_before_the_first_key_is_counted_from_words() -> None:
    """4.5 Chinese characters, or 2.5 English words, are a second, a comma 0.3 s; no key, no time."""
    assert seconds_before_keys("一二三四五六七八九，请按1") == pytest.approx((9 + 2) / 4.5 + 0.3)
    assert seconds_before_keys("For all of our services, press 1") == pytest.approx(6 / 2.5 + 0.3)
    assert seconds_before_keys("您有{count:number}条，按1") == pytest.approx(4 / 4.5 + 1 / 2.5 + 0.3)
    assert seconds_before_keys("请稍候") is None
