"""What a chapter of the story is given, and the checks that it leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dialplan.loader import load_site
from hotline.demo.cast import Cast
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.phones.call import PhoneCall
from hotline.phones.hearing import HEARD_SCORE, heard, heard_in_order, is_silent
from hotline.phones.patience import NeverHappened, eventually
from hotline.phones.sound import RATE_HZ, read_samples
from hotline.voices import site_voice
from ivr.voice import Voice

HEAR_SECONDS = 20.0
RECORDS_SECONDS = 10.0
"""How long a fact may take from its journal into the database."""
LISTEN_EVERY_SECONDS = 0.2
"""Each look at a recording costs some milliseconds of the processor that the calls run on."""


@dataclass(frozen=True)
class Check:
    """One thing that had to be so."""

    chapter: str
    name: str
    ok: bool
    detail: str


@dataclass
class Play:
    """One performance: a house, its people, and what was found. Each chapter gets a view of it with its own name."""

    house: House
    cast: Cast
    facts: Facts
    voice: Voice
    tell: Callable[[str], None]
    """Takes what happens, sentence by sentence."""
    on_check: Callable[[Check], None]
    chapter: str = ""
    checks: list[Check] = field(default_factory=list)

    @classmethod
    def at(cls, house: House, tell: Callable[[str], None], on_check: Callable[[Check], None]) -> "Play":
        """Set the stage in a house that is up."""
        facts = Facts(house.engine)
        return cls(
            house, Cast(house, facts), facts, site_voice(load_site(house.site), house.site / "prompts"), tell, on_check
        )

    def named(self, chapter: str) -> "Play":
        """The same performance, with checks under this chapter's name."""
        return Play(self.house, self.cast, self.facts, self.voice, self.tell, self.on_check, chapter, self.checks)

    def check(self, name: str, ok: bool, detail: object = "") -> None:
        """Note whether something is so; a failed check does not end the chapter."""
        check = Check(self.chapter, name, bool(ok), str(detail))
        self.checks.append(check)
        self.on_check(check)

    async def expect(
        self, name: str, find: Callable[[], object], expected: object, seconds: float = RECORDS_SECONDS
    ) -> None:
        """Note whether `find` comes to answer `expected` within `seconds`; a failed check shows its last answer."""
        try:
            await eventually(lambda: find() == expected, seconds, name)
        except NeverHappened:
            self.check(name, False, f"{find()!r} instead of {expected!r}")
        else:
            self.check(name, True, repr(expected))

    def prompts(self, prompt_id: str, language: str, **slots: str | int) -> list[Path]:
        """The sound files of a prompt, in order, without the pauses between them."""
        sounds = [Path(f"{name}.wav") for name in self.voice.files(prompt_id, language, **slots)]
        return [sound for sound in sounds if not is_silent(sound)]

    async def hears(self, call: PhoneCall, sounds: Sequence[Path], seconds: float = HEAR_SECONDS) -> None:
        """Wait until the phone of this call has received these sounds, in this order.

        Raises:
            NeverHappened: it did not within `seconds`.
        """
        await self._receives(call, sounds[-1], seconds)
        recording = call.recording
        if recording is None or not heard_in_order(recording, sounds):
            names = ", ".join(path.stem for path in sounds)
            raise NeverHappened(f"{recording} ends as it should but does not hold, in this order: {names}")

    async def hears_start(
        self, call: PhoneCall, sound: Path, *, after_seconds: float = 0.0, seconds: float = HEAR_SECONDS
    ) -> None:
        """Wait until the phone has received the first second of a sound: enough for a caller to key an answer.

        after_seconds: of sound; what was received before does not count.
        """
        await self._receives(call, sound, seconds, first_seconds=1.0, after_seconds=after_seconds)

    def seconds_heard(self, call: PhoneCall) -> float:
        """How much sound the phone has received in this call."""
        return read_samples(call.recording).size / RATE_HZ if call.recording else 0.0

    def best_score(self, call: PhoneCall, sounds: Sequence[Path]) -> float:
        """The lowest of the best scores of these sounds in what the phone received."""
        recording = call.recording
        return min((heard(recording, sound).score for sound in sounds), default=0.0) if recording else 0.0

    def did_not_hear(self, call: PhoneCall, sounds: Sequence[Path]) -> bool:
        """Whether the phone received these sounds nowhere."""
        return self.best_score(call, sounds) < HEARD_SCORE

    async def _receives(
        self,
        call: PhoneCall,
        sound: Path,
        seconds: float,
        *,
        first_seconds: float | None = None,
        after_seconds: float = 0,
    ) -> None:
        def received() -> bool:
            recording = call.recording
            return recording is not None and bool(
                heard(recording, sound, first_seconds=first_seconds, after_seconds=after_seconds)
            )

        what = f"the phone of a caller to {call.peer} to receive {sound.stem}"
        await eventually(received, seconds, what, every_seconds=LISTEN_EVERY_SECONDS)
