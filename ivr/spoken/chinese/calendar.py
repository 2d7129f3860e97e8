"""Dates, times of day and durations in Chinese."""

from datetime import date

from ivr.spoken import durations
from ivr.spoken.chinese.numbers import BELOW_HUNDRED_CLIPS, cardinal, measured, measured_clips, read_out
from ivr.spoken.dates import Form
from ivr.spoken.kinds import Clips, Manner
from ivr.spoken.values import Clock

RELATIVE = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
WEEKDAYS = tuple(f"星期{day}" for day in "一二三四五六日")
MONTHS = tuple("".join(cardinal(month)) + "月" for month in range(1, 13))
DAYS = tuple("".join(cardinal(day)) + "日" for day in range(1, 32))
HOURS = ("零点", *("".join(measured(hour, "点")) for hour in range(1, 13)))
PARTS_OF_THE_DAY = ((19, "晚上"), (13, "下午"), (12, "中午"), (8, "上午"), (5, "早上"), (0, "凌晨"))
"""By the hour from which on they are said: CLDR's dayPeriods of zh."""
HALF = "半"
UNITS: dict[durations.Unit, str] = {"day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}


def date_words(value: date, manner: Manner) -> Clips:
    """今天; 十月一日; 二零二七年十月一日; 十月一日星期四."""
    form = Form.of(value, manner)
    weekday = [WEEKDAYS[value.weekday()]] if form.with_weekday else []
    if form.days_from_today in RELATIVE:
        return [RELATIVE[form.days_from_today], *weekday]
    year = [*read_out(str(value.year)), "年"] if form.with_year else []
    return [*year, MONTHS[value.month - 1], DAYS[value.day - 1], *weekday]


def date_clips(parameter: str) -> set[str]:
    """Every clip of dates in this form."""
    written = {*read_out("0123456789"), "年", *MONTHS, *DAYS}
    return written.union(() if parameter == "full" else RELATIVE.values(), WEEKDAYS if parameter == "weekday" else ())


def time_words(value: Clock) -> Clips:
    """上午九点; 下午两点半; 中午十二点零五分; 凌晨零点. The end of a day is 晚上十二点."""
    if value.hour == 24:
        return ["晚上", HOURS[12]]
    part = next(word for start, word in PARTS_OF_THE_DAY if value.hour >= start)
    hour = HOURS[value.hour if value.hour <= 12 else value.hour - 12]
    return [part, hour, *_minutes(value.minute)]


def duration(seconds: int) -> Clips:
    """一小时三十分钟; 两分钟."""
    return [clip for count, unit in durations.parts(seconds) for clip in measured(count, UNITS[unit])]


def _minutes(minute: int) -> Clips:
    if minute == 0:
        return []
    if minute == 30:
        return [HALF]
    return [*(["零"] if minute < 10 else []), *cardinal(minute), "分"]


TIME_CLIPS = BELOW_HUNDRED_CLIPS | {*HOURS, HALF, "分", *(word for _, word in PARTS_OF_THE_DAY)}
DURATION_CLIPS = measured_clips(*UNITS.values())
