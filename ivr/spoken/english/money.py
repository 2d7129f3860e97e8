"""Amounts: ninety eight yuan fifty, one dollar and five cents. A refund is minus three yuan."""

from dataclasses import dataclass

from ivr.spoken.english.numbers import CARDINAL_CLIPS, MINUS, cardinal
from ivr.spoken.kinds import Clips, Manner
from ivr.spoken.values import Money


@dataclass(frozen=True)
class Currency:
    """What a currency is called: one of it, several, and of its hundredths."""

    one: str
    several: str
    hundredth: str
    hundredths: str
    bare: bool = False
    """whether hundredths behind units need no name: ninety eight yuan fifty, ninety eight yuan oh five"""


YUAN = "CNY"
CURRENCIES = {
    YUAN: Currency("yuan", "yuan", "fen", "fen", bare=True),
    "USD": Currency("dollar", "dollars", "cent", "cents"),
    "EUR": Currency("euro", "euros", "cent", "cents"),
}
"""By ISO 4217."""


def words(value: Money, manner: Manner) -> Clips:
    """Only what there is: hundredths alone have their name, units alone no hundredths."""
    currency = CURRENCIES[manner.parameter or YUAN]
    clips: Clips = [MINUS] if value.negative else []
    if value.units or not value.hundredths:
        clips += [*cardinal(value.units), currency.one if value.units == 1 else currency.several]
    return clips + _hundredths(value, currency)


def clips(parameter: str) -> set[str]:
    """Every clip of amounts in this currency."""
    currency = CURRENCIES[parameter or YUAN]
    names = {currency.one, currency.several, currency.hundredth, currency.hundredths}
    return {MINUS, "oh" if currency.bare else "and", *CARDINAL_CLIPS, *names}


def expects(parameter: str) -> str:
    """Say which currencies there are."""
    return "" if (parameter or YUAN) in CURRENCIES else f"one of {', '.join(CURRENCIES)}"


def _hundredths(value: Money, currency: Currency) -> Clips:
    if not value.hundredths:
        return []
    spoken = cardinal(value.hundredths)
    if value.units and currency.bare:
        return [*(["oh"] if value.hundredths < 10 else []), *spoken]
    name = currency.hundredth if value.hundredths == 1 else currency.hundredths
    return [*(["and"] if value.units else []), *spoken, name]
