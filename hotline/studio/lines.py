"""What would be recorded of a site: each stretch of words that is a file of its own, in the order of a script."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialplan.site import Site
from hotline.studio.uses import Use, uses_of
from ivr import spoken
from ivr.sayings import seconds_of
from ivr.spoken.slots import Slot, cut
from ivr.voice import clip_name, stretches

EXAMPLES: Mapping[str, str] = {
    "digits": "10086",
    "number": "110",
    "ordinal": "2",
    "count": "2",
    "money": "98.50",
    "percent": "12.5",
    "date": "2026-10-08",
    "time": "14:05",
    "duration": "5400",
    "phone": "13800138000",
    "order_number": "SO20260001",
    "letters": "AB2",
}
"""a value of each kind, to show what is said in its place"""


@dataclass(frozen=True)
class Line:
    """One file."""

    language: str
    name: str
    """of the recording, below its language's folder and without ending: `welcome`, `shipped.1`, `values/一百`"""
    words: str
    """exactly these"""
    prompt: str
    """its id; empty for a clip of values"""
    sentence: str
    """the whole prompt that this is a stretch of, its values shown by an example; empty where it is all of it"""
    uses: tuple[str, ...]
    """where it is said; of a clip, the prompts with such a value"""
    note: str = ""
    """for the speaker"""

    @property
    def file(self) -> str:
        """What the studio calls its file, but for the ending, which may be another."""
        return f"{self.language}/{self.name}.wav"

    @property
    def seconds(self) -> float:
        """An estimate."""
        return seconds_of(self.words)


def lines_of(site: Site, languages: Sequence[str] = ()) -> list[Line]:
    """Every line of these languages, or of all of the site's: prompts as they are written, then the clips of values."""
    found: list[Line] = []
    uses = uses_of(site)
    for language in languages or site.languages:
        for prompt, texts in site.prompts.items():
            if language in texts:
                found += _of_prompt(prompt, texts[language], language, uses[prompt])
        found += _of_values(site, language)
    return found


def explained(text: str, language: str) -> str:
    """A prompt's words with each value shown as what kind it is and how one would be said."""
    return "".join(part if isinstance(part, str) else _shown(part, language) for part in cut(text))


def _of_prompt(prompt: str, text: str, language: str, uses: Sequence[Use]) -> Iterator[Line]:
    parts = stretches(prompt, text)
    for index, part in enumerate(parts):
        if not isinstance(part, Slot):
            name, words = part
            sentence = explained(text, language) if len(parts) > 1 else ""
            note = _note(parts[:index], parts[index + 1 :])
            yield Line(language, name, words, prompt, sentence, tuple(map(str, uses)), note)


def _note(before: Sequence[object], after: Sequence[object]) -> str:
    """How a stretch is spoken that is not the whole of a sentence."""
    notes = []
    if before:
        notes.append("goes on after a value")
    if after:
        notes.append("a value follows: keep the voice up")
    return "; ".join(notes)


def _of_values(site: Site, language: str) -> Iterator[Line]:
    clips: dict[str, list[str]] = {}
    for prompt, texts in site.prompts.items():
        for part in cut(texts.get(language, "")):
            for clip in spoken.clips_of(part.kind, language) if isinstance(part, Slot) else ():
                needing = clips.setdefault(clip, [])
                needing += [] if prompt in needing else [prompt]
    for clip in sorted(clips.keys() - {spoken.PAUSE}):
        note = "a piece of a value, as in the midst of a sentence"
        yield Line(language, clip_name(clip), clip, "", "", tuple(f"values of {one}" for one in clips[clip]), note)


def _shown(slot: Slot, language: str) -> str:
    said = spoken.written(spoken.speak(EXAMPLES[slot.kind_name], slot.kind, language), language)
    return f"[{slot.name}: {slot.kind}, such as {said}]"
