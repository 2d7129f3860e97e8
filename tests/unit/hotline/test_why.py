"""`hotline acd replay` and `hotline acd why` on a trace as the ACD writes it."""

import json
import time
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, CallerLeft, Event, OfferAnswered, OfferFailed, TalkEnded, Tick
from acd.ids import Ids
from acd.model import AgentState, OfferOutcome, QueueRules, Strategy
from acd.trace import Trace
from db.trace_files import TraceJournal, trace_segments
from hotline.cli import app
from hotline.faults import HotlineError
from hotline.replaying import run, segments_at
from hotline.why import find
from hotline.why_words import _REASONS, in_words, seconds
from tests.unit.acd.floors import floor_of, seen

AGENTS = {"1001": {"zh": 5}, "1002": {"zh": 5}, "1003": {"it": 1}}
OFFER_2 = b'"offer_id":"offer-2","visit_id":"zhang","agent_id":'
NOON = datetime(2026, 11, 22, 12, 0).timestamp()


class Recorded:
    """An ACD of yesterday, at a pace of its own: `at` seconds after noon, `now` on its engine's clock."""

    def __init__(self, folder: Path, keep_days: float = 36_500.0) -> None:
        self.folder = folder
        numbers = count(1)
        self.now = 0.0
        self._clock = lambda: NOON + self.now
        self.journal = TraceJournal(folder, keep_days=keep_days, clock=self._clock)
        self._ids = Ids(lambda: f"offer-{next(numbers)}")
        self._runs = count(1)
        self.start()

    def start(self) -> None:
        self.engine = Engine(floor_of(AGENTS, QueueRules("orders", {"zh": 3})), self._ids)
        self.trace = Trace(self.journal, self._ids, f"run-{next(self._runs)}")
        self.trace.open(self.engine)
        self.at(self.now, seen(AGENTS))

    def at(self, now: float, *events: Event) -> None:
        while (deadline := self.engine.next_deadline()) is not None and deadline <= now:
            self.now = max(self.now, deadline)
            self._post(Tick())
        self.now = now
        for event in events:
            self._post(event)

    def _post(self, event: Event) -> None:
        self.trace.note(event, self.now, NOON + self.now, self.engine.handle(event, self.now))

    def next_segment(self) -> None:
        self.journal.start_segment({**self.trace._floor(self.engine), "state": self._state()})

    def _state(self) -> str:
        from acd.checkpoint import freeze

        return freeze(self.engine, self._ids)


def joins(name: str, number: str = "138") -> CallerJoined:
    return CallerJoined(name, f"call-{name}", "orders", number)


def ready(agent_id: str) -> AgentAsked:
    return AgentAsked(agent_id, AgentState.READY)


@pytest.fixture
def day(tmp_path: Path) -> Recorded:
    """zhang is refused by 1001 and served by 1002; li waits behind; then comes the next segment, and li still waits."""
    day = Recorded(tmp_path / "trace")
    day.at(1.0, ready("1001"))
    day.at(2.0, ready("1002"))
    day.at(10.0, joins("zhang", "138001"))
    day.at(12.0, OfferFailed("offer-1", "zhang", OfferOutcome.REJECT))
    day.at(
        13.0, OfferAnswered("zhang", "1002"), joins("li", "138002"), AgentAsked("1001", AgentState.NOT_READY, "lunch")
    )
    day.next_segment()
    day.at(60.0, TalkEnded("zhang", by_agent=True))
    return day


