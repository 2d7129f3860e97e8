"""Supervisors: listen to an agent's talk, whisper, barge in, take it over, or log an agent off. Every act is recorded.

A supervisor dials a code and the agent's extension, or is rung by `hotline supervise`; either way their own leg asks
here, and Asterisk's dialplan ([supervise]) does what it is told with one exact channel. Who asks is known from the
phone, which has a SIP account, so no caller can. What was refused is recorded too.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

from acd.distributor import Distributor
from acd.events import AgentAsked, TalkTaken
from acd.legs import Leg
from acd.model import Agent, AgentState, Visit, VisitState
from acd.recording import Recorder
from acd.recording_rules import talk_arguments
from acd.switchboard import Switchboard
from pbx.ami import AmiClient, AmiEvent, SwitchError
from pbx.fastagi import AgiSession, SessionOver

log = logging.getLogger(__name__)

Clips = Callable[[str, str], list[str]]

MODES: Final = ("listen", "whisper", "barge", "take_over", "log_off")
RING_MILLISECONDS: Final = "20000"

# ChanSpy (app_chanspy.c): q no beep, u the argument is one whole channel name, E and S end it with the talk,
# w whisper, B barge. X lets a key leave it for [supervise-keys], which asks here again.
_SPY: Final[Mapping[str, str]] = {"listen": "quES", "whisper": "quESw", "barge": "quESB"}
_SWITCHES: Final = frozenset({"listen", "whisper", "barge", "take_over"})

_PROMPTS: Final[Mapping[str, str]] = {
    "not_in_talk": "supervise.not_in_talk",
    "not_allowed": "supervise.not_allowed",
    "log_off": "supervise.logged_off",
}
_REFUSED: Final = "agent.refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """One wish of a supervisor."""

    mode: str
    supervisor_id: str
    agent_id: str
    route: str
    """phone, key or command"""
    channel_id: str = ""
    """Uniqueid of the supervisor's leg; empty where there is none."""


def spy_options(mode: str, rights: Collection[str]) -> str:
    """ChanSpy's options; keys that switch the mode are there for those alone who may do more than this."""
    return _SPY[mode] + ("X" if _SWITCHES & set(rights) - {mode} else "")


def refusal(asked: Asked, rights: Collection[str], agent: Agent | None, own: Agent | None, visit: Visit | None) -> str:
    """Why not; empty where the act may be done.

    Args:
        agent: whom it is about.
        own: the supervisor, where agents.yaml has them.
        visit: the agent's.
    """
    if asked.mode not in rights:
        return "not_allowed"
    if agent is None or own is agent:
        return "no_such_agent"
    if asked.mode == "log_off":
        return "logged_off_already" if agent.state is AgentState.LOGGED_OFF else ""
    if visit is None or visit.state is not VisitState.CONNECTED:
        return "not_in_talk"
    if asked.mode == "take_over" and own is not None and own.visit_id is not None:
        return "in_a_talk"
    return ""


