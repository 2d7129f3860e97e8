"""What makes a recording unfit, measured on speech that was spoilt on purpose."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr import levels, speech
from ivr.quality import lacks_of

Samples = NDArray[np.float64]
RATE_HZ = 22_050


@pytest.fixture(scope="module")
def voice() -> Samples:
    """A sentence at -26 dBov with a quarter of a second of silence around it."""
    sound = speech.render("您的订单已发货，正在配送途中。", "zh")
    gain = 10 ** ((-26 - levels.loudness(sound)) / 20)
    return np.pad(levels.samples_of(sound) * gain, RATE_HZ // 4)


def recorded(samples: Samples, channels: int = 1) -> levels.Sound:
    whole = np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2")
    data = np.repeat(whole, channels).tobytes()
    return levels.Sound(data, frame_rate=RATE_HZ, sample_width=2, channels=channels)


def noise(samples: Samples, dbov: float) -> Samples:
    return samples + np.random.default_rng(7).normal(0, 10 ** (dbov / 20), len(samples))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "studio",
    [
        lambda voice: voice,
        lambda voice: noise(voice, -65),
        lambda voice: voice / np.abs(voice).max(),
        lambda voice: voice[RATE_HZ // 4 : -RATE_HZ // 4],
        lambda voice: voice[RATE_HZ // 2 : RATE_HZ],
    ],
    ids=["clean", "a quiet room", "up to the limit", "cut closely", "a word alone"],
)
def test_what_a_studio_delivers_is_fit(voice: Samples, studio: Callable[[Samples], Samples], channels: int) -> None:
    """Also with the noise of a good room, at its highest level, and without a silence around it."""
    assert list(lacks_of(recorded(studio(voice), channels))) == []


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda voice: voice * 20, "found it clipped at "),
        (lambda voice: voice / 20, "found the voice at -52 dBov; expected -45 or more"),
        (lambda voice: noise(voice, -42), "found noise 16 dB below the voice; expected 25 dB or more"),
        (lambda voice: voice * 0, "found nothing but silence"),
        (lambda voice: voice[:0], "found nothing but silence"),
    ],
    ids=["clipped", "far away", "a noisy room", "silent", "empty"],
)
def test_what_cannot_be_mended_is_named(
    voice: Samples, spoil: Callable[[Samples], Samples], found: str, channels: int
) -> None:
    """With the figure that was found, and the one expected."""
    assert found in "; ".join(lacks_of(recorded(spoil(voice), channels)))
