"""The keys that a prompt's words speak of, in Chinese and in English, and how long it takes until the first of them.

Two readings of a text, so that nobody is told of what is not sure. `named` finds what surely is a key to press: 按1,
请按星号键, press 2. `mentioned` finds whatever might be one: any digit, any word for a key, and all between the ends of
a range, 1到5. A key that is named should be a choice; a choice should at least be mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CHARACTERS_PER_SECOND = 4.5
"""of Chinese, 270 a minute: an announcer who is not in a hurry"""
WORDS_PER_SECOND = 2.5
"""of English, 150 a minute; a number counts as a word"""
PAUSE_SECONDS = 0.3
"""at each comma, full stop and the like"""

_SLOT = re.compile(r"\{[^{}]*\}")
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORDS = {
    **{word: str(digit) for digit, word in enumerate("零一二三四五六七八九")},
    **{word: str(digit) for digit, word in enumerate(_ENGLISH)},
    **dict.fromkeys(("*", "＊", "星", "米字", "star", "asterisk"), "*"),
    **dict.fromkeys(("#", "＃", "井", "pound", "hash"), "#"),
}
"""a key as it is spoken or written, beside its digit"""
_LATIN = "|".join(word for word in _WORDS if word.isascii() and word.isalpha())
_OTHER = "|".join(re.escape(word) for word in _WORDS if not (word.isascii() and word.isalpha()))
_KEY = rf"[0-9]+|(?:{_LATIN})\b|{_OTHER}"
_NO_COUNT = r"(?!\s*(?:[0-9]|[位个次秒分遍下]|times?\b|digits?\b|seconds?\b))"
"""4位, 3 times: a number, and not a key"""
_NEXT = r"(?:号?键)?\s*(?:或者?|、|和|or|and)\s*(?:按)?\s*"
_NAMED = re.compile(
    rf"(?:按下?\s*(?:数字键?|键)?|\b(?:press|push|hit|touch)\s+(?:the\s+)?(?:number\s+|key\s+|digit\s+)?)\s*"
    rf"((?:{_KEY}){_NO_COUNT}(?:{_NEXT}(?:{_KEY}){_NO_COUNT})*)",
    re.IGNORECASE,
)
_ANY = re.compile(rf"[0-9]+|\b(?:{_LATIN})\b|{_OTHER}", re.IGNORECASE)
_RANGE = re.compile(r"([0-9])\s*(?:到|至|~|～|-|–|to|through)\s*([0-9])", re.IGNORECASE)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_CHINESE = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*|[0-9]+")
_PAUSE = re.compile(r"[，。、；：？！,.;:?!…]+")


def named(text: str) -> Iterator[tuple[str, int]]:
    """Yield each key that the text surely tells people to press, with the character, from 0, where it stands."""
    for said in _NAMED.finditer(_blanked(text)):
        for key in re.finditer(_KEY, said[1], re.IGNORECASE):
            yield _key(key[0]), said.start(1) + key.start()


def mentioned(text: str) -> frozenset[str]:
    """Return every key that the text may speak of."""
    plain = _blanked(text)
    ranges = (range(int(first), int(last) + 1) for first, last in _RANGE.findall(plain))
    return frozenset({_key(word) for word in _ANY.findall(plain)} | {str(key) for keys in ranges for key in keys})


def seconds_before_keys(text: str) -> float | None:
    """Return about how long people listen before the text first speaks of a key; None where it never does.

    A slot counts as one word.
    """
    first = min((at for _, at in named(text)), default=None)
    return None if first is None else _seconds(_SLOT.sub(" x ", text[:first]))


def _seconds(text: str) -> float:
    return (
        len(_CHINESE.findall(text)) / CHARACTERS_PER_SECOND
        + len(_WORD.findall(text)) / WORDS_PER_SECOND
        + len(_PAUSE.findall(text)) * PAUSE_SECONDS
    )


def _blanked(text: str) -> str:
    """Return the text with blanks for its slots and plain digits, so that places stay."""
    return _SLOT.sub(lambda slot: " " * len(slot[0]), text).translate(_FULL_WIDTH)


def _key(word: str) -> str:
    return _WORDS.get(word.lower(), word)
