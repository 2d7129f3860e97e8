"""Votes as the records have them, and those of the last minutes that are on their way there."""

import asyncio
import logging
from collections import OrderedDict

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from db.votes import step_of_vote
from ivr.ballots import VotesUnknown

log = logging.getLogger(__name__)

NOTED_MAX = 10_000
"""A record is read back within a second, so these are far more than are on their way."""


class RecordedBallots:
    """The votes of one database, asked beside the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def step_of_vote(self, ballot: str, caller_number: str) -> str | None:
        noted = self._noted.get((ballot, caller_number))
        if noted is not None:
            return noted
        try:
            return await asyncio.to_thread(step_of_vote, self._engine, ballot, caller_number)
        except SQLAlchemyError as fault:
            log.error("votes cannot be read action=vote ballot=%s cause=%s", ballot, fault)
            raise VotesUnknown(str(fault)) from fault

    def note(self, ballot: str, caller_number: str, step_id: str) -> None:
        self._noted.setdefault((ballot, caller_number), step_id)
        while len(self._noted) > NOTED_MAX:
            self._noted.popitem(last=False)
