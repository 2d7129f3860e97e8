"""Dates, times of day and durations in English."""

from datetime import date

from ivr.spoken import durations
from ivr.spoken.dates import Form
from ivr.spoken.english.numbers import BELOW_HUNDRED_CLIPS, CARDINAL_CLIPS, SMALL, cardinal, ordinal
from ivr.spoken.kinds import Clips, Manner
from ivr.spoken.values import Clock

RELATIVE = {-1: "yesterday", 0: "today", 1: "tomorrow"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = tuple(" ".join(ordinal(day)) for day in range(1, 32))
AM, PM = "a.m.", "p.m."
ON_THE_HOUR = {0: "midnight", 12: "noon", 24: "midnight"}
"""12 a.m. and 12 p.m. are what nobody is sure of."""
UNITS: dict[durations.Unit, tuple[str, str]] = {
    "day": ("day", "days"),
    "hour": ("hour", "hours"),
    "minute": ("minute", "minutes"),
    "second": ("second", "seconds"),
}


def date_words(value: date, manner: Manner) -> Clips:
    """today; October first; October first twenty twenty seven; Thursday October first."""
    form = Form.of(value, manner)
    weekday = [WEEKDAYS[value.weekday()]] if form.with_weekday else []
    if form.days_from_today in RELATIVE:
        return [RELATIVE[form.days_from_today], *weekday]
    year = year_words(value.year) if form.with_year else []
    return [*weekday, MONTHS[value.month - 1], DAYS[value.day - 1], *year]


def date_clips(parameter: str) -> set[str]:
    """Every clip of dates in this form."""
    written = {"oh", *CARDINAL_CLIPS, *MONTHS, *DAYS}
    return written.union(() if parameter == "full" else RELATIVE.values(), WEEKDAYS if parameter == "weekday" else ())


def year_words(year: int) -> Clips:
    """twenty twenty six, nineteen oh five, nineteen hundred; but two thousand five."""
    century, rest = divmod(year, 100)
    if (century % 10 == 0 and rest < 10) or century < 10:
        return cardinal(year)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    return [*cardinal(century), *(["oh"] if rest < 10 else []), *cardinal(rest)]


def time_words(value: Clock) -> Clips:
    """nine a.m.; two thirty p.m.; twelve oh five p.m.; noon; midnight."""
    if value.minute == 0 and value.hour in ON_THE_HOUR:
        return [ON_THE_HOUR[value.hour]]
    oh = ["oh"] if 0 < value.minute < 10 else []
    minutes = cardinal(value.minute) if value.minute else []
    return [SMALL[(value.hour - 1) % 12 + 1], *oh, *minutes, PM if value.hour >= 12 else AM]


def duration(seconds: int) -> Clips:
    """one hour and thirty minutes; two minutes."""
    clips = Clips()
    for count, unit in durations.parts(seconds):
        one, several = UNITS[unit]
        clips += ["and"] if clips else []
        clips += [*cardinal(count), one if count == 1 else several]
    return clips


TIME_CLIPS = BELOW_HUNDRED_CLIPS | {"oh", AM, PM, *ON_THE_HOUR.values()}
DURATION_CLIPS = CARDINAL_CLIPS.union(["and"], *UNITS.values())
