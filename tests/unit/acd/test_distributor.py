"""The live engine: one event is decided, recorded and acted on in one go."""

import asyncio
import time
from itertools import count

import pytest

from acd.codec import Unencodable
from acd.commands import ReleaseCaller, RingAgents
from acd.distributor import Distributor, Errand
from acd.engine import Engine
from acd.events import CallerLeft
from acd.ids import Ids
from acd.ledger import Ledger
from acd.model import QueueRules, VisitOutcome
from acd.replay import Replay
from acd.trace import Trace
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import Desk
from tests.unit.acd.tape import Tape


async def test_an_errand_is_taken_within_its_decision_and_after_its_record() -> None:
    """When `post` returns the session has its errand, and what it was told was in the journal before."""
    desk = Desk()
    desk.see_phones()
    desk.ready("1001")
    seen: list[tuple[Errand, list[str]]] = []
    desk.distributor.attach("zhang", lambda errand: seen.append((errand, desk.journal.verbs)))
    desk.join("zhang")
    ((errand, verbs),) = seen
    assert isinstance(errand, RingAgents)
    assert verbs[-3:] == ["ENTERQUEUE", "AGENTSTATE", "OFFER"]


async def test_an_event_that_cannot_be_is_counted() -> None:
    """A queue that the site does not have is refused: nothing is recorded, and the count tells."""
    desk = Desk()
    desk.join("zhang", "nowhere")
    assert desk.engine.visits == {}
    assert desk.journal.lines == []
    assert desk.distributor.counts == {"UnknownName": 1}
    (fault,) = desk.distributor.faults.told(0.0)
    assert (fault["fault"], fault["count"]) == ("event UnknownName", 1)
    assert fault["reason"].startswith("CallerJoined: ")


async def test_a_deadline_is_kept_without_another_event() -> None:
    """A caller whose longest wait is over is let go by the distributor's own timer."""
    desk = Desk(floor_of({"1001": {}}, QueueRules("orders", {}, wait_seconds_max=0.01)))
    released: asyncio.Queue[Errand] = asyncio.Queue()
    desk.distributor.attach("zhang", released.put_nowait)
    desk.join("zhang")
    async with asyncio.timeout(5):
        assert await released.get() == ReleaseCaller("zhang", VisitOutcome.TIMED_OUT)


async def test_a_record_keeps_the_arrival_on_the_wall_clock() -> None:
    """A caller who re-enters after 40 s is recorded as having arrived 40 s ago."""
    desk = Desk()
    before = time.time()
    desk.join("zhang", waited_seconds=40.0)
    (entered,) = desk.journal.lines
    assert before - 40.0 <= entered["arrived_at"] <= time.time() - 40.0
    assert entered["arrived_at"] == entered["at"] - 40.0


async def test_an_older_session_does_not_take_the_newer_ones_place() -> None:
    """A session that ends late detaches itself and not the one that holds the caller now."""
    desk = Desk()
    older: list[Errand] = []
    newer: list[Errand] = []
    desk.distributor.attach("zhang", older.append)
    desk.distributor.attach("zhang", newer.append)
    desk.distributor.detach("zhang", older.append)
    desk.join("zhang")
    desk.distributor.post(CallerLeft("zhang"))
    assert (len(older), len(newer)) == (0, 1)


async def test_the_visit_of_a_call_is_known_while_it_is_open() -> None:
    """A linkedid leads to its open visit, and to nothing when that is over."""
    desk = Desk()
    desk.join("zhang")
    assert desk.distributor.visit_of("call-zhang") == "zhang"
    desk.distributor.post(CallerLeft("zhang"))
    assert desk.distributor.visit_of("call-zhang") is None


class Traced(Desk):
    """A desk whose decisions are traced in memory."""

    def __init__(self) -> None:
        super().__init__()
        numbers = count(1)
        ids = Ids(lambda: f"o{next(numbers)}")
        self.tape = Tape()
        self.trace = Trace(self.tape, ids, "run")
        self.engine = Engine(self.engine.floor, ids)
        self.trace.open(self.engine)
        self.distributor = Distributor(self.engine, self.journal, Ledger(), self.trace)

    def differences(self) -> list[object]:
        replay = Replay()
        return [found for line in self.tape.lines if (found := replay.take(line)) is not None]


async def test_every_event_is_traced_with_its_decision() -> None:
    """What was posted, the refused event among it, replays to the same decisions, from any segment."""
    desk = Traced()
    desk.see_phones()
    desk.ready("1001")
    desk.tape.must_roll = True
    desk.join("zhang", "nowhere")
    desk.join("li")
    assert [line["verb"] for line in desk.tape.lines] == ["FLOOR", "EVENT", "EVENT", "EVENT", "FLOOR", "EVENT"]
    assert desk.differences() == []


async def test_what_is_traced_was_recorded_and_not_yet_acted_on() -> None:
    """Record, trace, act: killed in between, the journal has what the trace has, and nobody rang for nothing."""
    desk = Traced()
    desk.see_phones()
    desk.ready("1001")
    told: list[tuple[int, int]] = []
    desk.distributor.attach("zhang", lambda errand: told.append((len(desk.journal.lines), len(desk.tape.lines))))
    desk.join("zhang")
    assert told == [(len(desk.journal.lines), len(desk.tape.lines))]


async def test_the_records_of_a_decision_are_one_write() -> None:
    """ENTERQUEUE, the agent's state and OFFER reach the journal together."""
    desk = Desk()
    desk.see_phones()
    desk.ready("1001")
    writes: list[int] = []
    append_all = desk.journal.append_all
    desk.journal.append_all = lambda records: (writes.append(len(records)), append_all(records))[1]  # type: ignore[method-assign]  # counts, and passes on
    desk.join("zhang")
    assert writes == [3]


async def test_an_event_that_breaks_the_engine_is_in_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own bug is raised as ever; the line that shows it is on the disk before."""
    desk = Traced()

    def broken(event: object, now: float) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.engine, "handle", broken)
    with pytest.raises(ZeroDivisionError):
        desk.see_phones()
    assert desk.tape.lines[-1]["fault"] == "ZeroDivisionError"


async def test_a_state_that_cannot_be_written_stops_no_call(caplog: pytest.LogCaptureFixture) -> None:
    """The trace stays in its segment, it is logged, and callers are served."""
    desk = Traced()
    desk.engine.extra = lambda: None  # type: ignore[attr-defined]  # what no engine has
    desk.tape.must_roll = True
    desk.see_phones()
    desk.ready("1001")
    desk.join("zhang")
    assert "the trace stays in one segment" in caplog.text
    assert desk.engine.visits["zhang"].offers


async def test_an_event_that_cannot_be_written_stops_the_trace_and_no_call(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own bug in an event ends the trace, with a word in the log; callers are served."""
    desk = Traced()

    def refuse(*told: object) -> None:
        raise Unencodable("no data")

    monkeypatch.setattr(Trace, "note", refuse)
    desk.see_phones()
    desk.ready("1001")
    desk.join("zhang")
    assert "no trace from here on" in caplog.text
    assert desk.engine.visits["zhang"].offers
