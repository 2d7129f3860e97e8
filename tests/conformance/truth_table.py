"""What a key does at each moment: prompt x keys pressed ahead x key now, held in `truth_table.tsv`.

`python -m tests.conformance.truth_table` prints the table as the engine has it now, for a change that is meant;
with `page` it prints docs/truth-table.md from the table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from dialplan.scenario import Given
from hotline.rehearsing import Stage, stage_of
from hotline.trying import perform
from ivr.rehearsal import Rehearsal
from ivr.transcript import Heard, Left
from tests.conformance.book import Scene
from tests.conformance.playing import told, written

TABLE = Path(__file__).with_suffix(".tsv")
NODE = "m.ask"
_FAILURES = {"silent": "no_input", "silent_again": "no_input", "wrong": "no_match"}
"""The counter of which each of these prompts tells."""

PROMPTS: Mapping[str, str] = {
    "none": "the node says nothing, a key is waited for",
    "playing": "its prompt is being said",
    "second": "the second prompt of its list is being said, in a second attempt; keys ahead come in that of `no_input`",
    "ended": "its prompt is over, a key is waited for",
}
_ASK: dict[str, Any] = {
    "no_input": {"prompt": ["silent", "silent_again"]},
    "no_match": {"prompt": "wrong"},
    "exhausted": "bye",
}
NODES: Mapping[str, dict[str, Any]] = {
    "menu": {"type": "menu", "choices": {"1": "one", "12": "two", "3": "three"}, **_ASK},
    "collect": {"type": "collect", "into": "order", "min_digits": 2, "max_digits": 3, "next": "three", **_ASK},
}
GLOBAL_KEYS = {"0": "person", "star": "repeat"}
AHEAD: Mapping[str, Mapping[str, str]] = {
    "menu": {"": "nothing", "3": "a choice", "1": "a choice with which another begins", "7": "no choice", "#": "pound"},
    "collect": {"": "nothing", "123": "all digits", "12": "enough digits", "1": "too few", "#": "the terminator"},
}
KEYS: Mapping[str, Mapping[str, str]] = {
    "menu": {
        **{"": "none", "3": "a choice", "1": "a choice with which another begins", "2": "ends the longer choice"},
        **{"7": "no choice", "0": "a global key", "#": "pound"},
    },
    "collect": {
        "": "none",
        "4": "a digit",
        "0": "a digit, global elsewhere",
        "*": "a global key",
        "#": "the terminator",
    },
}


_INTRODUCTION = """\
# The truth table of keys

What a key does at each moment: the prompt of the node, what was pressed ahead, and the key that is pressed now. Every
row is played on the virtual clock (`tests/conformance/truth_table.tsv`, from which this page is made by `make docs`);
those in which Asterisk has a say are played to a real Asterisk by a real phone, too
([`test_keys.py`](../tests/live/test_keys.py)).

Keys ahead are pressed during the words before the node (`hello`), in a second attempt during the prompt of `no_input`.
`heard` is what begins after them and before the node is left, or asks again; `~` stands behind what was cut off. `0` is
the global key `person`, star is `repeat`. An empty cell in `fires` means that the node asks again.

""" + "\n".join(["| prompt | |", "| --- | --- |", *(f"| {name} | {words} |" for name, words in PROMPTS.items()), ""])


class Row(NamedTuple):
    """A moment, and what comes of it."""

    node: str
    prompt: str
    ahead: str
    key: str
    heard: str
    """What of the node's own words begins after that; `~` stands behind what was cut off."""
    fires: str
    """The result of the node and where the call goes; empty: it asks again."""
    counts: str


def moments() -> Iterator[tuple[str, str, str, str]]:
    for node in NODES:
        yield from product([node], PROMPTS, AHEAD[node], KEYS[node])


def rows() -> list[Row]:
    """The table as it is written down."""
    lines = TABLE.read_text("utf-8").splitlines()
    return [Row(*line.split("\t")) for line in lines[1:]]


