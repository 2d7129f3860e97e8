"""Following a file: each complete line once, however its bytes arrive."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from db.tail import read_lines, split

LINES = st.lists(st.binary(max_size=12).map(lambda content: content.replace(b"\n", b"").rstrip(b"\r")), max_size=8)


@given(LINES, st.lists(st.integers(0, 120)), st.binary(max_size=5).map(lambda tail: tail.replace(b"\n", b"")))
def test_any_cut_of_the_bytes_gives_each_line_once(lines: list[bytes], cuts: list[int], torn: bytes) -> None:
    """However much of the file is there at each look, the lines read in sequence are the lines written."""
    content = b"".join(line + b"\n" for line in lines) + torn
    seen, offset = [], 0
    for size in [*sorted(min(cut, len(content)) for cut in cuts), len(content)]:
        chunk = split(content[offset:size], offset)
        seen += [line.content for line in chunk.lines]
        offset = chunk.lines[-1].ends if chunk.lines else offset
    assert seen == lines
    assert content[offset:] == torn


def test_a_line_longer_than_the_limit_is_read_whole(tmp_path: Path) -> None:
    """The limit bounds how many lines are read at once, never the length of one."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100 + b"\nnext\n")
    chunk = read_lines(path, 0, limit_bytes=10)
    assert [len(line.content) for line in chunk.lines] == [100]
    assert read_lines(path, chunk.lines[-1].ends, limit_bytes=10).lines[0].content == b"next"
