"""The active speech level: known signals, and the recommendation's own steps done slowly as a referee."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ivr.loudness import active_level

RATE_HZ = 8000
Samples = NDArray[np.float64]


def tone(seconds: float, amplitude: float) -> Samples:
    return amplitude * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)


def noise(seconds: float, level_db: float, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).normal(0, 10 ** (level_db / 20), round(seconds * RATE_HZ))


MARGIN_DB = 15.9


def slowly(samples: Samples, thresholds_db: Sequence[float]) -> list[float]:
    """Method B of ITU-T P.56 sample by sample: two averages, a count of activity for each threshold, and the level over
    what is active; the recommendation's answer is a level that lies the margin above its own threshold."""
    decay = math.exp(-1 / (RATE_HZ * 0.03))
    thresholds = 10 ** (np.array(thresholds_db) / 20)
    active, since = np.zeros(len(thresholds), int), np.full(len(thresholds), round(0.2 * RATE_HZ))
    first = second = 0.0
    for size in np.abs(samples):
        first = decay * first + (1 - decay) * size
        second = decay * second + (1 - decay) * first
        since = np.where(second >= thresholds, 0, since + 1)
        active += since < round(0.2 * RATE_HZ)
    energy = float(np.square(samples).sum())
    return [10 * math.log10(energy / count) if count else math.inf for count in active]


def test_a_full_tone_is_three_below_the_limit() -> None:
    """A sine at full scale is at -3.01 dBov, and every factor of ten in amplitude is 20 dB."""
    assert active_level(tone(2, 1), RATE_HZ) == pytest.approx(-3.01, abs=0.1)
    assert active_level(tone(2, 0.1), RATE_HZ) == pytest.approx(-23.01, abs=0.1)


def test_pauses_do_not_count() -> None:
    """Half of it silence: the plain mean is 3 dB lower, the active level that of the speech, but for its hangover."""
    speech = np.concatenate([part for seed in range(4) for part in (noise(1, -20, seed), np.zeros(RATE_HZ))])
    assert 10 * math.log10(float(np.square(speech).mean())) == pytest.approx(-23, abs=0.2)
    assert active_level(speech, RATE_HZ) == pytest.approx(-21, abs=0.3)


def test_silence_at_the_end_changes_nothing() -> None:
    """Nor does the hiss of a quiet room."""
    speech = noise(4, -20)
    level = active_level(speech, RATE_HZ)
    for rest in (np.zeros(10 * RATE_HZ), noise(10, -65)):
        assert active_level(np.concatenate([speech, rest]), RATE_HZ) == pytest.approx(level, abs=0.5)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.zeros(RATE_HZ)])
def test_nothing_is_infinitely_quiet(samples: Samples) -> None:
    """Silence has no level, however short it is."""
    assert active_level(samples, RATE_HZ) == float("-inf")


@settings(max_examples=15, deadline=None)
@example([(0.5, -30.5, 0.0), (0.5, -18.0, 0.0), (0.4375, -12.5, 0.5)])
@example([(0.5, -27.0, 0.5), (0.375, -20.0, 0.5), (0.25, -39.25, 0.5)])
@given(
    st.lists(
        st.tuples(st.floats(0.1, 0.6), st.floats(-50, -10), st.floats(0, 0.5)),
        min_size=1,
        max_size=4,
    )
)
def test_it_is_what_the_recommendation_gives(bursts: list[tuple[float, float, float]]) -> None:
    """For any row of bursts and pauses the level is what the referee finds at its threshold, within half a dB. Where a
    quieter burst ceases to count just there, it lies between those of the thresholds around."""
    parts = [
        part
        for seed, (seconds, level_db, pause) in enumerate(bursts)
        for part in (noise(seconds, level_db, seed), np.zeros(round(pause * RATE_HZ)))
    ]
    samples = np.concatenate(parts)
    level = active_level(samples, RATE_HZ)
    low, high = slowly(samples, [level - MARGIN_DB - 0.1, level - MARGIN_DB + 0.1])
    assert low - 0.4 <= level <= high + 0.4
