"""What of a date is said, in every language: a word for it, its year, its weekday."""

from dataclasses import dataclass
from datetime import date

from ivr.spoken.kinds import Manner

FORMS = ("weekday", "full")
"""`weekday`: with the day of the week; `full`: always with its year, and never 今天."""


@dataclass(frozen=True)
class Form:
    """What is said of one date."""

    days_from_today: int | None
    """None where the date is said as it is"""
    with_year: bool
    with_weekday: bool

    @classmethod
    def of(cls, value: date, manner: Manner) -> "Form":
        """Only a listener who knows which day it is can be told 明天, or be spared the year."""
        today = None if manner.parameter == "full" else manner.today
        return cls(
            days_from_today=(value - today).days if today else None,
            with_year=today is None or value.year != today.year,
            with_weekday=manner.parameter == "weekday",
        )


def expects(parameter: str) -> str:
    """Say which forms there are."""
    return "" if parameter in ("", *FORMS) else f"one of {', '.join(FORMS)}"
