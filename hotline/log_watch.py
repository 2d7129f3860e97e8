"""What the children's logs say that the person at the terminal should see."""

import re
from collections.abc import Mapping
from pathlib import Path

SERIOUS = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")
READ_BYTES_MAX = 65_536


def tail(log: Path, lines: int) -> str:
    """The last lines of a log, indented; empty when there is none."""
    try:
        with log.open("rb") as text:
            text.seek(max(0, log.stat().st_size - READ_BYTES_MAX))
            last = text.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in last)


class LogWatch:
    """Finds new serious lines in growing files. A flood is cut: the file has all of it."""

    def __init__(self, logs: Mapping[str, Path]) -> None:
        """logs: file by the name that its lines are shown under. What stands there already is old."""
        self._logs = logs
        self._read = {name: _size(log) for name, log in logs.items()}

    def new_serious_lines(self) -> list[str]:
        return [
            f"{name}: {line}"
            for name, log in self._logs.items()
            for line in self._grown(name, log)
            if SERIOUS.search(line)
        ]

    def _grown(self, name: str, log: Path) -> list[str]:
        """Whole lines since the last look, at most the last READ_BYTES_MAX bytes of them."""
        size = _size(log)
        begin = max(self._read[name], size - READ_BYTES_MAX)
        if size <= self._read[name]:
            self._read[name] = size
            return []
        try:
            with log.open("rb") as text:
                text.seek(begin)
                whole, _, _ = text.read(size - begin).rpartition(b"\n")
        except OSError:  # rotated away, or no descriptor left: what is only shown must not stop the supervision
            return []
        self._read[name] = begin + len(whole) + 1 if whole else begin
        return whole.decode(errors="replace").splitlines()


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0
