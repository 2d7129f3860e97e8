"""Amounts: 九十八元五角, 一百零五元零五分, 两元. A refund is 负三元."""

from ivr.spoken.chinese.numbers import MINUS, measured, measured_clips
from ivr.spoken.kinds import Clips, Manner
from ivr.spoken.values import Money

YUAN = "CNY"
CURRENCIES = {YUAN: ("元", "角", "分"), "USD": ("美元", "", "美分"), "EUR": ("欧元", "", "欧分")}
"""By ISO 4217: the unit, its tenth where the language counts in them, its hundredth."""


def words(value: Money, manner: Manner) -> Clips:
    """Only what there is: no 零角, and 零 for a tenth that is missing between the others."""
    unit, tenth, hundredth = CURRENCIES[manner.parameter or YUAN]
    tenths, hundredths = divmod(value.hundredths, 10) if tenth else (0, value.hundredths)
    clips: Clips = [MINUS] if value.negative else []
    if value.units or not value.hundredths:
        clips += measured(value.units, unit)
    if tenths:
        clips += measured(tenths, tenth)
    if hundredths:
        behind_a_gap = tenth and value.units and not tenths
        clips += _behind_zero(hundredths, hundredth) if behind_a_gap else measured(hundredths, hundredth)
    return clips


def _behind_zero(hundredths: int, unit: str) -> Clips:
    """零五分, and 零二分 as in 一百零二: 两 does not stand behind 零."""
    return ["零", *(["二", unit] if hundredths == 2 else measured(hundredths, unit))]


def clips(parameter: str) -> frozenset[str]:
    """Every clip of amounts in this currency."""
    return measured_clips(*CURRENCIES[parameter or YUAN]) | {MINUS}


def expects(parameter: str) -> str:
    """Say which currencies there are."""
    return "" if (parameter or YUAN) in CURRENCIES else f"one of {', '.join(CURRENCIES)}"
