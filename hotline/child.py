"""One supervised process: started, heard to be ready, brought back when it dies, and never left behind."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotline.faults import StartFailed
from hotline.log_watch import tail
from hotline.processes import gone, run_to_end
from hotline.readiness import VARIABLE, ReadinessSocket
from hotline.reserve import Reserve

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None)

SETTLED_SECONDS = 10.0
"""A child that lived this long is restarted at once, as if it had never died before."""
SLOWEST_RESTART_SECONDS = 5.0
EARLY_DEATHS_MAX = 3
"""So many deaths before it was ever ready mean that it cannot start."""
PROBE_INTERVAL_SECONDS = 0.05


@dataclass(frozen=True)
class Program:
    name: str
    command: tuple[str, ...]
    log: Path
    """Takes stdout and stderr; a pipe to the supervisor could fill up and stop a child in the middle of a call."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to our own."""
    probe: tuple[str, ...] | None = None
    """A command that succeeds once the program is ready. None: the program announces it (`hotline.readiness`)."""
    fault: Callable[[int], str | None] = field(default=lambda pid: None)
    """Asked with the process id when it says that it is ready: why it is of no use all the same. It is then ended, and
    counts as dead."""
    standby: bool = False
    """Whether a second process is kept loaded, to take over when this one dies (`hotline.standby`)."""


def restart_delay(deaths_in_row: int) -> float:
    """Seconds to wait before the next start: none after the first death, then 0.2 s doubling up to 5 s."""
    return 0.0 if deaths_in_row <= 1 else min(SLOWEST_RESTART_SECONDS, 0.2 * 2.0 ** (deaths_in_row - 2))


class Child:
    """Keeps one program running from `start` to `stop`.

    `ready` is done when it was ready for the first time, or fails with StartFailed.
    """

    def __init__(self, program: Program, run: Path, tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        """tell: gets one line for the person at the terminal; changed: called each time it became ready."""
        self.name = program.name
        self.pid: int | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._program = program
        self._tell = tell
        self._changed = changed
        self._notices = ReadinessSocket(run / f"notify-{program.name}")
        self._process: subprocess.Popen[bytes] | None = None
        self._reserve = Reserve(self._spawn) if program.standby else None
        self._keeper: asyncio.Task[None] | None = None
        self._early_deaths = 0
        self._fault: str | None = None

    def start(self) -> None:
        self._keeper = asyncio.create_task(self._keep_running(), name=f"keep {self.name}")

    async def stop(self, patience_seconds: float) -> None:
        """SIGTERM, then SIGKILL to its whole group when patience has run out. Returns when it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._reserve is not None:
            await self._reserve.dismiss()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(gone(self._process), patience_seconds)
        self._bury()
        self._notices.close()
        self.ready.cancel()

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        deaths_in_row = 0
        while True:
            begun = loop.time()
            how = await self._live_once()
            deaths_in_row = 1 if loop.time() - begun > SETTLED_SECONDS else deaths_in_row + 1
            self._count_early_death(how)
            delay = restart_delay(deaths_in_row)
            self._tell(f"{self.name} {how}; starting it again" + (f" in {delay:.1f} s" if delay else ""))
            await asyncio.sleep(delay)

    async def _live_once(self) -> str:
        """Start it and return how it ended."""
        self._notices.forget()
        self._fault = None
        try:
            self._process = process = (self._reserve and self._reserve.take()) or self._spawn()
        except OSError as refusal:
            return f"could not be started ({refusal.strerror}: {self._program.command[0]})"
        self.pid = process.pid
        hearing = asyncio.create_task(self._hear_ready(process), name=f"ready {self.name}")
        try:
            await gone(process)
        except OSError as refusal:  # no descriptor left: nobody runs unwatched
            return f"{self._bury()}, for it could not be watched ({refusal.strerror})"
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])
        how = self._bury()
        return f"was ended: {self._fault}" if self._fault else how

    async def renew_standby(self) -> None:
        """What the one in reserve has loaded is no longer true: load another."""
        if self._reserve is not None:
            await self._reserve.dismiss()
            self._reserve.fill()

    def _spawn(self, standby: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """standby: what is added to the environment of one that is to wait until it is told on its standard input."""
        environment = {**os.environ, **self._program.environment, VARIABLE: str(self._notices.path), **(standby or {})}
        supervisor = os.getpid()

        def die_with_supervisor() -> None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:  # it was killed between fork and prctl
                os.kill(os.getpid(), signal.SIGKILL)

        with self._program.log.open("ab") as log:
            # preexec_fn is safe only because the supervisor has one thread; a session of its own keeps the terminal's
            # Ctrl-C from the child, so that it is stopped in order.
            return subprocess.Popen(
                self._program.command,
                stdin=subprocess.DEVNULL if standby is None else subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
                preexec_fn=die_with_supervisor,
            )

    async def _hear_ready(self, process: subprocess.Popen[bytes]) -> None:
        if self._program.probe is not None:
            await self._probe(self._program.probe)
        else:
            await self._listen()
        self._fault = self._program.fault(process.pid)
        if self._fault is not None:
            process.kill()
            return
        if not self.ready.done():
            self.ready.set_result(None)
        if self._reserve is not None:
            self._reserve.fill()
        self._changed()

    async def _probe(self, probe: tuple[str, ...]) -> None:
        while True:
            if await run_to_end(probe) == 0:
                return
            await asyncio.sleep(PROBE_INTERVAL_SECONDS)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = (await loop.sock_recv(self._notices.socket, 4096)).decode(errors="replace")
            for line in message.splitlines():
                if line == "READY=1":
                    return
                if line.startswith("STATUS="):
                    self._tell(f"{self.name}: {line.removeprefix('STATUS=')}")

    def _bury(self) -> str:
        """Reap it, after what it had started itself; until then its process group's number is not used again."""
        process, self._process, self.pid = self._process, None, None
        if process is None:
            return "is not running"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
        return f"was killed ({signal.Signals(-status).name})" if status < 0 else f"ended with {status}"

    def _count_early_death(self, how: str) -> None:
        self._early_deaths += 1
        if not self.ready.done() and self._early_deaths >= EARLY_DEATHS_MAX:
            last_words = tail(self._program.log, lines=12)
            self.ready.set_exception(
                StartFailed(f"{self.name} {how} while starting; {self._program.log} ends:\n{last_words}")
            )
