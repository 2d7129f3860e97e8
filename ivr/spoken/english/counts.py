"""Counted things: one item, two items, zero items, one point five items."""

from ivr.spoken.english.numbers import AMOUNT_CLIPS, amount
from ivr.spoken.kinds import Clips, Manner
from ivr.spoken.values import Number


def words(value: Number, manner: Manner) -> Clips:
    """The singular stands behind a one alone."""
    one, several = manner.parameter.split("/")
    return [*amount(value), one if (value.whole, value.fraction) == (1, "") else several]


def clips(parameter: str) -> frozenset[str]:
    """Every clip of a count of these."""
    return AMOUNT_CLIPS.union(parameter.split("/"))


def expects(parameter: str) -> str:
    """Say that both words are needed: no rule knows every plural, and 2 item is what a caller would hear."""
    forms = parameter.split("/")
    if len(forms) == 2 and all(forms):
        return ""
    word = forms[0] or "item"
    return f"the word for one and for several, such as {word}/{word}s"
