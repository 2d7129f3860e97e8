"""Checkpoints in files: what a killed process kept is found, whole."""

import os
from pathlib import Path

from ivr.checkpoint import Kept
from ivr.checkpoint_files import FORGOTTEN_AFTER_SECONDS, CheckpointFiles

CHANNEL = "hotline-1700000000.1"
FIRST = Kept("main.top", "zh", "0123456789ab", ".step=2")
SECOND = Kept("main.ask", "en", "", ".step=3&name=%7C%0A")


def test_the_last_one_is_found_by_another_process(tmp_path: Path) -> None:
    """Of several the last counts, and who looks for it need not have written it."""
    files = CheckpointFiles(tmp_path)
    assert all(files.keep(CHANNEL, one) for one in (FIRST, SECOND))
    assert CheckpointFiles(tmp_path).find(CHANNEL) == SECOND


def test_a_line_that_was_cut_short_is_none(tmp_path: Path) -> None:
    """A process that died within a write left its beginning: the checkpoint before it holds."""
    CheckpointFiles(tmp_path).keep(CHANNEL, FIRST)
    with (tmp_path / CHANNEL).open("a") as file:
        file.write("main.ask|en")
    assert CheckpointFiles(tmp_path).find(CHANNEL) == FIRST


def test_nothing_was_kept(tmp_path: Path) -> None:
    """No file, and a file with no whole line, are no checkpoint."""
    files = CheckpointFiles(tmp_path)
    assert files.find(CHANNEL) is None
    (tmp_path / CHANNEL).write_text("main.t")
    assert files.find(CHANNEL) is None


def test_forgotten_and_kept_anew(tmp_path: Path) -> None:
    """A call that left the menus leaves no file; one that comes back begins another."""
    files = CheckpointFiles(tmp_path)
    files.keep(CHANNEL, FIRST)
    files.forget(CHANNEL)
    files.forget(CHANNEL)
    assert list(tmp_path.iterdir()) == []
    files.keep(CHANNEL, SECOND)
    assert files.find(CHANNEL) == SECOND


def test_a_channel_name_is_no_path(tmp_path: Path) -> None:
    """Whatever a channel is called, its file lies in the folder."""
    CheckpointFiles(tmp_path / "kept").keep("../../x", FIRST)
    assert [path.parent for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "kept"]


def test_what_nobody_came_back_for_is_cleaned_up(tmp_path: Path) -> None:
    """After a day a file is gone at the next start; a younger one stays."""
    files = CheckpointFiles(tmp_path)
    for channel in ("old", "new"):
        files.keep(channel, FIRST)
    stamp = (tmp_path / "new").stat().st_mtime - FORGOTTEN_AFTER_SECONDS - 60
    os.utime(tmp_path / "old", (stamp, stamp))
    CheckpointFiles(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["new"]
