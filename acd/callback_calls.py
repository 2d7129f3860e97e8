"""The AGI requests of callbacks: the agent whose phone was rung, and the caller who was called first.

The agent's channel waits in a loop of the dialplan like a caller's (context `callback-agent`): when this process dies,
the Dial that runs on it goes on, and the next process finds in DIALSTATUS what has become of it. A channel on which a
Dial was made is never dialled from again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from acd.announcing import Saying
from acd.callback import AttemptOutcome
from acd.commands import DialCaller
from acd.dial import callback_options
from acd.distributor import Distributor, Errand
from acd.events import AgentReached, CallbackFailed, TalkEnded
from acd.hold_entry import variables
from acd.joined_sounds import first_of
from acd.model import Visit
from acd.outside import Outside
from acd.recording_rules import NEVER, Rules, talk_arguments
from acd.ringing import read_number
from acd.speech import Clips, Speech
from pbx.fastagi import AgiSession, CallerGone, SessionOver

log = logging.getLogger(__name__)

_AGENT: Final = ("CALLBACK_ID", "CHANNEL(uniqueid)", "DIALSTATUS", "HANGUPCAUSE", "ANSWEREDTIME")
_WHISPER: Final = "callback.whisper"
_NOT_REACHED: Final = "callback.not_reached"
_HELLO: Final = "callback.hello"
_NEWS_SECONDS: Final = 1.0
"""AMI tells within this what the end of a Dial means, and whether anybody was sent on."""


class CallbackCalls:
    """`handle` is the handler of the AGI route `callback`, with `agent`, `caller` or `menu` behind it.

    Args:
        join: makes one sound of several.
    """

    def __init__(
        self,
        distributor: Distributor,
        clips: Clips,
        outside: Outside,
        recording: Rules | None = None,
        join: Callable[[Sequence[str]], str] = first_of,
        menu: Callable[[AgiSession], Awaitable[None]] | None = None,
    ) -> None:
        self._distributor = distributor
        self._clips = clips
        self._outside = outside
        self.recording = recording or {}
        """How the queues record; renewed by a reload."""
        self._join = join
        self._menu = menu

    async def handle(self, session: AgiSession) -> None:
        """Serve one request until its channel has nothing more to do here."""
        try:
            if session.path_rest == "menu" and self._menu is not None:
                await self._menu(session)
                return
            if session.path_rest == "caller":
                await self._speech(session).say([Saying(_HELLO)])
                return
            await _Agent(session, self._distributor, self._speech(session), self._outside, self.recording).serve()
            await session.set_variable("ACD_DONE", "callback")
        except SessionOver:
            return

    def _speech(self, session: AgiSession) -> Speech:
        return Speech(session, self._clips, (), self._distributor.press, self._join)


class _Agent:
    """One agent who has picked up for a callback."""

    def __init__(
        self, session: AgiSession, distributor: Distributor, speech: Speech, outside: Outside, recording: Rules
    ) -> None:
        self._recording = recording
        self._session = session
        self._distributor = distributor
        self._speech = speech
        self._outside = outside
        self._order: DialCaller | None = None
        self._callback_id = ""
        self._channel_id = ""
        self._over = asyncio.Event()
        """The visit has ended, or goes on as another."""

    async def serve(self) -> None:
        self._callback_id, self._channel_id, status, cause, answered = await variables(self._session, _AGENT)
        if status:  # the last process has died while this agent's Dial ran
            await self._tell(status, cause, answered, by_agent=False)
            return
        self._distributor.attach(self._channel_id, self._take)
        try:
            self._distributor.post(AgentReached(self._callback_id, self._channel_id))
            if self._order is None:
                return  # taken back as the agent answered, or another phone of theirs was first
            self._distributor.attach(self._callback_id, self._take)
            await self._dial(self._order)
        finally:
            self._distributor.detach(self._channel_id, self._take)
            self._distributor.detach(self._callback_id, self._take)

    def _take(self, errand: Errand) -> None:
        if isinstance(errand, DialCaller):
            self._order = errand
        else:
            self._over.set()

    async def _dial(self, order: DialCaller) -> None:
        if not self._outside.allows(order.number):
            self._fail(AttemptOutcome.FORBIDDEN)
            return
        try:
            await self._speech.say([Saying(_WHISPER, {"number": order.number})])
            if (visit := self._distributor.engine.visits.get(order.visit_id)) is None:
                return  # taken back during these words
            await self._session.set_variable("CALLERID(num)", self._outside.caller_number)
            options = self._options(order, visit)
            argument = f"{self._outside.dial_string(order.number)},{order.ring_seconds:.0f},{options}"
            await self._session.begin("EXEC", "Dial", argument, timeout_seconds=None)
        except CallerGone:
            _, _, status, cause, answered = await variables(self._session, _AGENT, after_hangup=True)
            await self._tell(status if answered else "", cause, answered, by_agent=True)
            raise
        _, _, status, cause, answered = await variables(self._session, _AGENT)
        if status != "ANSWER" or not answered:  # told before the agent is anybody else's
            await self._speech.say([Saying(_NOT_REACHED)])
        await self._tell(status, cause, answered, by_agent=False)

    def _options(self, order: DialCaller, visit: Visit) -> str:
        """What holds for other callers of the queue holds for this one: recorded, told so before, asked afterwards."""
        language = visit.callback.language if visit.callback is not None else ""
        rule = self._recording.get(visit.queue.queue_id, NEVER)
        arrived_at = time.time() - (time.monotonic() - visit.arrived)
        return callback_options(
            (visit.visit_id, visit.queue.queue_id, order.number, language, f"{arrived_at:.3f}"),
            notice=self._speech.file(language, Saying(rule.notice or "")),
            talk=talk_arguments(rule, visit.visit_id, arrived_at, paused=False, ahead=True),
        )

    async def _tell(self, status: str, cause: str, answered: str, *, by_agent: bool) -> None:
        """What became of the Dial; AMI may have told it before, and it then changes nothing."""
        if status == "ANSWER" and answered:
            await self._tell_end(TalkEnded(self._callback_id, by_agent, read_number(answered)))
        elif by_agent:
            self._fail(AttemptOutcome.AGENT_LEFT)
        else:
            self._fail(_outcome_of_dial(status, cause))  # one who hangs up in the notice has talked to nobody

    async def _tell_end(self, end: TalkEnded) -> None:
        """This agent's Dial is over, which is the end of the talk unless they have handed the caller over or somebody
        has taken the talk over: AMI knows, and only where it is away does this channel's end say what it looks like."""
        engine = self._distributor.engine
        if engine.switch_seen and self._callback_id in engine.visits:
            with suppress(TimeoutError):
                async with asyncio.timeout(_NEWS_SECONDS):
                    await self._over.wait()
        visit = engine.visits.get(self._callback_id)
        agent_id = self._distributor.agent_of(self._session.channel)
        if visit is not None and visit.agent_id in (None, agent_id):
            self._distributor.post(end)

    def _fail(self, outcome: AttemptOutcome) -> None:
        self._distributor.post(CallbackFailed(self._callback_id, self._channel_id, outcome))


def _outcome_of_dial(status: str, cause: str) -> AttemptOutcome:
    """DIALSTATUS (app_dial.c) of a caller who did not answer."""
    told = {
        "BUSY": AttemptOutcome.BUSY,
        "NOANSWER": AttemptOutcome.NO_ANSWER,
        "ANSWER": AttemptOutcome.NO_ANSWER,
    }
    return told.get(status) or (AttemptOutcome.BUSY if cause == "21" else AttemptOutcome.UNREACHABLE)
