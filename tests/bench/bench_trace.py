"""What the trace costs: processor time per event of a live distributor, with the trace and without it.

    python -m tests.bench.bench_trace

Prints `name value unit target` lines. The same events go through two distributors that journal to files: callers come,
are offered, answered and finished. The trace is what the second one costs more.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from acd.distributor import Distributor
from acd.engine import Engine
from acd.events import AgentAsked, CallerJoined, Event, OfferAnswered, SwitchSeen, TalkEnded
from acd.ids import Ids
from acd.ledger import Ledger
from acd.model import AgentProfile, AgentState, Device, Floor, QueueRules
from acd.trace import Trace
from db.journal import Journal
from db.trace_files import TraceJournal
from hotline.serving import collect_seldom

AGENTS, CALLS, ROUNDS = 20, 400, 10
TARGET_MICROSECONDS = 15.0


class Desk:
    """One distributor, driven call by call."""

    def __init__(self, folder: Path, *, traced: bool) -> None:
        numbers = count(1)

        def new_id() -> str:
            return f"{next(numbers):032x}"

        agents = {f"10{n:02}": AgentProfile(f"10{n:02}", "", {"orders": 5, "mandarin": 7}) for n in range(AGENTS)}
        ids = Ids(new_id)
        engine = Engine(
            Floor({"orders": QueueRules("orders", {"orders": 1}, wrap_up_seconds=0.0)}, agents),
            ids if traced else new_id,
        )
        trace = Trace(TraceJournal(folder / "trace", keep_days=1), ids, "bench") if traced else None
        if trace is not None:
            trace.open(engine)
        journal = Journal(folder, "acd")
        journal.start_segment({})
        self.distributor = Distributor(engine, journal, Ledger(), trace)
        self.calls = count(1)
        self.post(SwitchSeen({}, {}, frozenset(), dict.fromkeys(agents, Device.IDLE)))
        for agent_id in agents:
            self.post(AgentAsked(agent_id, AgentState.READY))

    def post(self, event: Event) -> None:
        self.distributor.post(event)

    def serve(self, calls: int) -> int:
        """Serve so many callers; answers how many events that were."""
        for number in range(calls):
            visit_id = f"{next(self.calls):032x}"
            self.post(CallerJoined(visit_id, f"1763790000.{number}", "orders", f"138{number:08}", {"mandarin": 3}))
            (offer,) = self.distributor.engine.visits[visit_id].offers.values()
            self.post(OfferAnswered(visit_id, offer.agent_id))
            self.post(TalkEnded(visit_id, by_agent=True))
        return 3 * calls


def microseconds(work: Callable[[], int]) -> float:
    started = time.process_time_ns()
    events = work()
    return (time.process_time_ns() - started) / 1e3 / events


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = Desk(Path(folder, "plain"), traced=False)
        traced = Desk(Path(folder, "traced"), traced=True)
        for desk in (plain, traced):
            desk.serve(CALLS)
        collect_seldom()  # as the live process does
        pairs = [
            (microseconds(lambda: plain.serve(CALLS)), microseconds(lambda: traced.serve(CALLS))) for _ in range(ROUNDS)
        ]
    print(f"post_without_trace {statistics.median(one for one, _ in pairs):.1f} us -")
    print(f"post_with_trace {statistics.median(one for _, one in pairs):.1f} us -")
    print(f"trace_per_event {statistics.median(two - one for one, two in pairs):.1f} us {TARGET_MICROSECONDS:.0f}")


if __name__ == "__main__":
    asyncio.run(main())
