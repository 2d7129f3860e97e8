"""What becomes of a recording on its way to the telephone, measured."""

from pathlib import Path

import av
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


@pytest.mark.parametrize("rate_hz", [levels.RATE_HZ, levels.WIDE_HZ])
@pytest.mark.parametrize("gain_db", [-35, -20, 0, 10])
def test_every_recording_is_as_loud(voice: levels.Sound, gain_db: float, rate_hz: int) -> None:
    """However loud it came in, in both bands: -20 dBov of active speech within a tenth, no peak above -3 dB."""
    finished = levels.finish(voice + gain_db, rate_hz)
    assert finished.frame_rate == rate_hz
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
    clean = levels.samples_of(voice)
    hum = 0.05 + 0.05 * np.sin(2 * np.pi * 50 * np.arange(len(clean)) / STUDIO_HZ)
    finished = levels.finish(recorded(clean + hum))
    spectrum = np.abs(np.fft.rfft(levels.samples_of(finished)))
    frequency = np.fft.rfftfreq(len(levels.samples_of(finished)), 1 / levels.RATE_HZ)
    assert spectrum[frequency < 45].max() < spectrum.max() / 100
    assert levels.loudness(finished) == pytest.approx(levels.loudness(levels.finish(voice)), abs=0.5)


@pytest.mark.parametrize(("rate_hz", "whistle_hz", "ghost_hz"), [(8000, 6000, 2000), (16_000, 10_000, 6000)])
def test_what_the_line_cannot_carry_does_not_fold_into_speech(rate_hz: int, whistle_hz: int, ghost_hz: int) -> None:
    """At 8 kHz a whistle at 6 kHz would come back as one at 2 kHz, at 16 kHz one at 10 as one at 6: beside a tone of
    1 kHz it is 40 dB down."""
    finished = levels.finish(tones(1000, whistle_hz), rate_hz)
    assert strength(finished, ghost_hz) < strength(finished, 1000) / 100


def test_the_wide_band_carries_what_the_narrow_one_does_not() -> None:
    """A tone of 6 kHz beside one of 1 kHz is as strong as it at 16 kHz."""
    finished = levels.finish(tones(1000, 6000), levels.WIDE_HZ)
    assert strength(finished, 6000) == pytest.approx(strength(finished, 1000), rel=0.1)


def tones(*frequencies_hz: int) -> levels.Sound:
    """A second of these at once."""
    time = np.arange(STUDIO_HZ) / STUDIO_HZ
    return recorded(sum((0.2 * np.sin(2 * np.pi * hz * time) for hz in frequencies_hz), np.zeros(STUDIO_HZ)))


def strength(sound: levels.Sound, hz: int) -> float:
    """Of what lies within 100 Hz of a frequency."""
    spectrum = np.abs(np.fft.rfft(levels.samples_of(sound)))
    frequency = np.fft.rfftfreq(len(levels.samples_of(sound)), 1 / sound.frame_rate)
    return float(spectrum[abs(frequency - hz) < 100].max())


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


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg"])
def test_what_a_studio_delivers_is_read(voice: levels.Sound, tmp_path: Path, ending: str) -> None:
    """Whatever kind of file, in stereo: its own rate, both channels, and as long as it was within a tenth of a second
    (an mp3 ends on a whole frame)."""
    encoded(voice, tmp_path / f"one.{ending}")
    sound = levels.decode(tmp_path / f"one.{ending}")
    assert (sound.frame_rate, sound.channels, sound.sample_width) == (STUDIO_HZ, 2, 2)
    assert len(sound) == pytest.approx(len(voice), abs=100)
    assert levels.loudness(levels.finish(sound)) == pytest.approx(levels.TARGET_DBOV, abs=0.1)


def encoded(sound: levels.Sound, path: Path) -> None:
    """Write it in stereo in the kind of file that its ending says."""
    codec = {"wav": "pcm_s24le", "flac": "flac", "mp3": "mp3", "ogg": "libopus"}[path.suffix[1:]]
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=sound.frame_rate, layout="stereo")
        samples = np.repeat(np.frombuffer(sound.raw_data, dtype="<i2"), 2)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = sound.frame_rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)


@pytest.mark.parametrize("content", [b"", b"ID3 no sound", b"%PDF-1.7" + bytes(5000)])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    """With a word of why, whatever FFmpeg's libraries make of it."""
    with pytest.raises(ValueError, match=r"\w"):
        levels.decode(content)
