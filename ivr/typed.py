"""What a caller keyed, as a value: read by its kind, checked, and written the way that variables hold it.

digits, phone, card, pattern   as keyed          2026
number                         without zeros     007 -> 7
amount                         two decimals      98*5 -> 98.50
date                           ISO               20261001 or 1001 -> 2026-10-01
time                           with a colon      930 -> 09:30
yes_no                         a word            1 -> yes, 2 -> no
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time

from ivr.collector import keys_of
from ivr.nodes import Collect

POINT = "*"
"""The decimal point of an amount."""
_AMOUNT = re.compile(r"([0-9]{1,9})(?:\*([0-9]{1,2}))?")


def point_of(node: Collect) -> str:
    """The key beside the digits that an entry of this kind may hold; none where it ends the entry."""
    return POINT if node.as_ == "amount" and keys_of(node.terminator or "") != POINT else ""


def value_of(node: Collect, keyed: str, today: date) -> str | None:
    """The value of these keys; None where they are none that is asked for.

    Args:
        today: for dates, in the site's time zone.
    """
    if node.checksum == "luhn" and not passes_luhn(keyed):
        return None
    return _READ.get(node.as_, _as_keyed)(node, keyed, today)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _as_keyed(node: Collect, keyed: str, today: date) -> str | None:
    return keyed if node.pattern is None or re.fullmatch(node.pattern, keyed, re.ASCII) else None


def _number(node: Collect, keyed: str, today: date) -> str | None:
    return str(int(keyed)) if _within(node, int(keyed)) else None


def _amount(node: Collect, keyed: str, today: date) -> str | None:
    match = _AMOUNT.fullmatch(keyed)
    if not match:
        return None
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    return f"{cents // 100}.{cents % 100:02}" if _within(node, cents / 100) else None


def _within(node: Collect, value: float) -> bool:
    return (node.min is None or value >= node.min) and (node.max is None or value <= node.max)


def _date(node: Collect, keyed: str, today: date) -> str | None:
    found = _full_date(keyed) if len(keyed) == 8 else _nearest_date(node, keyed, today)
    if found is None or (node.past and found > today) or (node.future and found < today):
        return None
    return found.isoformat()


def _full_date(keyed: str) -> date | None:
    try:
        return date(int(keyed[:4]), int(keyed[4:6]), int(keyed[6:]))
    except ValueError:
        return None


def _nearest_date(node: Collect, keyed: str, today: date) -> date | None:
    """Month and day: the last such day where the past is asked for, the next one where the future is, else the nearest.

    29 February may be four years off, and eight around a year like 2100.
    """
    if len(keyed) != 4:
        return None
    years = range(max(today.year - 8, 1), min(today.year + 8, 9999) + 1)
    days = [day for day in (_full_date(f"{year:04}{keyed}") for year in years) if day]
    fitting = [day for day in days if not (node.past and day > today) and not (node.future and day < today)]
    return min(fitting, key=lambda day: (abs(day - today), day < today), default=None)


def _time(node: Collect, keyed: str, today: date) -> str | None:
    try:
        return time(int(keyed[:-2]), int(keyed[-2:])).strftime("%H:%M")
    except ValueError:
        return None


def _yes_no(node: Collect, keyed: str, today: date) -> str | None:
    return {"1": "yes", "2": "no"}.get(keyed)


_READ: Mapping[str, Callable[[Collect, str, date], str | None]] = {
    "number": _number,
    "amount": _amount,
    "date": _date,
    "time": _time,
    "yes_no": _yes_no,
}
