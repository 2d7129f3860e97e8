"""The IVR's session for a call whose circumstances are given: everything is real but its clock, its beginning, and what
comes of scripts, queues, callbacks and ballots where the scenario says so.

A given result spares the caller the script or the queue: the session ends as if the call had been away already, and the
dialplan enters it again with the result. What nothing is said of is real.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hotline.given_calls import GivenCall, GivenCalls, Handler, HandlerMaker, ToldCall
from hotline.rehearsing import GivenResults
from ivr import session
from ivr.actions import Finish
from ivr.ballots import VotesUnknown
from ivr.checkpoint import Checkpoint
from ivr.menus import Shelf
from ivr.message_taking import Journal
from ivr.session import IvrSession, IvrSettings
from ivr.walk import AWAY, Walk
from pbx.fastagi import AgiSession

_NAMED_BY = {"script": "IVR_SCRIPT", "queue": "ACD_QUEUE", "callback": "ACD_QUEUE"}


@dataclass
class Standing:
    """One given call, over all its sessions."""

    given: GivenCall
    results: GivenResults
    votes: dict[str, str] = field(default_factory=dict)

    def clock(self) -> float:
        """Epoch seconds of the call's own clock."""
        return self.given.at + time.time() - self.given.began

    async def step_of_vote(self, ballot: str, caller_number: str) -> str | None:
        """As `Ballots`: what is given of this ballot, else the votes of this call."""
        word = self.results("ballot", ballot)
        if word == "unknown":
            raise VotesUnknown("as given")
        return "before this call" if word == "voted" else None if word == "new" else self.votes.get(ballot)

    def note(self, ballot: str, caller_number: str, step_id: str) -> None:
        self.votes[ballot] = step_id


class GivenSession(IvrSession):
    """One AGI request of a given call."""

    def __init__(
        self,
        agi: AgiSession,
        shelf: Shelf,
        journal: Journal,
        settings: IvrSettings,
        standing: Standing,
        calls: GivenCalls,
        phone: str,
    ) -> None:
        super().__init__(agi, shelf, journal, replace(settings, clock=standing.clock, ballots=standing))
        self._standing = standing
        self._given = standing.given
        self._calls = calls
        self._phone = phone

    async def _ask(self) -> list[str]:
        tries, node, variables, result, entry, call_id, version, _ = await super()._ask()
        if not node:
            begun = Checkpoint(self._given.entry or entry, variables=dict(self._given.variables))
            variables = begun.channel_variables()["IVR_VARS"]
            self._agi.headers["agi_language"] = self._given.language
            self._pending["CHANNEL(language)"] = self._given.language
            self._tell(call_id, self._given.variables)
        return [tries, node, variables, result, self._given.entry or entry, call_id, version, self._given.called]

    def _start(self, entry: str) -> str:
        return self._given.entry or super()._start(entry)

    async def _finish(self, walk: Walk, finish: Finish) -> None:
        result = self._result(finish)
        if result is None:
            await super()._finish(walk, finish)
            return
        self._record_end(walk.checkpoint.address, finish.outcome)
        if finish.outcome in AWAY:
            walk.checkpoint.script_since = self._entered_at
        await self._set({**self._outdated, **self._checkpoint(walk), "IVR_RESULT": result})
        self._settings.checkpoints.forget(self._agi.uniqueid)

    def _result(self, finish: Finish) -> str | None:
        """What comes of it as given; None: whatever really does."""
        if finish.outcome not in _NAMED_BY:
            return None
        result = self._standing.results(finish.outcome, finish.variables.get(_NAMED_BY[finish.outcome], ""))
        returns = finish.outcome in AWAY or result in finish.variables.get("ACD_OUTCOMES", "").split()
        return result if returns else None

    def _record_end(self, address: str | None, outcome: str) -> None:
        variables: Mapping[str, str] = self._walk.checkpoint.variables if self._walk else {}
        self._tell(self._call_id, variables)
        super()._record_end(address, outcome)

    def _tell(self, call_id: str, variables: Mapping[str, str]) -> None:
        self._calls.tell(self._phone, ToldCall(self._given.name, call_id, variables))


def make_handler_of(calls: GivenCalls) -> HandlerMaker:
    """What makes handlers of the AGI route `ivr` that obey what is given of a call; others go as always."""
    standing: dict[str, Standing] = {}

    def make(shelf: Shelf, journal: Journal, settings: IvrSettings) -> Handler:
        as_always = session.handler_of(shelf, journal, settings)

        async def handle(agi: AgiSession) -> None:
            phone = agi.caller_number
            given = calls.given(phone)
            if given is None:
                await as_always(agi)
                return
            call = standing.setdefault(given.name, Standing(given, GivenResults(given.results)))
            agi.headers["agi_callerid"] = given.caller
            await GivenSession(agi, shelf, journal, settings, call, calls, phone).run()

        return handle

    return make
