"""The IVR is killed with -9 while callers are in its menus: how soon each hears the prompt of their place again.

    python -m tests.bench.bench_menu_restart [callers]

First with another IVR standing by, then killed again before there is one: that is a start from nothing. Prints
`name value unit target` lines; exit 1 if a target is missed.
"""

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

import uvloop

from hotline.phones.swarm import Swarm, SwarmCall
from hotline.reserve import FILL_AFTER_SECONDS
from tests.menu_callers import HEARD_SECONDS, kill_and_resume
from tests.menu_floor import OURS, MenuFloor

CALLERS = 50
FIRST_CALLER = 13_720_000_000
TARGET_SECONDS = 1.0
ROUNDS = 3
LOADED_SECONDS = FILL_AFTER_SECONDS + 6.0
"""After which an IVR stands by again."""


async def go_to_second(swarm: Swarm, caller: str) -> SwarmCall:
    """Half of the callers are at one place and half at another."""
    call = await swarm.dial(OURS, caller)
    start = await call.hears(0, HEARD_SECONDS)
    if int(caller) % 2:
        await call.press("1")
        await call.hears(start.at, HEARD_SECONDS)
    return call


async def measure(callers: int, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of each caller: with another IVR standing by, and without."""
    async with MenuFloor(folder) as floor, Swarm(floor.house.sip, floor.prompts) as swarm:
        calls = await asyncio.gather(*(go_to_second(swarm, str(FIRST_CALLER + one)) for one in range(callers)))
        stood_by = []
        for _ in range(ROUNDS):
            await asyncio.sleep(LOADED_SECONDS)
            stood_by += await kill_and_resume(floor, calls)
        cold = await kill_and_resume(floor, calls)
        for call in calls:
            call.hang_up()
        return stood_by, cold


def main(callers: int) -> int:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        stood_by, cold = uvloop.run(measure(callers, Path(folder)))
    print(f"menu_restart_measured {len(stood_by)} callers -")
    print(f"menu_restart_p50 {statistics.median(stood_by):.3f} s -")
    print(f"menu_restart_max {max(stood_by):.3f} s <={TARGET_SECONDS:g}")
    print(f"menu_restart_none_standing_by_max {max(cold):.3f} s -")
    return int(max(stood_by) > TARGET_SECONDS)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLERS))
