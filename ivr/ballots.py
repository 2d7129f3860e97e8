"""Who has voted: what the menus want to know of the records."""

from typing import Protocol


class VotesUnknown(Exception):
    """Nobody can say now whether this number has voted: the caller is not asked. Nothing has changed."""


class Ballots(Protocol):
    """The votes of all calls."""

    async def step_of_vote(self, ballot: str, caller_number: str) -> str | None:
        """The step in which this number has voted, or None.

        Raises:
            VotesUnknown: the records cannot be read.
        """

    def note(self, ballot: str, caller_number: str, step_id: str) -> None:
        """A vote was cast just now; its record may take a moment to be read back."""


class NoBallots:
    """No records: nobody can vote."""

    async def step_of_vote(self, ballot: str, caller_number: str) -> str | None:
        raise VotesUnknown("no records are kept here")

    def note(self, ballot: str, caller_number: str, step_id: str) -> None:
        """Nothing is kept."""
