"""The rehearsal does what the live distributor does."""

from acd.events import AgentAsked, CallerJoined
from acd.model import AgentState
from acd.testing import Rehearsal
from tests.unit.acd.floors import floor_of, seen

AGENTS = {"1001": {"chinese": 3}}


def test_arrival_is_on_the_wall_clock() -> None:
    """The journal has since when a caller waits, not for how long."""
    day = Rehearsal(floor_of(AGENTS), now=50.0)
    day.handle(CallerJoined("zhang", "call-1", "orders", "138", waited_seconds=5.0))
    (line,) = day.journal
    assert line["at"] - line["arrived_at"] == 5.0
    assert "waited_seconds" not in line


def test_time_never_runs_back() -> None:
    """Passing time to a moment in the past leaves the clock alone."""
    day = Rehearsal(floor_of(AGENTS), now=50.0)
    day.pass_time(10.0)
    assert day.now == 50.0


def test_restart_keeps_what_the_journal_knows() -> None:
    """The restarted engine is another one with the same visits and agents."""
    day = Rehearsal(floor_of(AGENTS))
    day.handle(seen(AGENTS))
    day.handle(AgentAsked("1001", AgentState.READY))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    before = day.engine
    day.restart()
    assert day.engine is not before
    assert day.engine.agents["1001"].state is AgentState.OFFERED
    assert day.engine.visits.keys() == before.visits.keys()
