"""How many of the digits that 50 callers key at once reach the IVR's records: 10,000, without and with packets lost.

    python -m tests.bench.bench_digits

Keys are RFC 4733 events, three of ten the same as the one before. Packets are lost in the sender, of sound and keys
alike, the three that end a key included: netem on loopback would lose those between our processes as well.
`mixed` presses keys for 40, 100 and 300 ms. Prints `name value unit target` lines; exit 1 if a target is missed.
"""

import random
import sys
import tempfile
from pathlib import Path

import uvloop

from hotline.phones.swarm import Swarm
from tests.menu_callers import Entered, Holding, enter_digits
from tests.menu_floor import DIGITS_MAX, MenuFloor

CALLS = 50
FIRST_CALLER = 13_710_000_000
LOSS = 0.01
MIXED_SECONDS = (0.04, 0.1, 0.3)


def steady() -> tuple[float, float]:
    return 0.1, 0.1


def mixed() -> tuple[float, float]:
    return random.choice(MIXED_SECONDS), 0.1


SERIES: tuple[tuple[str, Holding, float, int, float], ...] = (
    ("steady", steady, 0.0, 10, 100.0),
    ("mixed", mixed, 0.0, 5, 100.0),
    ("loss_1_percent", mixed, LOSS, 10, 99.9),
)
"""Name, how keys are held, share of packets lost, entries of each caller, and the target in percent."""


async def measure(folder: Path) -> bool:
    held = True
    async with MenuFloor(folder) as floor:
        for number, (name, holding, loss, entries, target) in enumerate(SERIES):
            first = FIRST_CALLER + 1000 * number
            callers = [str(first + one) for one in range(CALLS)]
            async with Swarm(floor.house.sip, floor.prompts, loss=loss, seed=number) as swarm:
                entered = await enter_digits(floor, swarm, callers, entries, holding, seed=number)
            held &= show(name, entered, target)
    return held


def show(name: str, entered: list[Entered], target: float) -> bool:
    """Print one series; tell whether its target is met."""
    keyed = sum(len(one.keyed) for one in entered) * DIGITS_MAX
    share = 100 * sum(one.right for one in entered) / keyed
    print(f"digits_{name}_keyed {keyed} digits -")
    print(f"digits_{name}_right {share:.3f} % >={target:g}", flush=True)
    return share >= target


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        return 0 if uvloop.run(measure(Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
