"""From prompts to sounds, with the real espeak-ng."""

from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import pytest

from ivr import espeak, levels, sounds, speech, voice
from ivr.sounds import RecordingUnreadable, Spoken, prepare
from ivr.spoken import PAUSE

PROMPTS = {
    "hello": {"zh": "您好，欢迎致电。查询订单请按1。", "en": "Hello. To check an order, press 1."},
    "shipped": {"zh": "您的订单{order:digits}已发货。", "en": "Your order {order:digits} has been shipped."},
    "count": {"zh": "您前面还有{count:number}位。"},
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def spoken_voice(cache: Path) -> voice.Voice:
    return voice.build(PROMPTS, languages=["zh", "en"], cache=cache)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_prompt_is_a_sound_for_the_telephone(spoken_voice: voice.Voice, language: str) -> None:
    """8 kHz, mono, 16 bit, within 1 dB of the target level, peaks under the ceiling, no long silence at the ends."""
    (path,) = spoken_voice.files("hello", language)
    sound = levels.read(Path(f"{path}.wav"))
    assert Path(path).is_absolute()
    assert (sound.frame_rate, sound.channels, sound.sample_width) == (8000, 1, 2)
    assert sound.dBFS == pytest.approx(levels.TARGET_DBFS, abs=1)
    assert sound.max_dBFS <= levels.PEAK_DBFS
    assert 1.5 < sound.duration_seconds < 8
    assert sound[:50].dBFS > sound.dBFS - 40


def test_every_word_of_a_number_is_as_loud(spoken_voice: voice.Voice) -> None:
    """Digits are levelled to the same target, so that none sticks out of a sentence."""
    for path in spoken_voice.files("shipped", "zh", order="1234567890")[1:-1]:
        sound = levels.read(Path(f"{path}.wav"))
        assert sound.max_dBFS == float("-inf") or sound.dBFS == pytest.approx(levels.TARGET_DBFS, abs=1)


def test_a_value_is_spoken_inside_its_sentence(spoken_voice: voice.Voice, cache: Path) -> None:
    """The stretches of text and the value's clips follow each other in the order of the sentence."""
    clips = [*"幺二三", PAUSE, *"四五六"]
    wanted = ["您的订单", *clips, "已发货。"]
    paths = prepare([Spoken(text, "zh") for text in wanted], cache)
    assert spoken_voice.files("shipped", "zh", order="123456") == [paths[Spoken(text, "zh")] for text in wanted]


def test_a_prompt_without_this_language(spoken_voice: voice.Voice) -> None:
    """A missing language falls back to the site's first, values included."""
    assert spoken_voice.files("count", "en", count=2) == spoken_voice.files("count", "zh", count=2)
    assert spoken_voice.files("hello", "fr") == spoken_voice.files("hello", "zh")


def test_a_missing_value_does_not_silence_the_sentence(
    spoken_voice: voice.Voice, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller still hears the words; the log names the prompt and the slot."""
    assert len(spoken_voice.files("shipped", "zh")) == 2
    assert "prompt=shipped slot=order" in caplog.text


def test_an_unknown_prompt(spoken_voice: voice.Voice) -> None:
    """Asking for a prompt that the site does not have is told as such."""
    with pytest.raises(voice.UnknownPrompt, match="nothing"):
        spoken_voice.files("nothing", "zh")


def test_what_is_in_the_cache_is_not_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For prompts that are in the cache espeak-ng only tells its version."""
    prompts = {f"p{number}": {"zh": "是" * number} for number in range(1, 4)}
    voice.build(prompts, languages=["zh"], cache=tmp_path)
    asked: list[tuple[str, ...]] = []
    real = espeak.run
    monkeypatch.setattr(espeak, "run", lambda *arguments: asked.append(arguments) or real(*arguments))
    voice.build(prompts, languages=["zh"], cache=tmp_path)
    assert asked == [("--version",)]


def test_whatever_shapes_a_sound_names_it() -> None:
    """Every module of ours that turns text into sound is part of a sound's name: a changed rule renders anew."""
    used = {one.__name__ for one in vars(speech).values() if isinstance(one, ModuleType) and one.__package__ == "ivr"}
    named = {f"ivr.{path.stem}" for path in sounds._TREATMENT}
    assert named == {speech.__name__, *used} - {"ivr.espeak"}, "espeak-ng's own version is asked"


def test_two_processes_may_render_the_same(tmp_path: Path) -> None:
    """Both get the same whole files, and nothing half-written is left behind."""
    context = get_context("spawn")
    texts = ("好", "不好", "再见")
    racers = [context.Process(target=_render, args=(tmp_path, texts)) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0, 0]
    assert [path.suffix for path in tmp_path.iterdir()] == [".wav"] * len(texts)


def _render(folder: Path, texts: tuple[str, ...]) -> None:
    prepare([Spoken(text, "zh") for text in texts], folder)


def test_a_recording_wins_over_speech(tmp_path: Path) -> None:
    """A recorded prompt is converted and levelled like the others; a new recording is taken at the next build."""
    recorded = tmp_path / "prompts" / "zh" / "hello.wav"
    tone = levels.Sound(bytes(2) + b"\x00\x04" * 44_100, frame_rate=44_100, sample_width=2, channels=1)
    levels.write(tone, recorded)
    spoken_path = voice.build(PROMPTS, languages=["zh"], cache=tmp_path / "cache").files("hello", "zh")
    paths = [_with_recordings(tmp_path)]
    assert paths[0] != spoken_path
    assert levels.read(Path(f"{paths[0][0]}.wav")).frame_rate == 8000
    levels.write(tone[:500], recorded)
    paths.append(_with_recordings(tmp_path))
    assert paths[0] != paths[1]


def _with_recordings(folder: Path) -> list[str]:
    built = voice.build(PROMPTS, languages=["zh"], cache=folder / "cache", recordings=folder / "prompts")
    return built.files("hello", "zh")


def test_a_sentence_with_a_value_is_recorded_in_stretches(tmp_path: Path) -> None:
    """`shipped.1.wav` replaces the words before the slot and leaves the rest spoken."""
    levels.write(levels.silence(300), tmp_path / "prompts" / "zh" / "shipped.1.wav")
    built = voice.build(PROMPTS, languages=["zh"], cache=tmp_path, recordings=tmp_path / "prompts")
    plain = voice.build(PROMPTS, languages=["zh"], cache=tmp_path)
    ours, theirs = built.files("shipped", "zh", order="1"), plain.files("shipped", "zh", order="1")
    assert ours[0] != theirs[0]
    assert ours[1:] == theirs[1:]


def test_a_broken_recording_is_named(tmp_path: Path) -> None:
    """A file that is no wav is refused with its name, and nothing is cached for it."""
    recorded = tmp_path / "prompts" / "zh" / "hello.wav"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"ID3 this is no wav")
    with pytest.raises(RecordingUnreadable, match=r"hello\.wav: cannot be read"):
        _with_recordings(tmp_path)


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ({"p": {"zh": "{x:money}"}}, "unknown kind of slot 'money'"),
        ({"p": {"ja": "{x:digits}"}}, "in language 'ja'"),
    ],
)
def test_a_slot_that_cannot_be_spoken(tmp_path: Path, prompts: dict[str, dict[str, str]], message: str) -> None:
    """A wrong slot is found when the voice is built, not in a call."""
    with pytest.raises(ValueError, match=message):
        voice.build(prompts, languages=["zh"], cache=tmp_path)


