"""The journal: one write per decision, nothing raised into a call, segments that appear whole."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import threading
import time
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from db.journal import Journal, read_segments, read_since_carry

SPAWN = multiprocessing.get_context("spawn")


class FullDisk:
    """Stands in for os.write: takes `room` bytes in all, then refuses."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._write = os.write

    def __call__(self, descriptor: int, content: bytes) -> int:
        """Write what there is room for, as write(2) does; ENOSPC when there is none."""
        if content and self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._write(descriptor, content[: self.room])
        self.room -= written
        return written


def records(folder: Path, name: str = "acd") -> list[dict[str, Any]]:
    """Every record in every segment, without the time."""
    found = []
    for segment in read_segments(folder, name):
        for line in segment.path.read_bytes().splitlines():
            record = json.loads(line)
            del record["at"]
            found.append(record)
    return found


def test_each_record_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """append() is a single os.write() of one whole line, so no kill can come between its parts."""
    journal = Journal(tmp_path, "acd")
    journal.append("SWITCHLOST")
    written: list[bytes] = []
    monkeypatch.setattr(os, "write", lambda _descriptor, content: written.append(content) or len(content))
    journal.append("OFFER", offer_id="o1", note='a "quoted"\nline 中文 \ud800')
    assert len(written) == 1
    assert written[0].count(b"\n") == 1 and written[0].endswith(b"\n")
    assert json.loads(written[0])["note"] == 'a "quoted"\nline 中文 \ud800'


def test_at_is_added_by_the_clock_unless_given(tmp_path: Path) -> None:
    """A record carries the time of the fact: the caller's when it knows better, else now."""
    journal = Journal(tmp_path, "acd", clock=lambda: 1_700_000_000.25)
    journal.append("SWITCHLOST")
    journal.append("SWITCHLOST", at=1_700_000_001.5)
    first, second = read_since_carry(tmp_path, "acd")
    assert (first["at"], second["at"]) == (1_700_000_000.25, 1_700_000_001.5)


def test_each_start_makes_a_segment_with_a_number_never_used(tmp_path: Path) -> None:
    """Two starts in the same centisecond, and one after the clock was set back, get rising numbers."""
    for clock in (1_700_000_000.0, 1_700_000_000.0, 1_600_000_000.0):
        Journal(tmp_path, "acd", clock=lambda now=clock: now).append("SWITCHLOST")  # type: ignore[misc]  # bound early
    assert [segment.number for segment in read_segments(tmp_path, "acd")] == [170000000000, 170000000001, 170000000002]


def test_journals_of_similar_names_are_apart(tmp_path: Path) -> None:
    """`ivr` does not read what `ivr-1` wrote."""
    Journal(tmp_path, "ivr").append("LANGUAGE", language="zh")
    Journal(tmp_path, "ivr-1").append("LANGUAGE", language="en")
    assert records(tmp_path, "ivr") == [{"verb": "LANGUAGE", "language": "zh"}]


def test_resume_reads_from_the_newest_carry_across_later_segments(tmp_path: Path) -> None:
    """A restart sees the last carried state and every record after it, and nothing from before."""
    journal = Journal(tmp_path, "acd")
    journal.append("OFFER", offer_id="old")
    assert journal.start_segment({"waiting": ["v1"]})
    journal.append("OFFER", offer_id="new")
    Journal(tmp_path, "acd").append("OFFER", offer_id="newer")
    resumed = list(read_since_carry(tmp_path, "acd"))
    assert [(record["verb"], record.get("waiting"), record.get("offer_id")) for record in resumed] == [
        ("CARRY", ["v1"], None),
        ("OFFER", None, "new"),
        ("OFFER", None, "newer"),
    ]


def test_resume_passes_over_a_torn_line(tmp_path: Path) -> None:
    """The unfinished last line of a killed process is no record, and the segments after it are read."""
    journal = Journal(tmp_path, "acd")
    journal.append("OFFER", offer_id="o1")
    with read_segments(tmp_path, "acd")[0].path.open("ab") as file:
        file.write(b'{"at": 1, "verb": "OFF')
    Journal(tmp_path, "acd").append("OFFER", offer_id="o2")
    assert [record["offer_id"] for record in read_since_carry(tmp_path, "acd")] == ["o1", "o2"]


def test_a_full_disk_delays_lines_and_never_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that the disk refused, one of them halfway, come out later, whole and in order."""
    journal = Journal(tmp_path, "acd")
    journal.append("OFFER", offer_id=0)
    disk = FullDisk(room=20)
    monkeypatch.setattr(os, "write", disk)
    for number in range(1, 4):
        journal.append("OFFER", offer_id=number)
    assert (journal.pending, journal.lost) == (3, 0)
    disk.room = 1 << 20
    journal.append("OFFER", offer_id=4)
    assert journal.pending == 0
    assert [record["offer_id"] for record in records(tmp_path)] == [0, 1, 2, 3, 4]


def test_a_disk_full_from_the_start_delays_the_first_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither opening nor carrying raises; the lines come out when the disk has room."""
    disk = FullDisk(room=0)
    monkeypatch.setattr(os, "write", disk)
    journal = Journal(tmp_path, "acd")
    assert not journal.start_segment({"waiting": []})
    journal.append("OFFER", offer_id=1)
    disk.room = 1 << 20
    journal.append("OFFER", offer_id=2)
    assert [record["offer_id"] for record in records(tmp_path)] == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == [read_segments(tmp_path, "acd")[0].path.name]


