"""Agents' states on the lamps of phones: the device `Custom:agent-<id>` in Asterisk, which the dialplan's hints show.

Asterisk keeps custom device states over its restarts, and would show those of before: every picture of the switch is
followed by all of them anew. Lamps never hold a call up, and only the newest state of an agent waits to be told: from
one call to the next agents change faster than anybody sees, and each light costs both sides as much as a command.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from acd.distributor import Distributor
from acd.model import AgentState
from pbx.ami import AmiClient, SwitchError

log = logging.getLogger(__name__)

LAMPS: Final[Mapping[AgentState, str]] = {
    AgentState.LOGGED_OFF: "UNAVAILABLE",
    AgentState.NOT_READY: "BUSY",
    AgentState.READY: "NOT_INUSE",
    AgentState.OFFERED: "RINGING",
    AgentState.ON_CALL: "INUSE",
    AgentState.WRAP_UP: "ONHOLD",
    AgentState.EXTERNAL: "INUSE",
}
"""Asterisk's device state for each state of an agent (main/devicestate.c); phones show most of them apart."""
GATHER_SECONDS: Final = 0.05
"""After a change, the time for others to follow it before lamps are set."""


class Lamps:
    """Tells Asterisk what the journal is told, for as long as `run` runs."""

    def __init__(self, ami: AmiClient, distributor: Distributor, gather_seconds: float = GATHER_SECONDS) -> None:
        self._ami = ami
        self._gather_seconds = gather_seconds
        self._agents = distributor.engine.agents
        self._stale: dict[str, None] = {}
        """Agents whose lamps are to be set, in the order in which they changed."""
        self._lit: dict[str, str] = {}
        """What the lamps show, as far as this process knows."""
        self._changed = asyncio.Event()
        distributor.listeners.append(self._hear)

    async def run(self) -> None:
        """Set lamps until cancelled. While the link is lost nothing is set: the next picture makes all stale."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(self._gather_seconds)
            self._changed.clear()
            while self._stale:
                agent_id = next(iter(self._stale))
                del self._stale[agent_id]
                lamp = LAMPS[self._agents[agent_id].state]
                if self._lit.get(agent_id) != lamp:
                    await self._set(agent_id, lamp)

    def _hear(self, line: Mapping[str, Any]) -> None:
        if line["verb"] == "AGENTSTATE" and line["agent_id"] in self._agents:
            self._stale[line["agent_id"]] = None
        elif line["verb"] == "SWITCHSTART":
            self._lit.clear()
            self._stale |= dict.fromkeys(self._agents)
        else:
            return
        self._changed.set()

    async def _set(self, agent_id: str, lamp: str) -> None:
        try:
            fields = {"Variable": f"DEVICE_STATE(Custom:agent-{agent_id})", "Value": lamp}
            self._lit.pop(agent_id, None)
            await self._ami.send("Setvar", fields)
            self._lit[agent_id] = lamp
        except SwitchError as refusal:
            log.info("action=lamp agent_id=%s fault=%s", agent_id, refusal)
