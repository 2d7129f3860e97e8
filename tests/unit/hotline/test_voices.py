"""Who speaks a site, and what becomes of a start or a reload where nobody can."""

import json
import sys
from pathlib import Path

import pytest

from dialplan.loader import load_site
from hotline.faults import HotlineError
from hotline.voices import provider_of, site_voice
from ivr.providers import Command, Espeak
from ivr.recordings import BOOK
from ivr.speech_service import Service
from tests.unit.hotline.studio.tea_house import write_site

SPEAKER = """
import sys, wave
with wave.open(sys.argv[1], "wb") as sound:
    sound.setnchannels(1), sound.setsampwidth(2), sound.setframerate(8000)
    sound.writeframes(bytes([0, 32, 0, 224]) * 1000)
open(sys.argv[2], "w").close()
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_site(tmp_path / "site")


def spoken_by(site: Path, yaml: str) -> None:
    with (site / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(f"speech: {yaml}\n")


def test_who_speaks_is_what_the_site_says(site: Path) -> None:
    """espeak-ng where it says nothing; every word of a service arrives at it."""
    assert isinstance(provider_of(load_site(site)), Espeak)
    spoken_by(
        site,
        "{url: 'http://a/{language}', method: PUT, headers: {Key: '{secret}'}, body: {say: ['{text}', 1.5]},"
        " voices: {zh: Mei}, secret_file: /etc/key, version: '7', seconds_max: 9}",
    )
    assert provider_of(load_site(site)) == Service(
        url="http://a/{language}",
        method="PUT",
        headers={"Key": "{secret}"},
        body={"say": ["{text}", 1.5]},
        voices={"zh": "Mei"},
        secret_file=Path("/etc/key"),
        version="7",
        seconds_max=9,
    )


def test_a_command_speaks_a_site(site: Path) -> None:
    """With its version and its time."""
    spoken_by(site, "{command: [say, '{file}'], version: b, seconds_max: 5}")
    assert provider_of(load_site(site)) == Command(("say", "{file}"), "b", 5)


def test_a_site_that_cannot_be_spoken_is_refused(site: Path) -> None:
    """Before anything is changed, with the prompt, the language and who failed."""
    spoken_by(site, "{command: ['false', '{file}'], version: b, seconds_max: 5}")
    with pytest.raises(
        HotlineError, match=r'cannot be spoken: (prompt \w+|a value) in "(zh|en)": the speech command false'
    ):
        site_voice(load_site(site), site / "prompts")


@pytest.mark.parametrize(
    ("file", "error"), [("zh/bye.wav", r"bye\.wav: cannot be read"), (BOOK, r"recordings\.csv:1: ")]
)
def test_a_recording_that_cannot_be_read_is_refused(site: Path, file: str, error: str) -> None:
    """As a word to the admin, with the file."""
    (site / "prompts" / "zh").mkdir(parents=True)
    (site / "prompts" / file).write_bytes(b"no sound, and no book\n")
    with pytest.raises(HotlineError, match=error):
        site_voice(load_site(site), site / "prompts")


def test_a_site_without_new_prompts_is_spoken_by_nobody(site: Path) -> None:
    """Once it is spoken, a service that has gone away since keeps no start and no reload from what it has spoken."""
    spoken_by(site, f"{{command: [{sys.executable}, -c, {json.dumps(SPEAKER)}, '{{file}}', '{site}/asked']}}")
    spoken = site_voice(load_site(site), site / "prompts").files("bye", "en")
    (site / "asked").unlink()
    assert site_voice(load_site(site), site / "prompts").files("bye", "en") == spoken
    assert not (site / "asked").exists()
