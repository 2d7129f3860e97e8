"""One call centre twice, with the same phones: on Hotline, and on Asterisk's own app_queue. For oracles and bench."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from hotline.asterisk_tree import Asterisk
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.log_watch import tail
from hotline.phones.bare_switch import BareSwitch
from hotline.phones.load import Agents
from hotline.phones.sipp import Switch

PROMPTS = ("logged_in", "ready", "not_ready", "logged_off", "refused")
"""Of feature codes: what every site in these tests says."""
LOG_LINES = 60


class System(Protocol):
    """One of the two, up to what is asked of it."""

    name: str

    @property
    def sip(self) -> Switch: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def agents(self, folder: Path) -> Agents:
        """The agents' phones, not yet started."""
        ...

    def log_tail(self) -> str:
        """The last that it said."""
        ...


class HotlineSystem:
    """`hotline up` on a site of these files."""

    name = "hotline"

    def __init__(self, folder: Path, files: Mapping[str, str], extensions: Sequence[str]) -> None:
        self.extensions = extensions
        self.house = House(folder, write_site(folder / "site", files))

    @property
    def sip(self) -> Switch:
        return self.house.sip

    @property
    def facts(self) -> Facts:
        return Facts(self.house.engine)

    async def start(self) -> None:
        await self.house.start()

    async def stop(self) -> None:
        await self.house.stop()

    def agents(self, folder: Path) -> Agents:
        desks = self.house.desks
        return Agents(self.sip, [(extension, desks[extension].password) for extension in self.extensions], folder)

    def log_tail(self) -> str:
        return self.house.log_tail()


class AppQueueSystem:
    """A bare Asterisk with this dialplan and queues.conf, and what else is in `files`."""

    name = "app_queue"

    def __init__(
        self,
        asterisk: Asterisk,
        folder: Path,
        *,
        dialplan: str,
        queues: str,
        extensions: Sequence[str],
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.extensions = extensions
        self._credentials = [(extension, f"secret-{extension}") for extension in extensions]
        configuration = {"queues.conf": queues, **(files or {})}
        self.switch = BareSwitch(asterisk, folder, dialplan=dialplan, agents=self._credentials, files=configuration)

    @property
    def sip(self) -> Switch:
        return self.switch.sip

    @property
    def log(self) -> str:
        return self.switch.log.read_text(errors="replace")

    async def start(self) -> None:
        await self.switch.start()

    async def stop(self) -> None:
        await self.switch.stop()

    def agents(self, folder: Path) -> Agents:
        return Agents(self.sip, self._credentials, folder)

    def log_tail(self) -> str:
        return tail(self.switch.log, LOG_LINES)


def write_site(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a site in English, with the prompts that every site needs, and return its folder."""
    prompts = "".join(f"agent.{name}:\n  en: Done.\n" for name in PROMPTS)
    for name, text in {"prompts.yaml": prompts, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
