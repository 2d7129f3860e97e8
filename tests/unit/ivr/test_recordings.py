"""Recordings, and the book of what was said in them."""

from pathlib import Path

import pytest

from ivr import levels, voice
from ivr.recordings import BOOK, BookUnreadable, Recordings, Row, Standing, alike, book, sound_of

SOUND = levels.as_wav(levels.silence(300))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With `hello` of one language recorded, and written down."""
    (tmp_path / "zh" / "values").mkdir(parents=True)
    (tmp_path / "zh" / "hello.wav").write_bytes(SOUND)
    row = Row("zh", "hello", "您好，晴天网店。", sound_of(SOUND), "0.3", "-26.0", "zh/hello.mp3", "2026-10-01")
    (tmp_path / BOOK).write_bytes(book([row]))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ("您好，晴天网店。", Standing.RECORDED),
        ("您好。晴天网店！", Standing.RECORDED),
        ("您好，雨天网店。", Standing.CHANGED),
    ],
)
def test_a_recording_is_of_its_words(folder: Path, words: str, standing: Standing) -> None:
    """Other words make it out of date; other commas do not."""
    recordings = Recordings(folder)
    assert recordings.standing("zh", "hello", words) is standing
    assert (recordings.current("zh", "hello", words) is not None) == (standing is Standing.RECORDED)


def test_what_the_book_does_not_know_is_taken_as_it_is_named(folder: Path) -> None:
    """A wav that was put there by hand, and one that was exchanged by hand since: nobody can say that it is old."""
    (folder / "zh" / "bye.wav").write_bytes(SOUND)
    (folder / "zh" / "hello.wav").write_bytes(SOUND + b"\0\0")
    recordings = Recordings(folder)
    assert recordings.standing("zh", "bye", "再见") is Standing.RECORDED
    assert recordings.standing("zh", "hello", "晚上好") is Standing.RECORDED
    assert recordings.standing("en", "hello", "Hello") is Standing.SPOKEN


def test_changed_words_are_spoken_until_they_are_recorded(folder: Path, tmp_path: Path) -> None:
    """A caller never hears the words of before: speech stands in for the recording."""

    def played(words: str) -> str:
        return voice.build({"hello": {"zh": words}}, languages=["zh"], cache=tmp_path, recordings=folder).files(
            "hello", "zh"
        )[0]

    spoken = voice.build({"hello": {"zh": "晚上好"}}, languages=["zh"], cache=tmp_path).files("hello", "zh")[0]
    assert played("晚上好") == spoken
    assert played("您好，晴天网店") != spoken


@pytest.mark.parametrize(
    ("one", "other", "same"), [("Hello, you!", "hello you", True), ("一", "二", False), ("", "。", True)]
)
def test_alike(one: str, other: str, same: bool) -> None:
    """Spoken alike is what differs in signs and capitals alone."""
    assert alike(one, other) is same


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"language,name\nzh,hello\n", r"recordings\.csv:1: expected language, name, words"),
        (b"\xff\xfe", "recordings.csv"),
    ],
)
def test_a_spoilt_book_is_named(folder: Path, content: bytes, error: str) -> None:
    """File and line, and how to mend it."""
    (folder / BOOK).write_bytes(content)
    with pytest.raises(BookUnreadable, match=error):
        Recordings(folder)


def test_a_book_saved_by_a_spreadsheet_is_read(folder: Path) -> None:
    """With a byte order mark or without, with lines that end as Windows ends them."""
    text = (folder / BOOK).read_text("utf-8-sig").replace("\r\n", "\n")
    (folder / BOOK).write_text(text, "utf-8")
    assert Recordings(folder).standing("zh", "hello", "其他") is Standing.CHANGED
