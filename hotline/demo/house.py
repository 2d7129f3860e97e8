"""A running hotline of one's own: `hotline up` in its own folder, asked through its ready.json, killed in parts."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from db.engine import open_engine
from hotline.log_watch import tail
from hotline.phones.patience import eventually
from hotline.phones.sipp import Switch
from hotline.ports import any_free_port
from hotline.state import State
from shop.seed import seed

START_SECONDS = 180.0
"""The first start on a machine renders every prompt."""
STOP_SECONDS = 30.0
LOG_LINES = 30

T = TypeVar("T")


class HouseError(RuntimeError):
    """The hotline did not come up, come back or go down; the text ends with the tail of its log."""


@dataclass(frozen=True)
class Desk:
    """One agent's place, as ready.json tells it."""

    extension: str
    name: str
    password: str


class House:
    """A hotline that is up; use as `async with House(...) as house`. Any number of them may start at once: none takes
    the port that SIP is known for, which all would want.

    Args:
        folder: state, log and site of this house; kept afterwards.
        database_url: None is SQLite in the state folder.
        environment: what its processes find there beside this one's.
    """

    def __init__(
        self,
        folder: Path,
        site: Path,
        *,
        database_url: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.site = site
        self.state = State.at(folder / "state")
        self._database_url = database_url
        self._environment = environment or {}
        self._process: asyncio.subprocess.Process | None = None
        self._engine: Engine | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Bring the hotline up and wait until it is ready. Raises HouseError with the tail of what it said."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = ["up", "--state", str(self.state.folder), "--site", str(self.site)]
        command += ["--database", self._database_url] if self._database_url else []
        if not self.state.settings.exists():  # once chosen it stays: phones remember it
            command += ["--sip-port", str(any_free_port(socket.SOCK_DGRAM))]
        with (self.folder / "up.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hotline", *command,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self._environment},
            )  # fmt: skip
        try:
            await eventually(self._is_ready, START_SECONDS, "the hotline to be ready")
            self._seed_orders()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Take the hotline down in order, and by force what does not go. Safe to call twice."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        left = self._pids()
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError as stuck:
            for pid in left.values():
                _kill(pid)
            await process.wait()
            raise HouseError(
                f"the hotline did not stop in {STOP_SECONDS:g} s and was killed\n{self.log_tail()}"
            ) from stuck

    @property
    def ready(self) -> dict[str, Any]:
        """The content of ready.json now."""
        content: dict[str, Any] = json.loads(self.state.ready.read_text("utf-8"))
        return content

    @property
    def sip(self) -> Switch:
        """Where phones dial to."""
        return Switch(self.ready["sip"]["host"], self.ready["sip"]["port"])

    @property
    def feature_codes(self) -> dict[str, str]:
        """What an agent dials, by `log_in`, `ready`, `not_ready`, `log_off`."""
        codes: dict[str, str] = self.ready["feature_codes"]
        return codes

    @property
    def desks(self) -> dict[str, Desk]:
        """The agents by extension."""
        agents = self.ready["agents"]
        return {one["extension"]: Desk(one["extension"], one["name"], one["password"]) for one in agents}

    @property
    def engine(self) -> Engine:
        """The database of the records, for reading."""
        if self._engine is None:
            self._engine = open_engine(self.ready["database_url"])
        return self._engine

    def kill(self, name: str) -> int:
        """Kill -9 one process (`asterisk`, `acd`, `ivr`, `records`) and return the id that it had."""
        pid: int = self.ready["pids"][name]
        os.kill(pid, signal.SIGKILL)
        return pid

    async def back(self, name: str, killed_pid: int, seconds: float = 20.0) -> int:
        """Wait until a killed process is there again, ready; return its new id."""

        def new_pid() -> int | None:
            pid = self._pids().get(name)
            return pid if pid != killed_pid else None

        return await self.eventually(new_pid, seconds, f"{name} to be back") or 0

    async def eventually(self, check: Callable[[], T], seconds: float, what: str) -> T:
        """Ask until the answer is true; raises NeverHappened at the deadline."""
        return await eventually(check, seconds, what)

    def log_tail(self) -> str:
        """The last that each of its processes said."""
        logs = [self.folder / "up.log", *sorted(self.state.log.glob("*.log"))]
        return "\n".join(f"{log.name}:\n{tail(log, LOG_LINES)}" for log in logs)

    def _is_ready(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            raise HouseError(f"the hotline ended at its start\n{self.log_tail()}")
        return self.state.ready.exists()

    def _seed_orders(self) -> None:
        """The hotline itself does so for the shop's own site only, and not for a copy of it."""
        engine = open_engine(self.ready["database_url"], writing=True)
        try:
            seed(sessionmaker(engine))
        finally:
            engine.dispose()

    def _pids(self) -> dict[str, int]:
        try:
            pids: dict[str, int] = self.ready["pids"]
        except (FileNotFoundError, KeyError):  # on its way up or down
            return {}
        return pids


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
