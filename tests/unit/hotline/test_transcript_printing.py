"""How a rehearsal looks: one event a line in a file, words broken as people read them on a terminal."""

import io

import pytest
from rich.console import Console

from hotline.transcript_printing import TranscriptPrinter, broken_lines, fitted
from ivr.transcript import Entered, Event, Heard, Left, Pressed, VariableSet

CALL: tuple[Event, ...] = (
    Entered(0.0, "main.welcome", "say"),
    Heard(0.0, "hello", "您好，这里是小满花店。", 3.2, whole=True),
    Left(3.2, "main.welcome", "said", ""),
    Entered(3.2, "main.ask", "collect"),
    Heard(3.2, "a_rather_long_name", "Key it in.", 0.4, whole=False),
    Pressed(3.6, "1", "a_rather_long_name", taken=True),
    Pressed(3.6, "2", "", taken=True),
    VariableSet(3.6, "ticket", "12"),
    Pressed(3.6, "3", "", taken=False),
    Heard(3.6, "beep", "", 3.0, whole=True),
)


def test_every_event_has_its_line() -> None:
    """The branch stands before the node it leads to, keys of one entry stand together, ids and seconds in columns."""
    assert list(TranscriptPrinter().lines(CALL)) == [
        "    0.0  main.welcome (say)",
        "           hello               3.2 s  您好，这里是小满花店。",
        "    3.2  said → main.ask (collect)",
        "           a_rather_long_name cut 0.4 s  Key it in.",
        "    3.6  key 12",
        "    3.6  ticket = 12",
        "    3.6  key 3, which nobody hears",
        "           beep                3.0 s",
    ]


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("查询订单请按1，转人工请按0。", 12, ["查询订单请按", "1，转人工请", "按0。"]),
        ("中文服务请按1。For English, press 2.", 20, ["中文服务请按1。For", "English, press 2."]),
        ("您好。", 4, ["您", "好。"]),
        ("incomprehensible", 4, ["incomprehensible"]),
        ("", 4, [""]),
    ],
)
def test_words_are_broken_as_people_read_them(words: str, width: int, lines: list[str]) -> None:
    """A Chinese character takes two columns; nothing begins with the punctuation that closes what is before it."""
    assert broken_lines(words, width) == lines


@pytest.mark.parametrize(("columns", "indent"), [(60, 38), (40, 9)])
def test_a_long_prompt_goes_on_below_its_beginning(columns: int, indent: int) -> None:
    """On a terminal; on a very narrow one at the margin. No line is longer than the terminal."""
    console = Console(file=io.StringIO(), width=columns)
    words = "查询订单请按1，订单服务请按2，售后支持请按3，转人工请按0。"
    heard = Heard(0.0, "main", words, 9.6, whole=True)
    (row,) = TranscriptPrinter().rows([heard])
    first, *more = fitted(row, console).plain.splitlines()
    assert first.split()[:3] == ["main", "9.6", "s"]
    assert more
    assert all(len(line) - len(line.lstrip()) == indent for line in more)
    assert "".join([first.partition(" s")[2], *more]).replace(" ", "") == words
    assert all(console.measure(line).maximum <= columns for line in (first, *more))
