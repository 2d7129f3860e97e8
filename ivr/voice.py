"""From a prompt id to the sound files that speak it."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ivr import sounds, spoken
from ivr.espeak import SpeechUnavailable
from ivr.providers import Espeak, Provider
from ivr.recordings import Recordings
from ivr.sounds import Recorded, Source, Spoken
from ivr.spoken.slots import Slot, cut

log = logging.getLogger(__name__)

CLIPS = "values"
"""the folder of recorded clips of values, below that of their language"""
_EDGE_SAMPLES = 400
"""Asterisk 22 leaves out the last samples of a WAV file, and a packet is 160."""
_SPEAKABLE = re.compile(r"\w")


class UnknownPrompt(KeyError):
    """No prompt has this id: a flow or a script asks for something that the site does not say."""


@dataclass(frozen=True)
class Utterance:
    """A prompt in one language: what is played in order, and the language its values are spoken in."""

    language: str
    parts: tuple[Source | Slot, ...]


class Voice:
    """Everything a site can say, rendered; made by `build`. Reading it does no I/O but for the length of sounds.

    today: the day that a date is told as "tomorrow" from, asked each time that a date is said.
    samples_of: the length of a sound, by its path without ending; None where that cannot be told.
    """

    def __init__(
        self,
        languages: Sequence[str],
        utterances: Mapping[str, Mapping[str, Utterance]],
        paths: Mapping[Source, str],
        today: Callable[[], date] = date.today,
        samples_of: Callable[[str], int | None] = sounds.samples_of,
    ) -> None:
        self._samples_of = samples_of
        self.languages = tuple(languages)
        self._utterances = utterances
        self._paths = paths
        self._today = today

    def was_whole(self, file: str, samples: int) -> bool:
        """Whether that much of a sound, as Asterisk counts it, is all of it."""
        length = self._samples_of(file)
        return length is not None and samples >= length - _EDGE_SAMPLES

    @property
    def prompt_ids(self) -> frozenset[str]:
        return frozenset(self._utterances)

    def files(self, prompt_id: str, language: str, /, **slots: str | int) -> list[str]:
        """The sounds of a prompt in order: absolute paths without extension, as STREAM FILE takes them.

        A prompt that lacks the language is spoken in the site's first one, with its values in that language too. A
        slot without a value stays silent, one whose value is not of its kind is spelled, and both are logged: the
        caller still hears the sentence.

        Raises:
            UnknownPrompt: no prompt has this id.
        """
        if prompt_id not in self._utterances:
            raise UnknownPrompt(prompt_id)
        utterance = self._in_language(prompt_id, language)
        found: list[str] = []
        for part in utterance.parts:
            if not isinstance(part, Slot):
                found.append(self._paths[part])
            elif part.name in slots:
                clips = self._clips(prompt_id, part, slots[part.name], utterance.language)
                found += [self._paths[Spoken(clip, utterance.language)] for clip in clips]
            else:
                log.error("prompt without a value action=speak prompt=%s slot=%s", prompt_id, part.name)
        return found

    def stretches(self, prompt_id: str, language: str) -> list[str]:
        """The sounds of a prompt that are the same whatever its values are; paths as those of `files`."""
        parts = self._in_language(prompt_id, language).parts
        return [self._paths[part] for part in parts if not isinstance(part, Slot)]

    def _clips(self, prompt_id: str, slot: Slot, value: str | int, language: str) -> list[str]:
        try:
            return spoken.exactly(value, slot.kind, language, self._today())
        except spoken.Unspeakable as fault:
            # Not the value itself: it may be what a caller has keyed.
            log.error("spelled action=speak prompt=%s slot=%s kind=%s cause=%s", prompt_id, slot.name, slot.kind, fault)
            return spoken.spelled(value, language)

    def _in_language(self, prompt_id: str, language: str) -> Utterance:
        by_language = self._utterances[prompt_id]
        wanted = next((choice for choice in (language, *self.languages) if choice in by_language), None)
        return by_language[wanted] if wanted else next(iter(by_language.values()))


def build(
    prompts: Mapping[str, Mapping[str, str]],
    *,
    languages: Sequence[str],
    cache: Path,
    recordings: Path | None = None,
    provider: Provider | None = None,
    today: Callable[[], date] = date.today,
    workers: int = 2,
) -> Voice:
    """Render what is missing of these prompts and give the voice that speaks them.

    Args:
        prompts: texts by prompt id and language; a text may hold slots.
        languages: the site's, the first one is the fallback.
        cache: folder of finished sounds; several processes may share it.
        recordings: `<recordings>/<language>/<prompt_id>.wav` is played instead of the text; where the text has
            slots, each stretch between them is its own recording, `<prompt_id>.1.wav` and on. A clip of values is
            `<recordings>/<language>/values/<its words>.wav`. One that was made for other words is passed over.
        provider: who speaks; None: espeak-ng.
        today: where the callers are.
        workers: how many sounds are rendered at a time.

    Raises:
        ValueError: a slot of unknown kind, or in a language without rules for it; RecordingUnreadable, BookUnreadable.
        SpeechUnavailable: the provider is missing or failed; naming the prompt and the language.
    """
    recorded = Recordings(recordings)
    utterances = {
        prompt_id: {language: _utterance(prompt_id, language, text, recorded) for language, text in texts.items()}
        for prompt_id, texts in prompts.items()
    }
    wanted = {source for by_language in utterances.values() for one in by_language.values() for source in _sources(one)}
    clips = _recorded_clips(wanted, recorded)
    try:
        paths = sounds.prepare(
            {clips.get(source, source) for source in wanted}, cache, provider or Espeak(), workers=workers
        )
    except sounds.NotSpoken as silence:
        raise SpeechUnavailable(f"{_saying(silence.spoken, utterances)}: {silence}") from silence
    return Voice(languages, utterances, paths | {clip: paths[sound] for clip, sound in clips.items()}, today)


def _saying(words: Spoken, utterances: Mapping[str, Mapping[str, Utterance]]) -> str:
    """Which prompt it is that cannot be spoken, in which language; the first one, where many need the same words."""
    for prompt_id, by_language in utterances.items():
        for language, utterance in by_language.items():
            if words in utterance.parts:
                return f'prompt {prompt_id} in "{language}"'
    return f'a value in "{words.language}"'


def fragments(text: str) -> list[str | Slot]:
    """A text cut at its slots; a stretch with nothing to speak in it, such as a lone full stop, is left out."""
    return [part.strip() if isinstance(part, str) else part for part in cut(text) if _is_spoken(part)]


def _is_spoken(part: str | Slot) -> bool:
    return isinstance(part, Slot) or _SPEAKABLE.search(part) is not None


def stretches(prompt_id: str, text: str) -> list[tuple[str, str] | Slot]:
    """The same, each stretch with the name that its recording would have: the prompt's own where it has no slot."""
    parts = fragments(text)
    found: list[tuple[str, str] | Slot] = []
    for part in parts:
        number = sum(isinstance(one, tuple) for one in found) + 1
        name = prompt_id if len(parts) == 1 else f"{prompt_id}.{number}"
        found.append((name, part) if isinstance(part, str) else part)
    return found


