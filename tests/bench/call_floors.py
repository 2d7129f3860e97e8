"""Two call centres with the same agents and callers: Hotline's ACD, and Asterisk's own app_queue."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from hotline.asterisk_tree import Asterisk
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.log_watch import tail
from hotline.phones.bare_switch import BareSwitch
from hotline.phones.load import Agents
from hotline.phones.sipp import Switch

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
AGENT_PROMPTS = ("logged_in", "ready", "not_ready", "logged_off", "refused")

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


class CallFloor(Protocol):
    """One of the two, as the bench sees it."""

    name: str

    @property
    def sip(self) -> Switch: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def agents(self, folder: Path) -> Agents: ...

    async def let_work(self, agents: Agents, working: bool) -> None:
        """Make all agents ready, or not ready, and return when they are."""
        ...

    def log_tail(self) -> str:
        """The last that it said."""
        ...

    def entries(self) -> Sequence[float]:
        """When each caller entered the queue, epoch seconds, oldest first."""
        ...

    def processes(self) -> Mapping[str, int]:
        """Process ids by name; Asterisk's own is `asterisk`."""
        ...


class HotlineFloor:
    """`hotline up` on a site with one queue and twenty agents."""

    name = "hotline"

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, write_site(folder / "site"))

    @property
    def sip(self) -> Switch:
        return self.house.sip

    async def start(self) -> None:
        await self.house.start()

    async def stop(self) -> None:
        await self.house.stop()

    def agents(self, folder: Path) -> Agents:
        return Agents(self.sip, [(desk.extension, desk.password) for desk in self.house.desks.values()], folder)

    async def let_work(self, agents: Agents, working: bool) -> None:
        name = "ready" if working else "not_ready"
        await agents.dial(self.house.feature_codes[name])
        facts = Facts(self.house.engine)
        if not working:
            await self.house.eventually(
                lambda: all(facts.agent_state(one) == name for one in EXTENSIONS),
                CLOSED_SECONDS,
                f"agents to be {name}",
            )

    def log_tail(self) -> str:
        return self.house.log_tail()

    def entries(self) -> Sequence[float]:
        return [visit.arrived_at.timestamp() for visit in Facts(self.house.engine).visits()]

    def processes(self) -> Mapping[str, int]:
        pids: dict[str, int] = self.house.ready["pids"]
        return pids


class AppQueueFloor:
    """A bare Asterisk with `Queue()` and the same agents."""

    name = "app_queue"

    def __init__(self, folder: Path, asterisk: Asterisk) -> None:
        members = "".join(f"member => PJSIP/{one}\n" for one in EXTENSIONS)
        self.credentials = [(one, f"bench-{one}") for one in EXTENSIONS]
        files = {"queues.conf": QUEUES + members, "logger.conf": LOGGER}
        self.switch = BareSwitch(asterisk, folder, dialplan=DIALPLAN, agents=self.credentials, files=files)

    @property
    def sip(self) -> Switch:
        return self.switch.sip

    async def start(self) -> None:
        await self.switch.start()

    async def stop(self) -> None:
        await self.switch.stop()

    def agents(self, folder: Path) -> Agents:
        return Agents(self.sip, self.credentials, folder)

    async def let_work(self, agents: Agents, working: bool) -> None:
        word = "unpause" if working else "pause"
        await asyncio.gather(
            *(self.switch.command(f"queue {word} member PJSIP/{one} queue bench") for one in EXTENSIONS)
        )

    def log_tail(self) -> str:
        return tail(self.switch.log, 40)

    def entries(self) -> Sequence[float]:
        found = QUEUE_ENTERED.findall(self.switch.log.read_text(errors="replace"))
        return [datetime.fromisoformat(one).timestamp() for one in found]

    def processes(self) -> Mapping[str, int]:
        return {"asterisk": self.switch.pid}


def write_site(folder: Path) -> Path:
    """Write the bench's site and return its folder."""
    prompts = "".join(f"agent.{name}:\n  en: Done.\n" for name in AGENT_PROMPTS)
    for name, text in {**SITE_FILES, "prompts.yaml": prompts}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
