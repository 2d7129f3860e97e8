"""Two call centres with the same agents and callers: Hotline's ACD, and Asterisk's own app_queue."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from hotline.asterisk_tree import Asterisk
from hotline.phones.load import Agents
from tests.two_systems import AppQueueSystem, HotlineSystem, System

NUMBER = "7000"
EXTENSIONS = tuple(str(number) for number in range(2001, 2021))
CLOSED_SECONDS = 10.0

SITE_FILES: Mapping[str, str] = {
    "site.yaml": f"""\
name: Bench
languages: [en]
numbers: {{"{NUMBER}": main}}
trunks: [{{name: local, addresses: ["127.0.0.1"]}}]
""",
    "menus/main.yaml": """\
entry: wait
nodes:
  wait: {type: queue, queue: bench}
""",
    "queues.yaml": """\
bench:
  name: {en: Bench}
  skills: {bench: 1}
  ring_seconds: 20
  wrap_up_seconds: 0
  last_agent_hold_seconds: 0
""",
    "agents.yaml": "".join(f'"{one}": {{name: "Agent {one}", skills: {{bench: 5}}}}\n' for one in EXTENSIONS),
}

DIALPLAN = f"exten => {NUMBER},1,Answer()\n same => n,Queue(bench)\n same => n,Hangup()"
QUEUES = """\
[general]
autofill=yes
persistentmembers=no
[bench]
strategy=leastrecent
ringinuse=no
autofill=yes
wrapuptime=0
timeout=20
retry=1
joinempty=yes
leavewhenempty=no
"""
"""retry=1 is the least that app_queue accepts."""

LOGGER = "[general]\ndateformat=%F %T.%6q\n[logfiles]\nmessages => notice,warning,error,verbose(3)\n"
QUEUE_ENTERED = re.compile(r"^\[([\d :.-]+)\] VERBOSE.* Executing \[\S+\] Queue\(\"", re.MULTILINE)


class CallFloor(System, Protocol):
    """One of the two, as the bench sees it."""

    async def let_work(self, agents: Agents, working: bool) -> None:
        """Make all agents ready, or not ready, and return when they are."""
        ...

    def entries(self) -> Sequence[float]:
        """When each caller entered the queue, epoch seconds, oldest first."""
        ...

    def processes(self) -> Mapping[str, int]:
        """Process ids by name; Asterisk's own is `asterisk`."""
        ...


class HotlineFloor(HotlineSystem):
    """A site with one queue and twenty agents."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SITE_FILES, EXTENSIONS)

    async def let_work(self, agents: Agents, working: bool) -> None:
        name = "ready" if working else "not_ready"
        await agents.dial(self.house.feature_codes[name])
        if not working:
            await self.house.eventually(
                lambda: all(self.facts.agent_state(one) == name for one in EXTENSIONS),
                CLOSED_SECONDS,
                f"agents to be {name}",
            )

    def entries(self) -> Sequence[float]:
        return [visit.arrived_at.timestamp() for visit in self.facts.visits()]

    def processes(self) -> Mapping[str, int]:
        pids: dict[str, int] = self.house.ready["pids"]
        return pids


class AppQueueFloor(AppQueueSystem):
    """`Queue()` and the same agents."""

    def __init__(self, folder: Path, asterisk: Asterisk) -> None:
        queues = QUEUES + "".join(f"member => PJSIP/{one}\n" for one in EXTENSIONS)
        files = {"logger.conf": LOGGER}
        super().__init__(asterisk, folder, dialplan=DIALPLAN, queues=queues, extensions=EXTENSIONS, files=files)

    async def let_work(self, agents: Agents, working: bool) -> None:
        word = "unpause" if working else "pause"
        await asyncio.gather(
            *(self.switch.command(f"queue {word} member PJSIP/{one} queue bench") for one in EXTENSIONS)
        )

    def entries(self) -> Sequence[float]:
        return [datetime.fromisoformat(one).timestamp() for one in QUEUE_ENTERED.findall(self.log)]

    def processes(self) -> Mapping[str, int]:
        return {"asterisk": self.switch.pid}
