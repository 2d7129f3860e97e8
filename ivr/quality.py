"""Whether a recording is fit to be a prompt: what no levelling afterwards can mend."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ivr import levels
from ivr.loudness import active_level

QUIET_DBOV = -45.0
"""Active speech; a studio records at -30 to -18. What is quieter has to be amplified until its noise is heard."""
NOISE_DB = 25.0
"""how far the pauses have to lie below the speech"""
CLIPPED_SAMPLES = 4
"""so many in a row at the limit are a peak that was cut off; a file that is merely loud has one or two"""
CLIPPED_PLACES = 3
_LIMIT = 32766 / 32768
_FRAME_SECONDS = 0.02
_PAUSE_SHARE = 0.05
"""of the frames: even of a single word, cut closely, so much is its beginning and end"""
_NOISE_MEASURED_SECONDS = 0.5


def lacks_of(sound: levels.Sound) -> Iterator[str]:
    """What is wrong with a recording of 16 bits, as it was delivered: what was found, and what was expected."""
    channels = levels.samples_of(sound).reshape(-1, sound.channels)
    level = active_level(channels.mean(axis=1), sound.frame_rate)
    if math.isinf(level):
        yield "found nothing but silence; expected speech"
        return
    places = max(clipped_places(channel) for channel in channels.T)
    if places >= CLIPPED_PLACES:
        yield f"found it clipped at {places} places; expected a recording with 6 dB more room above the voice"
    if level < QUIET_DBOV:
        yield f"found the voice at {level:.0f} dBov; expected {QUIET_DBOV:g} or more, best -26"
    noise = noise_level(channels.mean(axis=1), sound.frame_rate)
    if level - noise < NOISE_DB:
        yield f"found noise {level - noise:.0f} dB below the voice; expected {NOISE_DB:g} dB or more"


def clipped_places(samples: NDArray[np.float64]) -> int:
    """How often some samples in a row are at the limit."""
    at_limit = np.concatenate([[False], np.abs(samples) >= _LIMIT, [False]])
    edges = np.flatnonzero(at_limit[1:] != at_limit[:-1]).reshape(-1, 2)
    return int((edges[:, 1] - edges[:, 0] >= CLIPPED_SAMPLES).sum())


def noise_level(samples: NDArray[np.float64], rate_hz: int) -> float:
    """The level in dBov of the quietest stretches; -inf where they are silent, or the sound too short to have any."""
    frame = round(_FRAME_SECONDS * rate_hz)
    if len(samples) < _NOISE_MEASURED_SECONDS * rate_hz:
        return float("-inf")
    power = np.sort(np.square(samples[: len(samples) // frame * frame].reshape(-1, frame)).mean(axis=1))
    quiet = power[: max(1, round(_PAUSE_SHARE * len(power)))].mean()
    return 10 * math.log10(quiet) if quiet else float("-inf")
