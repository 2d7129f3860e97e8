"""The trace's files: kept for some days, never read by the records writer, and readable line by line."""

import os
from pathlib import Path

import pytest

from db.segments import list_segments
from db.trace_files import DAY_SECONDS, TraceJournal, is_growing, read_trace, retire_traces, trace_segments


def journal(folder: Path, **told: float) -> TraceJournal:
    return TraceJournal(folder, keep_days=told.pop("keep_days", 7.0), **told)  # type: ignore[arg-type]  # numbers all


def age(path: Path, days: float) -> None:
    then = path.stat().st_mtime - days * DAY_SECONDS
    os.utime(path, (then, then))


def test_a_segment_begins_with_the_floor(tmp_path: Path) -> None:
    """Its first line has the verb FLOOR and what the owner gave; the lines follow as they were written."""
    trace = journal(tmp_path)
    trace.start_segment({"floor": 1})
    trace.write(b'{"verb": "EVENT", "n": 1}\n')
    (path,) = trace_segments(tmp_path)
    assert is_growing(path)
    trace.close()
    lines = [line.content for line in read_trace([path])]
    assert [(line or {})["verb"] for line in lines] == ["FLOOR", "EVENT"]
    assert not is_growing(path)


def test_old_segments_go_when_a_new_one_begins(tmp_path: Path) -> None:
    """What was last written more than `keep_days` ago is deleted; what is younger stays."""
    for _ in range(3):
        trace = journal(tmp_path)
        trace.start_segment({})
        trace.close()
    oldest, second, _ = trace_segments(tmp_path)
    age(oldest, 7.1)
    age(second, 6.9)
    trace = journal(tmp_path)
    trace.start_segment({})
    trace.close()
    assert oldest not in trace_segments(tmp_path)
    assert second in trace_segments(tmp_path)


def test_too_much_of_it_goes_from_the_oldest_on(tmp_path: Path) -> None:
    """However young: the disk is worth more. The newest is always kept."""
    trace = journal(tmp_path)
    for _ in range(3):
        trace.start_segment({"floor": "x" * 1000})
    trace.close()
    first, second, third = trace_segments(tmp_path)
    room_for_two = second.stat().st_size + third.stat().st_size
    assert retire_traces(tmp_path, older_than=0.0, bytes_max=room_for_two) == [first]
    assert retire_traces(tmp_path, older_than=0.0, bytes_max=0) == [second]
    assert trace_segments(tmp_path) == [third]


def test_a_torn_line_is_told(tmp_path: Path) -> None:
    """The last line of a killed process, or damage in the middle: no content, and the next line is read."""
    path = tmp_path / "trace-000000000001.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": \n{"n": 3}\n{"n": 4')
    assert [line.content for line in read_trace([path])] == [{"n": 1}, None, {"n": 3}, None]
    assert sum(line.size for line in read_trace([path])) == path.stat().st_size


def test_a_trace_is_found_wherever_it_is_named(tmp_path: Path) -> None:
    """By its folder, by the state folder that holds it, or by one file."""
    folder = tmp_path / "trace"
    trace = journal(folder)
    trace.start_segment({})
    trace.close()
    (path,) = trace_segments(folder)
    assert trace_segments(tmp_path) == trace_segments(path) == [path]
    assert trace_segments(tmp_path / "nowhere") == []


def test_the_records_writer_does_not_see_it(tmp_path: Path) -> None:
    """It reads one folder, and the trace lies in another."""
    from hotline.state import State

    state = State.at(tmp_path)
    state.make()
    trace = journal(state.trace)
    trace.start_segment({})
    trace.close()
    assert list_segments(state.journal) == []


@pytest.mark.parametrize("keep_days", [0.0, 0.5])
def test_the_segment_that_has_just_begun_is_kept(tmp_path: Path, keep_days: float) -> None:
    """Whatever is to be kept, it is being written to."""
    trace = journal(tmp_path, keep_days=keep_days)
    trace.start_segment({})
    trace.start_segment({})
    assert trace_segments(tmp_path)
    trace.close()
