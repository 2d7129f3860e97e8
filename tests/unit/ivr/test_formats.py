"""A prompt in every format that a line may carry."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ivr import formats, levels, sounds, speech, voice
from ivr.providers import Espeak
from ivr.sounds import Spoken, missing_formats, prepare

Samples = NDArray[np.float64]
Decode = Callable[[NDArray[np.int64]], Samples]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the prompt `one` in every format."""
    made = tmp_path_factory.mktemp("formats")
    formats.write_all(speech.render("您的订单已发货。", "zh"), made, "one")
    return made


def test_every_format_is_there(folder: Path) -> None:
    """As many files as formats, nothing half written, and the list of them is the table that writes them."""
    assert {path.name for path in folder.iterdir()} == {f"one.{one}" for one in sounds.FORMATS}
    assert tuple(formats.WRITTEN) == sounds.FORMATS


def from_ulaw(codes: NDArray[np.int64]) -> Samples:
    """By ITU-T G.711, table 2a: all bits inverted, a sign, three bits of segment, four of place in it."""
    codes = ~codes & 0xFF
    size = (((codes & 15) * 8 + 132) << ((codes >> 4) & 7)) - 132
    return np.where(codes & 128, -size, size) / 32768


def from_alaw(codes: NDArray[np.int64]) -> Samples:
    """By table 1a: every other bit inverted, and the sign the other way round."""
    codes = codes ^ 0x55
    place, segment = (codes & 15) * 16 + 8, (codes >> 4) & 7
    size = np.where(segment > 0, (place + 256) << np.maximum(segment - 1, 0), place)
    return np.where(codes & 128, size, -size) / 32768


@pytest.mark.parametrize(("format_", "decode"), [("ulaw", from_ulaw), ("alaw", from_alaw)])
def test_the_narrow_formats_are_the_wav(folder: Path, format_: str, decode: Decode) -> None:
    """G.711 gives the wav's samples, rounded to the 32nd part of their size as both laws do."""
    wav = levels.samples_of(levels.read(folder / "one.wav"))
    codes = np.frombuffer((folder / f"one.{format_}").read_bytes(), "u1").astype(np.int64)
    assert len(codes) == pytest.approx(len(wav), abs=1)
    assert (np.abs(decode(codes)[: len(wav)] - wav) <= np.abs(wav) / 32 + 1 / 2048).all()


def test_the_wide_formats_carry_more_than_the_telephone_did(folder: Path) -> None:
    """sln16 is raw samples at 16 kHz, as loud as the wav, with speech above 4 kHz; g722 sounds the same."""
    raw = levels.Sound((folder / "one.sln16").read_bytes(), frame_rate=16_000, sample_width=2, channels=1)
    assert levels.loudness(raw) == pytest.approx(levels.TARGET_DBOV, abs=0.1)
    assert len(raw) == pytest.approx(len(levels.read(folder / "one.wav")), abs=20)
    assert above_4_khz(levels.samples_of(raw)) > 0.0005
    coded = (folder / "one.g722").read_bytes()
    assert len(coded) * 2 == pytest.approx(len(raw.raw_data) // 2, abs=2)
    assert correlation(from_g722(coded), levels.samples_of(raw)) > 0.98


def from_g722(data: bytes) -> Samples:
    decoder = av.AudioCodecContext.create("g722", "r")
    decoder.layout = "mono"
    frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) / 32768


def above_4_khz(samples: Samples) -> float:
    """The share of the energy."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(power[len(power) // 2 :].sum() / power.sum())


def correlation(one: Samples, other: Samples) -> float:
    """At the best of the delays that a filter bank may have."""
    length = min(len(one), len(other)) - 100
    return max(float(np.corrcoef(one[delay : delay + length], other[:length])[0, 1]) for delay in range(60))


def test_a_pause_is_a_pause_in_every_format(tmp_path: Path) -> None:
    """Of the same length, and silent."""
    formats.write_silence(160, tmp_path, "pause")
    sizes = {path.suffix[1:]: path.stat().st_size for path in tmp_path.iterdir()}
    assert sizes == {"wav": 44 + 2560, "ulaw": 1280, "alaw": 1280, "g722": 1280, "sln16": 5120}
    assert not any((tmp_path / "pause.sln16").read_bytes())


def test_a_sound_that_lacks_a_format_is_made_whole(tmp_path: Path) -> None:
    """A cache from which somebody deleted, or of an older version: what is missing is named, and rendered anew."""
    source = Spoken("好", "zh")
    path = Path(prepare([source], tmp_path, Espeak())[source])
    path.with_suffix(".g722").unlink()
    assert missing_formats([path.name], tmp_path) == {path.name: ("g722",)}
    prepare([source], tmp_path, Espeak())
    assert missing_formats([path.name], tmp_path) == {}


def test_the_first_failure_ends_it(tmp_path: Path) -> None:
    """Of many texts that cannot be spoken a few are tried, not all: the service that is down is down for each."""
    asked: list[str] = []

    class Down(Espeak):
        def render(self, text: str, language: str) -> levels.Sound:
            asked.append(text)
            raise sounds.SpeechUnavailable("no answer")

    prompts = {f"p{number}": {"en": f"number {number}"} for number in range(200)}
    with pytest.raises(sounds.SpeechUnavailable, match=r'prompt p\d+ in "en": no answer'):
        voice.build(prompts, languages=["en"], cache=tmp_path, provider=Down(), workers=2)
    assert len(asked) < 100
