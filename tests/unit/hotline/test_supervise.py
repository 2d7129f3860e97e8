"""The supervisor against small real processes."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.child import Program, restart_delay
from hotline.faults import StartFailed
from hotline.supervise import Supervisor

SAY_READY = "from hotline.readiness import announce_ready; announce_ready(); "
SLEEP = "import signal; signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
CHECKOUT = Path(__file__).parents[3]


def program(folder: Path, name: str, code: str, *, probe: tuple[str, ...] | None = None) -> Program:
    return Program(name, (sys.executable, "-c", code), folder / f"{name}.log", {"PYTHONPATH": str(CHECKOUT)}, probe)


class Floor:
    """A supervisor under test with what it said."""

    def __init__(self, folder: Path, *programs: Program) -> None:
        self.said: list[str] = []
        self.pids_seen: list[dict[str, int]] = []
        self.supervisor = Supervisor(programs, folder, tell=self.said.append, changed=self._changed)

    def _changed(self) -> None:
        self.pids_seen.append(self.supervisor.pids)

    async def until(self, fact: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not fact():  # noqa: ASYNC110 - what is waited for is a process's, which sets no event of ours
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path, *programs: Program) -> AsyncIterator[Floor]:
    floor = Floor(folder, *programs)
    try:
        await floor.supervisor.start(20)
        yield floor
    finally:
        await floor.supervisor.stop()


def alive(pid: int) -> bool:
    """Running; a zombie that waits to be reaped is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_killed_child_is_back(tmp_path: Path) -> None:
    """kill -9 of a child: another one is ready, without a delay of ours; the other is untouched; `changed` saw both."""
    async with running(
        tmp_path, program(tmp_path, "a", SAY_READY + SLEEP), program(tmp_path, "b", SAY_READY + SLEEP)
    ) as floor:
        before = floor.supervisor.pids
        os.kill(before["a"], signal.SIGKILL)
        await floor.until(lambda: floor.pids_seen[-1]["a"] != before["a"])
        assert floor.pids_seen[-1]["b"] == before["b"]
        assert floor.said == ["a was killed (SIGKILL); starting it again"]


async def test_child_that_is_ready_and_of_no_use_is_started_again(tmp_path: Path) -> None:
    """A program that says it is ready without what it was started for counts as dead, and the reason is told."""
    faults = ["the port is another's"]
    useless = replace(program(tmp_path, "a", SAY_READY + SLEEP), fault=lambda pid: faults.pop() if faults else None)
    async with running(tmp_path, useless) as floor:
        assert floor.said == ["a was ended: the port is another's; starting it again"]
        assert alive(floor.supervisor.pids["a"])


STANDS_BY = """
import asyncio
from hotline.readiness import announce_ready
from hotline.standby import stand_by
print("loaded", flush=True)
asyncio.run(stand_by())
print("serves", flush=True)
"""


def standing_by(folder: Path) -> Program:
    return replace(program(folder, "a", STANDS_BY + SAY_READY + SLEEP), standby=True)


async def until_lines(floor: Floor, log: Path, *lines: str) -> None:
    await floor.until(lambda: log.read_text().split() == list(lines))


@pytest.fixture
def quick_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.reserve.FILL_AFTER_SECONDS", 0.0)
    monkeypatch.setattr("hotline.reserve.REFILL_AFTER_SECONDS", 0.0)


@pytest.mark.usefixtures("quick_reserve")
async def test_the_one_in_reserve_takes_over(tmp_path: Path) -> None:
    """A second process loads and waits; kill -9 of the first, and it serves, loading nothing; a third one loads."""
    others = {*children_of(os.getpid())}
    async with running(tmp_path, standing_by(tmp_path)) as floor:
        await until_lines(floor, tmp_path / "a.log", "loaded", "serves", "loaded")
        first = floor.supervisor.pids["a"]
        os.kill(first, signal.SIGKILL)
        await until_lines(floor, tmp_path / "a.log", "loaded", "serves", "loaded", "serves", "loaded")
        await floor.until(lambda: floor.supervisor.pids.get("a") not in (None, first))
        assert floor.said == ["a was killed (SIGKILL); starting it again"]
    assert set(children_of(os.getpid())) <= others


@pytest.mark.usefixtures("quick_reserve")
async def test_a_dead_reserve_is_replaced(tmp_path: Path) -> None:
    """kill -9 of the one in reserve disturbs nobody: the first one serves on, and another one loads."""
    others = {*children_of(os.getpid())}
    async with running(tmp_path, standing_by(tmp_path)) as floor:
        await until_lines(floor, tmp_path / "a.log", "loaded", "serves", "loaded")
        (reserve,) = set(children_of(os.getpid())) - set(floor.supervisor.pids.values()) - others
        serving = floor.supervisor.pids
        os.kill(reserve, signal.SIGKILL)
        await until_lines(floor, tmp_path / "a.log", "loaded", "serves", "loaded", "loaded")
        assert (floor.supervisor.pids, floor.said) == (serving, [])


@pytest.mark.usefixtures("quick_reserve")
async def test_a_changed_site_is_loaded_anew_in_reserve(tmp_path: Path) -> None:
    """What waits in reserve is replaced by one that loads again; the one that serves is not touched."""
    async with running(tmp_path, standing_by(tmp_path)) as floor:
        await until_lines(floor, tmp_path / "a.log", "loaded", "serves", "loaded")
        serving = floor.supervisor.pids
        await floor.supervisor.renew_standbys()
        await until_lines(floor, tmp_path / "a.log", "loaded", "serves", "loaded", "loaded")
        assert floor.supervisor.pids == serving


