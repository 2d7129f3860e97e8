"""The live engine: one event is decided, recorded and acted on in one go."""

import asyncio
import time

from acd.commands import ReleaseCaller, RingAgents
from acd.distributor import Errand
from acd.events import CallerLeft
from acd.model import QueueRules, VisitOutcome
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import Desk


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
