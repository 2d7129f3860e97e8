"""Recognising prompts in a recording: the right ones, in order, and no other."""

from pathlib import Path

import numpy as np
import pytest

from hotline.phones.hearing import HeardPrompt, heard, heard_in_order, heard_throughout, heard_tone, which_prompts
from hotline.phones.sound import RATE_HZ, Samples, read_samples, write_samples

MU = 255


def speech_like(seed: int, seconds: float) -> Samples:
    """Voiced sound with one pitch for all (the hard case) and its own changing formants, like one voice's words."""
    random = np.random.default_rng(seed)
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sound = np.zeros(times.size)
    for harmonic in range(1, 28):
        strength = np.interp(times, np.linspace(0, seconds, 6), random.uniform(0, 1, 6) ** 3)
        sound += strength * np.sin(2 * np.pi * 110 * harmonic * times + random.uniform(0, 7)) / harmonic**0.5
    return np.asarray(6000 * sound / np.abs(sound).max(), np.float32)


def hiss(seed: int, seconds: float) -> Samples:
    """Sound that is like itself nowhere else."""
    return np.asarray(np.random.default_rng(seed).normal(0, 2000, int(seconds * RATE_HZ)), np.float32)


def through_the_line(sound: Samples) -> Samples:
    """μ-law to 8 bits and back (ITU-T G.711's curve)."""
    squeezed = np.sign(sound) * np.log1p(MU * np.abs(sound) / 32768) / np.log1p(MU)
    coded = np.round(squeezed * 127) / 127
    return np.asarray(np.sign(coded) * (np.power(1 + MU, np.abs(coded)) - 1) / MU * 32768, np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


@pytest.fixture
def prompts(tmp_path: Path) -> dict[str, Path]:
    """Two sentences and four words of a quarter to half a second."""
    lengths = {"welcome": 1.5, "main": 2.0, "one": 0.25, "two": 0.3, "three": 0.4, "four": 0.5}
    paths = {name: tmp_path / f"{name}.wav" for name in lengths}
    for seed, (name, seconds) in enumerate(lengths.items()):
        write_samples(paths[name], speech_like(seed, seconds))
    return paths


def record(path: Path, *parts: Samples) -> Path:
    write_samples(path, through_the_line(np.concatenate(parts)))
    return path


def test_the_right_prompt_scores_high_and_every_other_low(prompts: dict[str, Path], tmp_path: Path) -> None:
    """After μ-law the right prompt scores above 0.8 and no other above 0.5, short words of one pitch included."""
    for name, path in prompts.items():
        recording = record(tmp_path / "heard.wav", silence(0.3), read_samples(path), silence(0.2))
        scores = {other: heard(recording, prompts[other]).score for other in prompts}
        assert scores.pop(name) > 0.8
        assert max(scores.values()) < 0.5


def test_it_tells_when_a_prompt_began(prompts: dict[str, Path], tmp_path: Path) -> None:
    """The place is right to a packet (20 ms)."""
    recording = record(tmp_path / "heard.wav", silence(1.25), read_samples(prompts["main"]))
    assert heard(recording, prompts["main"]).at_seconds == pytest.approx(1.25, abs=0.02)


def test_prompts_are_found_in_order_and_as_often_as_they_were_said(prompts: dict[str, Path], tmp_path: Path) -> None:
    """An order number read out digit by digit is found digit by digit, a repeated digit twice."""
    said = ["welcome", "two", "two", "one", "four", "main"]
    recording = record(tmp_path / "heard.wav", silence(0.1), *[read_samples(prompts[name]) for name in said])
    assert [hit.name for hit in which_prompts(recording, prompts)] == said
    assert heard_in_order(recording, [prompts[name] for name in ("welcome", "two", "main")])
    assert not heard_in_order(recording, [prompts[name] for name in ("main", "welcome")])


def test_a_part_of_a_longer_prompt_is_not_told_twice(prompts: dict[str, Path], tmp_path: Path) -> None:
    """Where a candidate is a piece of another one, only the longer one was said."""
    piece = tmp_path / "piece.wav"
    write_samples(piece, read_samples(prompts["main"])[4000:9000])
    recording = record(tmp_path / "heard.wav", read_samples(prompts["main"]))
    found = which_prompts(recording, {"piece": piece, "main": prompts["main"]})
    assert [hit.name for hit in found] == ["main"]
    assert isinstance(found[0], HeardPrompt)


def test_a_prompt_cut_short_by_a_key_is_known_by_its_beginning(prompts: dict[str, Path], tmp_path: Path) -> None:
    """A third of a second of a prompt is enough when only its beginning is asked for."""
    recording = record(tmp_path / "heard.wav", read_samples(prompts["main"])[:3200], silence(2.0))
    assert heard(recording, prompts["main"], first_seconds=0.3)
    assert not heard(recording, prompts["main"], first_seconds=1.5)


def test_silence_and_too_short_recordings_hold_nothing(prompts: dict[str, Path], tmp_path: Path) -> None:
    """Silence matches nothing, however well its rounding noise would correlate; an empty recording matches nothing."""
    assert not heard(record(tmp_path / "silence.wav", silence(4.0)), prompts["one"])
    assert heard(record(tmp_path / "short.wav", silence(0.01)), prompts["main"]).score == 0.0
    assert which_prompts(record(tmp_path / "empty.wav", silence(0)), prompts) == []


def test_a_tone_is_known_from_another(tmp_path: Path) -> None:
    """The share of one tone is near 1 in a recording of it and near 0 in one of another tone, or of silence."""
    times = np.arange(RATE_HZ) / RATE_HZ
    recording = record(tmp_path / "tone.wav", 3000 * np.sin(2 * np.pi * 650 * times))
    assert heard_tone(recording, 650) > 0.95
    assert heard_tone(recording, 1040) < 0.05
    assert heard_tone(record(tmp_path / "silence.wav", silence(1.0)), 650) == 0.0


def test_a_tone_with_a_packet_missing_here_and_there_is_the_same_tone(tmp_path: Path) -> None:
    """Each loss of 20 ms moves the phase; over the whole of it the stretches would cancel each other out."""
    times = np.arange(3 * RATE_HZ) / RATE_HZ
    packets = (3000 * np.sin(2 * np.pi * 940 * times)).reshape(-1, RATE_HZ // 50)
    recording = record(tmp_path / "lossy.wav", packets[np.arange(len(packets)) % 20 != 7].ravel())
    assert heard_tone(recording, 940) > 0.8
    assert heard_tone(recording, 970) < 0.2


def test_the_last_seconds_alone_can_be_asked_for(tmp_path: Path) -> None:
    """Who speaks now is told from the end of the recording, not from its average."""
    times = np.arange(RATE_HZ) / RATE_HZ
    first, then = (3000 * np.sin(2 * np.pi * hz * times) for hz in (400, 650))
    recording = record(tmp_path / "tones.wav", first, then)
    assert heard_tone(recording, 650, last_seconds=0.9) > 0.95 > heard_tone(recording, 650)


def test_prompts_that_share_all_but_a_word_are_told_apart(tmp_path: Path) -> None:
    """Each is known throughout where it was said, and the shorter one not where the longer was, though all of it is
    heard there, but for a word in between. (Of a steady pitch every place fits; a real voice's moves.)"""
    shared, word, end = hiss(1, 5.0), hiss(2, 0.3), hiss(3, 1.0)
    sounds = {"long": np.concatenate((shared, word, end)), "short": np.concatenate((shared, end))}
    paths = {name: tmp_path / f"{name}.wav" for name in sounds}
    for name, sound in sounds.items():
        write_samples(paths[name], sound)
    for name, sound in sounds.items():
        recording = record(tmp_path / f"heard_{name}.wav", silence(0.3), sound, silence(0.2))
        assert [other for other in paths if heard_throughout(recording, paths[other])] == [name]
    assert heard(tmp_path / "heard_long.wav", paths["short"]), "the whole alone does not tell"


def test_a_prompt_is_known_throughout_with_a_packet_missing(tmp_path: Path) -> None:
    """The rest of it has moved by twenty milliseconds, which is no other word."""
    sound = speech_like(4, 4.0)
    path = tmp_path / "said.wav"
    write_samples(path, sound)
    late = int(3.2 * RATE_HZ)
    recording = record(tmp_path / "heard.wav", sound[:late], sound[late + 160 :], silence(0.2))
    assert heard_throughout(recording, path)


def test_prompts_are_looked_for_within_a_part_of_the_sound(prompts: dict[str, Path], tmp_path: Path) -> None:
    """After one second and before another; the places still count from the beginning."""
    parts = [read_samples(prompts[name]) for name in ("welcome", "main", "welcome")]
    recording = record(tmp_path / "heard.wav", *parts)
    found = which_prompts(recording, prompts, after_seconds=1.4, before_seconds=3.6)
    assert [(hit.name, round(hit.at_seconds, 1)) for hit in found] == [("main", 1.5)]