def row_of(node: str, prompt: str, ahead: str, key: str, stage: Stage) -> Row:
    """What comes of this moment, as the engine has it."""
    call = stage.begin(Given(entry="m"))
    if prompt == "second":
        perform(call, "T")
    begin = len(call.transcript)
    if ahead:
        _press(call, ahead)
    else:
        call.run_out()
    if prompt == "ended":
        call.listen()
    taken = _left(call, begin) is not None
    _press(call, key)
    if _is_undecided(call, begin):
        call.keep_silent()
    if call.hearing in _FAILURES:
        call.run_out()
    return Row(node, prompt, ahead, key, *_told(call, begin, key if taken else ""))


def _press(call: Rehearsal, keys: str) -> None:
    for key in keys:
        call.press(key)


def _left(call: Rehearsal, begin: int) -> int | None:
    """Where in the transcript the node was left."""
    places = enumerate(call.transcript[begin:], begin)
    return next((place for place, event in places if isinstance(event, Left) and event.address == NODE), None)


def _is_undecided(call: Rehearsal, begin: int) -> bool:
    """Whether the node still waits for something to come of the keys, or of the silence."""
    return _left(call, begin) is None and call.hearing not in _FAILURES


def _told(call: Rehearsal, begin: int, passed_on: str) -> tuple[str, str, str]:
    """What is heard, fires and counts; `passed_on` is a key that came when the node was left."""
    end = _left(call, begin)
    events = call.transcript[begin:end]
    heard = [event for event in events if isinstance(event, Heard)][1:]  # the first is that in which keys ahead come
    words = " ".join(f"{event.prompt}{'' if event.whole else '~'}" for event in heard)
    fires = "" if end is None else told(call.transcript[end : end + 2])[0]
    counts = " ".join(_FAILURES[event.prompt] for event in heard if event.prompt in _FAILURES)
    return words, f"{fires}; {passed_on} is for the next node" if passed_on else fires, counts


def stage_for(node: str, prompt: str, folder: Path) -> Stage:
    return stage_of(written(scene_for(node, prompt), folder))


def scene_for(node: str, prompt: str, **site: Any) -> Scene:
    """A site with such a node `ask` after the words `hello`; `site` is what else stands in site.yaml."""
    words: dict[str, Any] = {"prompt": [] if prompt == "none" else ["ask", "short"]}
    after = {
        name: {"type": "menu", "prompt": name, "choices": {"9": "person"}, "exhausted": "bye"}
        for name in ("one", "two", "three")
    }
    nodes = {"hello": {"type": "say", "prompt": "hello", "next": "ask"}, "ask": {**NODES[node], **words}}
    nodes |= after if node == "menu" else {"three": after["three"]}
    return Scene(nodes=nodes, site={"keys": GLOBAL_KEYS, **site})


def page() -> str:
    """docs/truth-table.md."""
    return "\n".join([_INTRODUCTION, *(_table(node) for node in NODES)])


def _table(node: str) -> str:
    lines = [f"## {node}", "", f"```yaml\n{_yaml(node)}\n```", ""]
    lines += ["| prompt | keys ahead | key | heard | fires | counts |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows() if row.node == node]
    return "\n".join([*lines, ""])


def _yaml(node: str) -> str:
    return f"ask: {json.dumps({**NODES[node], 'prompt': ['ask', 'short']})}"


def _cells(row: Row) -> Iterator[str]:
    yield row.prompt
    yield f"`{row.ahead}` {AHEAD[row.node][row.ahead]}" if row.ahead else AHEAD[row.node][row.ahead]
    yield f"`{row.key}` {KEYS[row.node][row.key]}" if row.key else KEYS[row.node][row.key]
    yield from (row.heard, row.fires, row.counts)


def main() -> None:
    print("\t".join(Row._fields))
    for node, prompt in product(NODES, PROMPTS):
        with TemporaryDirectory() as folder:
            stage = stage_for(node, prompt, Path(folder))
            for ahead, key in product(AHEAD[node], KEYS[node]):
                print("\t".join(row_of(node, prompt, ahead, key, stage)))


if __name__ == "__main__":
    if sys.argv[1:] == ["page"]:
        print(page(), end="")
    else:
        main()
