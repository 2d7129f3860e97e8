"""What callers of `tests.menu_floor` do: enter digits by the thousand, walk menus while the IVR is killed."""

import asyncio
import difflib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from db.schema import IvrStep
from hotline.demo.facts import Facts
from hotline.phones.swarm import Swarm, SwarmCall
from tests.menu_floor import DIGITS, DIGITS_MAX, MenuFloor

HEARD_SECONDS = 15.0
RECORDED_SECONDS = 30.0
AGAIN_SHARE = 0.3
"""How often a digit is the one before it."""
NODES = {"first": "one", "second": "two", "poll": "ask"}
"""Where a caller is who hears this prompt."""

Holding = Callable[[], tuple[float, float]]
"""Seconds for which the next key is pressed, and seconds of rest after it."""


@dataclass
class Entered:
    """What one caller keyed, entry by entry, and what the records say of it."""

    caller_number: str
    keyed: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)

    @property
    def right(self) -> int:
        """How many of the digits were taken, in their order."""
        return sum(map(alike, self.keyed, [*self.recorded, *[""] * len(self.keyed)]))


def alike(keyed: str, recorded: str) -> int:
    """How many digits of the one are in the other, in order; an extra digit costs one."""
    same = sum(block.size for block in difflib.SequenceMatcher(None, keyed, recorded, False).get_matching_blocks())
    return same - max(0, len(recorded) - len(keyed))


async def enter_digits(
    floor: MenuFloor, swarm: Swarm, callers: Sequence[str], entries: int, holding: Holding, seed: int
) -> list[Entered]:
    """All these callers at once, each so many entries; a caller who was not understood hangs up and calls again."""
    chance = random.Random(seed)
    entered = [Entered(caller) for caller in callers]
    plans = [[digits(chance) for _ in range(entries)] for _ in callers]
    async with asyncio.TaskGroup() as group:
        for one, plan in zip(entered, plans, strict=True):
            group.create_task(_enter(swarm, one, plan, holding))
            await asyncio.sleep(0.02)
    facts = Facts(floor.house.engine)

    def all_recorded() -> bool:
        for one in entered:
            one.recorded = [step.input or "" for step in steps_of(facts, one.caller_number, "digits") if step.input]
        return all(len(one.recorded) >= len(one.keyed) for one in entered)

    await floor.house.eventually(all_recorded, RECORDED_SECONDS, "every entry to be recorded")
    return entered


def digits(chance: random.Random) -> str:
    """As many as the floor asks for, with many that come twice."""
    found = chance.choice("0123456789")
    while len(found) < DIGITS_MAX:
        found += found[-1] if chance.random() < AGAIN_SHARE else chance.choice("0123456789")
    return found


async def _enter(swarm: Swarm, one: Entered, plan: Sequence[str], holding: Holding) -> None:
    call: SwarmCall | None = None
    heard = 0.0
    for entry in plan:
        if call is None:
            call = await swarm.dial(DIGITS, one.caller_number)
            heard = 0.0
        while (start := await call.hears(heard, HEARD_SECONDS)).prompt != "digits":
            heard = start.at
        heard = start.at
        for digit in entry:
            seconds, pause_seconds = holding()
            await call.press(digit, seconds=seconds, pause_seconds=pause_seconds)
            await asyncio.sleep(pause_seconds)
        one.keyed.append(entry)
        answer = await call.hears(start.at, HEARD_SECONDS)
        if answer.prompt != "taken":
            call.hang_up()
            call = None
    if call is not None:
        call.hang_up()


async def kill_and_resume(floor: MenuFloor, calls: Sequence[SwarmCall]) -> list[float]:
    """Kill the IVR while these callers are in menus; seconds until each hears the prompt of their place again.

    Raises AssertionError where a caller hears another one.
    """
    places = [call.heard[-1] for call in calls]
    at = time.time()
    floor.house.kill("ivr")
    again = await asyncio.gather(*(call.hears(at, HEARD_SECONDS) for call in calls))
    for call, before, after in zip(calls, places, again, strict=True):
        assert after.prompt == before.prompt, f"{call.caller_number} was at {before.prompt}, is at {after.prompt}"
    return [start.at - at for start in again]


def path_heard(call: SwarmCall) -> list[str]:
    """The nodes whose prompts a caller heard, one after another; said again it is the same one."""
    places = [NODES[start.prompt] for start in call.heard]
    return [place for place, before in zip(places, [None, *places], strict=False) if place != before]


def steps_of(facts: Facts, caller_number: str, node: str | None = None) -> Iterator[IvrStep]:
    """The steps of all calls of this caller, in order."""
    for call in facts.calls(caller_number):
        yield from (step for step in facts.steps(call.call_id) if node in (None, step.node))
