"""From prompts to sounds, with the real espeak-ng."""

from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest

from ivr import espeak, levels, providers, sounds, speech, voice
from ivr.providers import Espeak
from ivr.sounds import RecordingUnreadable, Spoken, prepare
from ivr.spoken import PAUSE
from tests.unit.test_imports import imported, paths, read

IVR = Path(sounds.__file__).parent

PROMPTS = {
    "hello": {"zh": "您好，欢迎致电。查询订单请按1。", "en": "Hello. To check an order, press 1."},
    "shipped": {"zh": "您的订单{order:digits}已发货。", "en": "Your order {order:digits} has been shipped."},
    "count": {"zh": "您前面还有{count:count}位。"},
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def spoken_voice(cache: Path) -> voice.Voice:
    return voice.build(PROMPTS, languages=["zh", "en"], cache=cache)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_prompt_is_a_sound_for_the_telephone(spoken_voice: voice.Voice, language: str) -> None:
    """8 kHz, mono, 16 bit, within a tenth of the target level, peaks under the ceiling, no long silence at the ends."""
    (path,) = spoken_voice.files("hello", language)
    sound = levels.read(Path(f"{path}.wav"))
    assert Path(path).is_absolute()
    assert (sound.frame_rate, sound.channels, sound.sample_width) == (8000, 1, 2)
    assert levels.loudness(sound) == pytest.approx(levels.TARGET_DBOV, abs=0.1)
    assert sound.max_dBFS <= levels.PEAK_DBFS
    assert 1.5 < sound.duration_seconds < 8
    assert sound[:50].dBFS > sound.dBFS - 40


def test_every_word_of_a_number_is_as_loud(spoken_voice: voice.Voice) -> None:
    """Digits are levelled to the same target, so that none sticks out of a sentence."""
    for path in spoken_voice.files("shipped", "zh", order="1234567890")[1:-1]:
        sound = levels.read(Path(f"{path}.wav"))
        assert sound.max_dBFS == float("-inf") or levels.loudness(sound) == pytest.approx(levels.TARGET_DBOV, abs=0.1)


def test_a_value_is_spoken_inside_its_sentence(spoken_voice: voice.Voice, cache: Path) -> None:
    """The stretches of text and the value's clips follow each other in the order of the sentence."""
    clips = [*"幺二三", PAUSE, *"四五六"]
    wanted = ["您的订单", *clips, "已发货。"]
    paths = prepare([Spoken(text, "zh") for text in wanted], cache, Espeak())
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


def test_a_value_that_is_not_of_its_kind_is_spelled(
    spoken_voice: voice.Voice, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller hears its characters; the log names prompt, slot and what was expected, but not what was keyed."""
    paths = prepare([Spoken(text, "zh") for text in ("您前面还有", "X", "九", "位。")], cache, Espeak())
    assert spoken_voice.files("count", "zh", count="x9") == [*paths.values()]
    assert "prompt=count slot=count kind=count cause=expected a number" in caplog.text
    assert "x9" not in caplog.text


def test_a_date_is_counted_from_the_day_of_the_call(cache: Path) -> None:
    """The voice asks which day it is each time: what was tomorrow yesterday is today."""
    days = iter([date(2026, 9, 30), date(2026, 10, 1)])
    prompts = {"due": {"en": "{due:date}"}}
    built = voice.build(prompts, languages=["en"], cache=cache, today=lambda: next(days))
    wanted = prepare([Spoken("tomorrow", "en"), Spoken("today", "en")], cache, Espeak())
    assert [built.files("due", "en", due="2026-10-01") for _ in range(2)] == [[path] for path in wanted.values()]


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
    treating = {str(path.relative_to(IVR).with_suffix("")) for path in sounds._TREATMENT}
    speaking = {str(path.relative_to(IVR).with_suffix("")) for path in providers._ESPEAK_RULES}
    assert treating == needed_by("formats")
    assert speaking | treating >= needed_by("speech") - {"espeak"}, "espeak-ng's own version is asked"


def needed_by(module: str) -> set[str]:
    """This module of the room ivr and all of the room that it imports."""
    found, waiting = set[str](), {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        own = {one.split(".", 1)[1] for one in imported(read("ivr", name)) if one.startswith("ivr.")}
        waiting |= {path for one in own for path in paths("ivr", one.replace(".", "/"))} - found
    return found


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
    assert sorted(path.suffix[1:] for path in tmp_path.iterdir()) == sorted(sounds.FORMATS * len(texts))


def _render(folder: Path, texts: tuple[str, ...]) -> None:
    prepare([Spoken(text, "zh") for text in texts], folder, Espeak())


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


def test_the_clips_of_values_may_be_recorded(tmp_path: Path) -> None:
    """`values/七.wav` replaces that digit wherever a value has it, and leaves the others spoken."""
    levels.write(levels.silence(300), tmp_path / "prompts" / "zh" / "values" / "七.wav")
    built = voice.build(PROMPTS, languages=["zh"], cache=tmp_path, recordings=tmp_path / "prompts")
    plain = voice.build(PROMPTS, languages=["zh"], cache=tmp_path)
    ours, theirs = built.files("shipped", "zh", order="787"), plain.files("shipped", "zh", order="787")
    assert [ours[index] == theirs[index] for index in range(5)] == [True, False, True, False, True]
    assert ours[1] == ours[3]


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
        ({"p": {"zh": "{x:monney}"}}, "cannot speak 'monney' in \"zh\": expected one of count, date"),
        ({"p": {"en": "{x:count item}"}}, "such as item/items"),
        ({"p": {"ja": "{x:digits}"}}, "a language with rules for values: zh, en"),
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
        ("一件", "yi2 jian4"),
        ("一元", "yi4 yuan2"),
        ("一万", "yi2 wan4"),
        ("一小时", "yi4 xiao3 shi2"),
        ("一个", "yi2 ge4"),
        ("一", "yi1"),
        ("一十", "yi1 shi2"),
        ("一日", "yi1 ri4"),
        ("一月", "yi1 yue4"),
        ("十一点", "shi2 yi1 dian3"),
        ("杠", "gang4"),
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
        ("有{x:count 件}货", ["有", voice.Slot("x", "count 件"), "货"]),
        (
            "{x:count  item on its way/items on their way }",
            [voice.Slot("x", "count item on its way/items on their way")],
        ),
    ],
)
def test_fragments(text: str, parts: list[str | voice.Slot]) -> None:
    """A text is cut at its slots; what holds no word is left out."""
    assert voice.fragments(text) == parts
