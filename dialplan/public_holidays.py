"""Public holidays of mainland China and the workdays that make up for them, as the State Council announces them.

They are announced in November for the year that follows, and come with a new release of chinesecalendar.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from chinese_calendar import constants

DAYS_OFF: Final[frozenset[date]] = frozenset(constants.holidays)
MAKE_UP_WORKDAYS: Final[frozenset[date]] = frozenset(constants.workdays)
KNOWN_UNTIL: Final = date(max(DAYS_OFF).year, 12, 31)
MAKE_UP_AS: Final = "monday"
"""A make-up workday is worked like this weekday."""
