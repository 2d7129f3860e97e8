"""Feature codes: an agent dials one, the state changes, a voice confirms it.

Who dials is known from the phone's own SIP account (AGENT_ID, set on its PJSIP endpoint), never from a caller number.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from acd.distributor import Distributor
from acd.events import AgentAsked
from acd.model import AgentState
from pbx.fastagi import AgiSession, SessionOver

log = logging.getLogger(__name__)

Clips = Callable[[str, str], list[str]]
"""(prompt id, language) to sound files without extension."""


@dataclass(frozen=True, slots=True)
class Code:
    """What one feature code asks for and what the agent hears."""

    state: AgentState
    reason: str
    prompt: str


CODES: Final[Mapping[str, Code]] = {
    "log_in": Code(AgentState.NOT_READY, "log_in", "agent.logged_in"),
    "ready": Code(AgentState.READY, "", "agent.ready"),
    "not_ready": Code(AgentState.NOT_READY, "by_phone", "agent.not_ready"),
    "log_off": Code(AgentState.LOGGED_OFF, "by_phone", "agent.logged_off"),
}
_REFUSED: Final = "agent.refused"


class AgentDesk:
    """Answers feature codes: `handle` is the handler of the AGI route `agent`, with the code's name behind it."""

    def __init__(self, distributor: Distributor, clips: Clips) -> None:
        self._distributor = distributor
        self._clips = clips

    async def handle(self, session: AgiSession) -> None:
        """Change the state first, then answer and confirm: a phone that hangs up as soon as it is answered has been
        heard."""
        try:
            agent_id = await session.get_variable("AGENT_ID") or ""
            prompt = self._ask(agent_id, session.path_rest)
            await session.command("ANSWER")
            for clip in self._clips(prompt, session.language):
                await session.stream_file(clip)
        except SessionOver:
            return

    def _ask(self, agent_id: str, name: str) -> str:
        code = CODES.get(name)
        agent = self._distributor.engine.agents.get(agent_id)
        if code is None or agent is None:
            log.warning("action=feature_code code=%r agent_id=%r refused", name, agent_id)
            return _REFUSED
        if name == "log_in" and agent.state is not AgentState.LOGGED_OFF:
            return code.prompt  # logged in already: keep the state that the agent chose since
        self._distributor.post(AgentAsked(agent_id, code.state, code.reason))
        return code.prompt
