"""Fifty callers in menus: every key reaches the records, and the death of the IVR costs nobody a step."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.votes import Vote
from hotline.demo.facts import Facts
from hotline.phones.swarm import Swarm, SwarmCall
from tests.menu_callers import HEARD_SECONDS, RECORDED_SECONDS, enter_digits, kill_and_resume, path_heard, steps_of
from tests.menu_floor import POLL, MenuFloor

pytestmark = pytest.mark.live

CALLS = 50
VOTERS = 30
KEYED_BEFORE_AND_AFTER = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("menus")


@pytest.fixture
async def floor(folder: Path) -> AsyncIterator[MenuFloor]:
    async with MenuFloor(folder) as up:
        yield up


async def test_every_digit_of_fifty_callers_is_recorded(floor: MenuFloor) -> None:
    """Fifty callers key twenty digits each at the same time, held for 40 to 300 ms, many twice in succession: the
    records have all of them, in order."""
    callers = [str(13_730_000_000 + number) for number in range(CALLS)]
    async with Swarm(floor.house.sip, floor.prompts) as swarm:
        chance = random.Random(4)
        entered = await enter_digits(
            floor, swarm, callers, 1, lambda: (chance.choice((0.04, 0.1, 0.3)), chance.choice((0.08, 0.12))), seed=4
        )
    assert [(one.caller_number, one.recorded) for one in entered] == [(one.caller_number, one.keyed) for one in entered]


async def test_a_killed_ivr_costs_nobody_a_step_and_no_vote_counts_twice(floor: MenuFloor) -> None:
    """kill -9 while callers vote and walk, and again while all listen: each hears the prompt of their place again and
    goes on; the records have each step that the caller heard once, and one vote of each."""
    async with Swarm(floor.house.sip, floor.prompts) as swarm:
        walking = [asyncio.create_task(walk(swarm, str(13_740_000_000 + number))) for number in range(VOTERS)]
        await asyncio.sleep(2.0)  # some vote, some are in the menus behind
        killed = floor.house.kill("ivr")
        calls = await asyncio.gather(*walking)
        await floor.house.back("ivr", killed)
        await kill_and_resume(floor, calls)
        for call in calls:
            await step_on(call)
            call.hang_up()
    facts = Facts(floor.house.engine)
    heard = {call.caller_number: path_heard(call) for call in calls}

    def recorded() -> dict[str, list[str]]:
        return {caller: [step.node for step in steps_of(facts, caller)] for caller in heard}

    await floor.house.eventually(
        lambda: all(len(path) >= len(heard[caller]) for caller, path in recorded().items()),
        RECORDED_SECONDS,
        "every step to be recorded",
    )
    assert recorded() == heard
    with Session(floor.house.engine) as session:
        assert Counter(session.scalars(select(Vote.choice))) == {"open": VOTERS}


async def walk(swarm: Swarm, caller_number: str) -> SwarmCall:
    """Vote and go through some menus; whoever is not heard, because nobody is there, says it again."""
    await asyncio.sleep(random.uniform(0.0, 2.0))
    call = await swarm.dial(POLL, caller_number)
    await call.hears(0, HEARD_SECONDS)
    for _ in range(1 + KEYED_BEFORE_AND_AFTER):
        await step_on(call)
    return call


async def step_on(call: SwarmCall) -> None:
    """Press 1 until another prompt is heard."""
    here = call.heard[-1].prompt
    while call.heard[-1].prompt == here:
        await asyncio.sleep(random.uniform(0.3, 1.2))
        at = await call.press("1")
        try:
            await call.hears(at, 2.0)
        except TimeoutError:
            continue
