"""English numbers, the American way: no "and" in a number."""

from ivr.spoken.characters import DIGITS
from ivr.spoken.kinds import Clips
from ivr.spoken.values import Number

MINUS, POINT = "minus", "point"

SMALL = (
    *DIGITS["en"],
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("", "thousand", "million", "billion")
_IRREGULAR = {
    **{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"},
    "twelve": "twelfth",
}
CARDINAL_CLIPS = frozenset((*SMALL, *_TENS[2:], "hundred", *_SCALES[1:]))


def cardinal(value: int) -> Clips:
    """0 <= value < NUMBER_LIMIT."""
    if value == 0:
        return ["zero"]
    clips = Clips()
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = value // 1000**scale % 1000
        if group:
            clips += _group(group)
            clips += [_SCALES[scale]] if scale else []
    return clips


def amount(value: Number) -> Clips:
    """three point one four, minus five."""
    fraction = [POINT, *(SMALL[int(digit)] for digit in value.fraction)] if value.fraction else []
    return [*([MINUS] if value.negative else []), *cardinal(value.whole), *fraction]


def ordinal(value: int) -> Clips:
    """twenty first, one hundredth."""
    *before, last = cardinal(value)
    return [*before, _ordinal_of(last)]


def percent(value: Number) -> Clips:
    """twelve point five percent."""
    return [*amount(value), "percent"]


def _ordinal_of(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    return word[:-1] + "ieth" if word.endswith("y") else word + "th"


def _group(group: int) -> Clips:
    """1 <= group <= 999."""
    hundreds, rest = divmod(group, 100)
    clips = [SMALL[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        clips.append(_TENS[rest // 10])
        rest %= 10
    return [*clips, SMALL[rest]] if rest else clips


AMOUNT_CLIPS = CARDINAL_CLIPS | {MINUS, POINT}
ORDINAL_CLIPS = CARDINAL_CLIPS | {_ordinal_of(word) for word in CARDINAL_CLIPS}
PERCENT_CLIPS = AMOUNT_CLIPS | {"percent"}
BELOW_HUNDRED_CLIPS = frozenset((*SMALL, *_TENS[2:]))
