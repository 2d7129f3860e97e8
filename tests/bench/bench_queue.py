"""How long a caller waits for software: Hotline's ACD against app_queue, with the same phones in the same run.

    python -m tests.bench.bench_queue [rounds]

1. next_call: an agent hangs up (BYE leaves the phone) until the next caller's INVITE is at that phone. 20 agents, 300
   callers in the queue at the start, measured while at least 200 wait.
2. entry: a caller enters the queue, with agents ready, until the INVITE is at an agent's phone. The entry is
   `Executing Queue()` in Asterisk's log, and the ACD's first act in ours: its own AGI connection comes before it.
3. python_cpu: processor time of our Python processes in percent of what Asterisk used, over all of part 1: callers
   come, wait and are served.

Rounds of the two alternate. Prints one line `name value unit target` per figure; exit 1 if a target is missed.
"""

import asyncio
import bisect
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hotline.asterisk_tree import find_asterisk
from hotline.phones.load import Agents, Callers
from hotline.phones.patience import NeverHappened, eventually
from hotline.phones.sipp import SipMessage
from tests.bench.call_floors import NUMBER, AppQueueFloor, CallFloor, HotlineFloor

CROWD, STILL_WAITING = 300, 200
TALK_SECONDS = 1.0
RING_SPREAD_SECONDS = 1.0
"""Agents answer at their own pace on both floors: twenty who all hang up in the same millisecond would measure how fast
Asterisk works off a burst, which no waiting line of people makes."""
FILL_PER_SECOND = 50.0
SINGLE_CALLERS, SINGLES_PER_SECOND = 60, 6.0
ROUND_SECONDS = 90.0
PYTHON_PROCESSES = ("acd", "ivr", "records", "hotline")
FIRST_CALLER = 13_600_000_000


@dataclass
class Findings:
    """What was measured on one floor; seconds."""

    next_call: list[float] = field(default_factory=list)
    entry: list[float] = field(default_factory=list)
    cpu: Counter[str] = field(default_factory=Counter)
    """Processor time by process, over part 1."""


class Bench:
    """One floor with its phones, from the first round to the last."""

    def __init__(self, floor: CallFloor, folder: Path) -> None:
        self.floor, self.folder = floor, folder
        self.findings = Findings()
        self.agents: Agents | None = None
        self._callers = FIRST_CALLER

    async def start(self) -> None:
        await self.floor.start()
        self.agents = self.floor.agents(self.folder / f"{self.floor.name}-agents")
        await self.agents.start(ring_seconds=0.02, talk_seconds=TALK_SECONDS, ring_spread_seconds=RING_SPREAD_SECONDS)
        await self.floor.let_work(self.agents, working=False)

    async def stop(self) -> None:
        if self.agents is not None:
            await self.agents.stop()
        await self.floor.stop()

    async def play_crowd(self) -> None:
        """Fill the queue, open the desks, and take the gaps while enough callers wait."""
        assert self.agents is not None
        before = cpu_seconds(self.floor.processes())
        callers = self._new_callers(CROWD)
        await callers.start(CROWD, per_second=FILL_PER_SECOND, hold_seconds=ROUND_SECONDS * 2)
        await self._wait(lambda: callers.counts().answered == CROWD, "the queue to fill")
        seen = len(self.agents.messages())
        served = CROWD - STILL_WAITING
        await self.floor.let_work(self.agents, working=True)
        await self._wait(lambda: len(invites(self._since(seen))) >= served, f"{served} callers to be served")
        self.findings.cpu += cpu_seconds(self.floor.processes()) - before
        self.findings.next_call += gaps(self._since(seen), served)
        await callers.stop()
        await self.floor.let_work(self.agents, working=False)

    async def play_singles(self) -> None:
        """Let callers come one by one to agents who are ready."""
        assert self.agents is not None
        await self.floor.let_work(self.agents, working=True)
        entered, seen = len(self.floor.entries()), len(self.agents.messages())
        callers = self._new_callers(SINGLE_CALLERS)
        await callers.start(SINGLE_CALLERS, per_second=SINGLES_PER_SECOND, hold_seconds=ROUND_SECONDS)
        await self._wait(lambda: callers.counts().over == SINGLE_CALLERS, "every caller to be served")
        rings = sorted(message.at for message in invites(self._since(seen)))
        self.findings.entry += [ring - entry for entry, ring in after(self.floor.entries()[entered:], rings)]
        await callers.stop()
        await self.floor.let_work(self.agents, working=False)

    async def _wait(self, check: Callable[[], bool], what: str) -> None:
        """Seldom asked: reading sipp's log takes processor time from what is measured."""
        try:
            await eventually(check, ROUND_SECONDS, f"{what} on {self.floor.name}", every_seconds=1.0)
        except NeverHappened as late:
            raise NeverHappened(f"{late}\n{self.floor.log_tail()}") from late

    def _new_callers(self, count: int) -> Callers:
        callers = Callers(self.floor.sip, NUMBER, self.folder / f"{self.floor.name}-callers", first=self._callers)
        self._callers += count
        return callers

    def _since(self, seen: int) -> list[SipMessage]:
        assert self.agents is not None
        return self.agents.messages()[seen:]