def children_of(pid: int) -> list[int]:
    """Processes of this parent that run."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if alive(int(word))]


async def test_child_that_cannot_be_watched_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no descriptor left to watch a child with, it is ended and told of, and another one is started."""
    watch, refusals = os.pidfd_open, [OSError(errno.EMFILE, os.strerror(errno.EMFILE))]

    def refuse_once(pid: int) -> int:
        if refusals:
            raise refusals.pop()
        return watch(pid)

    monkeypatch.setattr(os, "pidfd_open", refuse_once)
    async with running(tmp_path, program(tmp_path, "a", SAY_READY + SLEEP)) as floor:
        (said,) = floor.said
        assert said == "a was killed (SIGKILL), for it could not be watched (Too many open files); starting it again"
        assert alive(floor.supervisor.pids["a"])


async def test_stop_leaves_no_process_and_stops_last_first(tmp_path: Path) -> None:
    """After `stop` no child runs, and the one named last was asked to end before the one named first."""
    farewell = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print(time.time()), sys.exit())); "
    programs = [program(tmp_path, name, farewell + SAY_READY + SLEEP) for name in ("records", "asterisk")]
    async with running(tmp_path, *programs) as floor:
        pids = floor.supervisor.pids
    assert not any(alive(pid) for pid in pids.values())
    assert float((tmp_path / "asterisk.log").read_text()) < float((tmp_path / "records.log").read_text())


async def test_child_deaf_to_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that ignores SIGTERM is gone when patience has run out, and so is what it had started itself."""
    monkeypatch.setattr("hotline.supervise.STOP_PATIENCE_SECONDS", 0.2)
    grandchild = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True); "
    async with running(tmp_path, program(tmp_path, "a", DEAF + grandchild + SAY_READY + SLEEP)) as floor:
        pid = floor.supervisor.pids["a"]
    assert not alive(pid)
    await floor.until(lambda: not alive(int((tmp_path / "a.log").read_text())))


async def test_child_that_cannot_start_fails_the_start_with_its_last_words(tmp_path: Path) -> None:
    """A program that dies three times before it is ready raises StartFailed with the end of its log."""
    floor = Floor(tmp_path, program(tmp_path, "a", "print('no such queue'); raise SystemExit(3)"))
    with pytest.raises(StartFailed, match=r"a ended with 3 while starting(.|\n)*no such queue"):
        await floor.supervisor.start(20)
    await floor.supervisor.stop()


async def test_missing_program_fails_the_start(tmp_path: Path) -> None:
    """A command that does not exist is reported by its name, not by a traceback of ours."""
    floor = Floor(tmp_path, Program("a", ("/no/such/program",), tmp_path / "a.log"))
    with pytest.raises(StartFailed, match=r"No such file or directory: /no/such/program"):
        await floor.supervisor.start(20)
    await floor.supervisor.stop()


async def test_slow_child_is_named(tmp_path: Path) -> None:
    """A start that takes too long names the child that was not ready, and only that one."""
    floor = Floor(tmp_path, program(tmp_path, "quick", SAY_READY + SLEEP), program(tmp_path, "slow", SLEEP))
    with pytest.raises(StartFailed, match=r"not ready after 2 s: slow$"):
        await floor.supervisor.start(2)
    await floor.supervisor.stop()


async def test_probe_makes_ready(tmp_path: Path) -> None:
    """A program with a probe is ready when the probe succeeds; it need not announce anything."""
    flag = tmp_path / "up"
    code = f"import pathlib; pathlib.Path({str(flag)!r}).touch(); " + SLEEP
    async with running(tmp_path, program(tmp_path, "a", code, probe=("test", "-e", str(flag)))) as floor:
        assert floor.pids_seen == [floor.supervisor.pids]


async def test_progress_is_told(tmp_path: Path) -> None:
    """What a child announces about a long start reaches the terminal under its name."""
    code = "from hotline.readiness import announce_progress; announce_progress('speaking 3 of 9'); " + SAY_READY + SLEEP
    async with running(tmp_path, program(tmp_path, "ivr", code)) as floor:
        assert floor.said == ["ivr: speaking 3 of 9"]


def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """kill -9 of the supervisor: the kernel ends its children, even one that ignores SIGTERM."""
    code = f"""
import asyncio, sys
from pathlib import Path
from hotline.child import Program
from hotline.supervise import Supervisor
async def main():
    folder = Path({str(tmp_path)!r})
    command = (sys.executable, "-c", {DEAF + SAY_READY + SLEEP!r})
    supervisor = Supervisor([Program("a", command, folder / "a.log")], folder, tell=print, changed=lambda: None)
    await supervisor.start(20)
    print(supervisor.pids["a"], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert alive(child)
        supervisor.kill()
    deadline = time.monotonic() + 5
    while alive(child):
        assert time.monotonic() < deadline, "the child outlived its supervisor"


def test_restart_delays() -> None:
    """The first restart is at once, then 0.2 s doubling to at most 5 s."""
    assert [restart_delay(n) for n in range(1, 9)] == [0.0, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
