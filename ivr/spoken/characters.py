"""Character by character: digits, phone and order numbers, spelled letters, in groups as people read them out."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from string import ascii_uppercase

from ivr.spoken.kinds import PAUSE, Clips, Kind
from ivr.spoken.values import as_written

DIGITS: Mapping[str, tuple[str, ...]] = {
    # 幺 is how a Chinese speaker says 1 in a phone or order number: it cannot be heard as 七.
    "zh": ("零", "幺", "二", "三", "四", "五", "六", "七", "八", "九"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
SYMBOLS: Mapping[str, Mapping[str, str]] = {
    "zh": {".": "点", "-": "杠", "_": "下划线", "/": "斜杠", "@": "艾特", "+": "加"},
    "en": {".": "dot", "-": "dash", "_": "underscore", "/": "slash", "@": "at", "+": "plus"},
}
READ_OUT_MAX = 60
"""Characters of a value that are read out at most: nobody listens to more, and a value may come from anywhere."""

_RUN = re.compile(r"[0-9]+|[A-Z]+")
_GROUP_MAX = 4
_LOCAL_SIZES = {7: [3, 4], 8: [4, 4], 10: [3, 3, 4]}


def digits(text: str, language: str) -> Clips:
    """Digit by digit, grouped the way people read numbers out; what is not a digit is passed over."""
    keyed = "".join(character for character in text if character in "0123456789")[:READ_OUT_MAX]
    return _in_groups(cut(keyed, _sizes(len(keyed))), language)


def phone(text: str, language: str) -> Clips:
    """A phone number in the groups that it was written in; else a Chinese one by its area code, any other by length.

    +86 is left out: whoever is called here is in the country.
    """
    national = re.sub(r"^(\+86|0086)[ -]?(?=[0-9 -]{7,}$)", "", text.strip()[:READ_OUT_MAX])
    written = re.findall(r"[0-9]+", national)
    groups = written if len(written) > 1 else [part for run in written for part in cut(run, _phone_sizes(run))]
    plus = [SYMBOLS[language]["+"]] if national.startswith("+") else []
    return plus + _in_groups(groups, language)


def order_number(text: str, language: str) -> Clips:
    """Letters and digits, a pause where something else was written, and where a long run of them is cut."""
    groups: list[str] = []
    for part in re.split(r"[^A-Z0-9]+", text.upper()[:READ_OUT_MAX]):
        groups += _joined(piece for run in _RUN.findall(part) for piece in cut(run, _sizes(len(run))))
    return _in_groups(groups, language)


def letters(text: str, language: str) -> Clips:
    """Every letter, digit and sign one after another, a pause for each blank; what has no name is passed over."""
    named = {**_names(language), **SYMBOLS[language], " ": PAUSE}
    return [named[character] for character in text.strip().upper()[:READ_OUT_MAX] if character in named]


def kinds(language: str) -> dict[str, Kind[str]]:
    """The kinds that are read character by character, in one of the languages of DIGITS."""
    numerals = {PAUSE, *DIGITS[language]}
    named = numerals | {*ascii_uppercase}
    signs = SYMBOLS[language]
    return {
        "digits": _kind(digits, language, numerals),
        "phone": _kind(phone, language, {*numerals, signs["+"]}),
        "order_number": _kind(order_number, language, named),
        "letters": _kind(letters, language, named | {*signs.values()}),
    }


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    """The text in groups of these sizes."""
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    return [text[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _kind(read_out: Callable[[str, str], Clips], language: str, clips: set[str]) -> Kind[str]:
    return Kind(as_written, lambda text, _: read_out(text, language), lambda _: clips)


def _names(language: str) -> dict[str, str]:
    return {one: one for one in ascii_uppercase} | {str(value): word for value, word in enumerate(DIGITS[language])}


def _in_groups(groups: Iterable[str], language: str) -> Clips:
    names, clips = _names(language), Clips()
    for group in groups:
        clips += [PAUSE] if clips else []
        clips += [names[character] for character in group]
    return clips


def _joined(pieces: Iterable[str]) -> list[str]:
    """Short neighbours in one group: A1B2 and not A, 1, B, 2."""
    groups: list[str] = []
    for piece in pieces:
        if groups and len(groups[-1]) + len(piece) <= _GROUP_MAX:
            groups[-1] += piece
        else:
            groups.append(piece)
    return groups


def _sizes(length: int) -> list[int]:
    """Sizes of the groups: 3-4-4 for a mobile number, else fours with no lone digit left over."""
    if length == 11:
        return [3, 4, 4]
    if length <= 5:
        return [length]
    count = -(-length // 4)
    return [length // count + (index < length % count) for index in range(count)]


def _phone_sizes(number: str) -> list[int]:
    """By the numbering plan of the mainland: the area codes 010 and 02x have three digits, all others four, and 400
    and 800 numbers are read 3-3-4."""
    area = 0
    if number.startswith("0") and len(number) >= 10:
        area = 3 if number[1] in "12" else 4
    local = len(number) - area
    sizes = _LOCAL_SIZES.get(local) or _sizes(local)
    return [area, *sizes] if area else sizes
