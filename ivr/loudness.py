"""How loud speech is: the active speech level of ITU-T P.56, method B, which leaves its pauses out.

The plain mean of a prompt says less the more it pauses, so prompts of one mean are not equally loud to a listener. The
level is in dBov: 0 is a square wave at the limit of the samples, and a full sine is at -3.
"""

import numpy as np
from numpy.typing import NDArray

# The figures of the recommendation: time constant of the envelope, how long speech counts as going on after it, and
# how far the threshold of activity lies below the level.
_TIME_CONSTANT_SECONDS = 0.03
_HANGOVER_SECONDS = 0.2
_MARGIN_DB = 15.9

_THRESHOLDS_DB = np.arange(-90.0, 0.0, 0.05)


def active_level(samples: NDArray[np.float64], rate_hz: int) -> float:
    """The active speech level in dBov of samples between -1 and 1; -inf where nothing is heard."""
    energy = float(np.square(samples).sum())
    lasting = np.sort(_lasting(_envelope(np.abs(samples), rate_hz), round(_HANGOVER_SECONDS * rate_hz)))
    active = len(lasting) - np.searchsorted(lasting, 10 ** (_THRESHOLDS_DB / 20))
    heard = active > 0
    if not energy or not heard.any():
        return float("-inf")
    levels = 10 * np.log10(energy / active[heard])
    # The higher the threshold, the less is active, and the smaller the distance: the first that is near enough.
    near = np.flatnonzero(levels - _THRESHOLDS_DB[heard] <= _MARGIN_DB)
    return float(levels[near[0] if near.size else -1])


def _envelope(size: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Exponentially averaged twice, in one convolution with what two such averages answer to an impulse."""
    decay = np.exp(-1 / (rate_hz * _TIME_CONSTANT_SECONDS))
    taps = np.arange(round(12 * _TIME_CONSTANT_SECONDS * rate_hz))
    answer = (1 - decay) ** 2 * (taps + 1) * decay**taps
    length = quick_length(len(size) + len(answer))
    whole = np.fft.irfft(np.fft.rfft(size, length) * np.fft.rfft(answer, length), length)
    return whole[: len(size)]


def quick_length(samples: int) -> int:
    """The next power of two: a transform of a length with large prime factors takes ten times as long."""
    return 1 << (samples - 1).bit_length()


def _lasting(envelope: NDArray[np.float64], samples: int) -> NDArray[np.float64]:
    """At each moment the highest envelope since so many samples ago; by doubling, since windows may overlap."""
    highest = envelope.copy()
    width = 1
    while width < min(samples, len(highest)):
        step = min(width, samples - width)
        highest[step:] = np.maximum(highest[step:], highest[:-step])
        width += step
    return highest
