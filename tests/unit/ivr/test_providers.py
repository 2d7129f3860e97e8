"""A speech command of a site's choice: real programs, small ones."""

import sys
import wave
from pathlib import Path

import pytest

from ivr import voice
from ivr.espeak import SpeechUnavailable
from ivr.providers import Command, Espeak
from ivr.sounds import Recorded, Spoken, prepare

SPEAKER = """
import sys, wave
text, language, file = sys.argv[1:4]
heard = sys.stdin.buffer.read().decode()
with wave.open(file, "wb") as sound:
    sound.setnchannels(1), sound.setsampwidth(2), sound.setframerate(16000)
    sound.writeframes(bytes([0, 32, 0, 224]) * 100 * len(text + heard + language))
"""
"""A sound that is longer the more it is told."""


def command(program: str, *words: str, **settings: float) -> Command:
    return Command((sys.executable, "-c", program, *words), **settings)


def test_a_command_is_given_text_language_and_file() -> None:
    """The text is an argument and on the standard input, whatever it holds: no shell looks at it."""
    text = '$(reboot) "{file}" 您好'
    sound = command(SPEAKER, "{text}", "{language}", "{file}").render(text, "zh")
    assert sound.frame_rate == 16_000
    assert sound.frame_count() == 200 * (2 * len(text) + len("zh"))


def test_a_site_speaks_by_its_command(tmp_path: Path) -> None:
    """Prompts and the clips of their values are rendered by it, levelled like any, and espeak-ng is not needed."""
    built = voice.build(
        {"shipped": {"en": "Order {order:digits}."}},
        languages=["en"],
        cache=tmp_path,
        provider=command(SPEAKER, "{text}", "{language}", "{file}"),
    )
    (words, digit) = built.files("shipped", "en", order=7)
    with wave.open(f"{words}.wav") as long, wave.open(f"{digit}.wav") as short:
        assert long.getframerate() == short.getframerate() == 8000


def test_another_provider_is_another_sound(tmp_path: Path) -> None:
    """Text, command and version name a sound: none of an old voice is ever played, what is a recording stays."""
    recording = tmp_path / "hello.wav"
    Espeak().render("hello", "en").export(recording, format="wav").close()
    sources = [Spoken("hello", "en"), Recorded(recording)]
    providers = [
        Espeak(),
        command(SPEAKER, "{text}", "{language}", "{file}"),
        command(SPEAKER, "{text}", "{language}", "{file}", version="2"),
        command(SPEAKER, "{text}", "{language}-x", "{file}"),
    ]
    paths = [prepare(sources, tmp_path / "cache", provider) for provider in providers]
    assert len({path[sources[0]] for path in paths}) == 4
    assert len({path[sources[1]] for path in paths}) == 1


@pytest.mark.parametrize(
    ("provider", "error"),
    [
        (Command(("no-such-speaker", "{file}")), "the speech command no-such-speaker is not installed"),
        (Command(("/", "{file}")), "the speech command / cannot be run"),
        (command("import sys; sys.exit('no voice for zh')", "{file}"), 'ended with 1: no voice for zh (for "您好")'),
        (command("import os; os.kill(os.getpid(), 9)", "{file}"), "ended with -9: no word of why"),
        (command("pass", "{file}"), "wrote no speech.wav"),
        (command("import sys; open(sys.argv[1], 'w').write('ID3')", "{file}"), "wrote what is no sound"),
        (command("import time; time.sleep(60)", "{file}", seconds_max=0.5), "took longer than 0.5 s"),
    ],
)
def test_what_a_command_does_wrong_is_named(provider: Command, error: str) -> None:
    """The admin is told the program, what it did, and at which text."""
    with pytest.raises(SpeechUnavailable) as caught:
        provider.render("您好", "zh")
    assert error in str(caught.value)
