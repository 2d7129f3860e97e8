"""Which prompts are in what a phone heard: normalised cross-correlation of the recording with the prompt files.

The line changes a prompt only by μ-law's rounding, so the right prompt correlates above 0.9 at one place and a wrong
one nowhere above 0.5. Both sounds are pre-emphasised first: vowels of one synthetic voice share their low pitch, and
without this two short words reach 0.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hotline.phones.sound import RATE_HZ, Samples, read_samples

PRE_EMPHASIS = 0.95
"""Weight of the sample before, as speech coders use it."""

HEARD_SCORE = 0.6
"""Between what a wrong prompt reaches and what the right one does."""

EDGE_SAMPLES = 400
"""How much of a prompt may be missing at either end of a recording: Asterisk 22 leaves out the last 22 samples of a
WAV file, and a hang-up cuts the last packets."""

TONE_SECONDS = 0.1
"""Long enough to tell tones that lie 20 Hz apart, short enough to lie between two lost packets."""

APART_SHARE = 0.9
"""The same sound is said twice when the second begins this share of its length after the first, or later."""

PIECE_SECONDS = 1.0
DRIFT_SECONDS = 0.1
"""Five packets: so much may be missing between the beginning of a prompt and a later piece of it."""
PIECE_SCORE = 0.4
"""Of a piece at its own place: another word stays below, the right one with a lost packet in it above."""

QUIET_SHARE = 0.02
"""A stretch with less than this share of the prompt's energy is silence, whatever its shape."""


@dataclass(frozen=True)
class Heard:
    """How well a prompt fits a recording at its best place."""

    score: float
    """0 to 1; `HEARD_SCORE` and more means that it was heard."""
    at_seconds: float
    """Where it begins, in seconds of received sound."""

    def __bool__(self) -> bool:
        return self.score >= HEARD_SCORE


@dataclass(frozen=True)
class HeardPrompt:
    """One prompt found in a recording."""

    name: str
    at_seconds: float
    seconds: float
    score: float


def heard(recording: Path, prompt: Path, *, first_seconds: float | None = None, after_seconds: float = 0.0) -> Heard:
    """Return how well `prompt` fits into `recording` at its best place.

    Args:
        first_seconds: compare the beginning of the prompt only, for one that was cut short by a key.
        after_seconds: look only at what was received after so much sound; places still count from the beginning.
    """
    clip = _emphasised(prompt)
    if first_seconds is not None:
        clip = clip[: int(first_seconds * RATE_HZ)]
    scores = _scores(_emphasised(recording)[int(after_seconds * RATE_HZ) :], clip)
    if not scores.size:
        return Heard(0.0, 0.0)
    best = int(np.argmax(scores))
    return Heard(float(np.clip(scores[best], 0.0, 1.0)), after_seconds + _seconds(best))


def heard_throughout(recording: Path, prompt: Path, *, after_seconds: float = 0.0) -> Heard:
    """Return as `heard`, but nothing where a piece of the prompt is missing at its own place: two prompts that share
    all but a word are told apart."""
    best = heard(recording, prompt, after_seconds=after_seconds)
    if not best:
        return best
    sound, clip = _emphasised(recording), _emphasised(prompt)
    size, drift = int(PIECE_SECONDS * RATE_HZ), int(DRIFT_SECONDS * RATE_HZ)
    for first in range(0, clip.size, size):
        piece = clip[first : first + size]
        begin = int(best.at_seconds * RATE_HZ) + first - drift
        scores = _scores(sound[max(0, begin) : begin + piece.size + 2 * drift], piece)
        audible = np.square(piece, dtype=np.float64).sum() > QUIET_SHARE * np.square(clip, dtype=np.float64).sum()
        if audible and (not scores.size or float(scores.max()) < PIECE_SCORE):
            return Heard(0.0, 0.0)
    return best


def which_prompts(
    recording: Path, candidates: Mapping[str, Path], *, after_seconds: float = 0.0, before_seconds: float | None = None
) -> list[HeardPrompt]:
    """Return each prompt that was heard in full, as often as it was, in order of time.

    Where two candidates fit the same stretch the longer one is meant: the other is a part of it.

    Args:
        after_seconds: look only at what was received after so much sound, and before `before_seconds` of it; places
            still count from the beginning.
    """
    hits = _which(_emphasised(recording)[_samples(after_seconds) : _samples(before_seconds)], candidates)
    return [replace(hit, at_seconds=hit.at_seconds + after_seconds) for hit in hits]