def clip_name(clip: str) -> str:
    """The name that the recording of a clip of values would have."""
    return f"{CLIPS}/{clip}"


def _utterance(prompt_id: str, language: str, text: str, recordings: Recordings) -> Utterance:
    parts = stretches(prompt_id, text)
    return Utterance(
        language, tuple(part if isinstance(part, Slot) else _source(language, *part, recordings) for part in parts)
    )


def _source(language: str, name: str, words: str, recordings: Recordings) -> Source:
    recording = recordings.current(language, name, words)
    return Recorded(recording) if recording else Spoken(words, language)


def _recorded_clips(sources: Iterable[Source], recordings: Recordings) -> dict[Source, Source]:
    """The clips of values that somebody has recorded, under the words that they are named by."""
    found: dict[Source, Source] = {}
    for language, name in recordings.names():
        folder, _, clip = name.rpartition("/")
        path = recordings.current(language, name, clip)
        if folder == CLIPS and path:
            found[Spoken(clip, language)] = Recorded(path)
    return {clip: found[clip] for clip in sources if clip in found}


def _sources(utterance: Utterance) -> Iterator[Source]:
    for part in utterance.parts:
        if isinstance(part, Slot):
            yield from (Spoken(clip, utterance.language) for clip in spoken.clips_of(part.kind, utterance.language))
        else:
            yield part
