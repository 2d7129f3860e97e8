"""Typed value -> the clips that speak it, in order, per language.

A clip is named by its own words ("一百", "twenty"), so a list of clips reads as what the caller hears. Pure: the voice
renders the clips, this module only chooses them. Asterisk's own rules are not used: its Chinese says 一百十 for 110
and loses the 零 of 一亿零五万 (asterisk main/say.c, branch 22).
"""

from collections.abc import Iterator

PAUSE = "…"
"""A short silence between groups of digits."""

NUMBER_LIMIT = 10**12
"""Numbers from here on are read digit by digit."""

_DIGITS = {
    # 幺 is how a Chinese speaker says 1 in a phone or order number: it cannot be heard as 七.
    "zh": ("零", "幺", "二", "三", "四", "五", "六", "七", "八", "九"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_ZH = "零一二三四五六七八九"
_ZH_PLACES = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
_ZH_SCALES = ("", "万", "亿")
_EN_SMALL = (
    *_DIGITS["en"],
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_SCALES = ("", "thousand", "million", "billion")


def speak(value: str | int, kind: str, language: str) -> list[str]:
    """The clips of a slot: kind is `digits` or `number`; a number that is none, or too large, is read as digits.

    Raises:
        ValueError: the kind or the language is unknown (the site's mistake, found when the voice is built).
    """
    if language not in _DIGITS:
        raise ValueError(f"no rules to speak {kind} in language {language!r}: expected one of {sorted(_DIGITS)}")
    if kind not in KINDS:
        raise ValueError(f"unknown kind of slot {kind!r}: expected one of {sorted(KINDS)}")
    text = str(value)
    if kind == "number" and text.isascii() and text.isdigit() and int(text) < NUMBER_LIMIT:
        return number(int(text), language)
    return digits(text, language)


def digits(text: str, language: str) -> list[str]:
    """Digit by digit, grouped the way people read numbers out; what is not a digit is passed over."""
    keyed = [int(character) for character in text if character in "0123456789"]
    clips: list[str] = []
    start = 0
    for size in _groups(len(keyed)):
        clips += [PAUSE] if clips else []
        clips += [_DIGITS[language][digit] for digit in keyed[start : start + size]]
        start += size
    return clips


def number(value: int, language: str) -> list[str]:
    """The cardinal of 0 <= value < NUMBER_LIMIT."""
    if not 0 <= value < NUMBER_LIMIT:
        raise ValueError(f"cannot speak {value} as a number: expected 0 to {NUMBER_LIMIT - 1}")
    return _zh_number(value) if language == "zh" else _en_number(value)


def clips_of(kind: str, language: str) -> frozenset[str]:
    """Every clip that a slot of this kind can ever need, so that all of them are rendered beforehand."""
    speak("", kind, language)
    vocabulary = {PAUSE, *_DIGITS[language]}
    if kind == "number":
        vocabulary |= set(_zh_clips() if language == "zh" else (*_EN_SMALL, *_EN_TENS[2:], "hundred", *_EN_SCALES[1:]))
    return frozenset(vocabulary)


KINDS = frozenset({"digits", "number"})


def _groups(length: int) -> list[int]:
    """Sizes of the groups: 3-4-4 for a mobile number, else fours with no lone digit left over."""
    if length == 11:
        return [3, 4, 4]
    if length <= 5:
        return [length]
    count = -(-length // 4)
    return [length // count + (index < length % count) for index in range(count)]


def _zh_number(value: int) -> list[str]:
    if value == 0:
        return ["零"]
    clips: list[str] = []
    for scale in range(len(_ZH_SCALES) - 1, -1, -1):
        group = value // 10_000**scale % 10_000
        if group == 0:
            continue
        # One 零 stands for all zeros before this group, and there are some when it is shorter than four digits.
        if clips and group < 1000:
            clips.append("零")
        clips += _zh_group(group, leading=not clips, scaled=scale > 0)
        if scale:
            clips.append(_ZH_SCALES[scale])
    return clips


def _zh_group(group: int, *, leading: bool, scaled: bool) -> list[str]:
    """1 <= group <= 9999 without its 万 or 亿."""
    if group == 2 and scaled and leading:
        return ["两"]
    clips: list[str] = []
    zeros = False
    for place, unit in _ZH_PLACES:
        digit = group // place % 10
        if digit == 0:
            zeros = bool(clips)
            continue
        if zeros:
            clips.append("零")
        zeros = False
        clips.append(_zh_place(digit, unit, leading=leading and not clips))
    return clips


def _zh_place(digit: int, unit: str, *, leading: bool) -> str:
    """十五 but 一百一十五; 两千 at the start, 一万二千 inside; 二百 stays."""
    if leading and unit == "十" and digit == 1:
        return "十"
    if leading and unit == "千" and digit == 2:
        return "两千"
    return _ZH[digit] + unit


def _zh_clips() -> Iterator[str]:
    yield from ("零", "十", "两", "两千", *_ZH_SCALES[1:])
    for _, unit in _ZH_PLACES:
        yield from (digit + unit for digit in _ZH[1:])


def _en_number(value: int) -> list[str]:
    if value == 0:
        return ["zero"]
    clips: list[str] = []
    for scale in range(len(_EN_SCALES) - 1, -1, -1):
        group = value // 1000**scale % 1000
        if group:
            clips += _en_group(group)
            clips += [_EN_SCALES[scale]] if scale else []
    return clips


def _en_group(group: int) -> list[str]:
    """1 <= group <= 999, the American way: no "and"."""
    hundreds, rest = divmod(group, 100)
    clips = [_EN_SMALL[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        clips.append(_EN_TENS[rest // 10])
        rest %= 10
    return [*clips, _EN_SMALL[rest]] if rest else clips