def test_without_espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without espeak-ng is told what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(espeak.SpeechUnavailable, match="apt-get install espeak-ng"):
        voice.build(PROMPTS, languages=["zh"], cache=tmp_path)


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("查询订单请按1", "cha2 xun2 ding4 dan1 qing3 an4 yi1"),
        ("您好，欢迎致电。", "nin2 hao3 , huan1 ying2 zhi4 dian4 ."),
        ("2026年", "er4 ling2 er4 liu4 nian2"),
        ("110元", "yi4 bai3 yi1 shi2 yuan2"),
        ("拨10086", "bo1 yao1 ling2 ling2 ba1 liu4"),
        ("银行行长", "yin2 hang2 hang2 zhang3"),
    ],
)
def test_pinyin(text: str, syllables: str) -> None:
    """Characters become tone-numbered syllables by context, numerals are spelled out first, punctuation stays."""
    assert speech.pinyin(text) == syllables


def test_each_language_is_spoken_by_its_own_voice() -> None:
    """English inside a Chinese prompt is not read as pinyin; long numbers are read digit by digit in both."""
    assert speech.runs("中文请按1。For English, press 2.", "zh") == [
        ("zhong1 wen2 qing3 an4 yi1 .", "zh"),
        ("For English, press 2.", "en"),
    ]
    assert speech.runs("Call 10086 or dial 12", "en") == [("Call 1 0 0 8 6 or dial 12", "en")]


def test_nothing_to_speak_is_silence() -> None:
    """A text of punctuation alone gives a short silence rather than a fault."""
    assert speech.render("……", "zh").max_dBFS == float("-inf")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一", ["一"]),
        ("{x:digits}", [voice.Slot("x", "digits")]),
        ("a {x:digits}. {y:number} b", ["a", voice.Slot("x", "digits"), voice.Slot("y", "number"), "b"]),
    ],
)
def test_fragments(text: str, parts: list[str | voice.Slot]) -> None:
    """A text is cut at its slots; what holds no word is left out."""
    assert voice.fragments(text) == parts
