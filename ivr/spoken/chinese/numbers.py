"""Chinese numbers. Asterisk's own rules are not used: they say 一百十 for 110 and lose the 零 of 一亿零五万 (asterisk
main/say.c, branch 22).

What 2 is called, after Lü Shuxiang's Eight Hundred Words of Modern Chinese: 两 before a measure word (两件, 两元, 两点)
and before 千, 万 and 亿 at the head of a number; 二 everywhere else: before 十, within a number (一万二千), in an
ordinal (第二), and where it is counted or read out. Before 百 both are said; here it is always 二百.
"""

from collections.abc import Iterator

from ivr.spoken.kinds import Clips
from ivr.spoken.values import Number

MINUS, POINT = "负", "点"

_DIGITS = "零一二三四五六七八九"
_PLACES = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
_SCALES = ("", "万", "亿")


def cardinal(value: int) -> Clips:
    """0 <= value < NUMBER_LIMIT, with 两 only before 千, 万 and 亿."""
    if value == 0:
        return ["零"]
    clips = Clips()
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = value // 10_000**scale % 10_000
        if group == 0:
            continue
        # One 零 stands for all zeros before this group, and there are some when it is shorter than four digits.
        if clips and group < 1000:
            clips.append("零")
        if group == 1 and scale:
            clips.append(f"一{_SCALES[scale]}")
            continue
        clips += _group(group, leading=not clips, scaled=scale > 0)
        if scale:
            clips.append(_SCALES[scale])
    return clips


def measured(value: int, measure: str) -> Clips:
    """A cardinal and its measure word: 两 and not 二; 一件 is one clip, since its neighbour gives 一 its tone."""
    if value == 1:
        return [f"一{measure}"]
    return [*(["两"] if value == 2 else cardinal(value)), *([measure] if measure else [])]


def measured_clips(*measures: str) -> frozenset[str]:
    """Every clip of cardinals with these measure words."""
    return CARDINAL_CLIPS.union(measures, (f"一{measure}" for measure in measures)) - {""}


def amount(value: Number) -> Clips:
    """三点一四, 负五."""
    fraction = [POINT, *read_out(value.fraction)] if value.fraction else []
    return [*([MINUS] if value.negative else []), *cardinal(value.whole), *fraction]


def count(value: Number, measure: str) -> Clips:
    """两件, 十二件, 二点五公斤; without a measure word what stands before one."""
    if value.fraction:
        return [*amount(value), *([measure] if measure else [])]
    return [*([MINUS] if value.negative else []), *measured(value.whole, measure)]


def ordinal(value: int) -> Clips:
    """第二, 第二千: no 两 at all."""
    return ["第", *(clip.replace("两", "二") for clip in cardinal(value))]


def percent(value: Number) -> Clips:
    """百分之二十; 100 % is 百分之百."""
    if value == Number(False, 100):
        return ["百分之", "百"]
    sign = [MINUS] if value.negative else []
    return [*sign, "百分之", *amount(value._replace(negative=False))]


def read_out(text: str) -> Clips:
    """Digits one by one as those of a year or behind a point: 一, not 幺."""
    return [_DIGITS[int(digit)] for digit in text]


def _group(group: int, *, leading: bool, scaled: bool) -> Clips:
    """1 <= group <= 9999 without its 万 or 亿."""
    if group == 2 and scaled and leading:
        return ["两"]
    clips = Clips()
    zeros = False
    for place, unit in _PLACES:
        digit = group // place % 10
        if digit == 0:
            zeros = bool(clips)
            continue
        if zeros:
            clips.append("零")
        zeros = False
        clips.append(_place(digit, unit, leading=leading and not clips))
    return clips


def _place(digit: int, unit: str, *, leading: bool) -> str:
    """十五 but 一百一十五; 两千 at the head, 一万二千 inside; 二百 stays."""
    if leading and unit == "十" and digit == 1:
        return "十"
    if leading and unit == "千" and digit == 2:
        return "两千"
    return _DIGITS[digit] + unit


def _cardinal_clips() -> Iterator[str]:
    yield from ("零", "十", "两", "两千", *_SCALES[1:], *(f"一{scale}" for scale in _SCALES[1:]))
    for _, unit in _PLACES:
        yield from (digit + unit for digit in _DIGITS[1:])


CARDINAL_CLIPS = frozenset(_cardinal_clips())
AMOUNT_CLIPS = CARDINAL_CLIPS | {MINUS, POINT}
ORDINAL_CLIPS = CARDINAL_CLIPS - {"两", "两千"} | {"第"}
PERCENT_CLIPS = AMOUNT_CLIPS | {"百分之", "百"}
BELOW_HUNDRED_CLIPS = frozenset({"零", "十", *_DIGITS[1:], *(digit + "十" for digit in _DIGITS[1:])})
