"""What a phone hears, held against the sounds of a site's prompts."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dialplan.site import Site
from hotline.phones.call import PhoneCall
from hotline.phones.hearing import HeardPrompt, heard, heard_throughout, is_silent, which_prompts
from hotline.phones.sound import RATE_HZ, read_samples
from hotline.scenario_running import Unmet
from ivr.voice import Voice

LISTEN_EVERY_SECONDS = 0.15
BEGINNING_SECONDS = 1.0
"""Of a prompt: enough for a caller to know it, and to key an answer."""
GAP_SECONDS = 0.5
"""No prompt is shorter."""
RTP_SECONDS = 1.0
"""How long the last packets of a call may take into the file."""


class Sounds:
    """The sound files of a site's prompts."""

    def __init__(self, site: Site, voice: Voice) -> None:
        self._voice = voice
        names = [(prompt, language) for language in site.languages for prompt in site.prompts]
        self._named: dict[Path, str] = {}
        for prompt, language in names:
            for path in _audible(voice.stretches(prompt, language)):
                self._named.setdefault(path, f"{prompt} ({language})")

    def of(self, prompt: str, language: str, values: Mapping[str, str]) -> list[Path]:
        """The sounds of a prompt in order, without the pauses; of one whose values are not known those without them."""
        known = self._voice.files if values else self._voice.stretches
        return _audible(known(prompt, language, **values) if values else known(prompt, language))

    def heard_in(self, recording: Path | None, after: float, before: float | None = None) -> list[HeardPrompt]:
        """Which prompts were heard from one second of the sound to another; their names have the language with them."""
        if recording is None:
            return []
        found = which_prompts(
            recording, {str(path): path for path in self._named}, after_seconds=after, before_seconds=before
        )
        return [
            HeardPrompt(self._named[Path(one.name)], one.at_seconds, one.seconds, one.score)
            for one in found
            if one.seconds >= GAP_SECONDS
        ]


class Ear:
    """Listens to one call; every sound is looked for after the one that was found last."""

    def __init__(self, call: PhoneCall, sounds: Sounds) -> None:
        self._call = call
        self._sounds = sounds
        self._after = 0.0

    async def hear(self, prompt: str, wanted: Sequence[Path], seconds: float) -> None:
        """Listen until all of these sounds, of one prompt, were heard to their ends; Unmet when other prompts come
        before, or nothing within so many seconds."""
        for sound in wanted:
            begin, length = await self._find(prompt, sound, seconds, None), _seconds(sound)
            await self._nothing_between(self._after, begin, prompt)
            self._after = begin + length

    async def hearing(self, prompt: str, wanted: Sequence[Path], seconds: float) -> None:
        """As `hear`, but only the beginning of the first sound."""
        length = min(BEGINNING_SECONDS, _seconds(wanted[0]))
        begin = await self._find(prompt, wanted[0], seconds, length)
        await self._nothing_between(self._after, begin, prompt)
        self._after = begin + length

    async def heard_in_all(self) -> list[HeardPrompt]:
        """Every prompt of the call that was heard in full."""
        return await asyncio.to_thread(self._sounds.heard_in, self._call.recording, 0.0)

    async def _find(self, prompt: str, sound: Path, seconds: float, beginning: float | None) -> float:
        """Where it begins, in seconds of sound."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            closed = self._call.is_closed
            if closed:
                await asyncio.sleep(RTP_SECONDS)
            place = await asyncio.to_thread(self._look, sound, beginning)
            if place is not None:
                return place
            if closed or loop.time() > deadline:
                raise Unmet(await self._instead(closed), f"to hear {prompt}")
            await asyncio.sleep(LISTEN_EVERY_SECONDS)

    def _look(self, sound: Path, beginning: float | None) -> float | None:
        recording = self._call.recording
        if recording is None:
            return None
        found = (
            heard_throughout(recording, sound, after_seconds=self._after)
            if beginning is None
            else heard(recording, sound, first_seconds=beginning, after_seconds=self._after)
        )
        return found.at_seconds if found else None

    async def _nothing_between(self, after: float, before: float, prompt: str) -> None:
        if before - after < GAP_SECONDS:
            return
        others = await asyncio.to_thread(self._sounds.heard_in, self._call.recording, after, before)
        if others:
            raise Unmet(f"heard {_names(others)} before", f"to hear {prompt}")

    async def _instead(self, closed: bool) -> str:
        others = await asyncio.to_thread(self._sounds.heard_in, self._call.recording, self._after)
        told = f"heard {_names(others)}" if others else "heard no prompt"
        return f"{told}, then the call was over" if closed else f"{told} instead" if others else told


def _names(prompts: Iterable[HeardPrompt]) -> str:
    return ", ".join(one.name for one in prompts)


def _audible(names: Iterable[str]) -> list[Path]:
    sounds = [Path(f"{name}.wav") for name in names]
    return [sound for sound in sounds if not is_silent(sound)]


def _seconds(sound: Path) -> float:
    return read_samples(sound).size / RATE_HZ