def _which(sound: Samples, candidates: Mapping[str, Path]) -> list[HeardPrompt]:
    found = [hit for name, path in candidates.items() for hit in _all_hits(name, sound, _emphasised(path))]
    kept: list[HeardPrompt] = []
    for hit in sorted(found, key=lambda one: (-one.seconds, -one.score)):
        if not any(_overlap(hit, other) for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda one: one.at_seconds)


def heard_in_order(recording: Path, prompts: Sequence[Path]) -> bool:
    """Tell whether the prompts were heard in full one after another, other sounds between them allowed."""
    hits = which_prompts(recording, {str(path): path for path in prompts})
    names = iter(hit.name for hit in hits)
    return all(str(wanted) in names for wanted in prompts)


def is_silent(prompt: Path) -> bool:
    """Tell whether a sound is a mere pause, which nobody can be said to have heard."""
    return not read_samples(prompt).any()


def heard_tone(recording: Path, hz: float, *, last_seconds: float | None = None) -> float:
    """Return the share (0 to 1) of a recording's energy that is a tone of `hz`: who is on the other side.

    Judged in stretches of `TONE_SECONDS`: a phone on a busy machine leaves out a packet now and then, and the tone goes
    on with another phase.
    """
    sound = read_samples(recording)
    if last_seconds is not None:
        sound = sound[-int(last_seconds * RATE_HZ) :]
    size = min(sound.size, int(TONE_SECONDS * RATE_HZ))
    stretches = sound[: sound.size // size * size].reshape(-1, size) if size else sound
    energy = float(np.square(stretches, dtype=np.float64).sum())
    if energy == 0.0:
        return 0.0
    turn = np.exp(-2j * np.pi * hz * np.arange(size) / RATE_HZ)
    return float(min(1.0, 2 * np.square(np.abs(stretches @ turn)).sum() / (size * energy)))


def _emphasised(path: Path) -> Samples:
    sound = read_samples(path)
    if sound.size < 2:
        return sound
    return np.asarray(sound[1:] - PRE_EMPHASIS * sound[:-1], np.float32)


def _scores(sound: Samples, clip: Samples) -> Samples:
    """Return the correlation coefficient of the clip with the sound at each start, from `EDGE_SAMPLES` before the
    first sample on, that leaves room for all of it."""
    sound = np.pad(sound, EDGE_SAMPLES)
    if not clip.size or sound.size < clip.size or not clip.any():
        return np.zeros(0, np.float32)
    size = 1 << (sound.size + clip.size - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(clip, size)), size)
    running = np.concatenate(([0.0], np.cumsum(np.square(sound, dtype=np.float64))))
    energies = running[clip.size :] - running[: -clip.size]
    clip_energy = float(np.square(clip, dtype=np.float64).sum())
    loud_enough = energies > QUIET_SHARE * clip_energy
    norms = np.sqrt(np.where(loud_enough, energies, 1.0) * clip_energy)
    return np.asarray(np.where(loud_enough, products[: energies.size] / norms, 0.0), np.float32)


def _samples(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * RATE_HZ)


def _seconds(start: int) -> float:
    return max(0, start - EDGE_SAMPLES) / RATE_HZ


def _all_hits(name: str, sound: Samples, clip: Samples) -> list[HeardPrompt]:
    scores = _scores(sound, clip)
    hits: list[HeardPrompt] = []
    while scores.size and (score := float(scores.max())) >= HEARD_SCORE:
        best = int(np.argmax(scores))
        hits.append(HeardPrompt(name, _seconds(best), clip.size / RATE_HZ, min(1.0, score)))
        apart = int(APART_SHARE * clip.size)
        scores[max(0, best - apart) : best + apart] = 0.0
    return hits


def _overlap(one: HeardPrompt, other: HeardPrompt) -> bool:
    """More than a quarter of the shorter one lies within the other."""
    shared = min(one.at_seconds + one.seconds, other.at_seconds + other.seconds) - max(one.at_seconds, other.at_seconds)
    return shared > 0.25 * min(one.seconds, other.seconds)