def invites(messages: Sequence[SipMessage]) -> list[SipMessage]:
    """The first INVITE of each call at an agent's phone."""
    first: dict[str, SipMessage] = {}
    for message in messages:
        if not message.sent and message.method == "INVITE":
            first.setdefault(message.call_id, message)
    return list(first.values())


def gaps(messages: Sequence[SipMessage], served: int) -> list[float]:
    """From each BYE that an agent's phone sent to the next INVITE there, for the first `served` calls."""
    wanted = {message.call_id for message in invites(messages)[:served]}
    hung_up: dict[str, float] = {}
    found = []
    for message in messages:
        if message.sent and message.method == "BYE":
            hung_up.setdefault(message.from_user, message.at)
        elif not message.sent and message.method == "INVITE" and message.call_id in wanted:
            wanted.discard(message.call_id)
            if (at := hung_up.pop(message.to_user, None)) is not None:
                found.append(message.at - at)
    return found


def after(entries: Sequence[float], rings: Sequence[float]) -> list[tuple[float, float]]:
    """Each entry with the first ring after it: callers come far enough apart for that to be theirs."""
    places = [(entry, bisect.bisect_left(rings, entry)) for entry in entries]
    return [(entry, rings[place]) for entry, place in places if place < len(rings)]


def cpu_seconds(processes: Mapping[str, int]) -> Counter[str]:
    """Milliseconds of processor time of each process so far (proc(5): utime and stime in /proc/PID/stat, in ticks)."""
    ticks = os.sysconf("SC_CLK_TCK")
    return Counter({name: sum(map(int, _stat(pid)[11:13])) * 1000 // ticks for name, pid in processes.items()})


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(found: Mapping[str, Findings]) -> bool:
    """Print the figures; tell whether every target is met."""
    ours, theirs = found["hotline"], found["app_queue"]
    lines: list[tuple[str, float, str, str]] = []
    for name, findings in found.items():
        p50, p99 = ("<=8", "<=40") if findings is ours else ("-", "-")
        lines += [
            (f"next_call_{name}_p50", 1000 * statistics.median(findings.next_call), "ms", p50),
            (f"next_call_{name}_p99", 1000 * percentile(findings.next_call, 0.99), "ms", p99),
            (f"next_call_{name}_measured", len(findings.next_call), "calls", "-"),
            (f"entry_{name}_p50", 1000 * statistics.median(findings.entry), "ms", "-"),
            (f"entry_{name}_p99", 1000 * percentile(findings.entry, 0.99), "ms", "-"),
            *((f"cpu_{name}_{process}", spent / 1000, "s", "-") for process, spent in findings.cpu.items()),
        ]
    better = statistics.median(theirs.next_call) / statistics.median(ours.next_call)
    slower = statistics.median(ours.entry) / statistics.median(theirs.entry)
    python = sum(ours.cpu[name] for name in PYTHON_PROCESSES)
    lines += [
        ("next_call_times_better", better, "x", ">=20"),
        ("entry_times_app_queue", slower, "x", "<=1.5"),
        ("python_cpu_of_asterisk", 100 * python / ours.cpu["asterisk"], "%", "<=15"),
    ]
    for name, value, unit, target in lines:
        print(f"{name} {value:.2f} {unit} {target}", flush=True)
    return all(_holds(value, target) for _, value, _, target in lines)


def _holds(value: float, target: str) -> bool:
    if target == "-":
        return True
    return value >= float(target[2:]) if target.startswith(">=") else value <= float(target[2:])


async def measure(rounds: int, folder: Path) -> dict[str, Findings]:
    """Play the rounds of both floors in turns."""
    floors: tuple[CallFloor, ...] = (
        HotlineFloor(folder / "hotline"),
        AppQueueFloor(folder / "app_queue", find_asterisk()),
    )
    benches = [Bench(floor, folder) for floor in floors]
    try:
        for bench in benches:
            await bench.start()
        for _ in range(rounds):
            for bench in benches:
                await bench.play_crowd()
                await bench.play_singles()
    finally:
        for bench in benches:
            await bench.stop()
    return {bench.floor.name: bench.findings for bench in benches}


def main(rounds: int) -> int:
    """Measure, print, and tell whether the targets are met."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        return 0 if show(asyncio.run(measure(rounds, Path(folder)))) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2))