def test_what_waited_is_written_without_another_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room again in a quiet hour: the line that waited does not wait for the next fact."""
    disk = FullDisk(room=0)
    monkeypatch.setattr(os, "write", disk)
    journal = Journal(tmp_path, "acd", retry_seconds=0.01)
    journal.append("ABANDON", visit_id="v1")
    disk.room = 1 << 20
    deadline = time.monotonic() + 5.0
    while journal.pending:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert [record["visit_id"] for record in records(tmp_path)] == ["v1"]


def test_memory_is_bounded_and_losses_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the disk full and memory used up, the newest lines are dropped and counted."""
    journal = Journal(tmp_path, "acd", pending_max=2)
    monkeypatch.setattr(os, "write", FullDisk(room=0))
    for number in range(5):
        journal.append("OFFER", offer_id=number)
    assert (journal.pending, journal.lost) == (2, 3)


def test_a_value_that_is_not_json_is_counted_not_raised(tmp_path: Path) -> None:
    """Our own bug in a field costs that record, not the call."""
    journal = Journal(tmp_path, "acd")
    journal.append("OFFER", offer_id=object())
    journal.append("CONNECT", wait_seconds=float("nan"))
    assert journal.lost == 2


def test_a_carrying_journal_rolls_when_asked_and_only_when_outgrown(tmp_path: Path) -> None:
    """roll() asks for the state only when the segment exceeds its size; append() alone never cuts the state off."""
    journal = Journal(tmp_path, "acd", segment_bytes=200)
    journal.start_segment({"n": 0})
    assert not journal.roll(lambda: pytest.fail("asked too early"))
    for number in range(10):
        journal.append("OFFER", offer_id=number)
    assert len(read_segments(tmp_path, "acd")) == 1
    assert journal.roll(lambda: {"n": 10})
    assert [record["n"] for record in read_since_carry(tmp_path, "acd")] == [10]


def test_a_plain_journal_rolls_by_itself(tmp_path: Path) -> None:
    """The IVR's journal has no state to carry: it starts new segments alone and loses no line at the seams."""
    journal = Journal(tmp_path, "ivr", segment_bytes=200)
    for number in range(20):
        journal.append("LANGUAGE", call_id=number)
    assert len(read_segments(tmp_path, "ivr")) > 3
    assert [record["call_id"] for record in records(tmp_path, "ivr")] == list(range(20))


def test_threads_do_not_mix_their_lines(tmp_path: Path) -> None:
    """Lines appended by several threads, through rolls, are each whole and there once."""
    journal = Journal(tmp_path, "ivr", segment_bytes=2_000)

    def write(thread: int) -> None:
        for number in range(100):
            journal.append("LANGUAGE", call_id=f"{thread}-{number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sorted(record["call_id"] for record in records(tmp_path, "ivr"))
    assert found == sorted(f"{thread}-{number}" for thread in range(4) for number in range(100))


def _append_for_ever(folder: Path) -> None:
    journal = Journal(folder, "acd", segment_bytes=4_000)
    journal.start_segment({"count": 0})
    for number in count(1):
        journal.append("OFFER", offer_id=number)
        journal.roll(partial(dict, count=number))


def test_a_kill_leaves_every_state_resumable(tmp_path: Path) -> None:
    """Killed at any moment, also in a roll: the records since the newest CARRY follow its state without a gap."""
    process = SPAWN.Process(target=_append_for_ever, args=(tmp_path,))
    process.start()
    while len(read_segments(tmp_path, "acd")) < 5:
        assert process.is_alive()
    assert read_segments(tmp_path, "acd")[-1].is_held()
    process.kill()
    process.join()
    carry, *after = read_since_carry(tmp_path, "acd")
    assert carry["verb"] == "CARRY"
    assert [record["offer_id"] for record in after] == list(range(carry["count"] + 1, carry["count"] + 1 + len(after)))
    assert not any(segment.is_held() for segment in read_segments(tmp_path, "acd"))


def test_the_records_of_one_decision_are_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their lines go to the disk with one system call, in order; one that is no JSON is left out and counted."""
    journal = Journal(tmp_path, "acd")
    journal.append("FIRST")
    writes: list[bytes] = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, line: writes.append(line) or write(to, line))
    journal.append_all([("A", {"x": 1}), ("B", {"x": object()}), ("C", {})])
    journal.append_all([])
    (only,) = writes
    assert [json.loads(line)["verb"] for line in only.splitlines()] == ["A", "C"]
    assert (journal.lost, journal.pending) == (1, 0)
    journal.close()


def test_a_dropped_write_counts_all_its_lines(tmp_path: Path) -> None:
    """With the memory full every record of the decision is lost, and all are counted."""
    journal = Journal(tmp_path, "acd", pending_max=0)
    journal.append_all([("A", {}), ("B", {})])
    assert journal.lost == 2
    journal.close()
