"""The same menus as native dialplan and as Hotline's, in one Asterisk, keyed through by the same callers in turns.

    python -m tests.bench.bench_menus [rounds]

1. menu_start: from the 200 of the INVITE to the first packet of the first prompt.
2. menu_digit: from the first packet that ends a key to the first packet of the next prompt; the caller waited for the
   prompt to end.
3. menu_barge_in: the same, with the key pressed while the prompt is heard.
4. menu_cpu: 100 callers at once, each keying through at a person's pace; processor time of our Python processes in
   percent of what Asterisk used.

Beside both, `bare_agi`: the least that can be done over AGI, with nothing recorded or kept (`tests.bench.bare_agi`).
Prints one line `name value unit target` per figure; exit 1 if a target is missed.
"""

import asyncio
import random
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import uvloop

from hotline.phones.swarm import Swarm, SwarmCall
from tests.bench.bare_agi import bare_menus
from tests.bench.bench_queue import PYTHON_PROCESSES, cpu_seconds, percentile
from tests.menu_floor import BARE, NATIVE, OURS, MenuFloor

CALLERS, KEYS = 3, 5
CROWD, CROWD_SECONDS = 100, 20.0
HEARD_SECONDS = 5.0
WAITING_SECONDS, BARGING_SECONDS, CROWD_KEY_SECONDS = (1.15, 1.35), (0.2, 0.4), (1.5, 4.5)
"""From the beginning of a prompt, which lasts 1 s, to the key: a person's reaction in a crowd."""
FIRST_CALLER = 13_700_000_000
NAMES = {OURS: "hotline", NATIVE: "dialplan", BARE: "bare_agi"}

Found = dict[tuple[str, str], list[float]]
"""Seconds by figure and number called."""


class Bench:
    """One floor, and whoever calls it."""

    def __init__(self, floor: MenuFloor, swarm: Swarm) -> None:
        self.floor, self.swarm = floor, swarm
        self.found: Found = defaultdict(list)
        self.cpu: Counter[str] = Counter()
        self.keys = 0
        self._callers = FIRST_CALLER

    async def play_round(self) -> None:
        for number in NAMES:
            for figure, pace in (("digit", WAITING_SECONDS), ("barge_in", BARGING_SECONDS)):
                await asyncio.gather(*(self._key_through(number, figure, pace) for _ in range(CALLERS)))

    async def play_crowd(self) -> None:
        """All are in the menus before the count begins, and none leaves before it ends."""
        async with asyncio.TaskGroup() as crowd:
            calls = []
            for _ in range(CROWD):
                calls.append(crowd.create_task(self.swarm.dial(OURS, self._next_caller())))
                await asyncio.sleep(0.03)
        keying = [asyncio.create_task(self._keep_keying(call.result())) for call in calls]
        await asyncio.sleep(HEARD_SECONDS)
        before, keys = cpu_seconds(self.floor.house.ready["pids"]), self.keys
        await asyncio.sleep(CROWD_SECONDS)
        self.cpu = cpu_seconds(self.floor.house.ready["pids"]) - before
        self.keys -= keys
        for task in keying:
            task.cancel()
        await asyncio.gather(*keying, return_exceptions=True)
        for call in calls:
            call.result().hang_up()

    async def _key_through(self, number: str, figure: str, pace: tuple[float, float]) -> None:
        call = await self.swarm.dial(number, self._next_caller())
        start = await call.hears(0, HEARD_SECONDS)
        self.found["start", number].append(start.at - call.answered_at)
        for _ in range(KEYS):
            await asyncio.sleep(random.uniform(*pace))
            ended = await call.press("1", pause_seconds=0)
            start = await call.hears(ended, HEARD_SECONDS)
            self.found[figure, number].append(start.at - ended)
        call.hang_up()

    async def _keep_keying(self, call: SwarmCall) -> None:
        while True:
            await asyncio.sleep(random.uniform(*CROWD_KEY_SECONDS))
            await call.press("1")
            self.keys += 1

    def _next_caller(self) -> str:
        self._callers += 1
        return str(self._callers)


def show(bench: Bench) -> bool:
    """Print the figures; tell whether every target is met."""
    held = True
    for figure in ("start", "digit", "barge_in"):
        ours, native, bare = (bench.found[figure, number] for number in (OURS, NATIVE, BARE))
        for number, name in NAMES.items():
            seconds = bench.found[figure, number]
            print(f"menu_{figure}_{name}_p50 {1000 * statistics.median(seconds):.2f} ms -")
            print(f"menu_{figure}_{name}_p99 {1000 * percentile(seconds, 0.99):.2f} ms -")
        ratio = statistics.median(ours) / statistics.median(native)
        held &= ratio <= 1.3
        print(f"menu_{figure}_measured {len(ours)} times -")
        print(f"menu_{figure}_times_bare_agi {statistics.median(ours) / statistics.median(bare):.2f} x -")
        print(f"menu_{figure}_times_dialplan {ratio:.2f} x <=1.3")
    python = sum(bench.cpu[name] for name in PYTHON_PROCESSES)
    share = 100 * python / bench.cpu["asterisk"]
    for name, spent in bench.cpu.items():
        print(f"menu_cpu_{name} {spent / 1000:.2f} s -")
    print(f"menu_cpu_keys {bench.keys / CROWD_SECONDS:.0f} keys/s -")
    print(f"menu_cpu_python_of_asterisk {share:.1f} % <=15", flush=True)
    return held and share <= 15


async def measure(rounds: int, folder: Path) -> Bench:
    async with MenuFloor(folder) as floor:
        with bare_menus(floor.two_prompts) as port:
            await floor.add_native_menus(port)
            async with Swarm(floor.house.sip, floor.prompts) as swarm:
                bench = Bench(floor, swarm)
                for _ in range(rounds):
                    await bench.play_round()
                await bench.play_crowd()
        return bench


def main(rounds: int) -> int:
    """Measure, print, and tell whether the targets are met."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        return 0 if show(uvloop.run(measure(rounds, Path(folder)))) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 6))
