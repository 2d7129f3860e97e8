"""English, as it is spoken in America."""

from ivr.spoken import characters, dates, values
from ivr.spoken.english import calendar, counts, money, numbers
from ivr.spoken.kinds import Kind, Kinds

JOINER = " "
"""what stands between two clips when they are written down"""

KINDS: Kinds = {
    **characters.kinds("en"),
    "number": Kind(values.number, lambda value, _: numbers.amount(value), lambda _: numbers.AMOUNT_CLIPS),
    "ordinal": Kind(values.whole, lambda value, _: numbers.ordinal(value), lambda _: numbers.ORDINAL_CLIPS),
    "count": Kind(values.number, counts.words, counts.clips, counts.expects),
    "percent": Kind(values.percent, lambda value, _: numbers.percent(value), lambda _: numbers.PERCENT_CLIPS),
    "money": Kind(values.money, money.words, money.clips, money.expects),
    "date": Kind(values.day, calendar.date_words, calendar.date_clips, dates.expects),
    "time": Kind(values.clock, lambda value, _: calendar.time_words(value), lambda _: calendar.TIME_CLIPS),
    "duration": Kind(values.seconds, lambda value, _: calendar.duration(value), lambda _: calendar.DURATION_CLIPS),
}
