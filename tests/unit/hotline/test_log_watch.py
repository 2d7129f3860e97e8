"""What the logs say that somebody should see."""

from pathlib import Path

import pytest

from hotline import log_watch
from hotline.log_watch import LogWatch, tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "acd.log"
    file.write_text("ERROR of yesterday\n")
    return file


def add(log: Path, text: str) -> None:
    with log.open("a") as out:
        out.write(text)


def test_new_serious_lines_are_shown_once_under_their_name(log: Path) -> None:
    """Warnings and errors that came since the last look, in our form and in Asterisk's; nothing twice."""
    watch = LogWatch({"acd": log})
    add(log, "10:00 INFO quiet\n10:01 WARNING acd: odd\n[Nov 22 06:00:00] ERROR[12]: pjsip.c: bad\n")
    assert watch.new_serious_lines() == [
        "acd: 10:01 WARNING acd: odd",
        "acd: [Nov 22 06:00:00] ERROR[12]: pjsip.c: bad",
    ]
    assert watch.new_serious_lines() == []


def test_half_a_line_waits_for_its_end(log: Path) -> None:
    """A line that is still being written is shown whole, later."""
    watch = LogWatch({"acd": log})
    add(log, "WARNING one")
    assert watch.new_serious_lines() == []
    add(log, " and all\n")
    assert watch.new_serious_lines() == ["acd: WARNING one and all"]


def test_log_that_begins_anew_is_read_from_its_start(log: Path) -> None:
    """A file that has become shorter is another file."""
    watch = LogWatch({"acd": log})
    log.write_text("")
    assert watch.new_serious_lines() == []
    add(log, "ERROR new\n")
    assert watch.new_serious_lines() == ["acd: ERROR new"]


def test_log_that_is_not_there_yet_is_silent(tmp_path: Path) -> None:
    """A child may not have written anything yet."""
    assert LogWatch({"acd": tmp_path / "none"}).new_serious_lines() == []
    assert tail(tmp_path / "none", 3) == ""


def test_log_that_cannot_be_read_stops_nobody(log: Path) -> None:
    """A log whose place was taken by something unreadable shows nothing, and raises nothing into the supervisor."""
    watch = LogWatch({"acd": log})
    log.unlink()
    log.mkdir()
    assert watch.new_serious_lines() == []


def test_flood_is_cut(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a flood the last part is shown: reading it must not hold the supervisor up."""
    monkeypatch.setattr(log_watch, "READ_BYTES_MAX", 100)
    watch = LogWatch({"acd": log})
    add(log, "".join(f"ERROR {number:04d}\n" for number in range(1000)))
    shown = watch.new_serious_lines()
    assert len(shown) <= 10
    assert shown[-1] == "acd: ERROR 0999"


def test_tail_is_the_last_lines_indented(log: Path) -> None:
    """The end of a log is what a failed start shows."""
    add(log, "a\nb\n")
    assert tail(log, 2) == "  a\n  b"
