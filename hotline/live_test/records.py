"""What the records tell of a real call: the lines of the IVR's journal, read as they are written."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.segments import read_segments
from db.tail import read_lines
from dialplan.scenario import Given
from hotline.rehearsing import GivenResults, results_of
from ivr.flow import Flow
from ivr.nodes import Callback, Node, Queue, Script
from ivr.walk import AWAY

_IVR = "ivr"
_READ_BYTES = 1 << 20

Line = Mapping[str, Any]


class IvrJournal:
    """The lines that the IVR has written since this was made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets = {segment.path: segment.path.stat().st_size for segment in read_segments(folder, _IVR)}
        self._lines: list[Line] = []

    def of_call(self, call_id: str) -> list[Line]:
        return [line for line in self._new_and_old() if line.get("call_id") == call_id]

    def call_of(self, caller_number: str, since: float) -> str | None:
        """The id of the call that this number has begun since that epoch second."""
        starts = (line for line in self._new_and_old() if line["verb"] == "CALLSTART" and line["at"] >= since)
        return next((line["call_id"] for line in starts if line["caller_number"] == caller_number), None)

    def _new_and_old(self) -> list[Line]:
        for segment in read_segments(self._folder, _IVR):
            chunk = read_lines(segment.path, self._offsets.get(segment.path, 0), limit_bytes=_READ_BYTES)
            if chunk.lines:
                self._offsets[segment.path] = chunk.lines[-1].ends
            self._lines += [json.loads(line.content) for line in chunk.lines]
        return self._lines


@dataclass(frozen=True)
class Told:
    """What the lines of one call come to."""

    outcome: str
    """How the call left the menus; empty: it has not, as far as is known."""
    name: str
    """Of the queue or the script that it was handed to."""
    messages: Mapping[str, int]
    """How many were left, by kind."""
    path: tuple[str, ...]
    """Every node of which there is a record, in order: the one that the call is at has none yet."""
    language: str


def tell(lines: Iterable[Line], flow: Flow, given: Given) -> Told:
    """Read the lines of one call up to where it left the menus for good: nothing given brings it back from there."""
    results, path, language = results_of(given), list[str](), ""
    messages: Counter[str] = Counter()
    back_at = ""
    for line in _once(lines):
        match line["verb"]:
            case "CALLSTART" | "LANGUAGE":
                language = line["language"]
            case "MESSAGE":
                messages[line["kind"]] += 1
            case "IVRSTEP":
                address = f"{line['menu']}.{line['node']}"
                path += [] if address == back_at else [address]
                back_at = ""
            case "IVREND":
                outcome, node = line["outcome"], line["node"] or ""
                path += [node] if outcome in AWAY else []
                name = _handed_to(flow.nodes.get(node))
                if not _comes_back(flow.nodes.get(node), outcome, name, results):
                    return Told(outcome, name if outcome in (*AWAY, "queue") else "", messages, tuple(path), language)
                back_at = node
    return Told("", "", messages, tuple(path), language)


def _once(lines: Iterable[Line]) -> Iterator[Line]:
    """A step that a killed IVR took twice has the same id twice."""
    seen: set[str] = set()
    for line in lines:
        step = line.get("step_id")
        if step is None or step not in seen:
            yield line
        seen |= {step} if step else set()


def _handed_to(node: Node | None) -> str:
    match node:
        case Queue() | Callback():
            return node.queue
        case Script():
            return node.script
    return ""


def _comes_back(node: Node | None, outcome: str, name: str, results: GivenResults) -> bool:
    if outcome not in (*AWAY, "queue"):
        return False
    result = results(outcome, name)
    return result is not None and (outcome in AWAY or (isinstance(node, Queue) and result in node.outcomes))


def before_our_hang_up(told: Told, steps: Sequence[Line]) -> tuple[str, ...]:
    """The path of a call that was ended by us: without what the site does for those who are gone."""
    left = next((at for at, line in enumerate(steps) if line.get("result") == "left_in_menu"), None)
    if left is None:
        return told.path
    after = sum(line["verb"] == "IVRSTEP" for line in steps[left + 1 :])
    return told.path[: len(told.path) - after]
