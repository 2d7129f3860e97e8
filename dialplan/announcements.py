"""`announcements.yaml`: what callers are told for a while, such as a promotion or the hours of a holiday."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from dialplan.hours import Date
from dialplan.node import Prompts, Strict
from dialplan.words import Name, refusal


class AnnouncementSettings(Strict):
    """One entry of `announcements.yaml`, under its id."""

    prompt: Prompts
    """a prompt, or the words on the spot"""
    from_: Date | None = Field(default=None, alias="from")
    """the first day, in the site's time zone; without it, since ever"""
    until: Date | None = None
    """the last day; without it, until it is taken out"""
    at: Annotated[list[Name], Field(min_length=1)]
    """menus: said once in a call, when one of them is entered at its beginning"""

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.from_ and self.until and self.until < self.from_:
            found = f"found {self.until} before {self.from_}"
            raise refusal("reversed-range", "the first day not after the last", found)
        return self
