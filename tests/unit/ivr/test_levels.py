"""What becomes of a recording on its way to the telephone, measured."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr import levels, speech

STUDIO_HZ = 48_000
SPEECH = "您的订单已发货，正在配送途中。"


def recorded(samples: NDArray[np.float64], rate_hz: int = STUDIO_HZ) -> levels.Sound:
    whole = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2")
    return levels.Sound(whole.tobytes(), frame_rate=rate_hz, sample_width=2, channels=1)


@pytest.fixture(scope="module")
def voice() -> levels.Sound:
    """A sentence as a studio delivers it."""
    return speech.render(SPEECH, "zh").set_frame_rate(STUDIO_HZ)


def samples_of(sound: levels.Sound) -> NDArray[np.float64]:
    return np.frombuffer(sound.raw_data, dtype="<i2").astype(np.float64) / 32768


@pytest.mark.parametrize("gain_db", [-35, -20, 0, 10])
def test_every_recording_is_as_loud(voice: levels.Sound, gain_db: float) -> None:
    """However loud it came in: -20 dBov of active speech within a tenth, no peak above -3 dB."""
    finished = levels.finish(voice + gain_db)
    assert levels.loudness(finished) == pytest.approx(levels.TARGET_DBOV, abs=0.1)
    assert finished.max_dBFS <= levels.PEAK_DBFS


def test_a_prompt_with_pauses_is_as_loud_as_one_without(voice: levels.Sound) -> None:
    """Its mean is lower by what it pauses, its words are not louder for it."""
    paused = levels.join([voice, voice, voice], 4000)
    one, three = levels.finish(voice), levels.finish(paused)
    assert levels.loudness(three) == pytest.approx(levels.loudness(one), abs=0.1)
    assert three.dBFS < one.dBFS - 1


def test_an_offset_and_hum_are_taken_out(voice: levels.Sound) -> None:
    """A recording with a direct current and the hum of mains ends up as the clean one, within half a dB."""
    clean = samples_of(voice)
    hum = 0.05 + 0.05 * np.sin(2 * np.pi * 50 * np.arange(len(clean)) / STUDIO_HZ)
    finished = levels.finish(recorded(clean + hum))
    spectrum = np.abs(np.fft.rfft(samples_of(finished)))
    frequency = np.fft.rfftfreq(len(samples_of(finished)), 1 / levels.RATE_HZ)
    assert spectrum[frequency < 45].max() < spectrum.max() / 100
    assert levels.loudness(finished) == pytest.approx(levels.loudness(levels.finish(voice)), abs=0.5)


def test_what_the_line_cannot_carry_does_not_fold_into_speech() -> None:
    """A whistle at 6 kHz would come back as one at 2 kHz: beside a tone of 1 kHz it is 40 dB down."""
    time = np.arange(STUDIO_HZ) / STUDIO_HZ
    finished = levels.finish(recorded(0.2 * np.sin(2 * np.pi * 1000 * time) + 0.2 * np.sin(2 * np.pi * 6000 * time)))
    spectrum = np.abs(np.fft.rfft(samples_of(finished)))
    frequency = np.fft.rfftfreq(len(samples_of(finished)), 1 / levels.RATE_HZ)
    folded = spectrum[(frequency > 1900) & (frequency < 2100)].max()
    assert folded < spectrum.max() / 100


def test_silence_is_cut_at_both_ends(voice: levels.Sound) -> None:
    """Second-long pauses of a studio's file are not heard, but for a margin that keeps consonants whole."""
    padded = levels.join([levels.silence(1000), voice, levels.silence(1000)], 0)
    assert len(levels.finish(padded)) == pytest.approx(len(levels.finish(voice)), abs=2 * levels.MARGIN_MILLISECONDS)


def test_silence_stays_silent() -> None:
    """A recording without any signal is not turned into noise."""
    assert levels.finish(levels.silence(500)).max_dBFS == float("-inf")


def test_a_sound_is_written_whole(tmp_path: Path) -> None:
    """What is written is what is read, and nothing else is left in the folder."""
    sound = recorded(np.linspace(-0.5, 0.5, 800), levels.RATE_HZ)
    levels.write(sound, tmp_path / "one.wav")
    assert levels.read(tmp_path / "one.wav").raw_data == sound.raw_data
    assert [path.name for path in tmp_path.iterdir()] == ["one.wav"]
