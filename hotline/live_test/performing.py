"""One scenario as one real call: what the caller does at the phone, then what the records tell of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dialplan.faults import Fault
from dialplan.scenario import Scenario, Step
from hotline.live_test.ear import Ear, Sounds
from hotline.live_test.places import Place
from hotline.live_test.records import Line, Told, before_our_hang_up, tell
from hotline.live_test.shadow import Saying, Shadow
from hotline.phones.call import PhoneCall
from hotline.phones.hearing import HeardPrompt
from hotline.rehearsing import Stage
from hotline.scenario_running import Reached, Unmet, unmet_of

LOOK_EVERY_SECONDS = 0.1
RECORD_SECONDS = 5.0
"""How long the record of an end may take into the journal."""


@dataclass(frozen=True)
class Performance:
    """What came of one call."""

    faults: tuple[Fault, ...]
    heard: tuple[HeardPrompt, ...]
    """Of a call that failed: all that was heard in full."""


@dataclass
class LiveCall:
    """A call under way."""

    stage: Stage
    place: Place
    scenario: Scenario
    phone_call: PhoneCall
    name: str
    """As `GivenCall.name`."""
    sounds: Sounds
    caller_number: str

    def __post_init__(self) -> None:
        self._ear = Ear(self.phone_call, self.sounds)
        self._shadow = Shadow(self.stage, self.scenario)

    async def perform(self) -> Performance:
        """Go through the steps, then judge; the call is over afterwards."""
        faults: list[Fault] = []
        for number, step in enumerate(self.scenario.steps):
            try:
                await self._steps[step.word](step)
            except Unmet as unmet:
                faults = [self.scenario.fault(("steps", number), "unmet", unmet.found, unmet.expected)]
                break
        else:
            reached = await self._reached()
            faults = [
                self.scenario.fault(("expect", *path), "unmet", unmet.found, unmet.expected)
                for path, unmet in unmet_of(reached, self.scenario.expect)
            ]
        await self.phone_call.hang_up()
        return Performance(tuple(faults), tuple(await self._ear.heard_in_all()) if faults else ())

    # -- steps -------------------------------------------------------------------------------------------------------

    async def _hear(self, step: Step) -> None:
        for prompt in step.hear or ():
            saying = self._shadow.hear(prompt, whole=True)
            await self._ear.hear(prompt, self._sounds_of(saying), saying.seconds)

    async def _hearing(self, step: Step) -> None:
        saying = self._shadow.hear(step.hearing or "", whole=False)
        await self._ear.hearing(saying.prompt, self._sounds_of(saying), saying.seconds)

    async def _press(self, step: Step) -> None:
        self._still_there(f"to press {step.press}")
        self._shadow.follow(step)
        await self.phone_call.digits(step.press or "")

    async def _wait(self, step: Step) -> None:
        self._still_there(f"to wait for {step.wait:g} s")
        self._shadow.follow(step)
        await asyncio.sleep(step.wait or 0.0)

    async def _hang_up(self, step: Step) -> None:
        self._still_there("to hang up")
        self._shadow.follow(step)
        await self.phone_call.hang_up()

    @property
    def _steps(self) -> Mapping[str, Callable[[Step], Awaitable[None]]]:
        return {
            **{"hear": self._hear, "hearing": self._hearing, "press": self._press},
            **{"wait": self._wait, "hang_up": self._hang_up},
        }

    def _sounds_of(self, saying: Saying) -> Sequence[Path]:
        return self.sounds.of(saying.prompt, saying.language, saying.values)

    def _still_there(self, expected: str) -> None:
        if self.phone_call.is_closed:
            raise Unmet("the call was over", expected)

    # -- the end -----------------------------------------------------------------------------------------------------

    async def _reached(self) -> Reached:
        """What has come of the call when all that is being said was heard out."""
        told = await self._ended_within(self._shadow.seconds_to_the_end())
        if told.outcome or self.phone_call.is_closed:
            return self._judged(told, told.path)
        await self.phone_call.hang_up()
        told = await self._ended_within(RECORD_SECONDS)
        return self._judged(replace(told, outcome="", name=""), before_our_hang_up(told, self._lines()))

    async def _ended_within(self, seconds: float) -> Told:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            told = tell(self._lines(), self.stage.flow, self.scenario.given)
            if told.outcome or asyncio.get_running_loop().time() > deadline:
                return told
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _lines(self) -> list[Line]:
        call_id = self.place.call_id(self.caller_number, self.name)
        return self.place.journal.of_call(call_id) if call_id else []

    def _judged(self, told: Told, path: Sequence[str]) -> Reached:
        address = path[-1] if path else "no node"
        ended = f"the call had ended at {address}: {told.outcome} {told.name}".rstrip()
        standing = ended if told.outcome else f"the call had not ended at {address}"
        variables = self.place.variables(self.caller_number, self.name)
        return Reached(told.outcome, told.name, address, told.language, variables, path, told.messages, standing)
