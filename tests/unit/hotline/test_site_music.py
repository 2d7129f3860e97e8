"""A site's own music, from the admin's files to what Asterisk plays."""

import wave
from pathlib import Path

import pytest

from dialplan.loader import check_site, load_site
from hotline.faults import HotlineError
from hotline.floor_of_site import floor_of
from hotline.site_music import prepare_music
from tests.unit.dialplan.site_text import write_site

MUSIC = """
orders:
  name: {zh: 订单, en: Orders}
  skills: {orders: 1}
  music: [{play: gentle}, {after_seconds: 120, play: default}]
"""


def write_wav(path: Path, seconds: float, rate: int = 44_100, channels: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        frames = int(seconds * rate)
        sound.writeframes(b"".join(int(8000 * (-1) ** (n // 40)).to_bytes(2, "little", signed=True) * channels
                                   for n in range(frames)))  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = write_site(tmp_path / "site", queues_yaml=MUSIC)
    write_wav(folder / "music/gentle/2 second.wav", 0.25)
    write_wav(folder / "music/gentle/1 first.wav", 0.5)
    return folder


def test_music_is_what_the_line_carries_in_the_order_of_the_names(site: Path) -> None:
    """Stereo at 44.1 kHz becomes 8 kHz mono of the same length; names that mean something to Asterisk are gone."""
    folder = prepare_music(load_site(site), site)["gentle"]
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["0000.wav", "0001.wav"]
    for file, seconds in zip(files, (0.5, 0.25), strict=True):
        with wave.open(str(file)) as sound:
            assert sound.getparams()[:3] == (1, 2, 8000)
            assert sound.getnframes() / 8000 == pytest.approx(seconds, abs=0.02)


def test_music_stays_where_it_is_until_it_changes(site: Path) -> None:
    """The same files are the same folder, so that Asterisk is told nothing; others are another, and the old stays."""
    before = prepare_music(load_site(site), site)["gentle"]
    assert prepare_music(load_site(site), site)["gentle"] == before
    write_wav(site / "music/gentle/3.wav", 0.1)
    after = prepare_music(load_site(site), site)["gentle"]
    assert after != before
    assert len(list(after.iterdir())) == 3 and len(list(before.iterdir())) == 2


def test_a_site_without_music_makes_none(tmp_path: Path) -> None:
    """Nothing is written anywhere."""
    assert prepare_music(load_site(write_site(tmp_path)), tmp_path) == {}


def test_a_sound_that_cannot_be_converted_is_named(site: Path) -> None:
    """What looks like a wav and is none is an admin's to mend, and no folder of half the sounds is left."""
    loaded = load_site(site)
    (site / "music/gentle/2 second.wav").write_bytes(b"RIFF")
    with pytest.raises(HotlineError, match=r"2 second\.wav: cannot be read as wav"):
        prepare_music(loaded, site)
    write_wav(site / "music/gentle/2 second.wav", 0.25)
    assert len(list(prepare_music(loaded, site)["gentle"].iterdir())) == 2


def test_music_of_a_queue_reaches_the_floor(site: Path) -> None:
    """As steps, of which the first begins with the wait; a queue that says nothing, or nothing of the beginning, begins
    with Asterisk's own."""
    assert check_site(site).report() == ""
    steps = floor_of(load_site(site)).queues["orders"].music
    assert [(step.after_seconds, step.name) for step in steps] == [(0, "gentle"), (120, "default")]
    late = MUSIC.replace("{play: gentle}, {after_seconds: 120, play: default}", "{after_seconds: 60, play: gentle}")
    (site / "queues.yaml").write_text(late, "utf-8")
    steps = floor_of(load_site(site)).queues["orders"].music
    assert [(step.after_seconds, step.name) for step in steps] == [(0, "default"), (60, "gentle")]
