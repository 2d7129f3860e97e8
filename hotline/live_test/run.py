"""All live scenarios of a site, several calls at a time."""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from dialplan.faults import Fault
from dialplan.scenario import Scenario
from hotline.faults import HotlineError
from hotline.live_test.ear import Sounds
from hotline.live_test.performing import LiveCall
from hotline.live_test.places import Place
from hotline.phones.baresip import Account
from hotline.phones.hearing import HeardPrompt
from hotline.phones.softphone import PhoneError, Softphone
from hotline.rehearsing import Stage

AT_ONCE = 4
NUMBERLESS = 99_000_000_000
"""Callers of whom no number is given ring from here on: longer than any number that can be called back."""


@dataclass(frozen=True)
class LiveVerdict:
    """What came of one scenario."""

    scenario: Scenario
    faults: tuple[Fault, ...]
    """Empty: it passed."""
    heard: tuple[HeardPrompt, ...]
    """Of a call that failed: all that was heard in full."""
    recording: Path | None
    seconds: float


Tell = Callable[[LiveVerdict], None]


async def run_all(
    scenarios: Sequence[Scenario],
    stage: Stage,
    sounds: Sounds,
    house: AbstractAsyncContextManager[Place],
    folder: Path,
    tell: Tell,
) -> list[LiveVerdict]:
    """Call the hotline once for every scenario, `AT_ONCE` at a time; the verdicts are in the order of the scenarios.

    Args:
        folder: the phones' recordings and logs go below it.
        tell: is given each verdict at once.

    Raises HotlineError: the phones cannot be started. HouseError.
    """
    if shutil.which("baresip") is None:
        raise HotlineError("baresip is not installed: apt-get install baresip-core")
    places = asyncio.Semaphore(AT_ONCE)
    own = defaultdict[str, asyncio.Lock](asyncio.Lock)

    async with house as place:

        async def one(number: int, scenario: Scenario) -> LiveVerdict:
            caller = scenario.given.caller or str(NUMBERLESS + number)
            async with own[caller], places:  # of one caller there is one call at a time
                verdict = await _call(scenario, stage, sounds, place, caller, folder / f"{number:03d}")
            tell(verdict)
            return verdict

        return list(await asyncio.gather(*(one(number, scenario) for number, scenario in _numbered(scenarios))))


def _numbered(scenarios: Sequence[Scenario]) -> Iterable[tuple[int, Scenario]]:
    return enumerate(scenarios, 1)


async def _call(
    scenario: Scenario, stage: Stage, sounds: Sounds, place: Place, caller: str, folder: Path
) -> LiveVerdict:
    loop = asyncio.get_running_loop()
    began = loop.time()
    number = scenario.given.called or next(iter(stage.site.numbers))
    async with Softphone(Account(caller, place.sip.host, place.sip.port), folder=folder) as phone:
        place.begin(stage, scenario.given, caller, folder.name)
        try:
            phone_call = await phone.call(number)
            call = LiveCall(stage, place, scenario, phone_call, folder.name, sounds, caller)
            performance = await call.perform()
        except PhoneError as broken:
            told = str(broken).partition("; its log")[0]
            fault = scenario.fault((), "unmet", f"{told} (its log is in {folder})", "a call to be answered")
            return LiveVerdict(scenario, (fault,), (), None, loop.time() - began)
        return LiveVerdict(scenario, performance.faults, performance.heard, phone_call.recording, loop.time() - began)