class Supervision:
    """One per process; `handle` is the handler of the AGI route `supervise`, and it listens to the switchboard."""

    def __init__(
        self,
        distributor: Distributor,
        switchboard: Switchboard,
        ami: AmiClient,
        recorder: Recorder,
        rights: Mapping[str, frozenset[str]],
        clips: Clips,
        new_id: Callable[[], str],
    ) -> None:
        self._distributor = distributor
        self._switchboard = switchboard
        self._ami = ami
        self._recorder = recorder
        self.rights = rights
        """By supervisor; renewed by a reload."""
        self._clips = clips
        self._new_id = new_id
        self._takings: dict[str, tuple[str, str]] = {}
        """Caller's channel to visit_id and the supervisor who is about to be bridged with it."""
        self._tasks: set[asyncio.Task[None]] = set()

    # The supervisor's own leg asks

    async def handle(self, session: AgiSession) -> None:
        """Decide, record, then tell the dialplan; without SUPERVISE it does nothing but hang up."""
        mode, _, agent_id = session.path_rest.partition("/")
        try:
            supervisor_id = self._switchboard.legs.agent_of(session.channel) or ""
            spying = self._distributor.open.act_of(session.uniqueid)
            route = "key" if spying is not None else await session.get_variable("SUPERVISE_ROUTE") or "phone"
            asked = Asked(mode, supervisor_id, agent_id, route, session.uniqueid)
            refused = self._refusal(asked)
            found = self._switchboard.legs.talk_leg(agent_id)
            if not refused and mode != "log_off" and found is None:
                refused = "not_in_talk"  # the leg is ending at this moment
            if refused and spying is not None:
                self._record(asked, refused)
                await self._say(session, refused)
                await session.set_variable("SUPERVISE", "spy")  # back to what goes on, as its variables still say
            elif refused or found is None or mode == "log_off":
                self._record(asked, refused)
                await self._finish(session, asked, refused)
            else:
                self._end(session.uniqueid)
                self._record(asked, "")
                await session.command("ANSWER")
                await self._prepare(session, asked, found[1])
        except SessionOver:
            self._end(session.uniqueid)

    def _refusal(self, asked: Asked) -> str:
        engine = self._distributor.engine
        agent, own = engine.agents.get(asked.agent_id), engine.agents.get(asked.supervisor_id)
        visit = engine.visits.get(agent.visit_id or "") if agent is not None else None
        return refusal(asked, self.rights.get(asked.supervisor_id, frozenset()), agent, own, visit)

    async def _finish(self, session: AgiSession, asked: Asked, refused: str) -> None:
        """Nothing to join: do what needs no channel, and say how it went."""
        if not refused:
            self._log_off(asked)
        await session.command("ANSWER")
        await self._say(session, refused or asked.mode)

    async def _say(self, session: AgiSession, what: str) -> None:
        for clip in self._clips(_PROMPTS.get(what, _REFUSED), session.language):
            await session.stream_file(clip)

    async def _prepare(self, session: AgiSession, asked: Asked, leg: Leg) -> None:
        """Hand the dialplan its variables; SUPERVISE comes last, so that a killed process has asked for nothing."""
        if asked.mode == "take_over":
            await self._prepare_taking(session, asked, leg)
        else:
            rights = self.rights[asked.supervisor_id]
            await session.set_variable("SUPERVISE_CHANNEL", leg.channel)
            await session.set_variable("SUPERVISE_OPTIONS", spy_options(asked.mode, rights))
            await session.set_variable("SUPERVISE", "spy")

    async def _prepare_taking(self, session: AgiSession, asked: Asked, leg: Leg) -> None:
        engine = self._distributor.engine
        visit = engine.visits[engine.agents[asked.agent_id].visit_id or ""]
        try:
            peer = await self._ami.send("Getvar", {"Channel": leg.channel, "Variable": "BRIDGEPEER"})
            pause = await self._ami.send("Getvar", {"Channel": leg.channel, "Variable": "RECORDING_PAUSED"})
        except SwitchError as fault:
            log.warning("action=take_over channel=%s fault=%s", leg.channel, fault)
            self._end(session.uniqueid)
            await self._say(session, "not_done")
            return
        caller, paused = peer.get("Value"), pause.get("Value") == "1"
        arrived_at = time.time() - (time.monotonic() - visit.arrived)
        rule = self._recorder.rule_of(visit.queue.queue_id)
        arguments = talk_arguments(rule, visit.visit_id, arrived_at, paused=paused)
        await session.set_variable("SUPERVISE_RECORD", ",".join(arguments))
        await session.set_variable("SUPERVISE_CHANNEL", caller)
        self._takings[caller] = visit.visit_id, asked.supervisor_id
        await session.set_variable("SUPERVISE", "take_over")

    # A command asks

    async def command(self, mode: str, agent_id: str, supervisor_id: str) -> str:
        """Ring the supervisor, whose leg then asks as if they had dialled; why not, empty when done or ringing."""
        asked = Asked(mode, supervisor_id, agent_id, "command")
        if refused := self._refusal(asked):
            self._record(asked, refused)
        elif mode == "log_off":
            self._record(asked, "")
            self._log_off(asked)
        else:
            self._spawn(self._ring(asked))
        return refused

    async def _ring(self, asked: Asked) -> None:
        own = self._distributor.engine.agents.get(asked.supervisor_id)
        phone = own.phones[0] if own is not None and own.phones else asked.supervisor_id
        fields = {
            "Channel": f"PJSIP/{phone}",
            "ChannelId": f"supervise-{self._new_id()}",
            "Context": "supervise",
            "Exten": "s",
            "Priority": "1",
            "Timeout": RING_MILLISECONDS,
            "CallerID": f"<{asked.agent_id}>",
            "Variable": [f"SUPERVISE_MODE={asked.mode}", f"SUPERVISED={asked.agent_id}", "SUPERVISE_ROUTE=command"],
        }
        try:
            answer = await self._ami.originate(fields)
            failed = "" if answer.get("Response") == "Success" else "not_answered"
        except SwitchError as fault:
            log.warning("action=ring_supervisor supervisor=%s fault=%s", asked.supervisor_id, fault)
            failed = "not_reached"
        if failed:
            self._record(asked, failed)

    def _log_off(self, asked: Asked) -> None:
        self._distributor.post(AgentAsked(asked.agent_id, AgentState.LOGGED_OFF, "supervisor"))

    # What Asterisk tells

    def hear(self, event: AmiEvent) -> None:
        if event.name == "BridgeEnter" and (taking := self._takings.pop(event["Channel"], None)) is not None:
            # The caller has been moved: the next news is the end of the agent's leg, and that is not the talk's.
            self._distributor.post(TalkTaken(*taking))
        elif event.name == "Hangup":
            self._end(event["Uniqueid"])
            self._takings.pop(event["Channel"], None)

    def see(self, channels: Mapping[str, AmiEvent]) -> None:
        """After a gap: the acts of supervisors who are gone are over."""
        for act in list(self._distributor.open.acts.values()):
            if act.channel_id not in channels:
                self._end(act.channel_id)

    # Records

    def _record(self, asked: Asked, refused: str) -> None:
        agent = self._distributor.engine.agents.get(asked.agent_id)
        if refused:
            log.warning("action=supervise asked=%r refused=%s", asked, refused)
        self._distributor.record(
            "SUPERVISE",
            act_id=self._new_id(),
            supervisor_id=asked.supervisor_id,
            agent_id=asked.agent_id,
            visit_id=(agent.visit_id if agent is not None else None) or "",
            mode=asked.mode,
            route=asked.route,
            channel_id="" if asked.mode == "log_off" else asked.channel_id,
            refused=refused,
        )

    def _end(self, channel_id: str) -> None:
        """The supervisor on this leg has stopped what they did, if anything."""
        if (act := self._distributor.open.act_of(channel_id)) is not None:
            self._distributor.record("SUPERVISEEND", act_id=act.act_id)

    def _spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