def cli(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["acd", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def damage(day: Recorded, old: bytes, new: bytes) -> None:
    for path in trace_segments(day.folder):
        path.write_bytes(path.read_bytes().replace(old, new))


# Replay


def test_the_same_decisions_are_exit_code_0(day: Recorded) -> None:
    """The day, over two segments and a restart of the ACD, comes out as it was."""
    day.start()
    day.at(70.0, ready("1001"), joins("wang"))
    code, told = cli("replay", day.folder)
    assert code == 0
    assert "in 2 runs of the ACD: the same decisions" in told


def test_one_segment_replays_alone(day: Recorded) -> None:
    """The file that somebody sent, say."""
    code, told = cli("replay", trace_segments(day.folder)[1])
    assert (code, "the same decisions" in told) == (0, True)


def test_other_decisions_are_exit_code_1_and_shown(day: Recorded) -> None:
    """The first ones: when, upon what, what was decided then and what would be now."""
    damage(day, OFFER_2 + b'"1002","step"', OFFER_2 + b'"1001","step"')
    code, told = cli("replay", day.folder)
    assert code == 1
    lines = told.splitlines()
    assert lines[0].startswith("2026-11-22 12:00:12.000  event ")
    assert "OfferFailed offer_id=offer-1 visit_id=zhang" in lines[0]
    assert [line.split()[:4] for line in lines[1:3]] == [
        ["-", "OFFER", "offer_id=offer-2", "visit_id=zhang"],
        ["+", "OFFER", "offer_id=offer-2", "visit_id=zhang"],
    ]
    assert "1 different decision" in lines[3]


def test_json_says_it_all(day: Recorded) -> None:
    """For a machine: counts, versions and the first differences with their commands."""
    damage(day, OFFER_2 + b'"1002","step"', OFFER_2 + b'"1001","step"')
    code, told = cli("replay", day.folder, "--json", "--most", "1")
    data = json.loads(told)
    assert (code, data["same"], data["runs"], data["gaps"], data["torn"]) == (1, False, 1, 0, 0)
    assert data["differences"] >= len(data["first"]) == 1


def test_a_torn_last_line_is_no_difference(day: Recorded) -> None:
    """The ACD was killed while it wrote."""
    newest = trace_segments(day.folder)[-1]
    newest.write_bytes(newest.read_bytes()[:-20])
    code, told = cli("replay", day.folder)
    assert code == 0
    assert "1 line cut short by a kill" in told


def test_another_version_is_said_to_be_one(day: Recorded) -> None:
    """And the segment that begins inside its life is left out where the first is not there."""
    from acd.checkpoint import engine_version

    damage(day, engine_version().encode(), b"0123456789ab")
    code, told = cli("replay", day.folder)
    assert (code, "another version of the engine (0123456789ab" in told) == (0, True)
    trace_segments(day.folder)[0].unlink()
    code, told = cli("replay", day.folder)
    assert (code, "left out" in told) == (1, True)


def test_missing_and_unreadable_lines_are_told(day: Recorded) -> None:
    """What cannot be known is not called the same."""
    first = trace_segments(day.folder)[0]
    lines = first.read_bytes().splitlines(keepends=True)
    first.write_bytes(b"".join([*lines[:2], *lines[3:], b'{"verb":"EVENT"}\n']))
    code, told = cli("replay", day.folder)
    assert code == 1
    assert "lines are missing in" in told
    assert "cannot be read: " + first.name in told


def test_the_same_in_another_order_is_told_as_such(day: Recorded) -> None:
    """Order is part of a decision."""
    verdict = run(segments_at(day.folder), 10)
    assert verdict.is_same
    first = trace_segments(day.folder)[0]
    lines = [json.loads(line) for line in first.read_bytes().splitlines()]
    at = next(n for n, line in enumerate(lines) if len(line.get("did", ())) > 2)
    lines[at]["did"].reverse()
    first.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "the same in another order" in cli("replay", first)[1]


def test_a_refusal_that_is_new_is_told(day: Recorded) -> None:
    """An event that the engine of today cannot take."""
    damage(day, b'"agent_id":"1001","state":"not_ready"', b'"agent_id":"9999","state":"not_ready"')
    assert "UnknownName: agent '9999'" in cli("replay", day.folder)[1]


def test_no_trace_is_said(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(HotlineError, match="--trace-days"):
        segments_at(tmp_path)


# Why


def test_the_story_of_a_served_caller(day: Recorded) -> None:
    """Each offer with its reason, from entry to end, found by caller number."""
    story = find(day.folder, "138001", None)
    told = "\n".join(in_words(story))
    assert [one.verb for one in story.happenings] == [
        *("ENTERQUEUE", "OFFER", "OFFEREND", "OFFER", "OFFEREND", "CONNECT", "COMPLETEAGENT"),
    ]
    assert "138001 in queue orders  (visit zhang, call call-zhang)" in told
    assert "why 1001: idle longest, 9.0 s, of 2 who could be taken" in told
    assert "could have taken it too: 1002, idle for 8.0 s" in told
    assert "why 1002: the only one free who can serve this caller" in told
    assert "1001 not: rests for 5.0 s more after an offer that came to nothing, refused this caller" in told
    assert "lack what is needed: 1003" in told
    assert "the agent hangs up after 47.0 s of talk" in told
    assert story.now is None


def test_why_nobody_yet(day: Recorded) -> None:
    """A caller who waits at the end of the trace, while the ACD still writes it: as of this moment."""
    story = find(day.folder, "call-li", None)
    assert story.now is not None
    assert story.asked_at == pytest.approx(time.time(), abs=60)
    day.journal.close()
    story = find(day.folder, "call-li", None)
    told = "\n".join(in_words(story))
    assert story.asked_at == NOON + 60.0
    assert "waits for 47.0 s; place 1; 2 of 3 agents have what it takes, none free" in told
    assert "1001 not: not ready (lunch) for 47.0 s" in told
    assert "1002 not: wrap up for 0.0 s" in told


def test_why_at_a_time(day: Recorded) -> None:
    """With --at the trace is played no further than that; a caller who comes later is not known."""
    story = find(day.folder, "zhang", datetime(2026, 11, 22, 12, 0, 11))
    assert [one.verb for one in story.happenings] == ["ENTERQUEUE", "OFFER"]
    assert story.now is not None
    assert "rings at agent 1001 for 1.0 s" in "\n".join(in_words(story))
    with pytest.raises(HotlineError, match="until"):
        find(day.folder, "138002", datetime(2026, 11, 22, 12, 0, 11))


def test_the_last_visit_of_a_number_is_told(day: Recorded) -> None:
    """Who calls twice is asked about for the second time; with --at for the first."""
    day.at(61.0, joins("zhang-again", "138001"))
    assert find(day.folder, "138001", None).visit_id == "zhang-again"
    assert find(day.folder, "138001", datetime(2026, 11, 22, 12, 0, 30)).visit_id == "zhang"


def test_those_ahead_are_told(day: Recorded) -> None:
    """Who came before and why they were not given this agent."""
    day.at(61.0, CallerJoined("wang", "call-wang", "orders", "138003", {"it": 9}))
    day.at(62.0, joins("chen", "138004"))
    day.at(65.0, CallerLeft("li"))
    day.at(70.0, Tick())
    told = "\n".join(in_words(find(day.folder, "138004", None)))
    assert "ahead: 138003 (9.0 s in orders), not given to 1002: lacks it >= 9 (has it 0)" in told
    told = "\n".join(in_words(find(day.folder, "138002", None)))
    assert "the caller gives up, " in told


def test_a_story_begins_at_the_segment_of_the_entry(day: Recorded) -> None:
    """Older segments are not needed, and may be gone."""
    day.at(61.0, joins("chen", "138004"))
    trace_segments(day.folder)[0].unlink()
    story = find(day.folder, "138004", None)
    assert [one.verb for one in story.happenings] == ["ENTERQUEUE"]


def test_another_versions_story(day: Recorded) -> None:
    """Told with a warning; where it cannot be told any more, that is said."""
    from acd.checkpoint import engine_version

    day.at(61.0, joins("chen", "138004"))
    damage(day, engine_version().encode(), b"0123456789ab")
    assert "reasons are those of today's rules" in "\n".join(in_words(find(day.folder, "138004", None)))
    trace_segments(day.folder)[0].unlink()
    assert "cannot be told any more" in "\n".join(in_words(find(day.folder, "138004", None)))


def test_a_story_that_comes_out_otherwise_says_so(day: Recorded) -> None:
    """And torn or damaged lines do not stop it."""
    damage(day, b'"reason":"lunch"', b'"reason":"tea" ')
    damage(day, b'"n":2,', b'"n":2,,')
    assert "come out otherwise today" in "\n".join(in_words(find(day.folder, "138001", None)))


def test_why_prints_words_or_json(day: Recorded) -> None:
    """The command, with a time of today refused for a trace of another day."""
    code, told = cli("why", "138001", "--trace", day.folder)
    assert (code, told.splitlines()[0]) == (0, "138001 in queue orders  (visit zhang, call call-zhang)")
    code, told = cli("why", "138001", "--trace", day.folder, "--json")
    data = json.loads(told)
    assert data["happenings"][1]["explanation"]["by"]["word"] == "longest_idle"
    with pytest.raises(HotlineError, match="no visit, call or caller number 999"):
        cli("why", "999", "--trace", day.folder)
    with pytest.raises(HotlineError, match="until"):
        cli("why", "138001", "--trace", day.folder, "--at", "00:00")


def test_every_reason_has_its_words() -> None:
    """Each word that the explanation can use has a sentence, and no sentence is for a word that is never used."""
    import re

    from acd import explain

    written = Path(explain.__file__).read_text("utf-8")
    used = set(re.findall(r'(?:Reason\(\s*|word = |else )"(\w+)"', written)) | (set(Strategy) - {Strategy.RING_ALL})
    assert used == set(_REASONS)


@pytest.mark.parametrize(("value", "said"), [(None, "-"), (4.5, "4.5 s"), (185.0, "3:05")])
def test_seconds(value: float | None, said: str) -> None:
    """Short ones to a tenth, long ones as a clock shows them."""
    assert seconds(value) == said


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    """Eight of those ahead are shown, the others counted."""
    day = Recorded(tmp_path / "trace")
    for number in range(12):
        day.at(1.0 + number, joins(f"v{number:02}", f"1390{number:02}"))
    told: list[Any] = list(in_words(find(day.folder, "139011", None)))
    assert sum(line.strip().startswith("ahead: ") for line in told) == 8
    assert "    and 3 more" in told
