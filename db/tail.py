"""Read the complete lines of a growing file from a byte offset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One line, without its line end, and the byte offsets at which it begins and at which the next one does."""

    begins: int
    ends: int
    content: bytes


@dataclass(frozen=True)
class Chunk:
    """What could be read: the complete lines in order, and whether bytes without a line end follow them."""

    lines: tuple[Line, ...]
    torn: Line | None
    """The unfinished last line: its writer is in the middle of it, or died there."""


def read_lines(path: Path, offset: int, *, limit_bytes: int) -> Chunk:
    """The complete lines of `path` from `offset` on, about `limit_bytes` of them and at least one.

    Raises FileNotFoundError when the file is gone, other OSError as the disk gives it.
    """
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read(limit_bytes)
        if len(content) == limit_bytes:
            content += file.readline()
    return split(content, offset)


def split(content: bytes, offset: int) -> Chunk:
    """The lines of `content`, which begins at byte `offset` of its file."""
    lines = tuple(_lines(content, offset))
    if lines and not content.endswith(b"\n"):
        return Chunk(lines[:-1], lines[-1])
    return Chunk(lines, None)


def _lines(content: bytes, offset: int) -> Iterator[Line]:
    for piece in BytesIO(content):  # unlike splitlines(), ends a line at LF only
        yield Line(offset, offset + len(piece), piece.rstrip(b"\r\n"))
        offset += len(piece)
