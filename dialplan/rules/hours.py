"""Rules about opening hours."""

from __future__ import annotations

from dialplan.rules.rule import ERROR, WARNING, Rule

HOURS = (
    Rule(
        "bad-range",
        ERROR,
        "Opening hours are no range of times.",
        "a time of day to a later one",
        '["9-18"]',
    ),
    Rule(
        "reversed-range",
        ERROR,
        "Opening hours end before they begin.",
        "the earlier time first; a night is two ranges",
        '["18:00-09:00"]',
    ),
    Rule(
        "overlapping-ranges",
        ERROR,
        "Two ranges of a day overlap.",
        "ranges that do not overlap",
        '["09:00-13:00", "12:00-18:00"]',
    ),
    Rule(
        "duplicate-day",
        ERROR,
        "A day is in two lines of the opening hours.",
        "each day once",
        'monday-friday: ["09:00-18:00"]',
    ),
    Rule(
        "bad-date",
        ERROR,
        "A holiday is no day of the calendar.",
        "a day of the calendar, in quotes",
        'holidays: {"2026-02-30": []}',
    ),
    Rule(
        "never-open",
        WARNING,
        "No day and no holiday has a range: every call starts at the closed node.",
        "at least one range",
        "open:",
    ),
    Rule(
        "holidays-run-out",
        WARNING,
        "A calendar takes the public holidays, and nobody knows them here for the days to come.",
        "a newer release of chinesecalendar, or `holidays` and `workdays` written here",
        "public_holidays: china",
    ),
    Rule(
        "announcement-over",
        WARNING,
        "The last day of an announcement has passed: nobody hears it any more.",
        "the announcement taken out, or a later day",
        'until: "2020-11-12"',
    ),
)
