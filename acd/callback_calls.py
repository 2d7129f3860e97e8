"""The AGI requests of callbacks: the agent whose phone was rung, and the caller who was called first.

The agent's channel waits in a loop of the dialplan like a caller's (context `callback-agent`): when this process dies,
the Dial that runs on it goes on, and the next process finds in DIALSTATUS what has become of it. A channel on which a
Dial was made is never dialled from again.
"""

import logging
from typing import Final

from acd.announcing import Saying
from acd.callback import AttemptOutcome
from acd.commands import DialCaller
from acd.distributor import Distributor, Errand
from acd.events import AgentReached, CallbackFailed, TalkEnded
from acd.hold import variables
from acd.outside import Outside
from acd.ringing import read_number
from acd.speech import Clips, Speech
from pbx.fastagi import AgiSession, CallerGone, SessionOver

log = logging.getLogger(__name__)

_AGENT: Final = ("CALLBACK_ID", "CHANNEL(uniqueid)", "DIALSTATUS", "HANGUPCAUSE", "ANSWEREDTIME")
_WHISPER: Final = "callback.whisper"
_NOT_REACHED: Final = "callback.not_reached"
_HELLO: Final = "callback.hello"


class CallbackCalls:
    """`handle` is the handler of the AGI route `callback`, with `agent` or `caller` behind it."""

    def __init__(self, distributor: Distributor, clips: Clips, outside: Outside) -> None:
        self._distributor = distributor
        self._clips = clips
        self._outside = outside

    async def handle(self, session: AgiSession) -> None:
        """Serve one request until its channel has nothing more to do here."""
        try:
            if session.path_rest == "caller":
                await self._speech(session).say([Saying(_HELLO)])
                return
            await _Agent(session, self._distributor, self._speech(session), self._outside).serve()
            await session.set_variable("ACD_DONE", "callback")
        except SessionOver:
            return

    def _speech(self, session: AgiSession) -> Speech:
        return Speech(session, self._clips, (), self._distributor.press)


class _Agent:
    """One agent who has picked up for a callback."""

    def __init__(self, session: AgiSession, distributor: Distributor, speech: Speech, outside: Outside) -> None:
        self._session = session
        self._distributor = distributor
        self._speech = speech
        self._outside = outside
        self._order: DialCaller | None = None
        self._callback_id = ""
        self._channel_id = ""

    async def serve(self) -> None:
        self._callback_id, self._channel_id, status, cause, answered = await variables(self._session, _AGENT)
        if status:  # the last process has died while this agent's Dial ran
            self._tell(status, cause, answered, by_agent=False)
            return
        self._distributor.attach(self._callback_id, self._take)
        try:
            self._distributor.post(AgentReached(self._callback_id, self._channel_id))
            if self._order is None:
                return  # taken back as the agent answered
            await self._dial(self._order)
        finally:
            self._distributor.detach(self._callback_id, self._take)

    def _take(self, errand: Errand) -> None:
        if isinstance(errand, DialCaller):
            self._order = errand

    async def _dial(self, order: DialCaller) -> None:
        if not self._outside.allows(order.number):
            self._fail(AttemptOutcome.FORBIDDEN)
            return
        try:
            await self._speech.say([Saying(_WHISPER, {"number": order.number})])
            await self._session.set_variable("CALLERID(num)", self._outside.caller_number)
            # r: the agent hears that it rings; g: the agent is let go here, and not with the caller.
            argument = f"{self._outside.dial_string(order.number)},{order.ring_seconds:.0f},gr"
            await self._session.begin("EXEC", "Dial", argument, timeout_seconds=None)
        except CallerGone:
            _, _, status, cause, answered = await variables(self._session, _AGENT, after_hangup=True)
            self._tell(status if answered else "", cause, answered, by_agent=True)
            raise
        _, _, status, cause, answered = await variables(self._session, _AGENT)
        if status != "ANSWER":  # told before the agent is anybody else's
            await self._speech.say([Saying(_NOT_REACHED)])
        self._tell(status, cause, answered, by_agent=False)

    def _tell(self, status: str, cause: str, answered: str, *, by_agent: bool) -> None:
        """What became of the Dial; AMI may have told it before, and it then changes nothing."""
        if status == "ANSWER":
            self._distributor.post(TalkEnded(self._callback_id, by_agent, read_number(answered)))
        elif by_agent:
            self._fail(AttemptOutcome.AGENT_LEFT)
        else:
            self._fail(_outcome_of_dial(status, cause))

    def _fail(self, outcome: AttemptOutcome) -> None:
        self._distributor.post(CallbackFailed(self._callback_id, self._channel_id, outcome))


def _outcome_of_dial(status: str, cause: str) -> AttemptOutcome:
    """DIALSTATUS (app_dial.c) of a caller who did not answer."""
    told = {"BUSY": AttemptOutcome.BUSY, "NOANSWER": AttemptOutcome.NO_ANSWER}
    return told.get(status) or (AttemptOutcome.BUSY if cause == "21" else AttemptOutcome.UNREACHABLE)
